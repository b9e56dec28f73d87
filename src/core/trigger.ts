/**
 * Triggers: definitions that push jobs. What somebody declared is the body of the definition, what has become of it is its
 * state; both are JSON text, which stores never read. Times are Unix milliseconds of the store's clock.
 */
import { type About, aboutText } from './about.ts';
import { type Definition, type DefinitionKey, type Overlap, ownerOf } from './definition.ts';
import type { Millis } from './duration.ts';
import type { NewJob } from './job.ts';
import type { Daylight } from './schedule/cron-next.ts';
import { type Schedule, timeTriggerTypes } from './schedule/schedule.ts';
import type { Missed } from './schedule/timetable.ts';
import { hidden, hiddenHeader, isHiddenUrl, shownHeaders, shownUrl } from './secret.ts';

export const triggerTypes = [...timeTriggerTypes, '@event', '@webhook', '@client'] as const;
export type TriggerType = (typeof triggerTypes)[number];

/** What each job of a trigger is: all but when it begins, why, and whose it is. Its payload is the trigger's message. */
export type TriggerJob = Omit<NewJob, 'domain' | 'manual' | 'start' | 'owner' | 'about' | 'idempotency'>;

/** What comes within a while becomes one job. */
export interface Debounce {
  /** From the first; with `maxWait` from each one. */
  readonly wait: Millis;
  /** The longest, from the first; `null`: later ones do not put it off. */
  readonly maxWait: Millis | null;
}

/** What the calls of a webhook are held to. */
export interface Hook {
  /** The part of its address that nobody guesses. */
  readonly token: string;
  /** With it each call must be signed. */
  readonly secret: string | null;
}

/** Ticks that push nothing: so many of the next ones. `since` tells one wish from a later one. */
export interface Skip {
  readonly since: number;
  readonly count: number;
}

/** What somebody declared. */
export interface Trigger {
  readonly type: TriggerType;
  /** As they were written. */
  readonly arguments: string;
  /** As it was given beside them. */
  readonly timeZone: string | null;
  readonly daylight: Partial<Daylight>;
  /** `null`: it does not fire by the clock. */
  readonly schedule: Schedule | null;
  readonly job: TriggerJob;
  /** The log lines of its jobs are told as events as well; left out: they are not. */
  readonly forwardLogs?: true;
  readonly missed: Missed;
  readonly overlap: Overlap;
  readonly debounce: Debounce | null;
  /** Of a webhook alone. */
  readonly hook: Hook | null;
  /** A run begins up to this much after its tick: how much, the trigger and the tick decide. */
  readonly jitter: Millis;
  /** Later ticks do not fire; `null`: there is no end. */
  readonly endsAt: number | null;
  /** Its ticks count from then on: it was made, or given this schedule. */
  readonly since: number;
  /** Ticks before this time push nothing; `null`: all do; `resumed`: none does until somebody resumes it. */
  readonly pausedUntil: number | 'resumed' | null;
  readonly skip: Skip | null;
  /** Why it fires no more: what a worker said that found it bad; `null`: it fires. */
  readonly bad: string | null;
  readonly createdAt: number;
}

/** What has become of a trigger that fires by the clock. */
export interface TriggerState {
  /** Of the schedule that this is about: see `Trigger`. */
  readonly since: number;
  /** About every tick before this one it is decided; `null`: there is none any more. */
  readonly tick: number | null;
  /** The newest tick about which it is decided, of whatever schedule it had; 0: none. */
  readonly decided: number;
  /** How many ticks are still to be left out for its `skip`. */
  readonly skip: Skip | null;
}

export const triggerStatuses = ['active', 'paused', 'ended', 'bad'] as const;
export type TriggerStatus = (typeof triggerStatuses)[number];

