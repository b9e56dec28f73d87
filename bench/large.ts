/** Large pushes: how long they take, how long others wait meanwhile, and what memory they take in this process. */

import { startRedis } from '../test/support/redis-server.ts';
import type { Beside } from './support/beside.ts';
import { benchFolder } from './support/folder.ts';
import type { Measured, Report } from './support/report.ts';
import { startSide } from './support/side.ts';

const pushes = [
  { what: '300,000 small jobs', jobs: 300_000, characters: 10 },
  { what: '2,000 jobs of 500 KB', jobs: 2_000, characters: 500_000 },
] as const;
/** Others wait no longer than this, in milliseconds. */
const longestWait = 100;
const megabyte = 1_000_000;

export async function large(report: Report, rounds: number): Promise<void> {
  const redis = await startRedis();
  const stores = [
    ['SQLite', { file: 'support/ours.ts', setting: benchFolder() }],
    ['Redis', { file: 'support/ours-redis.ts', setting: String(redis.port), serverPid: redis.pid }],
  ] as const;
  try {
    for (const [store, options] of stores) {
      for (const { what, jobs, characters } of pushes) {
        const rows: Record<'millis' | 'longest' | 'memory', Measured[]> = { millis: [], longest: [], memory: [] };
        for (let round = 0; round < rounds; round++) {
          // A process of its own for each, so that none begins with the memory of another.
          const side = await startSide(store, options);
          try {
            const { millis, longest, bytes } = (await side.call('largePush', jobs, characters)) as Beside;
            for (const [row, value] of [
              ['millis', millis],
              ['longest', longest],
              ['memory', bytes / megabyte],
            ] as const)
              rows[row].push({ value, cpuMicrosPerJob: null });
          } finally {
            await side.stop();
          }
        }
        const figure = { better: 'lower', peer: null, theirs: null } as const;
        report.add({ what: `${store}: ${what}`, ...figure, unit: 'ms', target: null, ours: rows.millis });
        report.add({ what: `${store}: others meanwhile`, ...figure, unit: 'ms at most', target: longestWait, ours: rows.longest });
        report.add({ what: `${store}: memory`, ...figure, unit: 'MB more', target: null, ours: rows.memory });
      }
    }
  } finally {
    await redis.stop();
  }
}
