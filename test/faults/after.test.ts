/** Jobs that wait for others while nodes die. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from '../scenarios/history.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { scaled } from './scale.ts';
import { onStage, type Stage } from './stage.ts';

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis({ flags: ['--appendonly', 'yes', '--appendfsync', 'everysec'] });
});
afterAll(() => redis.stop());

/** Answers the ids of a chain of jobs, each of which waits for the one before and for the first. */
async function pushChain({ nodes, app, acknowledged }: Stage, length: number): Promise<readonly string[]> {
  const ids: string[] = [];
  while (ids.length < length) {
    const jobs = [...new Set([ids[0], ids.at(-1)])].filter((id) => id !== undefined);
    const after = jobs.length === 0 ? {} : { after: { jobs } };
    const answer = await ask(nodes.live[0]?.address ?? '', 'POST', '/v1/jobs', { url: `${app.address}/quick`, timeout: null, ...after });
    expect(answer).toMatchObject({ status: 201 });
    ids.push(answer?.body.id ?? '');
  }
  acknowledged(ids);
  return ids;
}

describe('jobs that wait for others', () => {
  const time = scaled(10_000, 120_000);

  it(`begin behind them while nodes are killed, for ${time / 1_000} s, and every job ends`, { timeout: time + 120_000 }, () =>
    onStage({ scenario: 'chains of jobs, kill -9 of 1 of 3 nodes, again and again', store: redis.url }, async (stage) => {
      const { nodes, store } = stage;
      await nodes.startAll(3);
      const chains: (readonly string[])[] = [];
      for (const end = performance.now() + time; performance.now() < end; ) {
        chains.push(...(await Promise.all(Array.from({ length: 20 }, () => pushChain(stage, 5)))));
        const victim = nodes.live.at(-1);
        if (victim !== undefined) await nodes.kill(victim, 'SIGKILL');
        await nodes.start();
      }
      await stage.finish();
      for (const chain of chains) {
        const jobs = await Promise.all(chain.map((id) => store.jobs.get(id)));
        expect(jobs.map((job) => job?.state)).toEqual(chain.map(() => 'succeeded'));
        for (const [at, job] of jobs.slice(1).entries()) expect(job?.startedAt).toBeGreaterThanOrEqual(jobs[at]?.endedAt ?? Number.NaN);
      }
      expect((await store.upkeep.scrub(null, 100_000)).repaired).toEqual({});
    }),
  );
});
