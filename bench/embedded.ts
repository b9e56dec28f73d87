/**
 * The library on its embedded store, beside queues that run in the same process: BullMQ and bee-queue on a local Redis
 * without AOF, plainjob on SQLite with synchronous=NORMAL. Ours is durable: no answer before the log is synced.
 */

import { startRedis } from '../test/support/redis-server.ts';
import { benchFolder } from './support/folder.ts';
import type { Measured, Report } from './support/report.ts';
import { type Side, startSide } from './support/side.ts';
import { median } from './support/statistics.ts';

const jobs = 20_000;
const warmUp = 4_000;
const concurrency = 200;
const samples = 200;
const steadyRate = 2_000;
const steadyMillis = 4_000;

export async function embedded(report: Report, rounds: number): Promise<void> {
  const redis = await startRedis();
  const onRedis = { setting: String(redis.port), serverPid: redis.pid };
  const sides = {
    hatstand: await startSide('hatstand', { file: 'support/ours.ts', setting: benchFolder() }),
    bullmq: await startSide('bullmq', { file: 'peers/bullmq.ts', ...onRedis }),
    bee: await startSide('bee', { file: 'peers/bee.ts', ...onRedis }),
    plainjob: await startSide('plainjob', { file: 'peers/plainjob.ts', setting: benchFolder() }),
  };
  try {
    await compareRates(report, sides, rounds);
    await measureLatency(report, sides, rounds);
    await measureMainThread(report, sides.hatstand, rounds);
  } finally {
    for (const side of Object.values(sides)) await side.stop();
    await redis.stop();
  }
}

type Sides = Readonly<Record<'hatstand' | 'bullmq' | 'bee' | 'plainjob', Side>>;
type Name = keyof Sides;
type Results = Record<Name, Measured[]>;

const noResults = (): Results => ({ hatstand: [], bullmq: [], bee: [], plainjob: [] });
const entriesOf = (sides: Sides): readonly (readonly [Name, Side])[] => Object.entries(sides) as [Name, Side][];

/** Jobs per second of one ability, every side in every round. */
async function rates(sides: Sides, rounds: number, ability: string): Promise<Results> {
  const results = noResults();
  for (const [, side] of entriesOf(sides)) await side.time(ability, warmUp, concurrency);
  for (let round = 0; round < rounds; round++) {
    for (const [name, side] of entriesOf(sides)) {
      const { millis, cpuMicros } = await side.time(ability, jobs, concurrency);
      results[name].push({ value: (jobs / millis) * 1_000, cpuMicrosPerJob: cpuMicros / jobs });
    }
  }
  return results;
}

async function compareRates(report: Report, sides: Sides, rounds: number): Promise<void> {
  const both = await rates(sides, rounds, 'addAndProcess');
  const perSecond = { unit: 'jobs/s', better: 'higher' } as const;
  for (const [peer, target] of [
    ['bullmq', 2.5],
    ['plainjob', 3],
    ['bee', null],
  ] as const) {
    report.add({ what: 'add+process', peer, ...perSecond, target, ours: both.hatstand, theirs: both[peer] });
  }
  const cpu = (name: Name): Measured[] => both[name].map(({ cpuMicrosPerJob }) => ({ value: cpuMicrosPerJob ?? 0, cpuMicrosPerJob }));
  for (const [peer, target] of [
    ['bullmq', 2.5],
    ['plainjob', null],
    ['bee', null],
  ] as const) {
    report.add({ what: 'cpu', peer, unit: 'µs/job', better: 'lower', target, ours: cpu('hatstand'), theirs: cpu(peer) });
  }
  const add = await rates(sides, rounds, 'add');
  for (const [peer, target] of [
    ['plainjob', 2.5],
    ['bullmq', null],
    ['bee', null],
  ] as const) {
    report.add({ what: 'add', peer, ...perSecond, target, ours: add.hatstand, theirs: add[peer] });
  }
}

async function measureLatency(report: Report, sides: Sides, rounds: number): Promise<void> {
  const above: Measured[] = [];
  const results = noResults();
  const measured = [
    ['hatstand', sides.hatstand],
    ['bullmq', sides.bullmq],
    ['bee', sides.bee],
  ] as const;
  for (let round = 0; round < rounds; round++) {
    const fsync = (await sides.hatstand.call('fsync', samples)) as number;
    for (const [name, side] of measured) {
      const value = median((await side.call('idleLatency', samples)) as readonly number[]);
      results[name].push({ value, cpuMicrosPerJob: null });
      if (name === 'hatstand') above.push({ value: value - fsync, cpuMicrosPerJob: null });
    }
  }
  report.add({ what: 'idle-latency', peer: null, unit: 'ms above fsync', better: 'lower', target: 1, ours: above, theirs: null });
  for (const peer of ['bullmq', 'bee'] as const) {
    report.add({ what: 'idle-latency', peer, unit: 'ms', better: 'lower', target: null, ours: results.hatstand, theirs: results[peer] });
  }
}

async function measureMainThread(report: Report, ours: Side, rounds: number): Promise<void> {
  const busy: Measured[] = [];
  for (let round = 0; round < rounds; round++) {
    const { utilization } = (await ours.call('mainThreadBusy', steadyRate, steadyMillis)) as { readonly utilization: number };
    busy.push({ value: utilization, cpuMicrosPerJob: null });
  }
  report.add({ what: 'main-thread-busy', peer: null, unit: 'of the time', better: 'lower', target: 0.25, ours: busy, theirs: null });
}
