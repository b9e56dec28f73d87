/** Definitions: how soon ten thousand that are due in one second are fired by one node, and what a million idle ones cost. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Decision, ownerOf } from '../src/core/definition.ts';
import { newJob } from '../src/core/new-job.ts';
import { noRetry } from '../src/core/retry.ts';
import { type Engine, makeEngine } from '../src/engine/engine.ts';
import type { Decide } from '../src/engine/firer.ts';
import type { DefinitionPut } from '../src/ports/store/definitions.ts';
import type { Store } from '../src/ports/store/store.ts';
import { openRedis } from '../src/stores/redis/index.ts';
import { openSqlite } from '../src/stores/sqlite/index.ts';
import { systemClock } from '../src/system/clock.ts';
import { silent } from '../src/system/silent.ts';
import { type RedisServer, startRedis } from '../test/support/redis-server.ts';
import { benchFolder } from './support/folder.ts';
import { cpuMicrosOf } from './support/processes.ts';
import { usedBytes } from './support/redis-memory.ts';
import type { Measured, Report } from './support/report.ts';

const due = 10_000;
const idle = 1_000_000;
const perPut = 1_000;
const idleMillis = 10_000;
/** From the put of the last one until all are due. */
const aheadMillis = 1_500;

interface Side {
  readonly store: Store;
  /** All that is kept, in bytes. */
  kept(): Promise<number>;
  /** CPU of the side's own process, if it has one, in microseconds. */
  cpu(): number;
}

const sides: Readonly<Record<string, (redis: RedisServer, round: string) => Promise<Side>>> = {
  async sqlite() {
    const path = benchFolder();
    const size = (): number => ['hatstand.db', 'hatstand.db-wal'].reduce((sum, file) => sum + statSync(join(path, file)).size, 0);
    return { store: await openSqlite({ path, ballastBytes: 0 }), kept: async () => size(), cpu: () => 0 };
  },
  async redis(redis, round) {
    const store = await openRedis({ url: `redis://127.0.0.1:${redis.port}`, cluster: `definitions-${round}` });
    return { store, kept: () => usedBytes(redis), cpu: () => cpuMicrosOf(redis.pid) };
  },
};

export async function definitions(report: Report, rounds: number): Promise<void> {
  const redis = await startRedis();
  try {
    for (const [name, open] of Object.entries(sides)) {
      const fired: Measured[] = [];
      for (let round = 0; round < rounds; round++) fired.push(told(await timeFiring(await open(redis, `${name}-${round}`))));
      report.add({
        ...{ what: `fire-${due}`, peer: null, unit: `ms, ${name}, from due to the last`, better: 'lower', target: 1_000 },
        ...{ ours: fired, theirs: null },
      });
      await measureIdle(report, name, await open(redis, `${name}-idle`));
    }
  } finally {
    await redis.stop();
  }
}

const told = (value: number): Measured => ({ value, cpuMicrosPerJob: null });

function startEngine(store: Store, trigger: Decide): Engine {
  return makeEngine({
    ...{ store, clock: systemClock, log: silent, build: { version: '0', commit: '' }, name: 'bench', serverId: null },
    retention: { ended: null, journal: 86_400_000, told: null, idempotency: 86_400_000, output: 16_384, limit: 100 },
    deciders: { trigger },
    random: Math.random,
    unique: () => String(process.hrtime.bigint()),
  });
}

async function putAll(store: Store, count: number, otherwise: Partial<DefinitionPut>): Promise<void> {
  const put = (i: number): DefinitionPut => ({
    ...{ kind: 'trigger', domain: '', key: `trigger-${i}`, group: '', body: '{"worker":"w","every":"1h"}', state: null },
    ...{ due: 'never', dueOnEnd: false, if: null, ...otherwise },
  });
  for (let from = 0; from < count; from += perPut) {
    await store.definitions.put(Array.from({ length: Math.min(perPut, count - from) }, (_, i) => put(from + i)));
  }
}

/** Milliseconds from the moment when all were due until the last was fired, by the store's clock. */
async function timeFiring({ store }: Side): Promise<number> {
  const options = { timeout: null, retry: noRetry, onLost: 'retry', rules: 'v1' } as const;
  const nothing: Omit<Decision, 'next' | 'state' | 'jobs'> = { overlap: 'allow', collect: null, note: '' };
  let at = Number.POSITIVE_INFINITY;
  let armed = 0;
  let left = due;
  const done = Promise.withResolvers<void>();
  const engine = startEngine(store, (definition, now) => {
    if (definition.state === '') {
      armed += 1;
      if (armed === 1) at = now + aheadMillis;
      return { ...nothing, next: at, state: 'armed', jobs: [] };
    }
    left -= 1;
    if (left === 0) done.resolve();
    return { ...nothing, next: null, state: 'fired', jobs: [newJob({ worker: 'w', owner: ownerOf(definition), options })] };
  });
  await putAll(store, due, { due: 'now' });
  await engine.start();
  await done.promise;
  await engine.stop(0);
  let last = 0;
  let fired = 0;
  for (let after = 0, more = true; more; ) {
    const { entries: page } = await store.journal.entries(after, 1_000);
    for (const entry of page) {
      const ticks = entry.fired.filter(({ tick }) => tick === at).length;
      fired += ticks;
      if (ticks > 0) last = entry.at;
    }
    after = page.at(-1)?.seq ?? after;
    more = page.length > 0;
  }
  if (fired !== due) throw new Error(`${fired} of ${due} definitions were fired at their tick`);
  await store.close();
  return last - at;
}

async function measureIdle(report: Report, name: string, side: Side): Promise<void> {
  const engine = startEngine(side.store, () => ({ next: null, state: '', jobs: [], overlap: 'allow', collect: null, note: '' }));
  await engine.start();
  const before = { kept: await side.kept(), cpu: await idleCpu(side) };
  await putAll(side.store, idle, {});
  const after = { kept: await side.kept(), cpu: await idleCpu(side) };
  await engine.stop(0);
  await side.store.close();
  const add = (what: string, unit: string, value: number): void =>
    report.add({ what, peer: null, unit: `${unit}, ${name}`, better: 'lower', target: null, ours: [told(value)], theirs: null });
  add('kept', 'bytes for each of 1,000,000', (after.kept - before.kept) / idle);
  add('idle-cpu-none', 'µs/s without any', before.cpu);
  add('idle-cpu-million', 'µs/s with 1,000,000', after.cpu);
}

/** Of this process, which is the node, and of the store's own, per second. */
async function idleCpu(side: Side): Promise<number> {
  await pause(3_000);
  const spent = (): number => cpuMicrosOf(process.pid) + side.cpu();
  const before = spent();
  await pause(idleMillis);
  return (spent() - before) / (idleMillis / 1_000);
}
