/** When a cron expression is due next. Times here are whole seconds: Unix ones, or those that a zone's clocks show ("wall"). */
import { latestTime } from '../time.ts';
import { type Cron, longestMonths } from './cron.ts';
import { allows, smallestFrom } from './cron-field.ts';
import { type Span, spanAt } from './zone.ts';

/** What to do with times that do not exist on a day on which the clocks are put forward. */
export const gaps = ['once', 'skip'] as const;
/** `once`: run once for all of them together, as soon as the gap is over; `skip`: leave them out. */
export type Gap = (typeof gaps)[number];

/** What to do with times that come twice when the clocks are put back. */
export const folds = ['first', 'last', 'both'] as const;
/** Run at the first of the two, at the last, or at both. */
export type Fold = (typeof folds)[number];

/**
 * Daylight saving, and any other change of a zone's offset. What is usual depends on the expression: one with **fixed times**
 * means certain moments of the day, so it runs `once` for a gap and at the `first` of two; any other follows the wall clock, so
 * that it leaves a gap out and runs at `both`. Fixed times it has if its hours and its minutes are written down (no `*`, `?` or
 * step in either) and neither of the two fields allows all of its values.
 */
export interface Daylight {
  readonly gap: Gap;
  readonly fold: Fold;
}

export const usualDaylight = ({ hasFixedTimes }: Cron): Daylight =>
  hasFixedTimes ? { gap: 'once', fold: 'first' } : { gap: 'skip', fold: 'both' };

const day = 86_400;
/** The longest wait between two runs, that of a 29 February around a century that is no leap year, fits in five times. */
const horizon = 40 * 366 * day;
/** The clocks of no zone are further from UTC than 14 hours. */
const farthest = 15 * 3_600;
const latestSecond = Math.floor(latestTime / 1_000);

/** The first second after this one at which it is due; `null`: it is not due before the year 10000. */
export function nextOfCron(cron: Cron, zone: string, daylight: Daylight, after: number): number | null {
  const end = Math.min(latestSecond + 1, after + horizon);
  let second = after + 1;
  while (second < end) {
    const span = spanAt(zone, second);
    const found = nextInSpan(cron, zone, daylight, span, second);
    if (found !== null) return found < end ? found : null;
    // The zone is asked only about days on which it can be due.
    const wall = firstMatch(cron, span.until - farthest, end + farthest);
    second = wall === null ? end : Math.max(span.until, wall - farthest);
  }
  return null;
}

/** Within a span the wall clock goes as time does. */
function nextInSpan(cron: Cron, zone: string, { gap, fold }: Daylight, span: Span, second: number): number | null {
  const isAfterGap = second === span.from && span.before < span.offset;
  if (isAfterGap && gap === 'once' && firstMatch(cron, span.from + span.before, span.from + span.offset) !== null) return second;
  // Up to here all that the clocks show has been shown before.
  const shownBefore = fold === 'first' ? span.from + span.before : Number.NEGATIVE_INFINITY;
  const wall = firstMatch(cron, Math.max(second + span.offset, shownBefore), wallEnd(zone, fold, span));
  return wall === null ? null : wall - span.offset;
}

/** What the clocks show at its end, or from when on they will show all of it again. */
function wallEnd(zone: string, fold: Fold, { until, offset }: Span): number {
  return until + (fold === 'last' ? Math.min(offset, spanAt(zone, until).offset) : offset);
}

/** Whether a gap has times at which it would have been due, or a fold has: those that the wall clock shows from … until …. */
export const isDueWithin = (cron: Cron, from: number, until: number): boolean => firstMatch(cron, from, until) !== null;

/** The first time that it allows from this one on; `null`: none before `until`. */
function firstMatch(cron: Cron, from: number, until: number): number | null {
  let days = Math.floor(from / day);
  const start = new Date(days * day * 1_000);
  let [year, month, date] = [start.getUTCFullYear(), start.getUTCMonth() + 1, start.getUTCDate()];
  let time = from - days * day;
  while (days * day < until) {
    if (allows(cron.months, month) && allowsDay(cron, date, days)) {
      const found = timeFrom(cron, time);
      if (found >= 0) return days * day + found < until ? days * day + found : null;
    }
    time = 0;
    const length = monthLength(year, month);
    const rest = allows(cron.months, month) ? 1 : length + 1 - date;
    days += rest;
    date += rest;
    if (date > length) {
      date = 1;
      month = month === 12 ? 1 : month + 1;
      if (month === 1) year += 1;
    }
  }
  return null;
}

/** 1970-01-01 was a Thursday. */
const weekdayOf = (days: number): number => (((days + 4) % 7) + 7) % 7;

function allowsDay({ days, weekdays, eitherDay }: Cron, date: number, sinceEpoch: number): boolean {
  const byDate = allows(days, date);
  const byWeekday = allows(weekdays, weekdayOf(sinceEpoch));
  return eitherDay ? byDate || byWeekday : byDate && byWeekday;
}

function monthLength(year: number, month: number): number {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 && !isLeap ? 28 : (longestMonths[month - 1] ?? 31);
}

/** The first allowed second of a day that is not below this one; -1: there is none. */
function timeFrom({ hours, minutes, seconds }: Cron, time: number): number {
  const [hour, minute] = [Math.floor(time / 3_600), Math.floor(time / 60) % 60];
  if (allows(hours, hour)) {
    if (allows(minutes, minute)) {
      const second = smallestFrom(seconds, time % 60);
      if (second >= 0) return (hour * 60 + minute) * 60 + second;
    }
    const later = smallestFrom(minutes, minute + 1);
    if (later >= 0) return (hour * 60 + later) * 60 + smallestFrom(seconds, 0);
  }
  const later = smallestFrom(hours, hour + 1);
  return later < 0 ? -1 : (later * 60 + smallestFrom(minutes, 0)) * 60 + smallestFrom(seconds, 0);
}
