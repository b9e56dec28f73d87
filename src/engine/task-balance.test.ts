import { expect, it } from 'vitest';
import type { Job } from '../core/job.ts';
import { type NodeRecord, noLoad } from '../core/node.ts';
import type { Clock } from '../ports/clock.ts';
import { altered } from '../stores/conformance/altered.ts';
import { openMemory } from '../stores/memory/index.ts';
import { silent } from '../system/silent.ts';
import type { HeldAttempt } from './held.ts';
import { makeTaskBalance, type TaskBalance } from './task-balance.ts';

const live = (incarnation: string): NodeRecord =>
  ({
    incarnation,
    state: 'live',
    mode: 'active',
    leaseLeft: 5_000,
    load: noLoad,
    serves: [{ worker: 'count', concurrency: 100 }],
  }) as unknown as NodeRecord;

interface Balanced {
  readonly balance: TaskBalance;
  /** How many tasks were given away so far. */
  given(): number;
  /** What its workers were told to claim at most. */
  share(): unknown;
}

/** One of several nodes, which runs ten tasks. */
function balanced(nodes: () => readonly NodeRecord[], monotonic: () => number): Balanced {
  const given = new Set<string>();
  const shares: unknown[] = [];
  const held = Array.from({ length: 10 }, (_, at): HeldAttempt => {
    const job = { id: `${at}`, fence: `${at}`, worker: 'count' } as Job;
    return { job, stop: () => undefined, handOver: () => void given.add(job.id), isRunning: () => !given.has(job.id) };
  });
  const counts = { scheduled: 0, queued: 0, running: 10, stopping: 0, succeeded: 0, failed: 0, canceled: 0 };
  const store = altered(openMemory(), {
    nodes: { list: async () => nodes() },
    jobs: { count: async () => [{ worker: 'count', queue: 'default', counts }] },
  });
  const balance = makeTaskBalance({
    store: new Proxy(store, { get: (target, name) => (name === 'shared' ? true : Reflect.get(target, name)) }),
    workers: { ofTasks: () => ['count'], share: (_: string, most: number | null) => void shares.push(most) } as never,
    held: { all: () => held } as never,
    clock: { monotonic, after: () => () => undefined } as unknown as Clock,
    log: silent,
    wake: () => undefined,
    incarnation: () => 'here',
    mayClaim: () => true,
  });
  return { balance, given: () => given.size, share: () => shares.at(-1) };
}

it('gives its share to a node that has joined once that is no longer starting; until then that takes what is free', async () => {
  let [now, nodes] = [10_000, [live('here')]];
  const { balance, given, share } = balanced(
    () => nodes,
    () => now,
  );
  await balance.tick();
  nodes = [live('here'), live('new')];
  await balance.tick();
  expect([given(), share()]).toEqual([0, 6]);
  now += 1_900;
  await balance.tick();
  expect(given()).toBe(0);
  now += 100;
  await balance.tick();
  expect(given()).toBe(5);
});

it('counts anew how long a node has been there that was gone', async () => {
  let [now, nodes] = [10_000, [live('here'), live('other')]];
  const { balance, given } = balanced(
    () => nodes,
    () => now,
  );
  await balance.tick();
  now += 10_000;
  nodes = [live('here')];
  await balance.tick();
  nodes = [live('here'), live('other')];
  await balance.tick();
  expect(given()).toBe(0);
  now += 2_000;
  await balance.tick();
  expect(given()).toBe(5);
});
