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
import type { Run } from './new-job.ts';

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
    limit: job.limit,
    about: textOrNull(told.about),
    createdAt: time(job.createdAt),
    dueAt: time(job.dueAt),
    startedAt: timeOrNull(job.startedAt),
    endedAt: timeOrNull(job.endedAt),
    result: { statusCode, output, outputCut, error, cause, stack: '' },
  };
}

const nothingTold = { owner: '', about: null } as const;

/** A job with the names of those options that were said: what else there is of how it runs, its server knows best. */
export interface SaidJob extends NewJob {
  readonly said: ReadonlySet<keyof Run>;
}

/** A job as it is pushed over HTTP, with its payload as the text that it is: whose attempt pushes it, the server says. */
export function pushOf(job: NewJob | SaidJob): string {
  const { worker, queue, domain, name, comment, limit, manual, priority, payload, options, start, idempotency } = job;
  const fields: Push = {
    ...{ worker, queue, domain, name, comment, limit, manual, priority },
    ...runOf(options, 'said' in job ? job.said : new Set()),
    ...(forwardsLogs(job) ? { forwardLogs: true } : {}),
    ...(aboutOf(job).hooked === true ? { hooked: true } : {}),
    ...(options.after === undefined ? {} : { after: options.after }),
    ...(start === null ? {} : 'at' in start ? { at: new Date(start.at).toISOString() } : { delay: formatDuration(start.delay) }),
    ...(idempotency === null ? {} : { idempotencyKey: idempotency.key }),
  };
  const text = JSON.stringify(fields);
  return payload === null ? text : `${text.slice(0, -1)},"payload":${payload}}`;
}

function runOf(options: JobOptions, said: ReadonlySet<keyof Run>): Partial<Push> {
  const { timeout, totalTimeout, retry, onLost, unique, startBefore } = options;
  const waits = {
    ...(said.has('attempts') ? { attempts: retry.attempts } : {}),
    ...(said.has('backoff') ? { backoff: formatDuration(retry.backoff) } : {}),
    ...(said.has('maxBackoff') ? { maxBackoff: formatDuration(retry.maxBackoff) } : {}),
  };
  return {
    ...(said.has('timeout') ? { timeout: timeout === null ? null : formatDuration(timeout) } : {}),
    ...(said.has('totalTimeout') ? { totalTimeout: totalTimeout === undefined ? null : formatDuration(totalTimeout) } : {}),
    ...(Object.keys(waits).length === 0 ? {} : { retry: waits }),
    ...(said.has('onLost') ? { onLost: onLost === 'fail' ? ('fail' as const) : ('retry' as const) } : {}),
    ...(said.has('startBefore') ? { startBefore: writtenStartBefore(startBefore) } : {}),
    ...(said.has('unique') ? { unique: unique === undefined ? null : { ...writtenUnique(unique), scope: unique.scope } } : {}),
  };
}
