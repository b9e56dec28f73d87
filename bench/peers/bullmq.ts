/** BullMQ on Redis by ioredis, its default; finished jobs are kept, its default too. */
import { Queue, Worker } from 'bullmq';
import { type Abilities, contestant, timed } from '../support/contestant.ts';
import { addInBulk, addInBursts, pushToStart } from '../support/load.ts';
import { payload } from '../support/payload.ts';

async function open(port: string): Promise<Abilities> {
  const connection = { host: '127.0.0.1', port: Number(port), maxRetriesPerRequest: null };
  let queues = 0;

  async function withQueue<T>(work: (queue: Queue, name: string) => Promise<T>): Promise<T> {
    queues += 1;
    const name = `bench-${queues}`;
    const queue = new Queue(name, { connection });
    await queue.waitUntilReady();
    try {
      return await work(queue, name);
    } finally {
      await queue.close();
    }
  }

  return {
    add: (jobs = 0) => withQueue((queue) => timed(() => addInBursts(jobs, (n) => queue.add('job', payload(n))))),
    bulkAdd: (jobs = 0) =>
      withQueue((queue) => timed(() => addInBulk(jobs, (batch) => queue.addBulk(batch.map((n) => ({ name: 'job', data: payload(n) })))))),
    process: (jobs = 0, concurrency = 1) =>
      withQueue(async (queue, name) => {
        await addInBulk(jobs, (batch) => queue.addBulk(batch.map((n) => ({ name: 'job', data: payload(n) }))));
        const all = Promise.withResolvers<void>();
        let completed = 0;
        const worker = new Worker(name, async () => undefined, { connection, concurrency, autorun: false });
        worker.on('completed', () => {
          completed += 1;
          if (completed === jobs) all.resolve();
        });
        await worker.waitUntilReady();
        const took = await timed(async () => {
          void worker.run();
          await all.promise;
        });
        await worker.close();
        return took;
      }),
    addAndProcess: (jobs = 0, concurrency = 1) =>
      withQueue(async (queue, name) => {
        const all = Promise.withResolvers<void>();
        let completed = 0;
        const worker = new Worker(name, async () => undefined, { connection, concurrency });
        worker.on('completed', () => {
          completed += 1;
          if (completed === jobs) all.resolve();
        });
        await worker.waitUntilReady();
        const took = await timed(async () => {
          await addInBursts(jobs, (n) => queue.add('job', payload(n)));
          await all.promise;
        });
        await worker.close();
        return took;
      }),
    idleLatency: (samples = 0) =>
      withQueue(async (queue, name) => {
        let started: () => void = () => undefined;
        const worker = new Worker(name, async () => started(), { connection });
        await worker.waitUntilReady();
        const times = await pushToStart(samples, (onStart) => {
          started = onStart;
          return queue.add('job', payload(1));
        });
        await worker.close();
        return times;
      }),
  };
}

await contestant(open);
