/** From what somebody asks for to a complete trigger, and from one to another: limits checked, defaults filled in. */
import { checkDefinitionKey, type Overlap, ownerOf } from './definition.ts';
import { formatDuration, longestDuration, type Millis } from './duration.ts';
import { HatstandError } from './errors.ts';
import { parseRules } from './event-rule.ts';
import { malformed } from './malformed.ts';
import { checkName, jobLimits } from './new-job.ts';
import type { Daylight } from './schedule/cron-next.ts';
import { isTimeTrigger, parseSchedule, type Schedule } from './schedule/schedule.ts';
import { type Missed, mostSkips, timetableOf, usualMissed } from './schedule/timetable.ts';
import { timeText } from './time.ts';
import { type Debounce, keyOf, type Skip, type Trigger, type TriggerJob, type TriggerRef, type TriggerType } from './trigger.ts';

/** What may be said of a trigger, when it is made and later. */
export interface TriggerChange {
  readonly arguments?: string | undefined;
  /** A name of the IANA database; `null`: UTC, or what the arguments say. */
  readonly timeZone?: string | null | undefined;
  readonly daylight?: Partial<Daylight> | undefined;
  readonly job?: TriggerJob | undefined;
  /** The log lines of its jobs are told as events as well. */
  readonly forwardLogs?: boolean | undefined;
  readonly missed?: Missed | undefined;
  readonly overlap?: Overlap | undefined;
  readonly debounce?: Debounce | null | undefined;
  readonly jitter?: Millis | undefined;
  /** No tick after it fires. */
  readonly endsAt?: number | null | undefined;
  /** Of a webhook; `null`: calls need not be signed. */
  readonly secret?: string | null | undefined;
}

export interface NewTrigger extends TriggerChange {
  readonly type: TriggerType;
  readonly job: TriggerJob;
}

/** Where and when it is made. */
export interface TriggerContext {
  readonly ref: TriggerRef;
  /** The store's present. */
  readonly now: number;
  /** A text that nobody guesses, for the address of a webhook. */
  readonly token: string;
}

export const triggerLimits = {
  /** The longest debounce. */
  window: 86_400_000,
  /** Characters of a message that stands beside a payload. */
  messageBeside: jobLimits.about / 2,
  /** Characters of why a trigger is bad: it stands in the journal as well. */
  reason: 1_000,
  /** Characters of a webhook's secret. */
  secret: 512,
} as const;

/** Throws `invalid_request`, `malformed_trigger`, `unknown_trigger`. */
export function newTrigger(asked: NewTrigger, { ref, now, token }: TriggerContext): Trigger {
  checkDefinitionKey(keyOf(ref));
  checkName(ref.id, 'id');
  const { type } = asked;
  refuseForeign(type, asked, 'invalid_request');
  const plain: Trigger = {
    ...{ type, arguments: '', timeZone: null, daylight: {}, schedule: null, job: asked.job },
    ...{ missed: usualMissed, overlap: 'allow', debounce: null, jitter: 0, endsAt: null },
    ...{ hook: type === '@webhook' ? { token, secret: null } : null },
    ...{ since: now, pausedUntil: null, skip: null, bad: null, createdAt: now },
  };
  const changed = changedTrigger(plain, asked, { ref, now });
  const made = changesSchedule(asked) ? changed : checked(changed, scheduleOf(changed, { ref, now }));
  return { ...made, since: now };
}

