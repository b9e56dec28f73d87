/**
 * The library on Redis, beside BullMQ and bee-queue on the same server: one local Redis without AOF. Ours keeps records,
 * attempts, leases and events, as always; theirs run with their defaults, finished jobs kept.
 */
import { type RedisServer, startRedis } from '../test/support/redis-server.ts';
import { usedBytes } from './support/redis-memory.ts';
import type { Figure, Measured, Report } from './support/report.ts';
import { type Side, startSide } from './support/side.ts';
import { median } from './support/statistics.ts';

const names = ['hatstand', 'bullmq', 'bee'] as const;
type Name = (typeof names)[number];
type Sides = Readonly<Record<Name, Side>>;
type Results = Readonly<Record<Name, Measured[]>>;

interface Ability {
  readonly what: string;
  readonly ability: string;
  readonly jobs: number;
  readonly concurrency: number;
  /** How many times BullMQ's and bee-queue's rate ours should be. */
  readonly targets: Readonly<Record<Exclude<Name, 'hatstand'>, number | null>>;
}

const abilities: readonly Ability[] = [
  { what: 'add+process', ability: 'addAndProcess', jobs: 20_000, concurrency: 200, targets: { bullmq: 3, bee: 1.7 } },
  { what: 'process', ability: 'process', jobs: 20_000, concurrency: 200, targets: { bullmq: 3, bee: 1.8 } },
  { what: 'add', ability: 'add', jobs: 20_000, concurrency: 0, targets: { bullmq: 3, bee: 0.9 } },
  { what: 'bulk-add', ability: 'bulkAdd', jobs: 20_000, concurrency: 0, targets: { bullmq: 4, bee: null } },
  { what: 'process-1', ability: 'process', jobs: 10_000, concurrency: 1, targets: { bullmq: 2, bee: null } },
];
const peers = ['bullmq', 'bee'] as const;
const warmUp = 4_000;
const samples = 200;
const remembered = 20_000;

export async function redis(report: Report, rounds: number): Promise<void> {
  const server = await startRedis();
  const onRedis = { setting: String(server.port), serverPid: server.pid };
  const sides: Sides = {
    hatstand: await startSide('hatstand', { file: 'support/ours-redis.ts', ...onRedis }),
    bullmq: await startSide('bullmq', { file: 'peers/bullmq.ts', ...onRedis }),
    bee: await startSide('bee', { file: 'peers/bee.ts', ...onRedis }),
  };
  try {
    for (const ability of abilities) await compareRates(report, sides, rounds, ability);
    await compareLatency(report, sides, rounds);
    await compareMemory(report, sides, server);
  } finally {
    for (const side of Object.values(sides)) await side.stop();
    await server.stop();
  }
}

async function everyRound(rounds: number, sides: Sides, measure: (side: Side) => Promise<Measured>): Promise<Results> {
  const results: Results = { hatstand: [], bullmq: [], bee: [] };
  for (let round = 0; round < rounds; round++) {
    for (const name of names) results[name].push(await measure(sides[name]));
  }
  return results;
}

function addFigures(
  report: Report,
  results: Results,
  figure: Omit<Figure, 'peer' | 'target' | 'ours' | 'theirs'>,
  targets: Ability['targets'],
): void {
  for (const peer of peers) report.add({ ...figure, peer, target: targets[peer], ours: results.hatstand, theirs: results[peer] });
}

/** Jobs per second, and of the first ability also what they cost. */
async function compareRates(report: Report, sides: Sides, rounds: number, each: Ability): Promise<void> {
  const { what, ability, jobs, concurrency, targets } = each;
  for (const name of names) await sides[name].time(ability, Math.min(warmUp, jobs), concurrency);
  const results = await everyRound(rounds, sides, async (side) => {
    const { millis, cpuMicros } = await side.time(ability, jobs, concurrency);
    return { value: (jobs / millis) * 1_000, cpuMicrosPerJob: cpuMicros / jobs };
  });
  addFigures(report, results, { what, unit: 'jobs/s', better: 'higher' }, targets);
  if (each === abilities[0])
    addFigures(report, cpuOf(results), { what: 'cpu', unit: 'µs/job', better: 'lower' }, { bullmq: 2.5, bee: null });
}

/** Of Node and Redis together. */
function cpuOf(results: Results): Results {
  const cpu = (name: Name): Measured[] =>
    results[name].map(({ cpuMicrosPerJob }) => ({ value: cpuMicrosPerJob ?? Number.NaN, cpuMicrosPerJob }));
  return { hatstand: cpu('hatstand'), bullmq: cpu('bullmq'), bee: cpu('bee') };
}

async function compareLatency(report: Report, sides: Sides, rounds: number): Promise<void> {
  const results = await everyRound(rounds, sides, async (side) => {
    const times = (await side.call('idleLatency', samples)) as readonly number[];
    return { value: median(times), cpuMicrosPerJob: null };
  });
  addFigures(report, results, { what: 'idle-latency', unit: 'ms', better: 'lower' }, { bullmq: 1.67, bee: null });
}

/** What a finished job takes in Redis. Once: it does not vary. */
async function compareMemory(report: Report, sides: Sides, server: RedisServer): Promise<void> {
  const results = await everyRound(1, sides, async (side) => {
    const before = await usedBytes(server);
    await side.time('addAndProcess', remembered, 200);
    return { value: ((await usedBytes(server)) - before) / remembered, cpuMicrosPerJob: null };
  });
  addFigures(report, results, { what: 'memory', unit: 'bytes/job', better: 'lower' }, { bullmq: 1, bee: null });
}
