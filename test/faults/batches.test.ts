/** Batches on three nodes of which one after the other is killed: each pushes its job once, behind the end of the last of its jobs. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { callbackOwnerOf } from '../../src/core/batch.ts';
import type { Job } from '../../src/core/job.ts';
import { Hatstand } from '../../src/index.ts';
import type { Store } from '../../src/ports/store/store.ts';
import { openRedis } from '../../src/stores/redis/index.ts';
import { startRedis } from '../support/redis-server.ts';
import { until } from '../support/until.ts';
import { scaled } from './scale.ts';

const script = fileURLToPath(new URL('batch-node.ts', import.meta.url));
const cluster = 'batches';
const batches = scaled(4, 20);
const jobsOfEach = scaled(100, 500);
/** Kills while jobs are left. */
const mostKills = scaled(3, 12);

async function startNode(url: string): Promise<ChildProcess> {
  const node = spawn(process.execPath, [script, url, cluster], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(node.stdout ?? expect.fail('no stdout'), 'data');
  return node;
}

async function kill(node: ChildProcess): Promise<void> {
  const gone = once(node, 'exit');
  node.kill('SIGKILL');
  await gone;
}

async function ownedBy(store: Store, owner: string): Promise<readonly Job[]> {
  const filter = [{ field: 'owner', not: false, any: [{ text: owner, prefix: false }] }] as const;
  return (await store.jobs.list({ filter, match: null, order: 'oldest', from: null, limit: 1_000, brief: true, lookAt: null })).jobs;
}

describe('batches', () => {
  it('push one job each, behind their last end, however nodes die', { timeout: 400_000 }, async () => {
    const redis = await startRedis();
    const nodes: ChildProcess[] = [];
    onTestFinished(async () => {
      await Promise.all(nodes.map(kill));
      await redis.stop();
    });
    const store = await openRedis({ url: redis.url, cluster });
    const hatstand = new Hatstand({ store, log: null });
    onTestFinished(() => hatstand.stop(0));
    nodes.push(...(await Promise.all([startNode(redis.url), startNode(redis.url), startNode(redis.url)])));
    const { job, add, get } = hatstand.batches;
    const ids = Array.from({ length: batches }, (_, at) => `b${at}`);
    const jobs = Array.from({ length: jobsOfEach }, (_, at) => job('part', at));
    const adding = Promise.all(ids.map((id) => add({ id, jobs, on: { ended: job('done'), failed: job('done'), succeeded: job('done') } })));
    const livingIn = async (): Promise<number> => {
      const found = await Promise.all(ids.map((id) => get(id)));
      return found.filter((batch) => batch?.endedAt == null).length;
    };
    for (let kills = 0; kills < mostKills && (await livingIn()) > 0; kills++) {
      const [node] = nodes.splice(kills % nodes.length, 1);
      if (node !== undefined) await kill(node);
      nodes.push(await startNode(redis.url));
    }
    await adding;
    await until('all batches have ended', async () => (await livingIn()) === 0, 300_000);
    const failed = Array.from({ length: jobsOfEach }, (_, at) => at).filter((at) => at % 50 === 7).length;
    for (const id of ids) {
      const callbacks = await ownedBy(store, callbackOwnerOf({ domain: '', id }));
      expect(callbacks.map(({ about }) => (JSON.parse(about ?? '{}') as { batch: object }).batch)).toEqual(
        ['ended', 'failed'].map((on) => ({
          id,
          on,
          total: jobsOfEach,
          succeeded: jobsOfEach - failed,
          failed,
          canceled: 0,
          madeAt: expect.any(Number),
        })),
      );
      const last = Math.max(...(await ownedBy(store, `batch//${id}`)).map(({ endedAt }) => endedAt ?? Number.POSITIVE_INFINITY));
      for (const { createdAt } of callbacks) expect(createdAt).toBeGreaterThanOrEqual(last);
    }
  });
});
