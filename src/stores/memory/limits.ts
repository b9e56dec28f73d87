/** Limits, and what jobs have used of them. */
import type { Job, NewJob } from '../../core/job.ts';
import {
  bucketsKeptFor,
  countKeys,
  holdsBack,
  isPattern,
  keysOf,
  type LimitRecord,
  type LimitSettings,
  leftOf,
  mostLimits,
  namesFor,
  noLimit,
  parkedAtOnce,
  parkedReason,
  resumedBy,
  roomIn,
  spend,
  waitFor,
  waitsLonger,
} from '../../core/limit.ts';
import { refill } from '../../core/queue.ts';
import type { Pushed } from '../../ports/store/jobs.ts';
import type { Configured } from '../../ports/store/limits.ts';
import type { State } from './state.ts';
import type { Step } from './step.ts';

export function list(state: State, step: Step): readonly LimitRecord[] {
  return [...state.limits].map(([name, settings]) => recordOf(state, step, name, settings));
}

function recordOf(state: State, step: Step, name: string, kept: LimitSettings): LimitRecord {
  const settings = { name, ...resumedBy(kept, step.now) };
  if (isPattern(name)) return { ...settings, left: null, held: null, parked: null };
  return {
    ...settings,
    left: settings.rate === null ? null : leftOf(state.buckets.get(name), settings.rate, step.steady),
    held: holdsBack(settings) ? state.records.heldUnder(name) : null,
    parked: state.records.parkedUnder(name)?.size ?? 0,
  };
}

export function configure(state: State, step: Step, name: string, settings: LimitSettings, onlyNew: boolean = false): Configured {
  const there = state.limits.get(name);
  if (there !== undefined && onlyNew) return { kind: 'exists', limit: recordOf(state, step, name, there) };
  if (there === undefined && state.limits.size >= mostLimits) return { kind: 'tooMany' };
  state.limits.set(name, settings);
  mayHaveRoom(state, step);
  return { kind: 'configured', limit: recordOf(state, step, name, settings) };
}

export function remove(state: State, step: Step, name: string): boolean {
  mayHaveRoom(state, step);
  return state.limits.delete(name);
}

function mayHaveRoom(state: State, step: Step): void {
  for (const key of state.records.parkedKeys) state.roomy.add(key);
  step.ready(null);
}

const settingsFor = (state: State, key: string): LimitSettings | undefined =>
  namesFor(key).flatMap((name) => state.limits.get(name) ?? [])[0];
const rateFor = (state: State, key: string): LimitSettings['rate'] => settingsFor(state, key)?.rate ?? null;

/** How many more jobs of the key may start. */
const roomOf = (state: State, step: Step, key: string): number =>
  roomIn(settingsFor(state, key) ?? noLimit, state.records.heldUnder(key), step.now);

/** The first key of the job of which as many run as may; `null`: it may run. */
export const fullKey = (state: State, step: Step, job: Job): string | null =>
  keysOf(job).find((key) => roomOf(state, step, key) <= 0) ?? null;

/** Limits whose time has come are paused no more. */
function resume(state: State, step: Step): void {
  for (const [name, settings] of state.limits) {
    const now = resumedBy(settings, step.now);
    if (now !== settings) configure(state, step, name, now);
  }
}

/** Until the next limit is paused no more, in milliseconds each. */
export const pausesLeft = (state: State, step: Step): readonly number[] =>
  [...state.limits.values()].flatMap(({ pausedUntil }) => (pausedUntil === null ? [] : pausedUntil - step.now));

/** No claim takes it until somebody lets it in. */
export function park(state: State, ready: Job, key: string): void {
  const entry = state.records.get(ready.id);
  if (entry !== undefined) state.records.put({ ...entry, job: { ...ready, reason: parkedReason(key) } });
}

/** An attempt of the job is over: others may have waited for that. */
export function keysFreed(state: State, step: Step, job: Job): void {
  for (const key of keysOf(job)) {
    if (state.records.parkedUnder(key) === undefined) continue;
    state.roomy.add(key);
    step.ready(null);
  }
}

/** Of each key that has room, as many parked jobs as it has room for are ready again. Answers how many. */
export function letIn(state: State, step: Step): number {
  let total = 0;
  resume(state, step);
  for (const key of state.roomy) {
    if (total >= parkedAtOnce) break;
    const room = Math.min(parkedAtOnce - total, roomOf(state, step, key));
    total += letInUnder(state, step, key, room);
    // With room for all that it has, or for none.
    if (room <= 0 || state.records.parkedUnder(key) === undefined) state.roomy.delete(key);
  }
  return total;
}

function letInUnder(state: State, step: Step, key: string, room: number): number {
  let count = 0;
  for (; count < room; count++) {
    const job = state.records.parkedUnder(key)?.first;
    const entry = job && state.records.get(job.id);
    if (entry === undefined) break;
    state.records.put({ ...entry, job: { ...entry.job, reason: '' } });
    step.ready(entry.job.worker);
  }
  return count;
}

/** Those that nobody has asked for in so long that they are full. Answers whether there are more. */
export function sweepBuckets(state: State, step: Step, limit: number): boolean {
  const old = [...state.buckets].filter(([, { at }]) => at < step.steady - bucketsKeptFor);
  for (const [key] of old.slice(0, limit)) state.buckets.delete(key);
  return old.length > limit;
}

/** Of the limits that do not take these jobs now, the one that takes them last; `null`: all take them. */
export function limitOf(state: State, step: Step, jobs: readonly NewJob[]): Extract<Pushed, { readonly kind: 'limited' }> | null {
  let last: Extract<Pushed, { readonly kind: 'limited' }> | null = null;
  for (const [key, count] of countKeys(jobs)) {
    const rate = rateFor(state, key);
    const wait = rate === null ? 0 : waitFor(refill(state.buckets.get(key), rate, step.steady), rate, count);
    if (waitsLonger({ key, wait }, last)) last = { kind: 'limited', key, wait } as const;
  }
  return last;
}

/** These jobs were pushed. */
export function use(state: State, step: Step, jobs: readonly NewJob[]): void {
  for (const [key, count] of countKeys(jobs)) {
    const rate = rateFor(state, key);
    if (rate !== null) state.buckets.set(key, spend(state.buckets.get(key), rate, count, step.steady));
  }
}
