/** What tasks emit to be kept, while Redis is away and the nodes that ran them are killed. */
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Hatstand } from '../../src/index.ts';
import type { Store } from '../../src/ports/store/store.ts';
import { openRedis } from '../../src/stores/redis/index.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { until } from '../support/until.ts';
import { scaled } from './scale.ts';
import { deedsIn } from './task-history.ts';
import { endTaskNode, present, startNode } from './task-nodes.ts';

const cluster = 'kept';
let redis: RedisServer;
let folder: string;
let witness: string;
let nodes: ChildProcess[];
let hatstand: Hatstand;
let store: Store;

beforeEach(async () => {
  redis = await startRedis({ flags: ['--appendonly', 'yes', '--appendfsync', 'always'] });
  folder = mkdtempSync(join(tmpdir(), 'hatstand-kept-'));
  witness = join(folder, 'witness');
  writeFileSync(witness, '');
  store = await openRedis({ url: redis.url, cluster });
  hatstand = new Hatstand({ store, log: null });
  nodes = [];
});
afterEach(async () => {
  await Promise.all(nodes.map((node) => endTaskNode(node, 'SIGKILL')));
  await hatstand.stop(0).catch(() => undefined);
  await redis.stop();
  rmSync(folder, { recursive: true });
});

const begin = async (name: string): Promise<void> =>
  void nodes.push(await startNode(new URL('emit-node.ts', import.meta.url), redis.url, cluster, name, witness, join(folder, 'spool')));
const ids = Array.from({ length: scaled(6, 30) }, (_, at) => `e${at}`);
/** Of each task, about, while Redis is away. */
const each = 10;
const deedsSince = (since: number): number => deedsIn(witness).filter(({ at }) => at > since).length;
const emittedSince = (since: number): number => new Set(deedsIn(witness).flatMap(({ task, at }) => (at > since ? [task] : []))).size;

interface Told {
  readonly move: string;
  readonly fence: string;
  readonly late: boolean;
  readonly data: { readonly task: string; readonly n: number };
}

/** All that were told, in their order. */
async function told(): Promise<readonly Told[]> {
  const all: Told[] = [];
  for (let seq = 0; ; ) {
    const { entries } = await store.journal.entries(seq, 1_000);
    const last = entries.at(-1);
    if (last === undefined) return all;
    seq = last.seq;
    const docs = entries.flatMap((entry) => entry.told.map(({ doc }) => JSON.parse(doc ?? 'null') as Told));
    all.push(...docs.filter(({ move }) => move === 'emit'));
  }
}

it.each([
  ['is stopped, and started again', () => redis.kill('SIGTERM'), () => redis.restart()],
  ['stands still, and goes on', async () => redis.signal('SIGSTOP'), async () => redis.signal('SIGCONT')],
])('are told once, though Redis %s and all nodes are killed meanwhile', { timeout: 120_000 }, async (_, leave, comeBack) => {
  await Promise.all(['n1', 'n2'].map(begin));
  await Promise.all(ids.map((id) => hatstand.tasks.start('emitting', id, { id, stateOptional: true })));
  await until('all emit', () => emittedSince(0) === ids.length);
  await leave();
  // In flight when it left.
  const left = present() + 2_000;
  await until('all emit without Redis', () => emittedSince(left) === ids.length && deedsSince(left) > each * ids.length);
  await Promise.all(nodes.splice(0).map((node) => endTaskNode(node, 'SIGKILL')));
  const killed = present();
  await comeBack();
  await begin('n3');
  await until('all emit again', () => emittedSince(killed) === ids.length, 60_000);
  await Promise.all(nodes.splice(0).map((node) => endTaskNode(node, 'SIGTERM')));

  const events = await told();
  const keyOf = (fence: string, task: string, n: number): string => `${task} ${fence} ${n}`;
  const known = new Map(events.map((event) => [keyOf(event.fence, event.data.task, event.data.n), event]));
  expect(known.size).toBe(events.length);
  const deeds = deedsIn(witness);
  expect(deeds.filter(({ fence, task, number }) => !known.has(keyOf(fence, task, number)))).toEqual([]);
  const meanwhile = deeds.filter(({ at }) => at > left && at < killed);
  expect(meanwhile.length).toBeGreaterThan(each * ids.length);
  expect(meanwhile.filter(({ fence, task, number }) => known.get(keyOf(fence, task, number))?.late !== true)).toEqual([]);
  for (const those of Map.groupBy(events, ({ fence, data }) => `${data.task} ${fence}`).values()) {
    expect(those.map(({ data }) => data.n)).toEqual(those.map((_those, at) => at + 1));
  }
});
