/** Triggers: how soon ten thousand that are due in one second are fired by one node, and what a million idle ones cost. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { newJob } from '../src/core/new-job.ts';
import { newTrigger } from '../src/core/new-trigger.ts';
import { noRetry } from '../src/core/retry.ts';
import { keyOf, writeTrigger } from '../src/core/trigger.ts';
import { type Engine, makeEngine } from '../src/engine/engine.ts';
import type { DefinitionPut } from '../src/ports/store/definitions.ts';
import type { Store } from '../src/ports/store/store.ts';
import { altered } from '../src/stores/conformance/altered.ts';
import { openRedis } from '../src/stores/redis/index.ts';
import { openSqlite } from '../src/stores/sqlite/index.ts';
import { systemClock } from '../src/system/clock.ts';
import { silent } from '../src/system/silent.ts';
import { type RedisServer, startRedis } from '../test/support/redis-server.ts';
import { benchFolder } from './support/folder.ts';
import { payload } from './support/payload.ts';
import { cpuMicrosOf } from './support/processes.ts';
import { usedBytes } from './support/redis-memory.ts';
import type { Measured, Report } from './support/report.ts';

const due = 10_000;
const idle = 1_000_000;
const perPut = 1_000;
const idleMillis = 10_000;
/** From when the last one is known until all are due. */
const aheadMillis = 2_000;

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
    const store = await openRedis({ url: `redis://127.0.0.1:${redis.port}`, cluster: `triggers-${round}` });
    return { store, kept: () => usedBytes(redis), cpu: () => cpuMicrosOf(redis.pid) };
  },
};

export async function triggers(report: Report, rounds: number): Promise<void> {
  const redis = await startRedis();
  try {
    for (const [name, open] of Object.entries(sides)) {
      const fired: Measured[] = [];
      for (let round = 0; round < rounds; round++) fired.push(await timeFiring(await open(redis, `${name}-${round}`)));
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

function startEngine(store: Store): Engine {
  return makeEngine({
    ...{ store, clock: systemClock, log: silent, build: { version: '0', commit: '' }, name: 'bench', serverId: null },
    retention: { ended: null, journal: 86_400_000, told: null, idempotency: 86_400_000, output: 16_384, limit: 100 },
    random: Math.random,
    unique: () => String(process.hrtime.bigint()),
  });
}

const job = newJob({ worker: 'w', options: { timeout: null, retry: noRetry, onLost: 'retry', rules: 'v1' } });

/** A trigger that is due once a year, as `triggers.add` puts it: somebody looks at it at once. */
function putOf(at: number, first: Date): DefinitionPut {
  const ref = { domain: '', id: `trigger-${at}` };
  const time = [first.getUTCSeconds(), first.getUTCMinutes(), first.getUTCHours(), first.getUTCDate(), first.getUTCMonth() + 1, '*'];
  const trigger = newTrigger(
    { type: '@cron', arguments: time.join(' '), job: { ...job, payload: JSON.stringify(payload(at)) } },
    { ref, now: Date.now(), token: '' },
  );
  return { ...keyOf(ref), group: '', body: writeTrigger(trigger), state: '', due: 'now', dueOnEnd: false, if: 0 };
}

async function putAll(store: Store, count: number, first: Date): Promise<void> {
  for (let from = 0; from < count; from += perPut) {
    await store.definitions.put(Array.from({ length: Math.min(perPut, count - from) }, (_, i) => putOf(from + i, first)));
  }
}

/** A store that tells when so many of its firings were done, or so many that pushed jobs. */
function firing(store: Store, count: number, what: 'all' | 'pushing'): { readonly store: Store; readonly done: Promise<void> } {
  const { promise: done, resolve } = Promise.withResolvers<void>();
  let fired = 0;
  const watched = altered(store, {
    definitions: {
      async fire(firings) {
        const answers = await store.definitions.fire(firings);
        fired += answers.filter((each) => each.kind === 'fired' && (what === 'all' || each.ids.length > 0)).length;
        if (fired >= count) resolve();
        return answers;
      },
    },
  });
  return { store: watched, done };
}

/** Milliseconds from the moment when all were due until the last was fired, by the store's clock. */
async function timeFiring({ store }: Side): Promise<Measured> {
  // Time enough for all of them to be put, and to be looked at for the first time.
  const at = Math.ceil((Date.now() + 8_000 + aheadMillis) / 1_000) * 1_000;
  const { store: watched, done } = firing(store, due, 'pushing');
  const engine = startEngine(watched);
  await engine.start();
  await putAll(store, due, new Date(at));
  if (Date.now() > at - aheadMillis) throw new Error('the machine is too slow for so many triggers');
  await pause(at - aheadMillis / 4 - Date.now());
  const before = process.cpuUsage();
  await done;
  const { user, system } = process.cpuUsage(before);
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
  const pushed = (await store.jobs.count()).reduce((sum, { counts }) => sum + counts.queued, 0);
  if (fired !== due || pushed !== due) throw new Error(`${fired} of ${due} triggers were fired at their tick, for ${pushed} jobs`);
  await store.close();
  return { value: last - at, cpuMicrosPerJob: (user + system) / due };
}

async function measureIdle(report: Report, name: string, side: Side): Promise<void> {
  const { store, done } = firing(side.store, idle, 'all');
  const engine = startEngine(store);
  await engine.start();
  const before = { kept: await side.kept(), cpu: await idleCpu(side) };
  // Due in a year, or a little less.
  await putAll(side.store, idle, new Date(Date.now() - 86_400_000));
  await done;
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
