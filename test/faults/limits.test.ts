/** Limits while nodes die. */
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { scaled } from './scale.ts';
import { onStage } from './stage.ts';

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis({ flags: ['--appendonly', 'yes', '--appendfsync', 'everysec'] });
});
afterAll(() => redis.stop());

describe('a limit of how many run', () => {
  const time = scaled(10_000, 120_000);
  const concurrency = 4;

  it(`holds while nodes are killed, for ${time / 1_000} s, and every job ends`, { timeout: time + 120_000 }, () =>
    onStage({ scenario: 'a limit by key, kill -9 of 1 of 3 nodes, again and again', store: redis.url }, async (stage) => {
      const { nodes, store } = stage;
      await store.limits.configure('worker:*', { concurrency, rate: null, pausedUntil: null });
      await nodes.startAll(3);
      stage.load({ every: 300 });
      let [most, wasFull] = [0, false];
      for (const end = performance.now() + time; performance.now() < end; ) {
        for (const next = performance.now() + 2_000; performance.now() < next; await setTimeout(20)) {
          const counts = await store.jobs.count();
          const held = counts.reduce((sum, line) => sum + line.counts.running + line.counts.stopping, 0);
          most = Math.max(most, held);
          wasFull ||= held === concurrency;
        }
        const [victim] = nodes.live;
        if (victim !== undefined) await nodes.kill(victim, 'SIGKILL');
        await nodes.start();
      }
      await stage.finish();
      expect([most, wasFull]).toEqual([concurrency, true]);
      expect((await store.upkeep.scrub(null, 100_000)).repaired).toEqual({});
    }),
  );
});
