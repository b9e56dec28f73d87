/** A node of the library in a process of its own. Its worker `block` stands still for the milliseconds of its payload, once. */
import { writeSync } from 'node:fs';
import { Hatstand, openRedis } from '../../src/index.ts';
import type { Logger } from '../../src/ports/logger.ts';

const [url = '', cluster = ''] = process.argv.slice(2);

/** At once: what a stream would write later, a function that blocks keeps from being written. */
const tell = (msg: string, fields: object = {}): void => void writeSync(1, `${JSON.stringify({ ...fields, msg })}\n`);
const log: Logger = { debug: tell, info: tell, warn: tell, error: tell };

const hatstand = new Hatstand({ store: await openRedis({ url, cluster }), log });
hatstand.worker<number>('block', { concurrency: 1, timeout: null }, (time, { job, fence }) => {
  tell('run', { job: job.id, fence });
  if (job.lost === 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, time);
  return fence;
});
await hatstand.start();
tell('started');
