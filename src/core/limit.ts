/**
 * Limits: how many jobs of one key run at once, and how many may be pushed, whatever their queues. A limit holds for the key that is its name, or
 * for each key that its pattern matches, apart from all others.
 */
import type { Millis } from './duration.ts';
import { HatstandError } from './errors.ts';
import { compareIds } from './id.ts';
import type { Job, NewJob } from './job.ts';
import { jobLimits } from './new-job.ts';
import { nextToken, type RateBucket, type RateLimit, refill } from './queue.ts';
import { latestTime } from './time.ts';

export interface LimitSettings {
  /** Jobs that run at once in the whole cluster; `null`: as many as there are slots. What is beyond it waits parked. */
  readonly concurrency: number | null;
  /** Jobs that are pushed: on average `max` per `per`, and at most `max` at once. Beyond it a push is refused; `null`: none is. */
  readonly rate: RateLimit | null;
  /** None of its jobs starts before this, in Unix milliseconds: they wait parked; `null`: they may. */
  readonly pausedUntil: number | null;
}

export const noLimit: LimitSettings = { concurrency: null, rate: null, pausedUntil: null };

/** Throws for a time that nobody can have set: of a record that was damaged. */
export function checkKeptTime(pausedUntil: number | null): void {
  if (pausedUntil !== null && !(pausedUntil >= 0 && pausedUntil <= latestTime)) throw new Error(`pausedUntil is no time: ${pausedUntil}`);
}

/** Whether it decides which of its jobs start. */
export const holdsBack = ({ concurrency, pausedUntil }: LimitSettings): boolean => concurrency !== null || pausedUntil !== null;

/** How many more jobs of a key may start, of which so many run. */
export function roomIn({ concurrency, pausedUntil }: LimitSettings, held: number, now: number): number {
  if (pausedUntil !== null && now < pausedUntil) return 0;
  return concurrency === null ? Number.POSITIVE_INFINITY : Math.max(0, concurrency - held);
}

/** A time that has come pauses nothing any more. */
export const resumedBy = (settings: LimitSettings, now: number): LimitSettings =>
  settings.pausedUntil !== null && settings.pausedUntil <= now ? { ...settings, pausedUntil: null } : settings;

/** Of a pattern, what is `null` is each key's own. */
export interface LimitRecord extends LimitSettings {
  readonly name: string;
  /** How many jobs may be pushed now; `null` also if there is no rate. */
  readonly left: number | null;
  /** How many jobs of the key run; `null` also if it neither bounds that nor is paused: nobody counts them then. */
  readonly held: number | null;
  /** How many wait for one of them to end. */
  readonly parked: number | null;
}

const parkedWord = 'limit ';

/** Why a job waits that is queued and that no claim takes. */
export const parkedReason = (key: string): string => parkedWord + key;

/** The key for which a job waits parked; `null`: it is not parked. */
export const parkedKey = ({ state, reason }: Pick<Job, 'state' | 'reason'>): string | null =>
  state === 'queued' && reason.startsWith(parkedWord) ? reason.slice(parkedWord.length) : null;

/** Parked jobs of one key come in this order: manual ones first, then by priority and age. */
export const byParking = (a: Job, b: Job): number =>
  Number(b.manual) - Number(a.manual) || b.priority - a.priority || compareIds(a.id, b.id);

/** A claim parks no more jobs of a want than this, but for those of its last slots, and lets in no more in all: each moves with all that it has. */
export const parkedAtOnce = 250;

/** How many limits there may be. */
export const mostLimits = 1_000;

/** Parts of a key, between colons, by which patterns know it: what is behind them does not matter. */
const mostParts = 8;

export const isPattern = (name: string): boolean => name === '*' || name.endsWith(':*');

/** What a push may name. */
export const limitKeyPattern = /^[\w.@+-]+(?::[\w.@+-]*)*$/;
export const limitKeyExpected = `1 to ${jobLimits.limit} letters, digits, dots, dashes, underscores, @ or +, and colons behind the first one`;
export const isLimitKey = (key: string): boolean => key.length <= jobLimits.limit && limitKeyPattern.test(key);

/** A key of at most eight colons, or a pattern. */
export const limitNamePattern = /^(?:\*|[\w.@+-]+(?::[\w.@+-]*){0,7}(?::\*|:[\w.@+-]*)?)$/;
export const limitNameExpected = `a key of ${limitKeyExpected}, eight at most; or a pattern, which is * alone or ends in :*`;

export const isLimitName = (name: string): boolean => name.length <= jobLimits.limit && limitNamePattern.test(name);

/** Throws `invalid_request` for what is neither a key nor a pattern. */
export function checkLimitName(name: string): string {
  if (isLimitName(name)) return name;
  const message = `limit must be ${limitNameExpected}, not ${JSON.stringify(name.slice(0, 160))}.`;
  throw new HatstandError('invalid_request', message, { field: 'limit' });
}

/** What tells the later of two waits: of those that are equal the key that comes first. */
export const waitsLonger = (a: LimitWait, b: LimitWait | null): boolean =>
  a.wait > (b?.wait ?? 0) || (b !== null && a.wait === b.wait && a.key < b.key);

interface LimitWait {
  readonly key: string;
  readonly wait: Millis;
}

/** The keys under which a job is counted: the one that its push names, that of its worker, that of its domain. */
export function keysOf({ limit, worker, domain }: Pick<NewJob, 'limit' | 'worker' | 'domain'>): readonly string[] {
  const keys = [`worker:${worker}`, ...(domain === '' ? [] : [`domain:${domain}`])];
  return limit === '' || keys.includes(limit) ? keys : [limit, ...keys];
}

/** The names of limits that may hold for a key; the first one that there is does. */
export function namesFor(key: string): readonly string[] {
  const parts = key.split(':').slice(0, mostParts + 1);
  const patterns = parts.slice(0, -1).map((_, at) => `${parts.slice(0, at + 1).join(':')}:*`);
  return [key, ...patterns.reverse(), '*'];
}

/** How many of the jobs are counted under each key. */
export function countKeys(jobs: Iterable<Pick<NewJob, 'limit' | 'worker' | 'domain'>>): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const job of jobs) for (const key of keysOf(job)) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

/**
 * How long until so many jobs of a key are taken together; 0: now. More than there may be at once are taken as soon as the bucket is full,
 * and make others wait for longer.
 */
export const waitFor = (bucket: RateBucket, rate: RateLimit, jobs: number): Millis => nextToken(bucket, rate, Math.min(jobs, rate.max));

/** Jobs that are taken whatever the limit says owe no more than what it lets through at once. */
export function spend(bucket: RateBucket | undefined, rate: RateLimit, jobs: number, now: number): RateBucket {
  const { tokens, at } = refill(bucket, rate, now);
  return { tokens: Math.max(-rate.max, tokens - jobs), at };
}

/** What is left of a limit, in whole jobs. */
export const leftOf = (bucket: RateBucket | undefined, rate: RateLimit, now: number): number =>
  Math.max(0, Math.floor(refill(bucket, rate, now).tokens));

/** A bucket that nobody has asked for so long is full again, whatever its limit and whatever it owed. */
export const bucketsKeptFor: Millis = 172_800_000;

export const limitReached = (key: string, wait: Millis): HatstandError => {
  const seconds = Math.max(1, Math.ceil(wait / 1_000));
  const message = `The limit of ${key} is reached: it takes the next job in ${seconds} s. Push again then.`;
  return new HatstandError('limit_reached', message, { limit: key, retryAfter: seconds });
};
