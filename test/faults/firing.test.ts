/** Triggers that are due every second, on three nodes that are killed at random: each tick is fired exactly once. */
import type { ChildProcess } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../src/ports/store/journal.ts';
import { openRedis } from '../../src/stores/redis/index.ts';
import { entriesAfter, expectEachTickOnce, firedIn, killNode, putTriggers, startFiringNode } from '../support/firing.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { report } from './report.ts';
import { scaled } from './scale.ts';

const firing = { triggers: 50, every: 1_000, ticks: scaled(12, 60) };
const cluster = 'firing';

let redis: RedisServer;
const nodes: ChildProcess[] = [];
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(async () => {
  await Promise.all(nodes.map(killNode));
  await redis.stop();
});

async function replaceOne(): Promise<void> {
  const [node] = nodes.splice(Math.floor(Math.random() * nodes.length), 1);
  if (node !== undefined) await killNode(node);
  nodes.push(await startFiringNode(redis.url, cluster));
}

describe('triggers on nodes that are killed', () => {
  it(`fire each of ${firing.ticks} ticks exactly once`, { timeout: 300_000 }, async () => {
    const store = await openRedis({ url: redis.url, cluster });
    nodes.push(...(await Promise.all([1, 2, 3].map(() => startFiringNode(redis.url, cluster)))));
    await putTriggers(store, firing);
    let entries: readonly JournalEntry[] = [];
    let kills = 0;
    let killedAt = 0;
    while (firedIn(entries) < firing.triggers * firing.ticks) {
      const hint = Promise.withResolvers<void>();
      const forget = store.onHint(() => hint.resolve());
      entries = await entriesAfter(store, entries);
      if (firedIn(entries) - killedAt >= firing.triggers) {
        killedAt = firedIn(entries);
        kills += 1;
        await replaceOne();
      } else if (firedIn(entries) < firing.triggers * firing.ticks) await hint.promise;
      forget();
    }
    expect(kills).toBeGreaterThan(firing.ticks / 4);
    await expectEachTickOnce(store, entries, firing);
    report('triggers on nodes that are killed', {
      acknowledged: firing.triggers * firing.ticks,
      lost: 0,
      duplicated: 0,
      refused: 0,
      repeated: 0,
      recoveries: entries.flatMap((entry) => entry.fired.map(({ tick }) => entry.at - tick)),
    });
    await store.close();
  });
});
