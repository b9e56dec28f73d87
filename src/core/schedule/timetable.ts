/**
 * A schedule with what people decide about it: what becomes of ticks that were missed, a pause, ticks to leave out, an end, and jitter.
 * Each firing asks once which ticks fire now. All times are Unix milliseconds of the store's clock.
 */
import { longestDuration, type Millis } from '../duration.ts';
import { HatstandError } from '../errors.ts';
import { latestTime } from '../time.ts';
import { nextAfter, type Schedule } from './schedule.ts';
import { hashOf } from './slot.ts';
import { newestTick, newestTicks, oldestTicks } from './ticks.ts';

export const missedPolicies = ['skip', 'last', 'all'] as const;
/**
 * Of the ticks that are due by now, fire: `skip`: the newest, unless it is late; `last`: the newest, however late; `all`: all of
 * them, each with a run of its own.
 */
export type MissedPolicy = (typeof missedPolicies)[number];

export interface Missed {
  readonly policy: MissedPolicy;
  /** Of `all`: the newest so many. */
  readonly most: number;
  /** What is later than this does not fire; `null`: a minute with `skip`, else any time. */
  readonly lateness: Millis | null;
}

export const usualMissed: Missed = { policy: 'last', most: 100, lateness: null };
/** The most that `all` may make up for. */
export const mostMissed = 1_000;
/** The most that may be skipped in advance. */
export const mostSkips = 1_000;
export const longestJitter: Millis = 86_400_000;

export interface Timetable {
  readonly schedule: Schedule;
  readonly missed: Missed;
  /** Ticks before it do not fire, and are not missed; `null`: there is no pause. */
  readonly pausedUntil: number | null;
  /** So many of the next ticks do not fire. */
  readonly skips: number;
  /** Ticks after it do not fire; `null`: it has no end. */
  readonly endsAt: number | null;
  /** Each tick fires up to so much later, always the same for the same tick, and before the next tick. */
  readonly jitter: Millis;
  /** What the jitter goes by, such as the trigger's domain and id. */
  readonly identity: string;
}

/** What somebody says of it; what is missing is as usual. */
export interface AskedTimetable {
  readonly missed?:
    | { readonly policy?: MissedPolicy | undefined; readonly most?: number | undefined; readonly lateness?: Millis | null | undefined }
    | undefined;
  readonly pausedUntil?: number | null | undefined;
  readonly skips?: number | undefined;
  readonly endsAt?: number | null | undefined;
  readonly jitter?: Millis | undefined;
}

/** A policy, perhaps with its bounds, complete. */
export function missedOf(asked: MissedPolicy | NonNullable<AskedTimetable['missed']>): Missed {
  const { policy, most, lateness } = typeof asked === 'string' ? { policy: asked } : asked;
  return {
    policy: policy ?? usualMissed.policy,
    most: most ?? usualMissed.most,
    lateness: lateness === undefined ? usualMissed.lateness : lateness,
  };
}

/** Completes what was asked for. Throws `invalid_request` with the `field` for what is out of bounds. */
export function timetableOf(schedule: Schedule, asked: AskedTimetable, identity: string): Timetable {
  const { missed = {}, pausedUntil = null, skips = 0, endsAt = null, jitter = 0 } = asked;
  const complete = missedOf(missed);
  const { most, lateness } = complete;
  checkWhole(most, 1, mostMissed, 'missed.most');
  checkWhole(skips, 0, mostSkips, 'skips');
  checkWhole(jitter, 0, longestJitter, 'jitter');
  if (lateness !== null) checkWhole(lateness, 0, longestDuration, 'missed.lateness');
  if (pausedUntil !== null) checkWhole(pausedUntil, 0, latestTime, 'pausedUntil');
  if (endsAt !== null) checkWhole(endsAt, 0, latestTime, 'endsAt');
  return { schedule, missed: complete, pausedUntil, skips, endsAt, jitter, identity };
}

function checkWhole(value: number, least: number, most: number, field: string): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new HatstandError('invalid_request', `${field} must be a whole number from ${least} to ${most}, not ${value}.`, { field });
}

