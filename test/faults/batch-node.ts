/** A node of the library in a process of its own, which runs the jobs of batches: `batch-node.ts <redis url> <cluster>`. */
import { writeSync } from 'node:fs';
import { Hatstand, openRedis } from '../../src/index.ts';

const [url = '', cluster = ''] = process.argv.slice(2);

const hatstand = new Hatstand({ store: await openRedis({ url, cluster }), log: null });
hatstand.worker<number>('part', { attempts: 1, concurrency: 16 }, (at) => {
  if (at % 50 === 7) throw new Error('on purpose');
});
hatstand.worker('done', () => undefined);
await hatstand.start();
writeSync(1, 'started\n');
