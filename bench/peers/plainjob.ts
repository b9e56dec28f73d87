/**
 * plainjob on SQLite by better-sqlite3, with its own settings (WAL, synchronous=NORMAL). Its worker runs one job at a time
 * and never lets go while there are jobs, so one worker is its fastest case whatever the concurrency.
 */
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { better, defineQueue, defineWorker, type Queue } from 'plainjob';
import { type Abilities, contestant, timed } from '../support/contestant.ts';
import { addInBursts } from '../support/load.ts';
import { payload } from '../support/payload.ts';

const ignore = (): void => undefined;
const logger = { error: ignore, warn: ignore, info: ignore, debug: ignore };

async function open(folder: string): Promise<Abilities> {
  let files = 0;

  async function withQueue<T>(work: (queue: Queue) => Promise<T>): Promise<T> {
    files += 1;
    const queue = defineQueue({ connection: better(new Database(join(folder, `plainjob-${files}.db`))), logger });
    try {
      return await work(queue);
    } finally {
      queue.close();
    }
  }

  return {
    add: (jobs = 0) => withQueue((queue) => timed(() => addInBursts(jobs, (n) => queue.add('job', payload(n))))),
    addAndProcess: (jobs = 0) =>
      withQueue(async (queue) => {
        const all = Promise.withResolvers<void>();
        let completed = 0;
        const onCompleted = (): void => {
          completed += 1;
          if (completed === jobs) all.resolve();
        };
        const worker = defineWorker('job', ignore, { queue, logger, pollIntervall: 1, onCompleted });
        const running = worker.start();
        const took = await timed(async () => {
          await addInBursts(jobs, (n) => queue.add('job', payload(n)));
          await all.promise;
        });
        await worker.stop();
        await running;
        return took;
      }),
  };
}

await contestant(open);
