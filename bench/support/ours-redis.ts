/** Hatstand on Redis: records, attempts, leases and events kept, as always. */
import { setTimeout as pause } from 'node:timers/promises';
import { Hatstand, type Store } from '../../src/index.ts';
import { openRedis } from '../../src/stores/redis/index.ts';
import { type Abilities, contestant, timed } from './contestant.ts';
import { addInBulk, addInBursts, pushToStart } from './load.ts';
import { payload } from './payload.ts';

/** Until the store counts so many succeeded jobs. */
async function succeeded(store: Store, jobs: number): Promise<void> {
  for (;;) {
    const counts = await store.count();
    if (counts.reduce((sum, { counts: of }) => sum + of.succeeded, 0) >= jobs) return;
    await pause(1);
  }
}

async function open(port: string): Promise<Abilities> {
  let clusters = 0;

  /** A cluster of its own. */
  async function withStore<T>(work: (hatstand: Hatstand, store: Store) => Promise<T>): Promise<T> {
    clusters += 1;
    const store = await openRedis({ url: `redis://127.0.0.1:${port}`, cluster: `bench-${clusters}` });
    const hatstand = new Hatstand({ store });
    try {
      return await work(hatstand, store);
    } finally {
      await hatstand.stop();
    }
  }

  return {
    add: (jobs = 0) => withStore((hatstand) => timed(() => addInBursts(jobs, (n) => hatstand.push('job', payload(n))))),

    bulkAdd: (jobs = 0) => withStore((hatstand) => timed(() => addInBulk(jobs, (batch) => hatstand.pushMany('job', batch.map(payload))))),

    process: (jobs = 0, concurrency = 1) =>
      withStore(async (hatstand, store) => {
        await addInBulk(jobs, (batch) => hatstand.pushMany('job', batch.map(payload)));
        const all = Promise.withResolvers<void>();
        let started = 0;
        await hatstand.start();
        return await timed(async () => {
          hatstand.worker('job', { concurrency }, () => {
            started += 1;
            if (started === jobs) all.resolve();
          });
          await all.promise;
          await succeeded(store, jobs);
        });
      }),

    addAndProcess: (jobs = 0, concurrency = 1) =>
      withStore(async (hatstand, store) => {
        const allStarted = Promise.withResolvers<void>();
        let started = 0;
        hatstand.worker('job', { concurrency }, () => {
          started += 1;
          if (started === jobs) allStarted.resolve();
        });
        await hatstand.start();
        return await timed(async () => {
          await addInBursts(jobs, (n) => hatstand.push('job', payload(n)));
          await allStarted.promise;
          await succeeded(store, jobs);
        });
      }),

    idleLatency: (samples = 0) =>
      withStore(async (hatstand) => {
        let started: () => void = () => undefined;
        hatstand.worker('job', { concurrency: 1 }, () => started());
        await hatstand.start();
        return await pushToStart(samples, (onStart) => {
          started = onStart;
          return hatstand.push('job', payload(1));
        });
      }),
  };
}

await contestant(open);
