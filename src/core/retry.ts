/** How often a job is tried and how long it waits between two tries. */
import { formatDuration, type Millis } from './duration.ts';
import { HatstandError } from './errors.ts';

export interface RetryPolicy {
  /** Tries in all, at least 1; 1 means that the first failure is final. */
  readonly attempts: number;
  /** The wait after the first failure. */
  readonly backoff: Millis;
  /** The wait never grows beyond this. */
  readonly maxBackoff: Millis;
}

/** One try, as HQ does. */
export const noRetry: RetryPolicy = { attempts: 1, backoff: 1_000, maxBackoff: 3_600_000 };
/** The default of HTTP jobs under `/v1`: twenty tries, waits of 1 s · 2ⁿ, at most an hour: eight hours, which a deploy does not take. */
export const httpRetry: RetryPolicy = { ...noRetry, attempts: 20 };
/** The default of functions: one try. With more tries, the first wait is 60 ms (cozy-stack). */
export const functionRetry: RetryPolicy = { ...noRetry, backoff: 60 };

/** What somebody says of it; what is missing is as usual. */
export interface AskedRetry {
  readonly attempts?: number | undefined;
  readonly backoff?: Millis | undefined;
  readonly maxBackoff?: Millis | undefined;
}

/**
 * What was asked for, completed by what is usual: of the two waits the one that is given counts, and the usual one gives way to
 * it. Throws `invalid_request` when both are given and contradict each other.
 *
 * @param within what the fields' names begin with, such as `retry.`
 */
export function retryOf(asked: AskedRetry, usual: RetryPolicy, within = ''): RetryPolicy {
  const backoff = asked.backoff ?? Math.min(usual.backoff, asked.maxBackoff ?? usual.maxBackoff);
  const maxBackoff = asked.maxBackoff ?? Math.max(usual.maxBackoff, backoff);
  if (backoff <= maxBackoff) return { attempts: asked.attempts ?? usual.attempts, backoff, maxBackoff };
  throw new HatstandError(
    'invalid_request',
    `${within}backoff, the first wait, must not be longer than ${within}maxBackoff, the longest one, but ${formatDuration(backoff)} is longer than ${formatDuration(maxBackoff)}. Leave one of them out, or make it fit.`,
    { field: `${within}backoff` },
  );
}

/** The wait is spread by ±10 % so that jobs that failed together do not come back together. */
const jitter = 0.1;
/** Every wait is beyond its bound after as many doublings; more of them would come to Infinity. */
const mostDoublings = 60;

/**
 * The wait before the next try.
 *
 * @param attempt the try that has just failed, from 1
 * @param random a number from [0, 1)
 */
export function backoffAfter(policy: RetryPolicy, attempt: number, random: number): Millis {
  const grown = Math.min(policy.maxBackoff, policy.backoff * 2 ** Math.min(attempt - 1, mostDoublings));
  const spread = grown * (1 + jitter * (2 * random - 1));
  return Math.min(policy.maxBackoff, Math.round(spread));
}

/**
 * The wait before the next try when the worker asked for one (`Retry-After`): never sooner than the job's own backoff, and
 * never beyond `maxBackoff`, which is what the pusher allowed.
 *
 * @param asked `null`: it asked for none
 */
export function waitAfter(policy: RetryPolicy, attempt: number, random: number, asked: Millis | null): Millis {
  return Math.max(backoffAfter(policy, attempt, random), Math.min(asked ?? 0, policy.maxBackoff));
}
