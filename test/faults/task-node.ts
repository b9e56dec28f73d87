/** A node that runs tasks, in a process of its own. Each writes what it does into a file that all nodes share, by a clock that all share. */
import { appendFileSync } from 'node:fs';
import { defineTask, Hatstand, openRedis, openSqlite } from '../../src/index.ts';

/** A URL of Redis, or the folder of a store of its own; how many jobs at once, of a node that tells its links; and anything for one without links. */
const [where = '', cluster = '', name = '', witness = '', jobs = '', alone = ''] = process.argv.slice(2);

/** One line: `<nanoseconds> <task> <fence> <what> <number>`, written before anything else happens. */
const write = (task: string, fence: string, what: string, number: number): void =>
  appendFileSync(witness, `${process.hrtime.bigint()} ${task} ${fence} ${what} ${number}\n`);

const store = where.startsWith('redis') ? await openRedis({ url: where, cluster }) : await openSqlite({ path: where, ballastBytes: 0 });
const log = {
  debug() {},
  info: (event: string) => event === 'link.made' && jobs !== '' && write(name, '0', 'linked', 1),
  warn() {},
  error() {},
};
const hatstand = new Hatstand({ store, name, log, ...(alone === '' ? {} : { links: false }) });

const count = defineTask<string>({
  name: 'count',
  restart: { backoff: '10ms' },
  async run(context) {
    const { message: task, fence, signal, resumeFrom, checkpoint, onControl } = context;
    let n = typeof resumeFrom === 'number' ? resumeFrom : 0;
    write(task, fence, 'begins', n);
    onControl(({ data }) => write(task, fence, 'control', Number(data)));
    while (!signal.aborted) {
      // Who does not know whether it is held does nothing that another one may do, unless it is one that may.
      if (!context.paused || task.startsWith('o')) {
        n += 1;
        write(task, fence, 'works', n);
        await checkpoint(n);
        write(task, fence, 'kept', n);
      }
      await new Promise((resolve) => void setTimeout(resolve, 20));
    }
    write(task, fence, 'returns', n);
  },
});
/** A job that takes as long as its node lives. */
hatstand.worker<string>('sit', { concurrency: Number(jobs) || 1 }, async (job, { fence, signal }) => {
  write(job, fence, 'begins', 0);
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
});
hatstand.worker(count);
await hatstand.start();
// One that is there already goes on.
if (!where.startsWith('redis')) await hatstand.tasks.start(count, 'only', { id: 'only' }).catch(() => undefined);
process.on('SIGTERM', () => void hatstand.stop('5s'));
process.stdout.write('started\n');
