/** Triggers that are due every second, on three nodes that are killed at random: each tick is fired exactly once. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ownerOf } from '../../src/core/definition.ts';
import type { JournalEntry } from '../../src/ports/store/journal.ts';
import { all } from '../../src/stores/conformance/subject.ts';
import { openRedis, type RedisStore } from '../../src/stores/redis/index.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { report } from './report.ts';
import { scaled } from './scale.ts';

const script = fileURLToPath(new URL('firing-node.ts', import.meta.url));
const every = 1_000;
const triggers = 50;
const ticks = scaled(12, 60);
const keys = Array.from({ length: triggers }, (_, i) => ({ kind: 'trigger', domain: '', key: `t${i}` }) as const);

let redis: RedisServer;
const nodes: ChildProcess[] = [];
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(async () => {
  for (const node of nodes) node.kill('SIGKILL');
  await redis.stop();
});

async function startNode(cluster: string): Promise<void> {
  const node = spawn(process.execPath, [script, redis.url, cluster], { stdio: ['ignore', 'pipe', 'inherit'] });
  nodes.push(node);
  await once(node.stdout ?? expect.fail('no stdout'), 'data');
}

async function killOne(): Promise<void> {
  const [node] = nodes.splice(Math.floor(Math.random() * nodes.length), 1);
  const gone = node && once(node, 'exit');
  node?.kill('SIGKILL');
  await gone;
}

/** Resolves once the journal tells of `count` firings; calls back at each look with how many there are. */
async function firedIn(store: RedisStore, count: number, onLook: (fired: number) => Promise<void>): Promise<readonly JournalEntry[]> {
  const entries: JournalEntry[] = [];
  for (let fired = 0; fired < count; ) {
    const hint = Promise.withResolvers<void>();
    const forget = store.onHint(() => hint.resolve());
    for (let more = true; more; ) {
      const page = await store.journal.entries(entries.at(-1)?.seq ?? 0, 1_000);
      entries.push(...page);
      more = page.length > 0;
    }
    fired = entries.reduce((sum, entry) => sum + entry.fired.length, 0);
    await onLook(fired);
    if (fired < count) await hint.promise;
    forget();
  }
  return entries;
}

describe('triggers on nodes that are killed', () => {
  it(`fire each of ${ticks} ticks exactly once`, { timeout: 300_000 }, async () => {
    const cluster = 'firing';
    const store = await openRedis({ url: redis.url, cluster });
    await Promise.all([1, 2, 3].map(() => startNode(cluster)));
    const body = JSON.stringify({ every, ticks });
    await store.definitions.put(keys.map((key) => ({ ...key, body, group: '', state: '0', due: 'now', dueOnEnd: false, if: null })));

    let killedAt = 0;
    let kills = 0;
    const entries = await firedIn(store, triggers * ticks, async (fired) => {
      if (fired - killedAt < 2 * triggers) return;
      killedAt = fired;
      kills += 1;
      await killOne();
      await startNode(cluster);
    });

    expect(kills).toBeGreaterThan(ticks / 4);
    const { jobs } = await store.jobs.list(all);
    const pushed = Map.groupBy(jobs, ({ owner }) => owner);
    const notes = Map.groupBy(
      entries.flatMap(({ fired }) => fired),
      ({ owner }) => owner,
    );
    for (const key of keys) {
      const owner = ownerOf(key);
      const first = notes.get(owner)?.[0]?.tick ?? Number.NaN;
      const meant = Array.from({ length: ticks }, (_, n) => first + n * every);
      expect(notes.get(owner)?.map(({ tick }) => tick)).toEqual(meant);
      expect(pushed.get(owner)?.map(({ about }) => JSON.parse(about ?? '{}').tick)).toEqual(meant);
    }
    report('triggers on nodes that are killed', {
      acknowledged: triggers * ticks,
      lost: 0,
      duplicated: jobs.length - triggers * ticks,
      refused: 0,
      repeated: 0,
      recoveries: entries.flatMap((entry) => entry.fired.map(({ tick }) => entry.at - tick)),
    });
    await store.close();
  });
});
