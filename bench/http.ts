/**
 * The server: jobs pushed over HTTP from fifty connections, POSTed to a web app that does nothing. HQ cannot be run here;
 * what stands beside its name was measured on such a machine with its fsync on.
 */
import { drained, longestAnswerDuring, pushMany, searchTime, setPaused, statesOf } from './support/api.ts';
import { cpuMicrosOf, residentBytesOf } from './support/processes.ts';
import type { Measured, Report } from './support/report.ts';
import { type Server, startServer } from './support/server.ts';
import { type Side, startSide } from './support/side.ts';
import { median } from './support/statistics.ts';

const jobs = 15_000;
const warmUp = 3_000;
const concurrency = 50;
const waitingJobs = 100_000;
const hq = { push: 2_300, pushAndComplete: 832, drain: 1_176, waitingMegabytes: 548, scanMillis: 2_211 };
const megabyte = 1_000_000;

export async function http(report: Report, rounds: number): Promise<void> {
  const app = await startSide('web app', { file: 'support/noop-app.ts', setting: '' });
  const worker = (await app.call('address')) as string;
  try {
    await measurePushes(report, worker, rounds);
    await measureCompletions(report, worker, rounds);
    await measureWaiting(report, worker, rounds);
  } finally {
    await app.stop();
  }
}

const startLoad = (name: string, target: string, worker: string): Promise<Side> =>
  startSide(name, { file: 'support/http-load.ts', setting: JSON.stringify({ target, worker }) });

/** A rate of jobs, with the CPU time of one process meanwhile. */
async function rateOf(pid: number, count: number, work: () => Promise<number>): Promise<Measured> {
  const before = cpuMicrosOf(pid);
  const millis = await work();
  return { value: (count / millis) * 1_000, cpuMicrosPerJob: (cpuMicrosOf(pid) - before) / count };
}

async function measurePushes(report: Report, worker: string, rounds: number): Promise<void> {
  const server = await startServer({ concurrency: 0 });
  const bare = await startSide('fastify', { file: 'support/bare-fastify.ts', setting: '' });
  const load = await startLoad('load', server.address, worker);
  const bareLoad = await startLoad('load on fastify', (await bare.call('address')) as string, worker);
  const results: Record<'hq' | 'v1' | 'bare', Measured[]> = { hq: [], v1: [], bare: [] };
  for (const [side, ability] of [
    [load, 'pushJob'],
    [load, 'pushV1'],
    [bareLoad, 'pushV1'],
  ] as const)
    await side.time(ability, warmUp);
  for (let round = 0; round < rounds; round++) {
    const push = (side: Side, ability: string) => async (): Promise<number> => (await side.time(ability, jobs)).millis;
    results.hq.push(await rateOf(server.pid, jobs, push(load, 'pushJob')));
    results.v1.push(await rateOf(server.pid, jobs, push(load, 'pushV1')));
    results.bare.push(await rateOf(bare.pid, jobs, push(bareLoad, 'pushV1')));
  }
  const perSecond = { unit: 'jobs/s', better: 'higher' } as const;
  report.add({ what: 'push', peer: 'hq (recorded)', ...perSecond, target: 6, ours: results.hq, theirs: hq.push });
  report.add({ what: 'push-vs-fastify', peer: 'fastify', ...perSecond, target: 0.4, ours: results.v1, theirs: results.bare });
  for (const side of [load, bareLoad, bare]) await side.stop();
  await server.stop();
}

