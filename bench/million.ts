/** A file with a million finished jobs: what it costs to list, to claim and to go on working. */
import { benchFolder } from './support/folder.ts';
import { residentBytesOf } from './support/processes.ts';
import type { Measured, Report } from './support/report.ts';
import { startSide } from './support/side.ts';
import { median, quantile } from './support/statistics.ts';

const finished = 1_000_000;
const jobs = 20_000;
const concurrency = 200;
const pages = 400;
const claims = 100;
const megabyte = 1_000_000;

export async function million(report: Report, rounds: number): Promise<void> {
  const full = await startSide('a full file', { file: 'support/ours-kept.ts', setting: benchFolder(), smallHeap: true });
  const empty = await startSide('an empty file', { file: 'support/ours.ts', setting: benchFolder() });
  const results: Record<'list' | 'claim' | 'full' | 'empty' | 'memory', Measured[]> = {
    list: [],
    claim: [],
    full: [],
    empty: [],
    memory: [],
  };
  const told = (value: number): Measured => ({ value, cpuMicrosPerJob: null });
  try {
    const since = performance.now();
    for (let done = 0; done < finished; done += 100_000) await full.time('finish', 100_000, concurrency);
    console.error(`${finished.toLocaleString('en-US')} jobs pushed and run in ${((performance.now() - since) / 1_000).toFixed(0)} s`);
    await empty.time('addAndProcess', jobs, concurrency);
    for (let round = 0; round < rounds; round++) {
      results.list.push(told(quantile((await full.call('list', pages)) as readonly number[], 0.99)));
      results.claim.push(told(median((await full.call('claim', claims)) as readonly number[])));
      for (const [name, side, ability] of [
        ['full', full, 'finish'],
        ['empty', empty, 'addAndProcess'],
      ] as const) {
        const { millis, cpuMicros } = await side.time(ability, jobs, concurrency);
        results[name].push({ value: (jobs / millis) * 1_000, cpuMicrosPerJob: cpuMicros / jobs });
      }
      results.memory.push(told(residentBytesOf(full.pid) / megabyte));
    }
  } finally {
    await full.stop();
    await empty.stop();
  }
  const less = { better: 'lower', peer: null, theirs: null } as const;
  report.add({ what: 'list-p99', ...less, unit: 'ms', target: 5, ours: results.list });
  report.add({ what: 'claim-median', ...less, unit: 'ms', target: 2, ours: results.claim });
  report.add({
    what: 'throughput',
    peer: 'an empty file',
    better: 'higher',
    unit: 'jobs/s',
    target: 0.5,
    ours: results.full,
    theirs: results.empty,
  });
  report.add({ what: 'memory', ...less, unit: 'MB resident', target: 300, ours: results.memory });
}
