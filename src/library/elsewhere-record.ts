/** Jobs that came over HTTP as the records that executors run, and jobs that are pushed over HTTP. */
import { aboutOf } from '../core/about.ts';
import { formatDuration, parseDuration } from '../core/duration.ts';
import { writtenStartBefore } from '../core/expiry.ts';
import type { JobOptions, Job as JobRecord, NewJob } from '../core/job.ts';
import { forwardsLogs } from '../core/log-event.ts';
import { parseTime } from '../core/time.ts';
import { readUnique, writtenUnique } from '../core/unique.ts';
import type { ClaimedAttempt } from '../faces/client/attempts.ts';
import type { Job, Push } from '../faces/client/job.ts';
import { usualRun } from './new-job.ts';

const millis = (text: string): number => parseDuration(text, 'a duration of the server');
const millisOrNull = (text: string | null): number | null => (text === null ? null : millis(text));
const time = (text: string): number => parseTime(text, 'a time of the server');
const timeOrNull = (text: string | null): number | null => (text === null ? null : time(text));
const textOrNull = (value: unknown): string | null => (value === null || value === undefined ? null : JSON.stringify(value));

/** The record of a job that came by itself. */
export function recordOf(job: Job, told: Pick<ClaimedAttempt, 'owner' | 'about' | 'hasPayload'> = nothingTold): JobRecord {
  const { id, state, reason, worker, queue, domain, name, comment, url, headers, priority, manual, run, attempt, lost, fence, holder } =
    job;
  const { statusCode, error, cause, output, outputCut } = job;
  const totalTimeout = millisOrNull(job.totalTimeout);
  return {
    ...{ id, state, reason, worker, queue, domain, name, comment, url, priority, manual, run, attempt, lost, fence, holder },
    headers: Object.keys(headers).length === 0 ? null : headers,
    payload: told.hasPayload === true ? JSON.stringify(job.payload) : textOrNull(job.payload),
    options: {
      timeout: millisOrNull(job.timeout),
      ...(totalTimeout === null ? {} : { totalTimeout }),
      retry: { attempts: job.retry.attempts, backoff: millis(job.retry.backoff), maxBackoff: millis(job.retry.maxBackoff) },
      onLost: job.onLost,
      rules: job.rules,
      ...(job.startBefore === null ? {} : { startBefore: { at: time(job.startBefore) } }),
      ...(job.unique === null ? {} : { unique: readUnique(job.unique) }),
      ...(job.after === null ? {} : { after: { jobs: job.after.jobs, onFailure: job.after.onFailure } }),
    },
    owner: told.owner,
    limit: '',
    about: textOrNull(told.about),
    createdAt: time(job.createdAt),
    dueAt: time(job.dueAt),
    startedAt: timeOrNull(job.startedAt),
    endedAt: timeOrNull(job.endedAt),
    result: { statusCode, output, outputCut, error, cause, stack: '' },
  };
}

const nothingTold = { owner: '', about: null } as const;

/** A job as it is pushed over HTTP, with its payload as the text that it is: whose attempt pushes it, the server says. */
export function pushOf(job: NewJob): string {
  const { worker, queue, domain, name, comment, manual, priority, payload, options, start, idempotency } = job;
  const { unique, startBefore, after } = options;
  const fields: Push = {
    ...{ worker, queue, domain, name, comment, manual, priority },
    ...runOf(options),
    ...(forwardsLogs(job) ? { forwardLogs: true } : {}),
    ...(aboutOf(job).hooked === true ? { hooked: true } : {}),
    ...(startBefore === undefined ? {} : { startBefore: writtenStartBefore(startBefore) }),
    ...(after === undefined ? {} : { after }),
    ...(unique === undefined ? {} : { unique: { ...writtenUnique(unique), scope: unique.scope } }),
    ...(start === null ? {} : 'at' in start ? { at: new Date(start.at).toISOString() } : { delay: formatDuration(start.delay) }),
    ...(idempotency === null ? {} : { idempotencyKey: idempotency.key }),
  };
  const text = JSON.stringify(fields);
  return payload === null ? text : `${text.slice(0, -1)},"payload":${payload}}`;
}

/** What is as it is usual is not said: the server knows what is usual for its worker. */
function runOf({ timeout, totalTimeout, retry, onLost }: JobOptions): Pick<Push, 'timeout' | 'totalTimeout' | 'retry' | 'onLost'> {
  const usual = usualRun.retry;
  const said = {
    ...(retry.attempts === usual.attempts ? {} : { attempts: retry.attempts }),
    ...(retry.backoff === usual.backoff ? {} : { backoff: formatDuration(retry.backoff) }),
    ...(retry.maxBackoff === usual.maxBackoff ? {} : { maxBackoff: formatDuration(retry.maxBackoff) }),
  };
  return {
    ...(timeout === usualRun.timeout ? {} : { timeout: timeout === null ? null : formatDuration(timeout) }),
    ...(totalTimeout === undefined ? {} : { totalTimeout: formatDuration(totalTimeout) }),
    ...(Object.keys(said).length === 0 ? {} : { retry: said }),
    ...(onLost === usualRun.onLost ? {} : { onLost }),
  };
}
