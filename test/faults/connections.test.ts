/** Connections to Redis that lose replies, are slow, or fall silent without being closed. */
import { setTimeout } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Job } from '../../src/core/job.ts';
import { leaseTimes } from '../../src/core/node.ts';
import type { JobQuery } from '../../src/ports/store/jobs.ts';
import { ask, type JobView } from '../scenarios/history.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { startProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { until } from '../support/until.ts';
import { scaled } from './scale.ts';
import { onStage } from './stage.ts';

const everything: JobQuery = { filter: [], match: null, order: 'oldest', from: null, limit: 1_000, brief: true, lookAt: null };

let redis: RedisServer;
let proxy: TcpProxy;
/** Where nodes that connect through the proxy find the store. */
let throughProxy = '';
beforeAll(async () => {
  redis = await startRedis({ flags: ['--appendonly', 'yes', '--appendfsync', 'everysec'] });
});
afterAll(() => redis.stop());
beforeEach(async () => {
  proxy = await startProxy(redis.port);
  throughProxy = `redis://127.0.0.1:${proxy.port}`;
});
afterEach(() => proxy.close());

describe('a claim', () => {
  it('whose reply is lost gives the same attempts when it is repeated, and each runs once', { timeout: 120_000 }, () =>
    onStage({ scenario: 'claim reply lost', store: throughProxy, look: redis.url }, async (stage) => {
      const { app, store } = stage;
      const { address } = await stage.nodes.start(['--dispatchers', '20']);
      const url = `${app.address}/work`;
      const jobsOf = (round: number) => Array.from({ length: 10 }, (_, at) => ({ url, idempotencyKey: `${round}-${at}` }));
      const push = async (round: number): Promise<readonly string[]> => {
        const answer = (await ask(address, 'POST', '/v1/jobs', jobsOf(round))) as { readonly body: unknown };
        return (answer.body as { readonly jobs: readonly JobView[] }).jobs.map(({ id }) => id);
      };
      const held = async (): Promise<readonly Job[]> => (await store.jobs.list(everything)).jobs.filter(({ state }) => state === 'running');

      // Redis knows the script from then on; else it would be asked for it in vain.
      stage.acknowledged(await push(0));
      for (let round = 1; round <= scaled(1, 5); round++) {
        await app.seen(() => app.runs.filter(({ endedAt }) => endedAt !== null).length === round * 10);
        await until('all results', async () => (await held()).length === 0);
        // Push and claim travel in one step, and so both replies are lost.
        proxy.swallowReplies();
        const unconfirmed = ask(address, 'POST', '/v1/jobs', jobsOf(round));
        await until('the claim', async () => (await held()).length === 10);
        const claimed = await held();
        expect(app.runs.length).toBe(round * 10);
        const restored = performance.now();
        proxy.restore();
        await app.seen(() => app.runs.length === (round + 1) * 10);
        stage.took(performance.now() - restored);
        expect(claimed.map(({ id }) => String(app.runsOf(id)[0]?.fence))).toEqual(claimed.map(({ fence }) => fence));
        expect(await unconfirmed).toMatchObject({ status: 503, body: { code: 'unconfirmed' } });
        // Repeating the push tells what became of it.
        const ids = await push(round);
        expect(ids.toSorted()).toEqual(claimed.map(({ id }) => id).toSorted());
        stage.acknowledged(ids);
      }
      expect(await stage.finish()).toMatchObject({ repeated: 0, refused: 0 });
    }),
  );
});

describe('a connection', () => {
  const slow = scaled(8_000, 30_000);

  it(`that takes 300 ms each way for ${slow / 1_000} s only slows its nodes down`, { timeout: 120_000 }, () =>
    onStage({ scenario: 'connections 300 ms slow', store: throughProxy, look: redis.url }, async (stage) => {
      await stage.nodes.startAll(2);
      const load = stage.load();
      await load.more(20);
      proxy.delay(300);
      await setTimeout(slow);
      proxy.delay(0);
      const over = performance.now();
      await load.more(1);
      stage.took(performance.now() - over);
      await load.more(20);
      expect(await stage.finish()).toMatchObject({ repeated: 0, refused: 0 });
      expect(stage.nodes.lines('node.buried')).toEqual([]);
    }),
  );

  it('that falls silent for three seconds is replaced, and nobody is buried', { timeout: 120_000 }, () =>
    onStage({ scenario: 'half-open for 3 s', store: throughProxy, look: redis.url }, async (stage) => {
      await stage.nodes.startAll(2);
      const load = stage.load();
      for (let n = scaled(1, 10); n > 0; n--) {
        await load.more(20);
        proxy.silence();
        await setTimeout(leaseTimes.ttl / 2);
        proxy.restore();
        const over = performance.now();
        await load.more(1);
        stage.took(performance.now() - over);
      }
      await load.more(20);
      expect(await stage.finish()).toMatchObject({ repeated: 0, refused: 0 });
      expect(stage.nodes.lines('node.buried')).toEqual([]);
    }),
  );

  it('of one node that falls silent past its lease: its jobs run elsewhere, and it comes back', { timeout: 120_000 }, () =>
    onStage({ scenario: 'half-open past the lease of one node', store: redis.url }, async (stage) => {
      const { app, nodes } = stage;
      const cutOff = await nodes.start(['--store', throughProxy]);
      const ids = await stage.push(cutOff.address, '/hold', 5);
      await app.seen(() => app.runs.length === ids.length);
      await nodes.start();
      proxy.silence();
      const silent = performance.now();
      await app.seen(() => ids.every((id) => app.runsOf(id).length === 2));
      stage.took(performance.now() - silent);
      proxy.restore();
      await cutOff.line(/\.2",.*node\.joined/);
      app.release();
      expect(await stage.finish()).toMatchObject({ repeated: ids.length });
    }),
  );
});