/** Whether it fires, in one word. `now`: the store's present. */
export function statusOf(definition: Pick<Definition, 'state'>, trigger: Trigger, now: number): TriggerStatus {
  const { bad, pausedUntil, schedule } = trigger;
  if (bad !== null) return 'bad';
  if (pausedUntil === 'resumed' || (pausedUntil !== null && now < pausedUntil)) return 'paused';
  const known = lastState(definition);
  // Under another schedule it has not been looked at yet.
  return schedule !== null && known?.since === trigger.since && known.tick === null ? 'ended' : 'active';
}

/** Whose it is, and what its address names it by. */
export interface TriggerRef {
  readonly domain: string;
  readonly id: string;
}

export const keyOf = ({ domain, id }: TriggerRef): DefinitionKey => ({ kind: 'trigger', domain, key: id });

/** Where a webhook is called. */
export const hookPath = ({ domain, id }: TriggerRef, token: string): string =>
  `/v1/webhooks/${id}/${token}${domain === '' ? '' : `?domain=${domain}`}`;

export const writeTrigger = (trigger: Trigger): string => JSON.stringify(trigger);
export const writeState = (state: TriggerState): string => JSON.stringify(state);

/** Also of an earlier schedule. `null`: it was never looked at, or somebody damaged what was known. */
export function lastState({ state }: Pick<Definition, 'state'>): TriggerState | null {
  try {
    const read = state === '' ? null : (JSON.parse(state) as WrittenState);
    return read !== null && isState(read) ? { ...read, decided: read.decided ?? 0 } : null;
  } catch {
    return null;
  }
}

/** Earlier versions did not write what is decided. */
type WrittenState = Omit<TriggerState, 'decided'> & Partial<Pick<TriggerState, 'decided'>>;

const isState = ({ since, tick, decided = 0, skip }: WrittenState): boolean =>
  Number.isSafeInteger(since) &&
  (tick === null || Number.isSafeInteger(tick)) &&
  Number.isSafeInteger(decided) &&
  (skip === null || (Number.isSafeInteger(skip.since) && Number.isSafeInteger(skip.count)));

/** How many of its next ticks push nothing: those of an earlier schedule that were skipped are. */
export function skipsLeft({ skip }: Pick<Trigger, 'skip'>, definition: Pick<Definition, 'state'>): number {
  if (skip === null) return 0;
  const known = lastState(definition)?.skip;
  return known?.since === skip.since ? known.count : skip.count;
}

/** A job of it. */
export function jobOf(
  key: DefinitionKey,
  trigger: Pick<Trigger, 'job' | 'forwardLogs'>,
  about: About,
  otherwise: Partial<Pick<NewJob, 'manual' | 'payload' | 'idempotency'>> = {},
): NewJob {
  return {
    ...trigger.job,
    ...{
      domain: key.domain,
      manual: false,
      start: null,
      owner: ownerOf(key),
      about: aboutText(aboutOfJob(trigger, about)),
      idempotency: null,
    },
    ...otherwise,
  };
}

/** What a job of it says of itself. */
export const aboutOfJob = ({ forwardLogs }: Pick<Trigger, 'forwardLogs'>, about: About): About =>
  forwardLogs === true ? { ...about, forwardLogs } : about;

/** Its message, for a job whose payload is another one. */
export const messageBeside = ({ job: { payload } }: Pick<Trigger, 'job'>): Pick<About, 'message'> =>
  payload === null ? {} : { message: JSON.parse(payload) as unknown };

/** For people: without what is secret in it. Its address is as good as a password. */
export const shownTrigger = (trigger: Trigger): Trigger => ({
  ...trigger,
  job: { ...trigger.job, url: shownUrl(trigger.job.url), headers: trigger.job.headers === null ? null : shownHeaders(trigger.job.headers) },
  hook: trigger.hook === null ? null : { token: hidden, secret: trigger.hook.secret === null ? null : hidden },
});

/** Stars stand for something in it, or are it. */
export const isStarred = ({ job, hook }: Trigger): boolean =>
  isHiddenUrl(job.url) || hiddenHeader(job.headers ?? {}) !== null || hook?.token === hidden;
