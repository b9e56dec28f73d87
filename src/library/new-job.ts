/** From a payload and the options of a push to a complete NewJob. */
import { alsoAbout } from '../core/about.ts';
import { withAfter } from '../core/after.ts';
import { HatstandError } from '../core/errors.ts';
import { withStartBefore } from '../core/expiry.ts';
import type { JobOptions, NewJob } from '../core/job.ts';
import { jsonText } from '../core/json-value.ts';
import { checkPayload, jobLimits, newJob } from '../core/new-job.ts';
import { functionRetry, retryOf } from '../core/retry.ts';
import { type RunLimits, within } from '../core/run-limits.ts';
import { withUnique } from '../core/unique.ts';
import type { PushedJob } from '../engine/api/jobs.ts';
import { keyedJob } from '../faces/http/keyed-job.ts';
import { type Checked, refused } from './option.ts';
import { defaults, type pushOptions, type run } from './options.ts';

export type Run = Checked<typeof run>;

/** Of workers that only other nodes serve, or that say nothing. */
export const usualRun: JobOptions = { timeout: defaults.timeout, retry: functionRetry, onLost: 'retry', rules: 'v1' };

/** What `run` says comes first, then what is usual, which most pushes are content with. Throws `invalid_request` for waits that contradict each other. */
export function jobOptions(run: Run, usual: JobOptions): JobOptions {
  return withStartBefore(withUnique(runOptions(run, usual), run.unique), run.startBefore);
}

function runOptions({ attempts, backoff, maxBackoff, timeout, totalTimeout, onLost }: Run, usual: JobOptions): JobOptions {
  const saysNothing = (attempts ?? backoff ?? maxBackoff ?? onLost) === undefined && timeout === undefined && totalTimeout === undefined;
  if (saysNothing) return usual;
  const { totalTimeout: usualTotal, unique, startBefore } = usual;
  const total = totalTimeout === undefined ? usualTotal : totalTimeout;
  return {
    timeout: timeout === undefined ? usual.timeout : timeout,
    ...(total === undefined || total === null ? {} : { totalTimeout: total }),
    retry: retryOf({ attempts, backoff, maxBackoff }, usual.retry),
    onLost: onLost ?? usual.onLost,
    rules: usual.rules,
    ...(unique === undefined ? {} : { unique }),
    ...(startBefore === undefined ? {} : { startBefore }),
  };
}

/** What a push that says nothing makes: most pushes differ in their payload alone. */
export const usualJob = (worker: string, options: JobOptions): NewJob => newJob({ worker, options });

/** Whom a push is for. */
export interface Target {
  /** The job of a push that says nothing. */
  readonly usual: NewJob;
  /** How far the options of a push may go; `null`: as far as any. */
  readonly limits: RunLimits | null;
  /** What it says itself of how its jobs run; left out: nothing. */
  readonly says?: Run;
}

/**
 * Throws `invalid_request` or `too_large`.
 *
 * @param field names the payload in errors
 * @param whose names the call in errors
 */
export function newJobOf(
  { usual, limits }: Target,
  payload: unknown,
  given: Checked<typeof pushOptions>,
  [field, whose]: readonly [field: string, whose: string],
): NewJob {
  const what = `${field} of ${whose}`;
  const job = { ...usual, payload: checkPayload(jsonText(payload, what, field) ?? null, jobLimits.payloadBytes, what, field) };
  for (const _ in given) return jobAsGiven(job, limits, given);
  return job;
}

function jobAsGiven(job: NewJob, limits: RunLimits | null, given: Checked<typeof pushOptions>): NewJob {
  const { queue, domain, name, comment, limit, manual, priority, idempotencyKey, forwardLogs } = given;
  const said = jobOptions(given, job.options);
  const options = withAfter(limits === null || given.admin === true ? said : within(said, limits), given.after);
  const plain = newJob({ ...job, queue, domain, name, comment, limit, manual, priority, options, start: startOf(given) });
  const asked = forwardLogs === true ? alsoAbout(plain, { forwardLogs }) : plain;
  return idempotencyKey === undefined ? asked : keyedJob(asked, idempotencyKey);
}

function startOf({ at, delay }: Pick<Checked<typeof pushOptions>, 'at' | 'delay'>): NewJob['start'] {
  if (at !== undefined && delay !== undefined) throw refused('delay and at both say when the job begins; give one of them.', 'at');
  if (at !== undefined) return { at };
  return delay === undefined ? null : { delay };
}

/** Throws `key_reused` when its idempotency key belongs to another job, and why it was refused when it was. */
export function keptJob<Shown>(pushed: PushedJob<Shown>): Shown {
  if (pushed.kind === 'refused') throw pushed.error;
  if (pushed.kind !== 'conflict') return pushed.job;
  throw new HatstandError('key_reused', `The idempotency key belongs to ${otherJob(pushed.id)}. ${useNewKey}`, { job: pushed.id });
}

/** Whose key it is. */
export const otherJob = (id: string): string => `job ${id}, which is deleted or was pushed with another payload or options`;
export const useNewKey = 'Use a new key for a new job.';
