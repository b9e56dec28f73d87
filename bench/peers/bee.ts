/** bee-queue on Redis; finished jobs are kept, its default. */
import Queue from 'bee-queue';
import { type Abilities, contestant, timed } from '../support/contestant.ts';
import { addInBulk, addInBursts, pushToStart } from '../support/load.ts';
import { payload } from '../support/payload.ts';

async function open(port: string): Promise<Abilities> {
  let queues = 0;

  async function withQueue<T>(work: (queue: Queue) => Promise<T>): Promise<T> {
    queues += 1;
    const queue = new Queue(`bench-${queues}`, { redis: { host: '127.0.0.1', port: Number(port) } });
    await queue.ready();
    try {
      return await work(queue);
    } finally {
      await queue.close();
    }
  }

  return {
    add: (jobs = 0) => withQueue((queue) => timed(() => addInBursts(jobs, (n) => queue.createJob(payload(n)).save()))),
    bulkAdd: (jobs = 0) =>
      withQueue((queue) => timed(() => addInBulk(jobs, (batch) => queue.saveAll(batch.map((n) => queue.createJob(payload(n))))))),
    process: (jobs = 0, concurrency = 1) =>
      withQueue(async (queue) => {
        await addInBulk(jobs, (batch) => queue.saveAll(batch.map((n) => queue.createJob(payload(n)))));
        const all = Promise.withResolvers<void>();
        let succeeded = 0;
        queue.on('succeeded', () => {
          succeeded += 1;
          if (succeeded === jobs) all.resolve();
        });
        return await timed(async () => {
          queue.process(concurrency, async () => undefined);
          await all.promise;
        });
      }),
    addAndProcess: (jobs = 0, concurrency = 1) =>
      withQueue(async (queue) => {
        const all = Promise.withResolvers<void>();
        let succeeded = 0;
        queue.on('succeeded', () => {
          succeeded += 1;
          if (succeeded === jobs) all.resolve();
        });
        queue.process(concurrency, async () => undefined);
        return await timed(async () => {
          await addInBursts(jobs, (n) => queue.createJob(payload(n)).save());
          await all.promise;
        });
      }),
    idleLatency: (samples = 0) =>
      withQueue((queue) => {
        let started: () => void = () => undefined;
        queue.process(async () => started());
        return pushToStart(samples, (onStart) => {
          started = onStart;
          return queue.createJob(payload(1)).save();
        });
      }),
  };
}

await contestant(open);
