/** A node whose tasks emit numbers that are to be kept, in a process of its own. What is kept stands in a file that all nodes share. */
import { appendFileSync } from 'node:fs';
import { defineTask, Hatstand, openRedis } from '../../src/index.ts';

/** A URL of Redis, and a folder for what it cannot take. */
const [url = '', cluster = '', name = '', witness = '', spool = ''] = process.argv.slice(2);

const hatstand = new Hatstand({ store: await openRedis({ url, cluster }), name, log: null, spool });

const emitting = defineTask<string>({
  name: 'emitting',
  restart: { backoff: '10ms' },
  async run({ message: task, fence, signal, emit }) {
    for (let n = 1; !signal.aborted; n++) {
      const at = process.hrtime.bigint();
      await emit('number', { task, n }, { durable: true });
      appendFileSync(witness, `${at} ${task} ${fence} kept ${n}\n`);
      await new Promise((resolve) => void setTimeout(resolve, 50));
    }
  },
});
hatstand.worker(emitting);
await hatstand.start();
process.on('SIGTERM', () => void hatstand.stop('5s'));
process.stdout.write('started\n');