async function measureCompletions(report: Report, worker: string, rounds: number): Promise<void> {
  const server = await startServer({ concurrency });
  const load = await startLoad('load', server.address, worker);
  const direct = await startLoad('undici', worker, worker);
  const results: Record<'both' | 'drain' | 'direct', Measured[]> = { both: [], drain: [], direct: [] };
  await drain(server, worker, warmUp);
  await direct.time('postPayload', warmUp);
  for (let round = 0; round < rounds; round++) {
    results.both.push(await completedWhilePushing(server, load));
    results.drain.push(await drain(server, worker, jobs));
    const { millis, cpuMicros } = await direct.time('postPayload', jobs);
    results.direct.push({ value: (jobs / millis) * 1_000, cpuMicrosPerJob: cpuMicros / jobs });
  }
  const perSecond = { unit: 'jobs/s', better: 'higher' } as const;
  report.add({ what: 'push+complete', peer: 'hq (recorded)', ...perSecond, target: 8, ours: results.both, theirs: hq.pushAndComplete });
  report.add({ what: 'drain', peer: 'hq (recorded)', ...perSecond, target: 8, ours: results.drain, theirs: hq.drain });
  report.add({ what: 'complete-vs-undici', peer: 'undici', ...perSecond, target: 0.35, ours: results.drain, theirs: results.direct });
  for (const side of [load, direct]) await side.stop();
  await server.stop();
}

/** Completed per second while jobs are pushed as fast as they are taken. */
async function completedWhilePushing(server: Server, load: Side): Promise<Measured> {
  const { succeeded: before = 0 } = await statesOf(server.address);
  const cpuBefore = cpuMicrosOf(server.pid);
  const since = performance.now();
  await load.time('pushJob', jobs);
  const { succeeded: after = 0 } = await statesOf(server.address);
  const millis = performance.now() - since;
  const cpuMicros = cpuMicrosOf(server.pid) - cpuBefore;
  await drained(server.address);
  return { value: ((after - before) / millis) * 1_000, cpuMicrosPerJob: cpuMicros / Math.max(1, after - before) };
}

/** Completed per second from a backlog. */
async function drain(server: Server, worker: string, count: number): Promise<Measured> {
  await setPaused(server.address, true);
  await pushMany(server.address, worker, count);
  return await rateOf(server.pid, count, async () => {
    const since = performance.now();
    await setPaused(server.address, false);
    await drained(server.address);
    return performance.now() - since;
  });
}

async function measureWaiting(report: Report, worker: string, rounds: number): Promise<void> {
  const results: Record<'memory' | 'literal' | 'alternation' | 'meanwhile', Measured[]> = {
    memory: [],
    literal: [],
    alternation: [],
    meanwhile: [],
  };
  const add = (name: keyof typeof results, value: number): number => results[name].push({ value, cpuMicrosPerJob: null });
  for (let round = 0; round < rounds; round++) {
    const server = await startServer({ concurrency: 0 });
    const load = await startLoad('load', server.address, worker);
    await load.time('pushJob', waitingJobs);
    await load.stop();
    add('memory', residentBytesOf(server.pid) / megabyte);
    // The first long search starts the thread that searches.
    await searchTime(server.address, 'the-first-search');
    const literal = searchTime(server.address, 'nowhere-to-be-found');
    const longest = [await longestAnswerDuring(server.address, literal)];
    add('literal', await literal);
    const alternation = searchTime(server.address, 'nowhere|to-be|found-at-all$');
    longest.push(await longestAnswerDuring(server.address, alternation));
    add('alternation', await alternation);
    add('meanwhile', median(longest));
    await server.stop();
  }
  const less = { better: 'lower', peer: null, theirs: null } as const;
  report.add({ what: 'waiting-memory', ...less, unit: 'MB resident', target: 150, ours: results.memory });
  report.add({
    what: 'waiting-memory',
    ...less,
    peer: 'hq (recorded)',
    unit: 'MB resident',
    target: null,
    ours: results.memory,
    theirs: hq.waitingMegabytes,
  });
  report.add({ what: 'filter-scan', ...less, unit: 'ms, a word', target: 200, ours: results.literal });
  report.add({ what: 'filter-scan', ...less, unit: 'ms, alternatives', target: 1_000, ours: results.alternation });
  report.add({
    what: 'filter-scan',
    ...less,
    peer: 'hq (recorded)',
    unit: 'ms, alternatives',
    target: null,
    ours: results.alternation,
    theirs: hq.scanMillis,
  });
  report.add({ what: 'filter-scan-meanwhile', ...less, unit: 'ms for others', target: null, ours: results.meanwhile });
}
