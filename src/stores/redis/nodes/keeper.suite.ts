/** A node in a thread of its own, whose main loop a test can hold up. */
import { parentPort, workerData } from 'node:worker_threads';
import { noLoad } from '../../../core/node.ts';
import { openRedis } from '../index.ts';

export interface NodeData {
  readonly url: string;
  readonly cluster: string;
  /** Of the lease that the thread keeps. */
  readonly ttl: number;
  /** Of the lease that the node itself renews. */
  readonly ownTtl: number;
  readonly every: number;
}

/** Stands still for these milliseconds, renews no more by itself, or releases its lease. */
export type Order = number | 'renew no more' | 'release';

const { url, cluster, ttl, ownTtl, every } = workerData as NodeData;
const store = await openRedis({ url, cluster });
await store.nodes.join({ incarnation: 'n', name: 'n', version: '1', address: '', serves: [], link: null, serverId: null }, ownTtl);
store.keeper?.keep('n', ttl, every);
const renewing = setInterval(() => void store.nodes.renew('n', ownTtl, 0, { ...noLoad, running: 3, slots: 4 }).catch(() => {}), every);

parentPort?.on('message', async (order: Order) => {
  if (typeof order === 'number') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, order);
  else clearInterval(renewing);
  if (order === 'release') await store.keeper?.release();
  parentPort?.postMessage('done');
});
parentPort?.postMessage('joined');
