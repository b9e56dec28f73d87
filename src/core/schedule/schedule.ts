/**
 * When a time trigger fires: at one moment, at an interval, or by a cron expression. A schedule is JSON that is kept as it was made;
 * whatever was relative (a delay, a slot) has become absolute in it.
 */
import type { Millis } from '../duration.ts';
import { HatstandError } from '../errors.ts';
import { malformed, shown } from '../malformed.ts';
import { didYouMean } from '../nearest.ts';
import { latestTime, readTime } from '../time.ts';
import { type Cron, parseFields, readCronText } from './cron.ts';
import { type Daylight, type Fold, folds, type Gap, gaps, nextOfCron, usualDaylight } from './cron-next.ts';
import { parseInterval, parseLength } from './interval.ts';
import { parsePhrase, periods } from './phrase.ts';
import { Recent } from './recent.ts';
import { slotOf } from './slot.ts';
import { checkZone } from './zone.ts';

export const timeTriggerTypes = ['@at', '@in', '@every', '@cron', ...periods] as const;
export type TimeTriggerType = (typeof timeTriggerTypes)[number];
export const isTimeTrigger = (type: string): type is TimeTriggerType => (timeTriggerTypes as readonly string[]).includes(type);

/** Times are Unix milliseconds, whole seconds. */
export type Schedule =
  | { readonly kind: 'once'; readonly at: number }
  /** At `from` + n · `every`, for n from 1. */
  | { readonly kind: 'interval'; readonly every: Millis; readonly from: number }
  | CronSchedule;

export interface CronSchedule extends Daylight {
  readonly kind: 'cron';
  /** Six fields. */
  readonly cron: string;
  readonly timeZone: string;
}

/** What a schedule is made of beside its arguments. */
export interface ScheduleContext {
  /** A name of the IANA database; by default UTC. */
  readonly timeZone?: string | undefined;
  /** What is not given is as usual for the expression. */
  readonly daylight?: { readonly gap?: Gap | undefined; readonly fold?: Fold | undefined } | undefined;
  /** When the trigger is made, by the store's clock, in Unix milliseconds. */
  readonly now: number;
  /** What the trigger's slot goes by, such as its domain and id. */
  readonly identity: string;
}

/** Characters of the arguments of a time trigger. */
export const mostCharacters = 1_024;

const latestSecond = Math.floor(latestTime / 1_000) * 1_000;
/** Never early: what falls between two seconds is the later one. */
const wholeSecond = (time: number): number => Math.min(latestSecond, Math.ceil(time / 1_000) * 1_000);

/** Throws `unknown_trigger`, or `malformed_trigger` with the position in `text`. */
export function parseSchedule(type: string, text: string, context: ScheduleContext): Schedule {
  if (!isTimeTrigger(type)) {
    const known = timeTriggerTypes.join(', ');
    throw new HatstandError(
      'unknown_trigger',
      `There is no type of time trigger ${shown(type)}${didYouMean(type, timeTriggerTypes) || '.'} There are: ${known}.`,
      { field: 'type' },
    );
  }
  if (text.length > mostCharacters)
    throw malformed(`The arguments have at most ${mostCharacters} characters, not ${text.length}.`, mostCharacters);
  if (context.timeZone !== undefined) checkTimeZone(context.timeZone);
  const argument = { text: text.trim(), at: text.length - text.trimStart().length };
  switch (type) {
    case '@at':
      return { kind: 'once', at: momentOf(argument.text, argument.at, context.timeZone) };
    case '@in':
      return { kind: 'once', at: wholeSecond(context.now + parseLength(argument)) };
    case '@every':
      return intervalFrom(context.now, parseInterval(argument));
    case '@cron': {
      const { fields, every, timeZone } = readCronText(text);
      if (every !== null) return intervalFrom(context.now, every);
      return cronSchedule(fields, oneZone(timeZone, context.timeZone), context.daylight);
    }
    default:
      return cronSchedule(slotOf(type, parsePhrase(type, text), context.identity), context.timeZone, context.daylight);
  }
}

