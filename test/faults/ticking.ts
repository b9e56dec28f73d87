/** Triggers that are due every second until they end, and what must be true of them whatever fails meanwhile. */
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import { isTemporary } from '../../src/core/errors.ts';
import { newJob } from '../../src/core/new-job.ts';
import { noRetry } from '../../src/core/retry.ts';
import { oldestTicks } from '../../src/core/schedule/ticks.ts';
import type { Trigger } from '../../src/core/trigger.ts';
import type { TriggerRecord } from '../../src/engine/api/trigger-record.ts';
import { type Engine, makeEngine } from '../../src/engine/engine.ts';
import type { JournalEntry } from '../../src/ports/store/journal.ts';
import type { Store } from '../../src/ports/store/store.ts';
import { all } from '../../src/stores/conformance/subject.ts';
import { systemClock } from '../../src/system/clock.ts';
import { silent } from '../../src/system/silent.ts';
import { entriesAfter } from '../support/firing.ts';

const options = { timeout: null, retry: noRetry, onLost: 'retry', rules: 'v1' } as const;
export const job = newJob({ worker: 'nobody', options });

let unique = 0;

/** A node of this process, which fires once it has been started. */
export function engineOn(store: Store): Engine {
  unique += 1;
  const boot = `${process.pid}-${unique}`;
  return makeEngine({
    ...{ store, clock: systemClock, log: silent, build: { version: '0', commit: '' }, name: `ticking-${unique}`, serverId: null },
    retention: { ended: null, journal: 86_400_000, told: null, idempotency: 86_400_000, output: 16_384, limit: 100 },
    random: Math.random,
    unique: () => boot,
  });
}

/** So many triggers, each due every second for so many seconds, all of which are made up for. */
export async function addTicking(store: Store, triggers: number, seconds: number): Promise<readonly TriggerRecord[]> {
  const engine = engineOn(store);
  const endsAt = (Math.ceil((await store.upkeep.time()).now / 1_000) + seconds) * 1_000;
  const missed = { policy: 'all', most: 1_000, lateness: null } as const;
  const add = (at: number) => engine.triggers.add({ domain: '', id: `t${at}` }, { type: '@every', arguments: '1s', job, missed, endsAt });
  return Promise.all(Array.from({ length: triggers }, (_, at) => add(at)));
}

/** Those that a trigger has in all. */
export const ticksOf = ({ schedule, since, endsAt }: Trigger): readonly number[] =>
  schedule === null ? [] : oldestTicks(schedule, since + 1, endsAt ?? 0, 100_000);

/** How many jobs were pushed. */
export const pushedIn = (entries: readonly JournalEntry[]): number =>
  entries.reduce((sum, { moved }) => sum + moved.reduce((all, { verb, ids }) => all + (verb === 'push' ? ids.length : 0), 0), 0);

export interface Course {
  /** Ends it, once so many jobs were pushed. */
  readonly total: number;
  /** How many more are to be pushed before the next fault. */
  between(): number;
  fault(): Promise<void>;
}

/** Lets things fail again and again until the last tick has fired; answers the journal, and how often something failed before that. */
export async function whileFiring(
  store: Store,
  { total, between, fault }: Course,
): Promise<{ readonly entries: readonly JournalEntry[]; readonly faults: number }> {
  let entries: readonly JournalEntry[] = [];
  let faults = 0;
  for (let next = between(); ; ) {
    const hint = Promise.withResolvers<void>();
    const forget = store.onHint(() => hint.resolve());
    try {
      entries = await entriesAfter(store, entries);
    } catch (error) {
      if (!isTemporary(error)) throw error;
    }
    const pushed = pushedIn(entries);
    // On a slow machine all may have come at once: something is to fail all the same.
    if (pushed >= next) {
      next = pushed + between();
      if (pushed < total) faults += 1;
      await fault();
    } else if (pushed >= total) {
      forget();
      return { entries, faults };
    } else await Promise.race([hint.promise, pause(500)]);
    forget();
  }
}

/** Each tick of each trigger has exactly one job, in the order of the ticks. */
export async function expectEachTickOnce(store: Store, records: readonly TriggerRecord[]): Promise<void> {
  const { jobs } = await store.jobs.list(all);
  const pushed = Map.groupBy(jobs, ({ owner }) => owner);
  const fired = records.map(({ ref }) => (pushed.get(`trigger//${ref.id}`) ?? []).map(({ about }) => tickIn(about)));
  expect(fired).toEqual(records.map(({ trigger }) => ticksOf(trigger)));
}

export const tickIn = (about: string | null): number => Date.parse((JSON.parse(about ?? '{}') as { readonly tick: string }).tick);
