/**
 * Events: how many a second are matched and told, 100,000 in batches of publishers that wait for their answers: where no rule matches, and
 * with a hundred rules of which each event matches one.
 */
import { type NewEvent, newEvent } from '../src/core/event.ts';
import { newJob } from '../src/core/new-job.ts';
import { noRetry } from '../src/core/retry.ts';
import { type Engine, makeEngine } from '../src/engine/engine.ts';
import type { Store } from '../src/ports/store/store.ts';
import { openRedis } from '../src/stores/redis/index.ts';
import { openSqlite } from '../src/stores/sqlite/index.ts';
import { systemClock } from '../src/system/clock.ts';
import { silent } from '../src/system/silent.ts';
import { type RedisServer, startRedis } from '../test/support/redis-server.ts';
import { benchFolder } from './support/folder.ts';
import type { Measured, Report } from './support/report.ts';

const count = 100_000;
const perPublish = 100;
/** Publishers at once. */
const publishers = 20;
const rules = 100;

const sides: Readonly<Record<string, (redis: RedisServer, round: string) => Promise<Store>>> = {
  sqlite: () => openSqlite({ path: benchFolder(), ballastBytes: 0 }),
  redis: (redis, round) => openRedis({ url: `redis://127.0.0.1:${redis.port}`, cluster: `events-${round}` }),
};

/** Events of these types: in the one figure nothing is for them, in the other one rule each. */
const figures = [
  { what: 'events-unmatched', types: 'nothing', target: { sqlite: 50_000, redis: null } },
  { what: `events-${rules}-rules`, types: 'type', target: { sqlite: 10_000, redis: null } },
] as const;

export async function events(report: Report, rounds: number): Promise<void> {
  const redis = await startRedis();
  try {
    for (const [name, open] of Object.entries(sides)) {
      for (const { what, types, target } of figures) {
        const ours: Measured[] = [];
        for (let round = 0; round < rounds; round++) ours.push(await measure(await open(redis, `${what}-${round}`), types));
        const unit = `events/s, ${name}`;
        report.add({
          what,
          peer: null,
          unit,
          better: 'higher',
          target: name === 'sqlite' ? target.sqlite : target.redis,
          ours,
          theirs: null,
        });
      }
    }
  } finally {
    await redis.stop();
  }
}

const options = { timeout: null, retry: noRetry, onLost: 'retry', rules: 'v1' } as const;

function startEngine(store: Store): Engine {
  return makeEngine({
    ...{ store, clock: systemClock, log: silent, build: { version: '0', commit: '' }, name: 'bench', serverId: null },
    retention: { ended: null, journal: 86_400_000, told: null, idempotency: 86_400_000, output: 16_384, limit: 100 },
    random: Math.random,
    unique: () => String(process.hrtime.bigint()),
  });
}

async function measure(store: Store, types: string): Promise<Measured> {
  const engine = startEngine(store);
  for (let rule = 0; rule < rules; rule++) {
    const job = newJob({ worker: 'w', options });
    await engine.triggers.add({ domain: '', id: `rule-${rule}` }, { type: '@event', arguments: `type${rule}:UPDATED:a,b:kind`, job });
  }
  await engine.start();
  await engine.events.publish([eventAt(0, 'warm')]);
  const batches = count / perPublish;
  let next = 0;
  const publisher = async (): Promise<void> => {
    while (next < batches) {
      const at = next++;
      await engine.events.publish(Array.from({ length: perPublish }, (_, i) => eventAt(at * perPublish + i, types)));
    }
  };
  const [begun, cpu] = [performance.now(), process.cpuUsage()];
  await Promise.all(Array.from({ length: publishers }, publisher));
  const seconds = (performance.now() - begun) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  const pushed = (await store.jobs.count()).reduce((sum, { counts }) => sum + counts.queued, 0);
  if (pushed !== (types === 'type' ? count : 0)) throw new Error(`${pushed} jobs were pushed for ${count} events`);
  await engine.stop(0);
  await store.close();
  return { value: count / seconds, cpuMicrosPerJob: (user + system) / count };
}

const eventAt = (at: number, types: string): NewEvent =>
  newEvent({
    ...{ type: `${types}${at % rules}`, verb: 'UPDATED', id: `document-${at}` },
    ...{ doc: `{"kind":"a","name":"number ${at}","size":${at}}`, old: `{"kind":"c","name":"number ${at}","size":0}` },
  });
