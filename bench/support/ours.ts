/** Hatstand on its embedded store with its own settings: no answer before the log is synced, attempts and events kept. */
import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Hatstand, openSqlite, type Store } from '../../src/index.ts';
import { type Abilities, contestant, timed } from './contestant.ts';
import { addInBursts, pushToStart } from './load.ts';
import { payload } from './payload.ts';
import { median } from './statistics.ts';

/** Until the store counts so many more succeeded jobs than before. */
async function succeeded(store: Store, jobs: number): Promise<void> {
  for (;;) {
    const counts = await store.count();
    if (counts.reduce((sum, { counts: of }) => sum + of.succeeded, 0) >= jobs) return;
    await pause(1);
  }
}

async function open(folder: string): Promise<Abilities> {
  let files = 0;

  /** A file of its own, removed afterwards. */
  async function withStore<T>(work: (hatstand: Hatstand, store: Store) => Promise<T>): Promise<T> {
    files += 1;
    const path = join(folder, `hatstand-${files}`);
    const store = await openSqlite({ path });
    const hatstand = new Hatstand({ store });
    try {
      return await work(hatstand, store);
    } finally {
      await hatstand.stop();
      rmSync(path, { recursive: true, force: true });
    }
  }

  return {
    add: (jobs = 0) => withStore((hatstand) => timed(() => addInBursts(jobs, (n) => hatstand.push('job', payload(n))))),

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

    /** The part of the time in which the main thread is busy, at a steady rate of jobs a second. */
    mainThreadBusy: (rate = 0, millis = 0) =>
      withStore(async (hatstand, store) => {
        hatstand.worker('job', { concurrency: 200 }, () => undefined);
        await hatstand.start();
        const before = performance.eventLoopUtilization();
        const since = performance.now();
        const kept: Promise<unknown>[] = [];
        for (let passed = 0; passed < millis; passed = performance.now() - since) {
          while (kept.length < (passed * rate) / 1_000) kept.push(hatstand.push('job', payload(kept.length)));
          await pause(1);
        }
        const { utilization } = performance.eventLoopUtilization(before);
        await Promise.all(kept);
        await succeeded(store, kept.length);
        return { utilization, jobs: kept.length, millis: performance.now() - since };
      }),

    /** The median milliseconds of forcing a page of this disk, in the same folder. */
    fsync: async (samples = 0) => {
      const path = join(folder, 'fsync');
      const file = openSync(path, 'w');
      const page = Buffer.alloc(4_096, 1);
      const times: number[] = [];
      for (let i = 0; i < samples; i++) {
        await pause(5);
        const since = performance.now();
        writeSync(file, page);
        fdatasyncSync(file);
        times.push(performance.now() - since);
      }
      closeSync(file);
      rmSync(path);
      return median(times);
    },
  };
}

await contestant(open);
