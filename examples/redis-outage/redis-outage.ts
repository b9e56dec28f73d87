// A task that goes on while Redis is away: what it measures meanwhile is kept on the disk of its machine, and told when Redis is back.
// `node redis-outage.ts measure redis://127.0.0.1` in one terminal and `node redis-outage.ts show redis://127.0.0.1` in another; then stop
// Redis, and start it again.
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { defineTask, Hatstand, openRedis } from 'hatstand';

const [role, url = 'redis://127.0.0.1:6379', spool = join(tmpdir(), 'hatstand-example-spool')] = process.argv.slice(2);
const hatstand = new Hatstand({ store: await openRedis({ url, cluster: 'example' }), name: `${role}-${process.pid}`, spool, log: null });

const measure = defineTask<undefined>({
  name: 'measure',
  stateOptional: true,
  async run(context) {
    const { signal, emit, resumeFrom, checkpoint } = context;
    for (let n = (resumeFrom as number | undefined) ?? 0; !signal.aborted; ) {
      n += 1;
      await emit('measured', { n, celsius: 20 + Math.round(5 * Math.sin(n / 10)) }, { durable: true }); // it is kept now, here or in Redis
      await checkpoint(n); // while Redis is away it is not waited for
      console.log(`measured ${n}${context.paused ? ' without Redis' : ''}`);
      await pause(200, undefined, { signal }).catch(() => undefined);
    }
  },
});

process.once('SIGTERM', () => void hatstand.stop());
process.once('SIGINT', () => void hatstand.stop());
if (role === 'measure') {
  hatstand.worker(measure);
  await hatstand.start();
  await hatstand.tasks.start(measure, undefined, { id: 'thermometer' }).catch((error) => {
    if (error.code !== 'conflict') throw error; // it is there already, and goes on
  });
} else {
  hatstand.listenTo('hatstand.jobs', ({ doc }) => {
    const { move, name, at, late, data } = doc as { move: string; name: string; at: string; late: boolean; data: { n: number } };
    if (move === 'emit') console.log(`${name} ${data.n} at ${at}${late ? ', told late' : ''}`);
  });
  await hatstand.start();
  console.log('listens');
}
