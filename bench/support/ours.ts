/** Hatstand on its embedded store with its own settings: no answer before the log is synced, attempts and events kept. */
import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { openSqlite } from '../../src/stores/sqlite/index.ts';
import { type Abilities, contestant } from './contestant.ts';
import { hatstandAbilities, onStore, succeeded, type WithStore } from './hatstand.ts';
import { payload } from './payload.ts';
import { median } from './statistics.ts';

async function open(folder: string): Promise<Abilities> {
  let files = 0;

  /** A file of its own, removed afterwards. */
  const withStore: WithStore = async (work) => {
    files += 1;
    const path = join(folder, `hatstand-${files}`);
    try {
      return await onStore(await openSqlite({ path }), work);
    } finally {
      rmSync(path, { recursive: true, force: true });
    }
  };

  return {
    ...hatstandAbilities(withStore),

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
