import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../../../test/support/redis-server.ts';
import { startProxy, type TcpProxy } from '../../../../test/support/tcp-proxy.ts';
import { until } from '../../../../test/support/until.ts';
import type { NodeRecord } from '../../../core/node.ts';
import { only } from '../../conformance/subject.ts';
import { openRedis, type RedisStore } from '../index.ts';
import type { NodeData, Order } from './keeper.suite.ts';

const ttl = 1_200;
const every = ttl / 8;

let server: RedisServer;
let line: TcpProxy;
/** The one that looks, over a line of its own. */
let store: RedisStore;
let node: Worker;
let clusters = 0;

beforeAll(async () => {
  server = await startRedis();
  line = await startProxy(server.port);
});
afterAll(async () => {
  await line.close();
  await server.stop();
});
beforeEach(async () => {
  clusters += 1;
  line.restore();
  store = await openRedis({ url: server.url, cluster: `kept-${clusters}` });
});
afterEach(async () => {
  await node.terminate();
  await store.close();
});

async function start(otherwise: Partial<NodeData> = {}): Promise<void> {
  const data: NodeData = { url: `redis://127.0.0.1:${line.port}`, cluster: `kept-${clusters}`, ttl, ownTtl: ttl, every, ...otherwise };
  node = new Worker(new URL('./keeper.suite.ts', import.meta.url), { workerData: data });
  await once(node, 'message');
}

async function order(given: Order): Promise<void> {
  node.postMessage(given);
  await once(node, 'message');
}

const record = async (): Promise<NodeRecord> => only(await store.nodes.list());

/** The greatest of what was seen until then. */
async function longestSilence(end: Promise<void>): Promise<number> {
  let longest = 0;
  let isOver = false;
  void end.then(() => {
    isOver = true;
  });
  while (!isOver) {
    longest = Math.max(longest, (await record()).heardAgo);
    await setTimeout(every / 4);
  }
  return longest;
}

/** From then on the thread alone renews, over a connection that is there. */
async function keptByTheThread(): Promise<void> {
  await order('renew no more');
  await until('a silence', async () => (await record()).heardAgo > every * 1.5);
  await until('a renewal by the thread', async () => (await record()).heardAgo < every);
}

describe('the lease thread', () => {
  it('keeps the lease while the main loop is held up, but for no more than a ttl', async () => {
    await start();
    await keptByTheThread();
    expect(await longestSilence(order(ttl * 0.9))).toBeLessThan(ttl * 0.6);
    const heldUp = order(ttl * 3);
    await until('the end of the lease', async () => (await record()).leaseLeft === 0, ttl * 2.5);
    expect((await record()).leaseLeft).toBe(0);
    await heldUp;
    await until('a lease for a node that came back and was not buried', async () => (await record()).leaseLeft > 0);
  });

  it('gives up a main loop that comes round and does not renew for ten ttl', async () => {
    const short = 500;
    await start({ ttl: short });
    await keptByTheThread();
    const begun = performance.now();
    await until('the end of the lease', async () => (await record()).heardAgo > short * 2);
    expect(performance.now() - begun).toBeGreaterThan(short * 9);
  });

  it('leaves the lease to the main loop while that renews it', async () => {
    await start({ ownTtl: ttl * 10 });
    expect(await longestSilence(setTimeout(ttl))).toBeLessThan(every * 3);
    expect((await record()).leaseLeft).toBeGreaterThan(ttl * 9);
  });

  it('leaves load and messages to the main loop', async () => {
    await start();
    await until('a renewal by the node', async () => (await record()).load.running === 3);
    await keptByTheThread();
    expect((await record()).load).toMatchObject({ running: 3, slots: 4 });
  });

  it('takes a new connection when its own falls silent', async () => {
    await start({ ttl: 4_000 });
    await keptByTheThread();
    line.silence();
    await setTimeout(every * 2);
    line.restore();
    // Longer than its deadline, shorter than the lease.
    expect(await longestSilence(order(3_000))).toBeLessThan(2_000);
  });

  it('does nothing for a node that is gone', async () => {
    await start();
    await keptByTheThread();
    await store.nodes.forget('n');
    await order(every * 4);
    expect(await store.nodes.list()).toEqual([]);
  });

  it('ends when the lease is released', async () => {
    await start();
    await keptByTheThread();
    await order('release');
    await until('the end of the lease', async () => (await record()).leaseLeft === 0);
  });
});