/** What is not named stays. Another schedule counts from now on. Throws as `newTrigger`. */
export function changedTrigger(trigger: Trigger, change: TriggerChange, context: Omit<TriggerContext, 'token'>): Trigger {
  refuseForeign(trigger.type, change, 'conflict');
  const { forwardLogs: forwarded, ...rest } = trigger;
  const forwards = change.forwardLogs ?? forwarded === true;
  const changed: Trigger = {
    ...rest,
    ...(forwards ? { forwardLogs: true } : {}),
    arguments: change.arguments ?? trigger.arguments,
    timeZone: change.timeZone === undefined ? trigger.timeZone : change.timeZone,
    daylight: change.daylight ?? trigger.daylight,
    job: change.job ?? trigger.job,
    missed: change.missed ?? trigger.missed,
    overlap: change.overlap ?? trigger.overlap,
    debounce: change.debounce === undefined ? trigger.debounce : checkedDebounce(change.debounce),
    jitter: change.jitter ?? trigger.jitter,
    endsAt: change.endsAt === undefined ? trigger.endsAt : change.endsAt,
    hook: trigger.hook === null || change.secret === undefined ? trigger.hook : { ...trigger.hook, secret: checkedSecret(change.secret) },
  };
  checkMessage(changed);
  checkOverlap(changed);
  checkEnd(changed, trigger, context.now);
  if (!changesSchedule(change)) return checked(changed, changed.schedule);
  const schedule = scheduleOf(changed, context);
  // Two schedules within a millisecond are told apart. What has none hears of all that is told from now on.
  const since = schedule === null ? context.now : Math.max(context.now, trigger.since + 1);
  return { ...checked(changed, schedule), since, bad: null };
}

/** What fires for each event, or each call, as it comes, does not look at its jobs. Throws `invalid_request`. */
function checkOverlap({ type, overlap, debounce }: Trigger): void {
  if (overlap === 'allow' || isTimeTrigger(type) || debounce !== null) return;
  throw invalid(
    `overlap of a trigger of the type ${type} must be "allow", not "${overlap}": without a debounce it pushes a job for each time. Give it a debounce, or leave overlap out.`,
    'overlap',
  );
}

/** An end that is past already is a mistake, unless it is the one that it has. Throws `malformed_trigger`. */
function checkEnd({ endsAt }: Trigger, before: Trigger, now: number): void {
  if (endsAt === null || endsAt === before.endsAt || endsAt > now) return;
  throw new HatstandError('malformed_trigger', pastText(endsAt, 'endsAt', now), { field: 'endsAt' });
}

const pastText = (moment: number, field: string, now: number): string =>
  `${field} must be in the future, but ${timeText(moment)} is past: it is ${timeText(now)}.`;

/** Where the payload is what came from outside, the message stands among what is said about the job. Throws `too_large`. */
function checkMessage({ type, job: { payload } }: Trigger): void {
  const limit = triggerLimits.messageBeside;
  if (isTimeTrigger(type) || payload === null || payload.length <= limit) return;
  throw new HatstandError(
    'too_large',
    `The message of a trigger of the type ${type} may have ${limit} characters, this one has ${payload.length}.`,
    {
      field: 'message',
      limit,
    },
  );
}

/** With this schedule, and with bounds that fit it. */
function checked(trigger: Trigger, schedule: Schedule | null): Trigger {
  const { missed, endsAt, jitter } = trigger;
  if (schedule !== null) timetableOf(schedule, { missed, endsAt, jitter }, '');
  return { ...trigger, schedule };
}

/** Whether ticks count anew. */
export const changesSchedule = ({ arguments: text, timeZone, daylight }: TriggerChange): boolean =>
  text !== undefined || timeZone !== undefined || daylight !== undefined;

function scheduleOf(trigger: Trigger, { ref, now }: Omit<TriggerContext, 'token'>): Schedule | null {
  if (trigger.type === '@event') parseRules(trigger.arguments);
  if ((trigger.type === '@webhook' || trigger.type === '@client') && trigger.arguments !== '')
    throw malformed(`A trigger of the type ${trigger.type} takes no arguments: leave them out.`, 0);
  if (!isTimeTrigger(trigger.type)) return null;
  const { timeZone, daylight } = trigger;
  return parseSchedule(trigger.type, trigger.arguments, { timeZone: timeZone ?? undefined, daylight, now, identity: ownerOf(keyOf(ref)) });
}

