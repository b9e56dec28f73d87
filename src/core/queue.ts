/** Queues: where jobs wait, by name. A queue exists as soon as a job names it; its settings limit how it is served. */
import type { Millis } from './duration.ts';
import { HatstandError } from './errors.ts';
import type { JobState } from './job.ts';

/** On average `max` attempts start per `per`; after a pause, at most `max` start at once. See `RateBucket`. */
export interface RateLimit {
  readonly max: number;
  readonly per: Millis;
}

export interface QueueSettings {
  /** None of its jobs starts; those that run finish. */
  readonly paused: boolean;
  /** It takes no new jobs, and no restarts; those that it has go on. */
  readonly closed: boolean;
  /** Running jobs of this queue in the whole cluster; `null`: as many as there are slots. */
  readonly concurrency: number | null;
  readonly rate: RateLimit | null;
}

/** The largest `concurrency` and `rate.max`, and the longest `rate.per`. */
export const queueLimits = { most: 1_000_000, longestPer: 86_400_000 } as const;

export const openQueue: QueueSettings = { paused: false, closed: false, concurrency: null, rate: null };

export const queueClosed = (queue: string): HatstandError =>
  new HatstandError('queue_closed', `The queue ${queue} is closed: it takes no jobs until somebody opens it. Push again then.`, { queue });

/** Throws for settings that no queue can have: those of a record that was damaged. */
export function checkKeptSettings(concurrency: number | null, max: number | null, per: Millis | null): void {
  checkKept(concurrency, queueLimits.most, 'concurrency');
  checkKept(max, queueLimits.most, 'rate.max');
  checkKept(per, queueLimits.longestPer, 'rate.per');
  if (per === 0) throw new Error('rate.per is not 0');
  if ((max === null) !== (per === null)) throw new Error('rate.max and rate.per are there together, or neither is');
}

function checkKept(value: number | null, most: number, field: string): void {
  if (value !== null && !(value >= 0 && value <= most)) throw new Error(`${field} is from 0 to ${most}, not ${value}`);
}

export type StateCounts = Readonly<Record<JobState, number>>;

export interface QueueRecord extends QueueSettings {
  readonly name: string;
  readonly counts: StateCounts;
  /** How long its oldest ready job has been waiting; `null` when none waits. */
  readonly oldestWaiting: Millis | null;
}

/** Whether turn n belongs to the lane of manual jobs when both lanes have jobs: two turns of three do (cozy-stack). */
export function manualFirst(turn: number): boolean {
  return turn % 3 !== 2;
}

/**
 * The rate limit as a bucket of tokens: full at first, refilled evenly.
 * Times are the store's, in milliseconds.
 */
export interface RateBucket {
  readonly tokens: number;
  readonly at: number;
}

export function refill(bucket: RateBucket | undefined, rate: RateLimit, now: number): RateBucket {
  if (bucket === undefined) return { tokens: rate.max, at: now };
  const gained = (Math.max(0, now - bucket.at) * rate.max) / rate.per;
  return { tokens: Math.min(rate.max, bucket.tokens + gained), at: now };
}

/** An attempt that has sent nothing gives its token back, to a bucket that is not full. */
export function giveBack(bucket: RateBucket | undefined, rate: RateLimit, now: number): RateBucket {
  const { tokens, at } = refill(bucket, rate, now);
  return { tokens: Math.min(rate.max, tokens + 1), at };
}

/** How long until the bucket holds a whole token, or so many. */
export function nextToken(bucket: RateBucket, rate: RateLimit, wanted = 1): Millis {
  return bucket.tokens >= wanted ? 0 : Math.ceil(((wanted - bucket.tokens) * rate.per) / rate.max);
}
