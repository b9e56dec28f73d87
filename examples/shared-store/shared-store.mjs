// Several processes on one Redis: one pushes jobs, others run them. Each is a node, and all are equal.
// `node shared-store.mjs work redis://127.0.0.1` in some terminals, and `node shared-store.mjs push redis://127.0.0.1` in another.
import { Hatstand, openRedis } from 'hatstand';

const [, , role, url = 'redis://127.0.0.1:6379', cluster = 'example'] = process.argv;
const hatstand = new Hatstand({ store: await openRedis({ url, cluster }), name: `${role}-${process.pid}` });

if (role === 'work') {
  hatstand.worker('square', { concurrency: 2 }, async (number) => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    return { square: number * number, by: process.pid };
  });
  await hatstand.start();
  console.log('works');
  process.once('SIGTERM', () => void hatstand.stop());
} else {
  // A process that runs no jobs need not be started: it pushes, and waits for results.
  const jobs = await hatstand.pushMany('square', [1, 2, 3, 4, 5, 6, 7, 8], { attempts: 3 });
  for (const job of jobs) {
    const { state, payload, result } = await hatstand.wait(job, '30s');
    console.log(state, payload, result.square, `by ${result.by}`);
  }
  await hatstand.stop();
}
