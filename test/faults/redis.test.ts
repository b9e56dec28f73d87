/** A Redis that restarts, dies, forgets its scripts, breaks its connections, is full, takes no writes or is away. */
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ask } from '../scenarios/history.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { until } from '../support/until.ts';
import { isWhole, scaled } from './scale.ts';
import { onStage, type Stage } from './stage.ts';

let redis: RedisServer;
beforeEach(async () => {
  redis = await startRedis({ flags: ['--appendonly', 'yes', '--appendfsync', 'always'] });
});
afterEach(() => redis.stop());

const nodesOfAll = 2;

/** A fault under load, some times over: after each the pushes go on. */
async function underLoad(scenario: string, times: number, fault: (stage: Stage) => Promise<void>): Promise<void> {
  await onStage({ scenario, store: redis.url }, async (stage) => {
    await stage.nodes.startAll(nodesOfAll);
    const load = stage.load();
    for (let n = 0; n < times; n++) {
      await load.more(30);
      await fault(stage);
      const over = performance.now();
      await load.more(1);
      stage.took(performance.now() - over);
    }
    await load.more(30);
    await stage.finish();
  });
}

describe('Redis', () => {
  it('restarts', { timeout: 120_000 }, () =>
    underLoad('Redis restarts', scaled(1, 10), async () => {
      await redis.restart();
    }),
  );

  it('is killed, with its log synced always', { timeout: 120_000 }, () =>
    underLoad('kill -9 of Redis, appendfsync always', scaled(2, 10), async () => {
      await redis.kill('SIGKILL');
      await setTimeout(Math.random() * 1_000);
      await redis.restart();
    }),
  );

  it('forgets its scripts', { timeout: 120_000 }, () =>
    underLoad('SCRIPT FLUSH', scaled(5, 50), async () => {
      await redis.ask('SCRIPT', 'FLUSH');
    }),
  );

  it('breaks every connection', { timeout: 120_000 }, () =>
    underLoad('CLIENT KILL', scaled(5, 50), async () => {
      await redis.ask('CLIENT', 'KILL', 'TYPE', 'normal');
      await redis.ask('CLIENT', 'KILL', 'TYPE', 'pubsub');
    }),
  );

  it('takes no writes, as a replica', { timeout: 120_000 }, () =>
    underLoad('read-only replica', scaled(1, 10), async (stage) => {
      // Its master is nowhere, so it keeps what it has.
      await redis.ask('REPLICAOF', '127.0.0.1', '1');
      await stage.refused(503, 40);
      await redis.ask('REPLICAOF', 'NO', 'ONE');
    }),
  );

  it('has no memory left: pushes are answered 507, and what runs is recorded', { timeout: 120_000 }, () =>
    onStage({ scenario: 'Redis out of memory', store: redis.url }, async (stage) => {
      const { app, nodes, store } = stage;
      const [node] = await nodes.startAll(nodesOfAll, ['--dispatchers', '16']);
      const held = await stage.push(node?.address ?? '', '/hold', 10);
      await app.seen(() => app.runs.length === held.length);
      const load = stage.load();
      await load.more(20);
      await redis.ask('CONFIG', 'SET', 'maxmemory', '1mb');
      await stage.refused(507, 10);
      app.release();
      for (const id of held) await until('its result', async () => (await store.jobs.get(id))?.state === 'succeeded');
      expect(await ask(node?.address ?? '', 'GET', '/readyz')).not.toBeNull();
      await redis.ask('CONFIG', 'SET', 'maxmemory', '0');
      const over = performance.now();
      await load.more(1);
      stage.took(performance.now() - over);
      await load.more(20);
      await stage.finish();
    }),
  );

  const away = scaled(9_000, 60_000);
  const jobs = scaled(60, 500);

  it(`is away for ${away / 1_000} s while ${jobs} long jobs run: they run on, and none runs twice`, { timeout: 240_000 }, () =>
    onStage({ scenario: `Redis away ${away / 1_000} s, ${jobs} long jobs running`, store: redis.url }, async (stage) => {
      const { app, nodes } = stage;
      const [node] = await nodes.startAll(nodesOfAll, ['--dispatchers', String(jobs)]);
      const ids = await stage.push(node?.address ?? '', '/hold', jobs);
      await app.seen(() => app.runs.length === jobs);
      await redis.kill('SIGKILL');
      await setTimeout(away / 2);
      // Half of them end while nobody can be told.
      const early = new Set(ids.slice(0, jobs / 2));
      app.release(({ job }) => early.has(job));
      await setTimeout(away / 2);
      await redis.restart();
      const over = performance.now();
      await until('the results of what ended meanwhile', async () => {
        // The look itself finds the store away for a moment more.
        const lines = (await stage.store.jobs.count().catch(() => null)) ?? [];
        return lines.reduce((sum, { counts }) => sum + counts.succeeded, 0) === early.size;
      });
      stage.took(performance.now() - over);
      // Longer than anybody would wait before burying a node that did not come back.
      await setTimeout(isWhole ? 15_000 : 8_000);
      app.release();
      expect(await stage.finish()).toMatchObject({ repeated: 0, refused: 0 });
      expect(app.runs.every(({ isBroken }) => !isBroken)).toBe(true);
    }),
  );
});
