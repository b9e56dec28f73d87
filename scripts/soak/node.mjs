// What is soaked: a node inside a program, which serves what `hatstand serve` does, and has functions that talk.
import { parseArgs } from 'node:util';
import { Hatstand, openRedis, openSqlite } from 'hatstand';
import { boundOldHeap, giveBackHeap, holdYoungHeap } from '../../dist/faces/cli/serve-heap.js';

const { values: options } = parseArgs({ options: { redis: { type: 'string' }, path: { type: 'string' }, keep: { type: 'string' } } });
// As `hatstand serve` has it for itself: V8 by itself keeps what a peak took, now more, now less.
boundOldHeap();
holdYoungHeap()();
giveBackHeap();

const store = options.redis === undefined ? await openSqlite({ path: options.path }) : await openRedis({ url: options.redis });
// Jobs fail and web apps are slow, as they are asked to: what the node says of that would fill a terminal.
const hatstand = new Hatstand({ store, log: null, keepEnded: options.keep });

hatstand.worker('talk', { attempts: 3, backoff: '500ms' }, ({ lines }, { progress, logger, job }) => {
  for (let n = 1; n <= lines; n++) {
    logger.info(`line ${n} of ${lines}`, { attempt: job.attempt });
    progress(n / lines);
  }
  if (lines % 5 === 0 && job.attempt === 1) throw new Error('not the first time');
  return lines;
});
await hatstand.subscribe('orders', 'soak.orders', ({ id }) => id);

process.once('SIGTERM', async () => {
  await hatstand.stop();
  process.exit();
});
await hatstand.start();
console.log((await hatstand.listen({ port: 0 })).address);
