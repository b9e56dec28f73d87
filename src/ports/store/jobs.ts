/** Jobs: kept, claimed, settled, changed, looked at. */
import type { Millis } from '../../core/duration.ts';
import type { Filter } from '../../core/filter.ts';
import type { JobId } from '../../core/id.ts';
import type { Attempt, AttemptRef, Job, JobState, NewJob } from '../../core/job.ts';
import type { StateCounts } from '../../core/queue.ts';
import type { LogLine, LogPlace, NewLine, Progress } from '../../core/report.ts';
import type { JobCopy } from '../../core/transfer.ts';
import type { Moves } from '../../core/transitions.ts';
import { adds, frees, looks, takes, type Verbs } from './verb.ts';

/** What became of one pushed job. */
export type Pushed =
  | {
      readonly kind: 'pushed';
      readonly id: JobId;
      /** Unix milliseconds. */
      readonly createdAt: number;
      /** For how many others it waits (core/after.ts); left out: for none. */
      readonly left?: number;
    }
  | {
      /**
       * `replayed`: its idempotency key had made this job before; `conflict`: another one; `duplicate`: it is unique, and this is the
       * job that there is (core/unique.ts).
       */
      readonly kind: 'replayed' | 'conflict' | 'duplicate';
      readonly id: JobId;
      /** Unix milliseconds, of the job that there is. */
      readonly createdAt: number;
    }
  /** It is not kept: there is no such job in its domain for which it could wait (core/after.ts). */
  | { readonly kind: 'dangling'; readonly awaited: JobId }
  /** It is not kept: its queue is closed. */
  | { readonly kind: 'closed' }
  /** It is not kept: the limit of this key takes the next one after so long. */
  | { readonly kind: 'limited'; readonly key: string; readonly wait: Millis };

/** Jobs that are kept, now or since an earlier push. */
export type KeptJob = Extract<Pushed, { readonly id: JobId }>;
/** Jobs that are not. */
export type RefusedJob = Exclude<Pushed, KeptJob>;
/** Jobs that are not kept now, and may be later. */
export type DeferredPush = Extract<RefusedJob, { readonly kind: 'closed' | 'limited' }>;

/** What a holder can start now. Its queues (`'any'`: all) are served in turn, the one served longest ago first. */
export interface Want {
  readonly worker: string;
  readonly queues: 'any' | readonly string[];
  readonly slots: number;
}

export interface ClaimRequest {
  /** New for each claim; repeating it (its reply was lost) gives those of its attempts that are still held. */
  readonly operation: string;
  /** A node's incarnation that has been buried or has left gets nothing; one that is draining, nothing new. */
  readonly holder: string;
  /** Asked when the claim leaves, not when it is made: slots that fall free in the same turn still count. */
  wants(): readonly Want[];
  /** For a holder that is no node: its attempts are lost unless extended or settled within this. */
  readonly attemptTtl: Millis | null;
}

export interface Claim {
  readonly jobs: readonly Job[];
  /** How long until more may be ready: a scheduled job is due or a rate limit lets go. `null`: nobody knows of any. */
  readonly nextIn: Millis | null;
}

export type Settled = 'settled' | 'lost';

/** What the holder of an attempt tells of it while it runs. */
export interface Report {
  /** Of a holder that is no node: its attempt is lost unless it reports again or settles it within this; `null`: as it was. */
  readonly ttl: Millis | null;
  /** JSON text; `null`: as it was. */
  readonly progress: string | null;
  /** In the order of their numbers, as many as `reportLimits` allows. Those that were told before are not kept again. */
  readonly lines: readonly NewLine[];
  /** Kept in the same step. Of a report that is repeated they are kept again, but for what idempotency keys are for. */
  readonly push: readonly NewJob[];
}

export type Reported =
  /** `stopping`: the holder is to end the attempt; what it told is kept all the same. `pushed`: of each of the jobs. */
  | {
      readonly kind: 'reported' | 'stopping';
      readonly pushed: readonly Pushed[];
      /** The number of the newest line of this attempt that had been told before: those up to it are not kept again. 0: none had. */
      readonly known: number;
    }
  /** The attempt is not held any more: nothing is kept. */
  | { readonly kind: 'lost' };

/** A part of the log of a job. */
export interface LogPage {
  readonly lines: readonly LogLine[];
  /** There are further ones. */
  readonly more: boolean;
  /** How many lines of all that were told are not kept. */
  readonly dropped: number;
  /** The newest that any of its attempts has told; `progressOf` (core/report.ts) says whether it is that of the job. */
  readonly progress: Progress | null;
}

export type Changed =
  | { readonly kind: 'changed'; readonly job: Job }
  /** Its state does not allow it. */
  | { readonly kind: 'refused'; readonly state: JobState }
  /** The move puts it into its queue (core/transitions.ts `entersQueue`), which is closed. */
  | { readonly kind: 'closed'; readonly queue: string }
  | { readonly kind: 'missing' };

/**
 * Regular expressions from clients in RE2 syntax, matched in linear time, beside all else that the process does. A page whose
 * expressions have taken about five seconds ends there, as with `lookAt`. `invalid_filter`: one that is none, compiles to too
 * much, or takes more than a second for one job.
 */
