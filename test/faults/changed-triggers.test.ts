/** Two nodes change the same triggers on each tick, and fire them: what was fired is what the audit makes of it. */
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { ownerOf } from '../../src/core/definition.ts';
import { oldestTicks } from '../../src/core/schedule/ticks.ts';
import { readTime } from '../../src/core/time.ts';
import { keyOf, type Trigger } from '../../src/core/trigger.ts';
import type { TriggerRecord } from '../../src/engine/api/trigger-record.ts';
import type { Engine } from '../../src/engine/engine.ts';
import type { DefinedNote, FiredNote, JournalEntry } from '../../src/ports/store/journal.ts';
import { all } from '../../src/stores/conformance/subject.ts';
import { openRedis } from '../../src/stores/redis/index.ts';
import { entriesAfter } from '../support/firing.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { report } from './report.ts';
import { scaled } from './scale.ts';
import { engineOn, job, tickIn, whileFiring } from './ticking.ts';

const triggers = 20;
/** Each has all of these at some time. */
const expressions = ['* * * * * *', '*/2 * * * * *', '1-59/2 * * * * *'] as const;
const missed = { policy: 'all', most: 1_000, lateness: null } as const;

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

interface Run {
  readonly tick: number;
  readonly payload: string | null;
}

/** What each version of each trigger was. */
type Versions = Map<string, Trigger>;

/** The newest tick that a line of the audit says was fired; `null`: it fired none. */
function newestIn(note: string): number | null {
  const told = note.split('; ').filter((part) => part.startsWith('fired for'));
  const newest = told.at(-1)?.split(' ').at(-1);
  return newest === undefined ? null : readTime(newest);
}

/** What the audit tells of one trigger, in order: one entry may tell of several steps, and versions only rise. */
function notesOf(owner: string, { defined, fired }: JournalEntry): readonly (DefinedNote | FiredNote)[] {
  const notes = [...defined, ...fired].filter((note) => note.owner === owner);
  return notes.toSorted((a, b) => a.version - b.version || Number('tick' in a) - Number('tick' in b));
}

/** From the audit of one trigger: which ticks its schedules had while they counted, and what its jobs were then. */
function recomputed(owner: string, entries: readonly JournalEntry[], versions: Versions): readonly Run[] {
  const runs: Run[] = [];
  let current: { readonly trigger: Trigger; readonly version: number } | null = null;
  let [after, firedAt] = [0, 0];
  for (const note of entries.flatMap((entry) => notesOf(owner, entry))) {
    if (!('tick' in note)) {
      const trigger = versions.get(`${owner} ${note.version}`) ?? expect.fail(`nobody made version ${note.version} of ${owner}`);
      if (trigger.since !== current?.trigger.since) after = Math.max(after, trigger.since);
      current = { trigger, version: note.version };
      continue;
    }
    expect(note.version).toBe(current?.version);
    expect(note.tick, 'what firings name rises').toBeGreaterThan(firedAt);
    firedAt = note.tick;
    const newest = newestIn(note.note);
    const trigger = current?.trigger;
    if (newest === null || trigger == null || trigger.schedule === null) continue;
    const ticks = oldestTicks(trigger.schedule, after + 1, newest, 1_000);
    runs.push(...ticks.map((tick) => ({ tick, payload: trigger.job.payload })));
    after = newest;
  }
  return runs;
}

it('what is changed from two nodes on each tick fires what its audit says, each tick once', { timeout: 300_000 }, async () => {
  const store = await openRedis({ url: redis.url, cluster: 'changed' });
  onTestFinished(() => store.close());
  const engines = [engineOn(store), engineOn(store)] as const;
  for (const engine of engines) {
    await engine.start();
    onTestFinished(() => engine.stop(0));
  }
  const versions: Versions = new Map();
  const know = (record: TriggerRecord | null): void => {
    if (record === null) throw new Error('the trigger is gone');
    versions.set(`${ownerOf(keyOf(record.ref))} ${record.definition.version}`, record.trigger);
  };
  const refs = Array.from({ length: triggers }, (_, at) => ({ domain: '', id: `t${at}` }));
  for (const ref of refs) know(await engines[0].triggers.add(ref, { type: '@cron', arguments: expressions[0], job, missed }));

  let round = 0;
  const change = (engine: Engine, by: number) => async (ref: (typeof refs)[number], at: number) => {
    const payload = JSON.stringify({ round, by });
    const text = expressions[(round + at + by) % expressions.length];
    const isOther = (round + at) % 2 === 0;
    know(await engine.triggers.change(ref, { job: { ...job, payload }, ...(isOther ? { arguments: text } : {}) }));
  };
  const course = await whileFiring(store, {
    total: triggers * scaled(4, 60),
    between: () => triggers / 2,
    async fault() {
      round += 1;
      await Promise.all(engines.flatMap((engine, by) => refs.map(change(engine, by))));
    },
  });
  for (const ref of refs) know(await engines[1].triggers.pause(ref, null));
  // Each round changes each trigger from both nodes, beside that it is made and paused.
  expect(round).toBeGreaterThanOrEqual(scaled(1, 20));
  expect(versions.size).toBe(triggers * (2 + 2 * round));

  const entries = await entriesAfter(store, course.entries);
  const jobs = Map.groupBy((await store.jobs.list(all)).jobs, ({ owner }) => owner);
  let count = 0;
  for (const owner of refs.map((ref) => ownerOf(keyOf(ref)))) {
    const runs = (jobs.get(owner) ?? []).map(({ about, payload }): Run => ({ tick: tickIn(about), payload }));
    expect(runs).toEqual(recomputed(owner, entries, versions));
    expect(new Set(runs.map(({ tick }) => tick)).size).toBe(runs.length);
    count += runs.length;
  }
  report(`${triggers} triggers every second, changed from 2 nodes of one process on each tick`, {
    ...{ acknowledged: count, lost: 0, duplicated: 0, refused: 0, repeated: 0, recoveries: [] },
  });
});
