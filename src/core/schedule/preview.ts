/** The next runs of a schedule, and what people should know about them. */
import { HatstandError } from '../errors.ts';
import { latestTime, timeText } from '../time.ts';
import { type Cron, longestMonths } from './cron.ts';
import { allows, fieldRules, valuesOf } from './cron-field.ts';
import { isDueWithin } from './cron-next.ts';
import { type CronSchedule, compiled, type Schedule } from './schedule.ts';
import { oldestTicks } from './ticks.ts';
import type { Timetable } from './timetable.ts';
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

/** What keeps ticks from firing: as of a timetable, or nothing. */
type Limits = Pick<Timetable, 'pausedUntil' | 'skips' | 'endsAt'>;

/**
 * Throws `invalid_request` for a count that is not from 1 to `mostPreviewed`.
 *
 * @param from Unix milliseconds
 * @param limits the pause, the skips and the end of the trigger, if it is one that was made already
 */
export function preview(
  schedule: Schedule,
  from: number,
  count: number,
  { pausedUntil, skips, endsAt }: Limits = { pausedUntil: null, skips: 0, endsAt: null },
): Preview {
  if (!(Number.isInteger(count) && count >= 1 && count <= mostPreviewed)) {
    throw new HatstandError('invalid_request', `count must be a whole number from 1 to ${mostPreviewed}, not ${count}.`, {
      field: 'count',
    });
  }
  const next = nextRuns(schedule, from, count, { pausedUntil, skips, endsAt });
  const first = Math.max(from + 1, pausedUntil ?? 0);
  const never = next.length > 0 ? [] : [neverNote(schedule, from, endsAt)];
  return { next, notes: [...never, ...(schedule.kind === 'cron' ? cronNotes(schedule, first - 1, next) : [])] };
}

/** The same without notes. */
export function nextRuns(schedule: Schedule, from: number, count: number, { pausedUntil, skips, endsAt }: Limits): readonly number[] {
  const first = Math.max(from + 1, pausedUntil ?? 0);
  return oldestTicks(schedule, first, endsAt ?? Number.POSITIVE_INFINITY, skips + count).slice(skips);
}

function neverNote(schedule: Schedule, from: number, endsAt: number | null): string {
  if (schedule.kind === 'once' && schedule.at <= from)
    return `Never: its moment, ${timeText(schedule.at)}, is not after ${timeText(Math.min(from, latestTime))}. A trigger that is made of it later fires at once.`;
  return `Never: it does not fire again before ${endsAt === null ? 'the year 10000' : `its end, ${timeText(endsAt)}`}.`;
}

function cronNotes(schedule: CronSchedule, from: number, next: readonly number[]): readonly string[] {
  const cron = compiled(schedule.cron);
  const last = next.at(-1);
  const changes = last === undefined ? [] : changesBetween(schedule.timeZone, Math.max(0, from / 1_000), last / 1_000);
  const told = changes.flatMap((change) => changeNote(schedule, cron, change));
  const more = told.length > mostTold ? [`${told.length - mostTold} later changes of the clocks matter to it, too.`] : [];
  return [...stepNotes(schedule.cron), ...dayNotes(cron), ...told.slice(0, mostTold), ...more];
}

/** A step of 90 minutes does not do what it seems to. */
function stepNotes(fields: string): readonly string[] {
  return fields.split(' ').flatMap((field, at) => {
    const { name, least, most } = fieldRules[at] ?? fieldRules[0];
    const item = field.split(',').find((each) => Number(each.split('/')[1] ?? 0) > most - least + 1);
    return item === undefined ? [] : [`The step of ${item} is longer than the field (${name}): it names one value, not more.`];
  });
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
  once: 'Whatever was to run between the two is run once, at this moment',
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
  return [
    `${timeText(at * 1_000)}: the clocks of ${timeZone} go ${way} from ${clockAt(at + before)} to ${clockAt(at + offset)}. ${effect}.`,
  ];
}

/** `2026-03-29 02:00`, with seconds if there are any. */
const clockAt = (wall: number): string => new Date(wall * 1_000).toISOString().slice(0, 19).replace('T', ' ').replace(/:00$/, '');