export interface PatternMatch {
  /** On the name. */
  readonly name: string | null;
  /** On name, comment, url or the word that `stateWords` gives for the state. */
  readonly term: string | null;
  readonly stateWords: Readonly<Record<JobState, string>>;
}

export interface JobQuery {
  readonly filter: Filter;
  readonly match: PatternMatch | null;
  /** By id: oldest or newest first. */
  readonly order: 'oldest' | 'newest';
  /** Inclusive; it need not exist. `null`: from the first in this order. */
  readonly from: JobId | null;
  /** Matching jobs on this page, at least 1. One with payloads and outputs also ends after about four megabytes of them. */
  readonly limit: number;
  /** Without payload and output, which may be large. */
  readonly brief: boolean;
  /** Stop looking after this many records; the page may then be short although more match. `null`: look at all. */
  readonly lookAt: number | null;
}

export interface JobPage {
  readonly jobs: readonly Job[];
  /** The first record not looked at; `null` when there is none. */
  readonly next: JobId | null;
}

export interface AttemptQuery {
  /** Those with a smaller fence; `null`: from the newest one on. */
  readonly before: string | null;
  /** At least 1. */
  readonly limit: number;
  /** Bytes of each output: one that is longer comes cut, and marked so. */
  readonly output: number;
}

export interface AttemptPage {
  /** Newest first: at most `limit`, and no more than about a megabyte of outputs and errors; one at least when there is any. */
  readonly attempts: readonly Attempt[];
  /** There are earlier ones. */
  readonly more: boolean;
}

/** How many jobs are in each state, by worker and queue. */
export interface JobCount {
  readonly worker: string;
  readonly queue: string;
  readonly counts: StateCounts;
}

export interface Purged {
  readonly count: number;
  /** How many at the end of those named it has not looked at, since those before them were large. */
  readonly rest: number;
}

/** `exists`: there is a job of this id already; it is left as it is. */
export type Restored = 'restored' | 'exists';

export interface JobStore {
  /**
   * Keeps the jobs, in order. One call is one step: all are kept or none, but for a `conflict`, a `duplicate`, those
   * that would wait for a job that is not there (`dangling`), and what a queue or a limit does not take.
   */
  push(jobs: readonly NewJob[]): Promise<readonly Pushed[]>;
  /** Starts attempts of ready jobs: manual ones two to one, then by priority, then by age; what `promote` does comes first. */
  claim(request: ClaimRequest): Promise<Claim>;
  /** Ends the attempt if the fence is the job's and its state is among the moves. */
  settle(ref: AttemptRef, moves: Moves): Promise<Settled>;
  /**
   * Keeps what the holder of an attempt tells of it, if the fence is the job's and it has not ended. `store_full` when there is no
   * room for what is to be kept; a `ttl` alone needs none.
   */
  report(ref: AttemptRef, what: Report): Promise<Reported>;
  /** What an operator asks for, guarded by the state. A `stop` also puts a `cancel` into the holder's inbox. */
  change(id: JobId, moves: Moves): Promise<Changed>;
  /** Removes the record and its history. Answers the record that was. */
  remove(id: JobId, from: readonly JobState[]): Promise<Changed>;
  /**
   * Removes those of these jobs that ended before a time, with their history, as a sweep does: what they did stays with their owner.
   * The others stay as they are. Looks at one at least.
   */
  purge(ids: readonly JobId[], endedBefore: number): Promise<Purged>;
  /**
   * Jobs whose awaited ones have ended wait for them no more, those that should have begun by now are canceled, and due ones move from
   * `scheduled` to `queued`. Answers how many were looked at.
   */
  promote(limit: number): Promise<number>;
  /**
   * Keeps jobs as they were elsewhere: ids, states, results, times and earlier attempts. None of them is running or
   * stopping (core/transfer.ts `arrived`). Ids made afterwards are greater than theirs. One call is one step: all that do
   * not exist are kept or none. An event tells of them as pushed.
   */
  restore(copies: readonly JobCopy[]): Promise<readonly Restored[]>;
  get(id: JobId): Promise<Job | null>;
  /** Earlier attempts, of which the newest `jobLimits.history` are kept; the newest one stands on the record itself. */
  attempts(id: JobId, query: AttemptQuery): Promise<AttemptPage>;
  /**
   * The log of a job, oldest line first; empty when there is no such job.
   *
   * @param after the place behind which it begins, which need not exist; `null`: at the oldest
   */
  lines(id: JobId, after: LogPlace | null, limit: number): Promise<LogPage>;
  /** Rejects with the signal's reason once it aborts; it looks no further then. Most lists are too short to notice. */
  list(query: JobQuery, signal?: AbortSignal): Promise<JobPage>;
  count(): Promise<readonly JobCount[]>;
}

export const jobRows: Verbs<JobStore> = {
  push: adds('push'),
  claim: takes('claim'),
  settle: frees('settle'),
  report: frees(),
  change: frees('change'),
  remove: frees('change'),
  purge: frees('change'),
  promote: frees(),
  restore: adds(),
  get: looks,
  attempts: looks,
  lines: looks,
  list: looks,
  count: looks,
};
