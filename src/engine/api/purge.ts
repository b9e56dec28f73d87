/**
 * Purging: ended jobs that are old enough go, but for the newest of each kind. One walk over the ended jobs, newest first, counts
 * what stays; so it is one call however long it takes, and others have their turn between its slices.
 */
import { formatDuration, type Millis } from '../../core/duration.ts';
import { HatstandError } from '../../core/errors.ts';
import type { Filter } from '../../core/filter.ts';
import type { JobId } from '../../core/id.ts';
import type { Job } from '../../core/job.ts';
import { deletable } from '../../core/transitions.ts';
import type { JobQuery } from '../../ports/store/jobs.ts';
import type { Store } from '../../ports/store/store.ts';

export interface PurgeAsked {
  /** So long ago a job must have ended. */
  readonly olderThan: Millis;
  /** So many of the newest ended jobs stay: of each state, worker and domain, whether they are old or not. */
  readonly keep: number;
  /** `null`: all. */
  readonly workers: readonly string[] | null;
  /** `null`: all. */
  readonly domain: string | null;
}

/** What one slice did. */
export interface PurgeSlice {
  /** Ended jobs that it looked at. */
  readonly looked: number;
  /** Of these, the jobs that are gone. */
  readonly purged: number;
}

/**
 * Slice after slice, each when it is asked for; whoever ends it early keeps the rest, and may purge again. Throws `conflict` while
 * nothing is removed for its age, since the store's clock has leapt; `too_large` for more kinds than it can count; and the signal's
 * reason once it aborts.
 */
export type PurgeJobs = (asked: PurgeAsked, signal?: AbortSignal) => AsyncGenerator<PurgeSlice, void>;

/** `usualKeep`: where nobody says how many. */
export const purgeLimits = { keep: 1_000_000, usualKeep: 50, workers: 100 } as const;
/** Jobs that one step removes. */
const perSlice = 500;
/** A slice ends after so many records, however few of them match. */
const lookAt = 10_000;
/** States of workers in domains. */
const mostKinds = 100_000;

export function makePurge({ jobs, upkeep }: Pick<Store, 'jobs' | 'upkeep'>): PurgeJobs {
  async function removeAll(ids: readonly JobId[], endedBefore: number): Promise<number> {
    let purged = 0;
    for (let from = 0; from < ids.length; ) {
      const step = await jobs.purge(ids.slice(from), endedBefore);
      purged += step.count;
      from = ids.length - step.rest;
    }
    return purged;
  }

  return async function* purge(asked, signal) {
    const { now, sweepsIn } = await upkeep.time();
    if (sweepsIn > 0) throw leapt(sweepsIn);
    // So long ago, or longer.
    const endedBefore = now - asked.olderThan + 1;
    const query = queryFor(asked, endedBefore);
    const goes = makeKeeper(asked.keep, endedBefore);
    for (let from: JobId | null = null; ; ) {
      // Most lists are too short to notice it.
      signal?.throwIfAborted();
      const page = await jobs.list({ ...query, from }, signal);
      const ids = page.jobs.filter(goes).map(({ id }) => id);
      yield { looked: page.jobs.length, purged: await removeAll(ids, endedBefore) };
      from = page.next;
      if (from === null) return;
    }
  };
}

function queryFor({ keep, workers, domain }: PurgeAsked, endedBefore: number): Omit<JobQuery, 'from'> {
  const filter: Filter = [
    { field: 'state', not: false, any: deletable },
    ...(workers === null ? [] : [{ field: 'worker', not: false, any: workers.map(exactly) } as const]),
    ...(domain === null ? [] : [{ field: 'domain', not: false, any: [exactly(domain)] } as const]),
    // Those that are young need not be counted then.
    ...(keep > 0 ? [] : [{ field: 'ended', not: false, range: { from: null, to: endedBefore } } as const]),
  ];
  return { filter, match: null, order: 'newest', limit: perSlice, brief: true, lookAt };
}

const exactly = (text: string) => ({ text, prefix: false });

/** Told of jobs, the newest first: whether one goes. */
function makeKeeper(keep: number, endedBefore: number): (job: Job) => boolean {
  const seen = new Map<string, number>();
  return ({ domain, worker, state, endedAt }) => {
    const isOld = endedAt !== null && endedAt < endedBefore;
    if (keep === 0) return isOld;
    const kind = `${domain}/${worker}/${state}`;
    const count = seen.get(kind) ?? 0;
    if (count >= keep) return isOld;
    if (count === 0 && seen.size >= mostKinds) throw tooManyKinds();
    seen.set(kind, count + 1);
    return false;
  };
}

const leapt = (sweepsIn: Millis): HatstandError =>
  new HatstandError(
    'conflict',
    `The store's clock has leapt, so for now nothing is removed for its age. Look whether it is right, and purge again in ${formatDuration(sweepsIn)}.`,
  );

const tooManyKinds = (): HatstandError =>
  new HatstandError(
    'too_large',
    `Of more than ${mostKinds} workers and domains nobody counts the newest jobs at once. Purge domain by domain, or worker by worker; what is gone already is gone.`,
    { limit: mostKinds },
  );
