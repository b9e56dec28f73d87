/** A node that runs idle tasks, in a process of its own: `task-node.ts <redis url> <cluster>`; tells how many it runs when it is asked. */
import { defineTask, Hatstand, openRedis } from '../src/index.ts';

const [url = '', cluster = ''] = process.argv.slice(2);
const hatstand = new Hatstand({ store: await openRedis({ url, cluster }), log: null });
let running = 0;
hatstand.worker(
  defineTask({
    name: 'idle',
    concurrency: 100_000,
    async run({ signal }) {
      running += 1;
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      running -= 1;
    },
  }),
);
await hatstand.start();
process.on('message', () => process.send?.(running));
process.on('SIGTERM', () => void hatstand.stop('20s').finally(() => process.connected && process.disconnect()));
process.send?.('started');