/** It pushes nothing any more; what it has pushed goes on. `until` `null`: until it is resumed. Throws `invalid_request`. */
export function pausedTrigger(trigger: Trigger, until: number | null, now: number): Trigger {
  if (until !== null && until <= now) throw invalid(pastText(until, 'until', now), 'until');
  return { ...trigger, pausedUntil: until ?? 'resumed' };
}

/** It pushes again. Ticks of the meantime are not missed ones: nobody wanted them. */
export const resumedTrigger = (trigger: Trigger, now: number): Trigger => ({
  ...trigger,
  pausedUntil: trigger.pausedUntil === null && trigger.bad === null ? null : now,
  bad: null,
});

/** A worker found that it makes no sense: it pushes nothing until it is resumed. */
export const foundBad = (trigger: Trigger, reason: string): Trigger => ({
  ...trigger,
  bad: reason.slice(0, triggerLimits.reason).toWellFormed(),
});

/** The next ticks push nothing. Throws `invalid_request`. */
export function skippingTrigger(trigger: Trigger, count: number, now: number): Trigger {
  if (trigger.schedule === null) throw invalid(`A trigger of the type ${trigger.type} has no ticks to skip.`, 'count');
  if (!Number.isInteger(count) || count < 0 || count > mostSkips) {
    throw invalid(`count must be a whole number from 0 to ${mostSkips}, not ${count}.`, 'count');
  }
  const skip: Skip | null = count === 0 ? null : { since: now, count };
  return { ...trigger, skip };
}

const invalid = (message: string, field: string): HatstandError => new HatstandError('invalid_request', message, { field });

/** What goes with some types alone. */
const fieldsOf: Readonly<Record<string, (type: TriggerType) => boolean>> = {
  timeZone: isTimeTrigger,
  daylight: isTimeTrigger,
  missed: isTimeTrigger,
  jitter: isTimeTrigger,
  endsAt: isTimeTrigger,
  debounce: (type) => type === '@event' || type === '@webhook',
  secret: (type) => type === '@webhook',
};

/** Throws `invalid_request`, or `conflict` for a trigger that is there. */
export function refuseForeign(
  type: TriggerType,
  change: Readonly<Record<string, unknown>> | TriggerChange,
  code: 'invalid_request' | 'conflict',
): void {
  for (const [field, fits] of Object.entries(fieldsOf)) {
    const value = (change as Readonly<Record<string, unknown>>)[field];
    if (value === undefined || value === null || fits(type)) continue;
    throw new HatstandError(code, `A trigger of the type ${type} takes no ${field}. Leave it out.`, { field });
  }
}

function checkedDebounce(debounce: Debounce | null): Debounce | null {
  if (debounce === null) return null;
  const { wait, maxWait } = debounce;
  checkedLength(wait, triggerLimits.window, 'debounce.wait');
  if (maxWait === null) return debounce;
  checkedLength(maxWait, triggerLimits.window, 'debounce.maxWait');
  if (maxWait >= wait) return debounce;
  throw invalid(
    `debounce.maxWait must not be shorter than debounce.wait, but ${formatDuration(maxWait)} is shorter than ${formatDuration(wait)}.`,
    'debounce.maxWait',
  );
}

function checkedLength(length: Millis, most: Millis, field: string): Millis {
  if (length >= 0 && length <= Math.min(most, longestDuration)) return length;
  throw invalid(`${field} must be from 0s to ${formatDuration(most)}, not ${length} milliseconds.`, field);
}

/** 22 characters of base64 are 16 bytes. */
const standardSecret = /^whsec_(?=.{22})(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function checkedSecret(secret: string | null): string | null {
  if (secret?.startsWith('whsec_') && !standardSecret.test(secret)) {
    throw invalid('secret must have 16 bytes or more in base64 behind whsec_, as Standard Webhooks writes it.', 'secret');
  }
  if (secret === null || (secret.length >= 16 && secret.length <= triggerLimits.secret)) return secret;
  throw invalid(`secret must have 16 to ${triggerLimits.secret} characters, this one has ${secret.length}.`, 'secret');
}
