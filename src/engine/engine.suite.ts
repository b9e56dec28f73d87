/** What the tests of engines share: nodes on a store, and an executor whose attempts end when a test says so. */
import { afterEach, expect } from 'vitest';
import { makeChanges } from '../../test/support/changes.ts';
import { type Job, type JobOptions, noResult } from '../core/job.ts';
import { newJob } from '../core/new-job.ts';
import type { NodeRecord } from '../core/node.ts';
import { noRetry } from '../core/retry.ts';
import type { Executor, StopSignal } from '../ports/executor.ts';
import type { Store } from '../ports/store/store.ts';
import { systemClock } from '../system/clock.ts';
import { silent } from '../system/silent.ts';
import { type Engine, type EngineParts, makeEngine } from './engine.ts';
import type { Duty } from './loop.ts';

const options: JobOptions = { timeout: null, retry: noRetry, onLost: 'retry', rules: 'v1' };
export const ask = (more: Partial<JobOptions> = {}) => newJob({ worker: 'work', options: { ...options, ...more } });

/** Those that run on. */
const engines = new Set<Engine>();
let unique = 0;

/** An engine with the worker `work`, which is stopped after the test unless the test has stopped it. */
export function node(store: Store, executor: Executor, concurrency = 2, otherwise: Partial<EngineParts> = {}): Engine {
  const engine = makeEngine({
    store,
    clock: systemClock,
    log: silent,
    build: { version: '0', commit: '' },
    name: 'n',
    serverId: null,
    retention: { ended: null, journal: 60_000, told: null, idempotency: 60_000, output: 16_384, limit: 100 },
    random: () => 0.5,
    unique: () => `boot${++unique}`,
    ...otherwise,
  });
  engine.addWorker({ name: 'work', executor, concurrency, queues: 'any' });
  engines.add(engine);
  return {
    ...engine,
    stop(grace) {
      engines.delete(engine);
      return engine.stop(grace);
    },
  };
}

afterEach(async () => {
  const left = [...engines];
  engines.clear();
  await Promise.all(left.map((engine) => engine.stop(0)));
});

/** Resolves when the store has told nodes `times` times, from now on, to look at their inbox and mode. */
export async function inboxHints(store: Store, times: number): Promise<void> {
  const { changed, seen } = makeChanges();
  let hints = 0;
  const forget = store.onHint((hint) => {
    if (hint.kind === 'inbox') hints += 1;
    changed();
  });
  await seen(() => hints >= times);
  forget();
}

export const liveNodes = async (store: Store): Promise<readonly NodeRecord[]> =>
  (await store.nodes.list()).filter(({ state }) => state === 'live');

interface Attempt {
  readonly job: Job;
  readonly signal: StopSignal;
  succeed(): void;
  fail(): void;
}

interface Controlled {
  readonly executor: Executor;
  readonly running: readonly Attempt[];
  /** The attempt of this number, once it has begun. */
  attempt(index: number): Promise<Attempt>;
}

export function controlled(): Controlled {
  const running: Attempt[] = [];
  const { changed, seen } = makeChanges();
  const executor: Executor = {
    run: (job, signal) =>
      new Promise((resolve) => {
        const fail = () => resolve({ kind: 'failed', result: { ...noResult, error: 'failed' } });
        running.push({ job, signal, succeed: () => resolve({ kind: 'succeeded', result: { ...noResult, output: 'ok' } }), fail });
        signal.addEventListener('abort', () =>
          signal.reason === 'shutdown' || signal.reason === 'lost' ? resolve({ kind: 'returned' }) : undefined,
        );
        changed();
      }),
    close: () => Promise.resolve(),
  };
  async function attempt(index: number): Promise<Attempt> {
    await seen(() => running[index] !== undefined);
    return running[index] ?? expect.fail(`no attempt ${index}`);
  }
  return { executor, running, attempt };
}

const at = async (executed: Promise<readonly { kind: string }[]>): Promise<Job> => {
  const [pushed] = await executed;
  if (pushed === undefined || !('job' in pushed)) throw new Error('not pushed');
  return pushed.job as Job;
};

export const push = (engine: Engine, more: Partial<JobOptions> = {}): Promise<Job> => at(engine.jobs.push([ask(more)]));
export const ended = async (engine: Engine, job: Job): Promise<Job> =>
  (await engine.jobs.wait(job.id, 10_000)) ?? expect.fail('the job is gone');
export const duty = (engine: Engine, name: string): Duty =>
  engine.duties.find((each) => each.name === name) ?? expect.fail(`no duty ${name}`);
