/** From a payload and the options of a push to a complete NewJob. */
import { HatstandError } from '../core/errors.ts';
import type { JobOptions, NewJob } from '../core/job.ts';
import { jsonText } from '../core/json-value.ts';
import { checkPayload, jobLimits, newJob } from '../core/new-job.ts';
import { hearAll } from '../core/promises.ts';
import { functionRetry, retryOf } from '../core/retry.ts';
import type { PushedJob } from '../engine/api/jobs.ts';
import { keyedJob } from '../faces/http/keyed-job.ts';
import { type Checked, refused, shown } from './option.ts';
import { defaults, type pushOptions, type workerOptions } from './options.ts';

type Run = Pick<Checked<typeof workerOptions>, 'attempts' | 'backoff' | 'maxBackoff' | 'timeout' | 'onLost'>;

/** Of workers that only other nodes serve, or that say nothing. */
export const usualRun: JobOptions = { timeout: defaults.timeout, retry: functionRetry, onLost: 'retry', rules: 'v1' };

/** What `run` says comes first, then what is usual, which most pushes are content with. Throws `invalid_request` for waits that contradict each other. */
export function jobOptions({ attempts, backoff, maxBackoff, timeout, onLost }: Run, usual: JobOptions): JobOptions {
  const saysNothing = (attempts ?? backoff ?? maxBackoff ?? onLost) === undefined && timeout === undefined;
  if (saysNothing) return usual;
  return {
    timeout: timeout === undefined ? usual.timeout : timeout,
    retry: retryOf({ attempts, backoff, maxBackoff }, usual.retry),
    onLost: onLost ?? usual.onLost,
    rules: usual.rules,
  };
}

/**
 * Throws `invalid_request` or `too_large`.
 *
 * @param whose names the call in errors
 * @param field names the payload in errors
 */
export function newJobOf(
  worker: string,
  payload: unknown,
  [field, whose]: readonly [field: string, whose: string],
  given: Checked<typeof pushOptions>,
  usual: JobOptions,
): NewJob {
  const what = `${field} of ${whose}`;
  const job = newJob({
    worker,
    queue: given.queue,
    domain: given.domain,
    name: given.name,
    comment: given.comment,
    manual: given.manual,
    priority: given.priority,
    payload: checkPayload(jsonText(payload, what, field) ?? null, jobLimits.payloadBytes, what, field),
    options: jobOptions(given, usual),
    start: startOf(given),
  });
  if (given.idempotencyKey === undefined) return job;
  return keyedJob(job, given.idempotencyKey);
}

function startOf({ at, delay }: Pick<Checked<typeof pushOptions>, 'at' | 'delay'>): NewJob['start'] {
  if (at !== undefined && delay !== undefined) throw refused('delay and at both say when the job begins; give one of them.', 'at');
  if (at !== undefined) return { at };
  return delay === undefined ? null : { delay };
}

/** Throws `key_reused` when its idempotency key belongs to another job. */
export function keptJob<Shown>(pushed: PushedJob<Shown>): Shown {
  if (pushed.kind !== 'conflict') return pushed.job;
  throw new HatstandError(
    'key_reused',
    `The idempotency key belongs to job ${pushed.id}, which is deleted or was pushed with another payload or options. Use a new key for a new job.`,
    { job: pushed.id },
  );
}

/** Each is made when it is asked for. Throws `invalid_request` for what has no payloads. */
export function newJobsOf<Payload>(
  payloads: Iterable<Payload> | AsyncIterable<Payload>,
  make: (payload: Payload, at: number) => NewJob,
): Iterable<NewJob> | AsyncIterable<NewJob> {
  // Not every caller is held to the types.
  const given: unknown = payloads;
  if (given instanceof Object) {
    if (Symbol.iterator in payloads) return each(payloads, make);
    if (Symbol.asyncIterator in payloads) return asTheyCome(payloads, make);
  }
  throw refused(`pushMany takes a list of payloads, or what can be iterated over, not ${shown(payloads)}.`, 'payloads');
}

function* each<T, U>(items: Iterable<T>, make: (item: T, at: number) => U): Generator<U> {
  let at = 0;
  try {
    for (const item of items) yield make(item, at++);
  } catch (error) {
    // Nobody comes to the others of a list: somebody may have given the promises of payloads.
    if (Array.isArray(items)) hearAll(items);
    throw error;
  }
}

async function* asTheyCome<T, U>(items: AsyncIterable<T>, make: (item: T, at: number) => U): AsyncGenerator<U> {
  let at = 0;
  for await (const item of items) yield make(item, at++);
}
