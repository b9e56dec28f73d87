/** The next runs of a schedule, and what people should know about them. */
import { HatstandError } from '../errors.ts';
import { type Cron, longestMonths } from './cron.ts';
import { allows, valuesOf } from './cron-field.ts';
import { isDueWithin } from './cron-next.ts';
import { type CronSchedule, compiled, type Schedule } from './schedule.ts';
import { oldestTicks } from './ticks.ts';
import { type Change, changesBetween } from './zone.ts';

export interface Preview {
  /** Unix milliseconds, whole seconds, strictly after the moment that was asked about; empty: it never fires after it. */
  readonly next: readonly number[];
  /** Sentences: days that are passed over, changes of the clocks that matter to it, why it never fires. */
  readonly notes: readonly string[];
}

/** The most runs that are shown. */
export const mostPreviewed = 1_000;
/** The most changes of the clocks that are told. */
const mostTold = 20;

/** Throws `invalid_request` for a count that is not from 1 to `mostPreviewed`. */
export function preview(schedule: Schedule, from: number, count: number): Preview {
  if (!(Number.isInteger(count) && count >= 1 && count <= mostPreviewed)) {
    throw new HatstandError('invalid_request', `count must be a whole number from 1 to ${mostPreviewed}, not ${count}.`, {
      field: 'count',
    });
  }
  const next = oldestTicks(schedule, from + 1, Number.POSITIVE_INFINITY, count);
  return { next, notes: [...neverNotes(schedule, from, next), ...(schedule.kind === 'cron' ? cronNotes(schedule, from, next) : [])] };
}

const timeOf = (millis: number): string => new Date(millis).toISOString().replace('.000Z', 'Z');

function neverNotes(schedule: Schedule, from: number, next: readonly number[]): readonly string[] {
  if (next.length > 0) return [];
  if (schedule.kind === 'once') return [`Never: its moment, ${timeOf(schedule.at)}, is not after ${timeOf(from)}.`];
  return [`Never: it does not fire again before the year 10000.`];
}

function cronNotes(schedule: CronSchedule, from: number, next: readonly number[]): readonly string[] {
  const cron = compiled(schedule.cron);
  const last = next.at(-1);
  const changes = last === undefined ? [] : changesBetween(schedule.timeZone, from / 1_000, last / 1_000);
  const told = changes.flatMap((change) => changeNote(schedule, cron, change));
  const more = told.length > mostTold ? [`${told.length - mostTold} later changes of the clocks matter to it, too.`] : [];
  return [...dayNotes(cron), ...told.slice(0, mostTold), ...more];
}

function dayNotes(cron: Cron): readonly string[] {
  const { days, months, eitherDay } = cron;
  if (eitherDay) {
    return [
      'Both a day of the month and a day of the week are named: it runs on each day that is one of them (not only on those that are both).',
    ];
  }
  const [earliest = 0] = valuesOf(days);
  // A February of 29 days is not one of every year.
  const isShort = (length: number, at: number): boolean => allows(months, at + 1) && (at === 1 ? 28 : length) < earliest;
  return longestMonths.some(isShort) ? [`A month without a day ${earliest} is passed over.`] : [];
}

const gapEffects = {
  once: 'What is due between the two runs once, at this moment',
  skip: 'What is due between the two is left out',
} as const;
const foldEffects = {
  first: 'What is due in the time that comes twice runs the first time only',
  last: 'What is due in the time that comes twice runs the second time only',
  both: 'What is due in the time that comes twice runs both times',
} as const;

function changeNote({ timeZone, gap, fold }: CronSchedule, cron: Cron, { at, before, offset }: Change): readonly string[] {
  const [from, until] = [at + Math.min(before, offset), at + Math.max(before, offset)];
  if (!isDueWithin(cron, from, until)) return [];
  const way = offset > before ? 'forward' : 'back';
  const effect = offset > before ? gapEffects[gap] : foldEffects[fold];
  return [`${timeOf(at * 1_000)}: the clocks of ${timeZone} go ${way} from ${clockAt(at + before)} to ${clockAt(at + offset)}. ${effect}.`];
}

/** `2026-03-29 02:00`, with seconds if there are any. */
const clockAt = (wall: number): string => new Date(wall * 1_000).toISOString().slice(0, 19).replace('T', ' ').replace(/:00$/, '');
