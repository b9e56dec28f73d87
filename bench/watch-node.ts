/**
 * A node whose function emits the time, in a process of its own: `watch-node.ts <folder>`. Told how many events a second, it goes on at that
 * pace from then on; told 0, it is quiet. Listens on a free port, which it tells.
 */
import { Hatstand, openSqlite } from '../src/index.ts';

const [path = ''] = process.argv.slice(2);
const hatstand = new Hatstand({ store: await openSqlite({ path }), log: null });
let pace = 0;
process.on('message', (asked) => {
  pace = Number(asked);
});

const turn = 5;
hatstand.worker('clock', { timeout: null }, async (_, { emit, signal }) => {
  let owed = 0;
  let last = performance.now();
  while (!signal.aborted) {
    // A turn takes longer than its timer: the pace is kept by the clock.
    const now = performance.now();
    owed += (pace * (now - last)) / 1_000;
    last = now;
    for (; owed >= 1; owed--) emit('tick', Number(process.hrtime.bigint() / 1_000n));
    await new Promise((resolve) => setTimeout(resolve, turn));
  }
});
await hatstand.start();
const { address } = await hatstand.listen({ port: 0 });
const { id } = await hatstand.push('clock');
process.send?.({ address, id });