/** Ticks that do not fire. */
export interface LeftOut {
  readonly why: 'paused' | 'skipped' | 'late' | 'missed';
  readonly first: number;
  readonly last: number;
  /** At most `mostCounted`: then there may be more. */
  readonly count: number;
}

export interface Round {
  /** The ticks that fire now, oldest first. */
  readonly fire: readonly number[];
  readonly leftOut: readonly LeftOut[];
  /** The tick that fires next; it may be past, when there are more than one round takes. `null`: none. */
  readonly next: number | null;
  /** When `next` is due: later than all that fires now. */
  readonly due: number | null;
  /** How many ticks are still to be skipped. */
  readonly skips: number;
}

/** Of all that are left out, so many are counted. */
export const mostCounted = 100;
/** With `skip`, a tick is in time for so long. */
const inTime: Millis = 60_000;

/** When this tick is due: with its jitter, which stays below the time to the next tick. */
export function dueOf({ schedule, jitter, identity }: Pick<Timetable, 'schedule' | 'jitter' | 'identity'>, tick: number): number {
  if (jitter <= 0) return tick;
  const next = nextAfter(schedule, tick);
  const room = next === null ? jitter : Math.min(jitter, next - tick);
  return tick + Math.floor((hashOf(`${tick}/${identity}`) / 2 ** 32) * room);
}

/** The first tick after this time that is neither in the pause nor after the end; `null`: there is none. */
export function nextTick(
  { schedule, pausedUntil, endsAt }: Pick<Timetable, 'schedule' | 'pausedUntil' | 'endsAt'>,
  after: number,
): number | null {
  const next = nextAfter(schedule, Math.max(after, (pausedUntil ?? 0) - 1));
  return next !== null && (endsAt === null || next <= endsAt) ? next : null;
}

/**
 * What to do at this tick, which is due, and with those that have become due since.
 *
 * @param most ticks of one round, at least 1: with more, `next` is past, and the next round goes on from there
 */
export function roundAt(timetable: Timetable, tick: number, now: number, most: number): Round {
  const { schedule } = timetable;
  const leftOut: LeftOut[] = [];
  const until = Math.min(lastDue(timetable, tick, now), timetable.endsAt ?? Number.POSITIVE_INFINITY);
  const leave = (why: LeftOut['why'], from: number, before: number): void => {
    if (from >= before) return;
    const ticks = oldestTicks(schedule, from, before - 1, mostCounted);
    const [first] = ticks;
    if (first !== undefined) leftOut.push({ why, first, last: newestTick(schedule, first, before - 1) ?? first, count: ticks.length });
  };

  const resumed = Math.max(tick, Math.min(timetable.pausedUntil ?? 0, until + 1));
  leave('paused', tick, resumed);
  const skipped = oldestTicks(schedule, resumed, until, timetable.skips);
  const from = (skipped.at(-1) ?? resumed - 1) + 1;
  leave('skipped', resumed, from);

  const { policy, lateness } = timetable.missed;
  const inTimeFrom = Math.max(from, now - (lateness ?? (policy === 'skip' ? inTime : Number.POSITIVE_INFINITY)));
  const kept = newestTicks(schedule, from, until, policy === 'all' ? timetable.missed.most : 1).filter((each) => each >= inTimeFrom);
  const [oldest] = kept;
  leave('late', from, Math.min(inTimeFrom, until + 1));
  leave('missed', inTimeFrom, oldest ?? inTimeFrom);

  const fire = kept.slice(0, most);
  const next = nextTick(timetable, fire.length < kept.length ? (fire.at(-1) ?? until) : until);
  return { fire, leftOut, next, due: next === null ? null : dueOf(timetable, next), skips: timetable.skips - skipped.length };
}

/** Up to when ticks are due: with jitter, the newest one may not be yet. */
function lastDue(timetable: Timetable, tick: number, now: number): number {
  if (timetable.jitter <= 0) return now;
  const newest = newestTick(timetable.schedule, tick, now);
  return newest !== null && dueOf(timetable, newest) > now ? newest - 1 : now;
}