function checkTimeZone(timeZone: string): void {
  try {
    checkZone(timeZone, 0);
  } catch (error) {
    if (!(error instanceof HatstandError)) throw error;
    throw new HatstandError(error.code, error.message, { field: 'timeZone' });
  }
}

function momentOf(text: string, at: number, timeZone = 'UTC'): number {
  const time = readTime(text);
  if (time === null) throw malformed(`A time that exists is expected (RFC 3339), such as "2026-01-31T12:00:00Z", not ${shown(text)}.`, at);
  if (timeZone !== 'UTC' && !/(?:z|[+-]\d\d:\d\d)$/i.test(text)) {
    throw malformed(
      `${shown(text)} would be read as UTC, not as ${timeZone}: give its offset, such as ${text.slice(0, 10)}T12:00:00+02:00.`,
      at,
    );
  }
  return wholeSecond(time);
}

const intervalFrom = (now: number, every: Millis): Schedule => ({ kind: 'interval', every, from: wholeSecond(now) });

function oneZone(prefix: string | null, beside: string | undefined): string | undefined {
  if (prefix === null || beside === undefined || prefix === beside) return prefix ?? beside;
  throw malformed(`The expression is for ${prefix}, and the time zone given beside it is ${beside}: leave one of them out.`, 0);
}

function cronSchedule(fields: string, timeZone = 'UTC', asked: ScheduleContext['daylight'] = {}): CronSchedule {
  const usual = usualDaylight(compiled(fields));
  return { kind: 'cron', cron: fields, timeZone, gap: asked.gap ?? usual.gap, fold: asked.fold ?? usual.fold };
}

/** Reads what was kept. Throws `malformed_trigger` for what `parseSchedule` cannot have made. */
export function readSchedule(kept: unknown): Schedule {
  if (!isRecord(kept)) throw malformed('A kept schedule is an object.', 0);
  const { kind, at, every, from, cron, timeZone, gap, fold } = kept;
  if (kind === 'once' && isMoment(at)) return { kind, at };
  if (kind === 'interval' && isMoment(from) && isMoment(every) && every > 0) return { kind, every, from };
  const [known, knownFold] = [gaps.find((word) => word === gap), folds.find((word) => word === fold)];
  if (kind !== 'cron' || typeof cron !== 'string' || typeof timeZone !== 'string' || known === undefined || knownFold === undefined) {
    throw malformed(
      'A kept schedule is a moment, an interval or a cron expression with its zone and what it does at its gaps and folds.',
      0,
    );
  }
  checkZone(timeZone, 0);
  compiled(cron);
  return { kind, cron, timeZone, gap: known, fold: knownFold };
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isMoment = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= latestSecond && value % 1_000 === 0;

/**
 * The first time strictly later than this one at which it fires, in Unix milliseconds, a whole second; `null`: never, or not before
 * the year 10000. Takes some microseconds; the first look at a year of a time zone takes some tenths of a millisecond.
 */
export function nextAfter(schedule: Schedule, instant: number): number | null {
  if (!(instant < latestSecond)) return null;
  switch (schedule.kind) {
    case 'once':
      return schedule.at > instant ? schedule.at : null;
    case 'interval': {
      const count = Math.max(1, Math.floor((instant - schedule.from) / schedule.every) + 1);
      const next = schedule.from + count * schedule.every;
      return next <= latestSecond ? next : null;
    }
    case 'cron': {
      const second = nextOfCron(compiled(schedule.cron), schedule.timeZone, schedule, Math.floor(Math.max(instant, -1) / 1_000));
      return second === null ? null : second * 1_000;
    }
  }
}

/** When a trigger that was made then is due for the first time: a moment that was past already, at that moment. */
export const firstTick = (schedule: Schedule, madeAt: number): number | null =>
  schedule.kind === 'once' ? schedule.at : nextAfter(schedule, madeAt);

/** Expressions that were read lately. */
const expressions = new Recent<Cron>(8_192);

export const compiled = (fields: string): Cron => expressions.get(fields, () => parseFields(fields));
