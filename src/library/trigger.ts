/** A trigger as the library shows it: its message is a value, and times are Unix milliseconds of the store's clock. */
import type { Overlap, Window } from '../core/definition.ts';
import { writtenStartBefore } from '../core/expiry.ts';
import type { EndState } from '../core/job.ts';
import type { OwnedJob } from '../core/owned.ts';
import type { Daylight } from '../core/schedule/cron-next.ts';
import type { Missed } from '../core/schedule/timetable.ts';
import { shownUrl } from '../core/secret.ts';
import { type IsServed, isUnserved } from '../core/serving.ts';
import { type Debounce, hookPath, type TriggerStatus, type TriggerType } from '../core/trigger.ts';
import { standingOf } from '../core/trigger-standing.ts';
import type { Unique } from '../core/unique.ts';
import type { TriggerRecord } from '../engine/api/trigger-record.ts';

/** One of the jobs of a trigger. */
export interface TriggerRun {
  /** Its id. */
  readonly job: string;
  /** When it ended, or was pushed if it has not, in Unix milliseconds. */
  readonly at: number;
  /** How it ended; `null`: it has not. */
  readonly end: EndState | null;
  /** Why it failed, or was skipped; `''` when there is nothing to say. */
  readonly error: string;
}

/** As it was when it was asked for. Times and lengths of time are milliseconds. */
export interface Trigger {
  readonly id: string;
  readonly domain: string;
  readonly type: TriggerType;
  /** As they were written. */
  readonly arguments: string;
  /** As it was given beside them; `null`: none was. */
  readonly timeZone: string | null;
  /** What becomes of changes of the clocks; `null`: they do not matter to it. */
  readonly daylight: Daylight | null;
  readonly worker: string;
  /** Where its jobs are POSTed; `''` when they are those of a function. */
  readonly url: string;
  /** What its jobs are given; `undefined`: nothing. */
  readonly message: unknown;
  readonly queue: string;
  readonly name: string;
  readonly comment: string;
  readonly priority: number;
  /** Attempts that a run may take. */
  readonly attempts: number;
  readonly backoff: number;
  readonly maxBackoff: number;
  /** Of one attempt; `null`: none. */
  readonly timeout: number | null;
  /** Of all attempts of a run together; `null`: none. */
  readonly totalTimeout: number | null;
  readonly onLost: 'retry' | 'fail';
  /** The log lines of its jobs are told as events as well. */
  readonly forwardLogs: boolean;
  /** By which each of its jobs is the only one; `null`: there may be any number. */
  readonly unique: Unique | null;
  /** As it was given: a duration from the push of each of its jobs, or a time; `null`: they begin at any time. */
  readonly startBefore: string | null;
  readonly missed: Missed;
  readonly overlap: Overlap;
  /** `null`: nothing is gathered. */
  readonly debounce: Debounce | null;
  readonly jitter: number;
  /** `null`: it has no end. */
  readonly endsAt: number | null;
  /** `bad`: its worker found it bad, as `reason` tells; `ended`: no tick is left. */
  readonly status: TriggerStatus;
  /** Why it is bad; else `''`. */
  readonly reason: string;
  /** Until when it is paused; `null`: it is not, or until it is resumed. */
  readonly pausedUntil: number | null;
  /** So many of its next ticks push nothing. */
  readonly skip: number;
  /** Its next tick that pushes; `null`: there is none by itself. */
  readonly nextAt: number | null;
  /** A run of it goes on beyond the time of the next one. */
  readonly outlasted: boolean;
  /** What has been gathered and is not pushed yet; `null`: nothing. */
  readonly window: Window | null;
  /** The path of its address, which nobody guesses; `null`: it is no webhook. */
  readonly webhook: string | null;
  /** Calls of it must be signed. */
  readonly signed: boolean;
  /** Its jobs that have not ended. */
  readonly live: number;
  /** Its newest job of all; `null`: there was none. */
  readonly newest: TriggerRun | null;
  /** The newest that succeeded. */
  readonly succeeded: TriggerRun | null;
  /** The newest that failed. */
  readonly failed: TriggerRun | null;
  /** The newest that a person asked for. */
  readonly launched: TriggerRun | null;
  /** No live node serves its worker: its jobs wait until one does. */
  readonly unserved: boolean;
  /** Greater with every change. */
  readonly version: number;
  readonly createdAt: number;
  readonly changedAt: number;
}

/** @param now the store's present */
export function triggerView(record: TriggerRecord, isServed: IsServed, now: number): Trigger {
  const { ref, trigger, definition } = record;
  const { type, arguments: text, timeZone, schedule, job, hook, missed, overlap, debounce, jitter, endsAt, createdAt } = trigger;
  const { live, newest, succeeded, failed, manual } = definition.owned;
  return {
    ...{ id: ref.id, domain: ref.domain, type, arguments: text, timeZone },
    daylight: schedule?.kind === 'cron' ? { gap: schedule.gap, fold: schedule.fold } : null,
    ...jobFields(record),
    ...{ forwardLogs: trigger.forwardLogs === true, missed, overlap, debounce, jitter, endsAt },
    ...standingOf(definition, trigger, now),
    ...{ reason: trigger.bad ?? '', window: definition.window },
    ...{ webhook: hook === null ? null : hookPath(ref, hook.token), signed: hook?.secret != null },
    ...{ live, newest: runOf(newest), succeeded: runOf(succeeded), failed: runOf(failed), launched: runOf(manual) },
    unserved: isUnserved({ ...job, state: 'queued' }, isServed),
    ...{ version: definition.version, createdAt, changedAt: definition.changedAt },
  };
}

function jobFields({
  trigger: { job },
}: TriggerRecord): Pick<
  Trigger,
  | 'worker'
  | 'url'
  | 'message'
  | 'queue'
  | 'name'
  | 'comment'
  | 'priority'
  | 'attempts'
  | 'backoff'
  | 'maxBackoff'
  | 'timeout'
  | 'totalTimeout'
  | 'onLost'
  | 'unique'
  | 'startBefore'
> {
  const { worker, url, payload, queue, name, comment, priority, options } = job;
  const { retry, timeout, totalTimeout = null, onLost, unique = null, startBefore } = options;
  const message: unknown = payload === null ? undefined : JSON.parse(payload);
  return {
    worker,
    url: shownUrl(url),
    message,
    queue,
    name,
    comment,
    priority,
    ...retry,
    timeout,
    totalTimeout,
    // The third word is for jobs of tasks alone.
    onLost: onLost === 'fail' ? 'fail' : 'retry',
    unique,
    startBefore: writtenStartBefore(startBefore),
  };
}

const runOf = (job: OwnedJob | null): TriggerRun | null =>
  job === null ? null : { job: job.id, at: job.at, end: job.end, error: job.error };
