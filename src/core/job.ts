/**
 * The job: one record of work, pushed once, that ends once; and the whole table of its life, as data.
 * ARCHITECTURE.md draws the same table; a test compares the two.
 */
import type { FailureCause } from './cause.ts';
import type { Millis } from './duration.ts';
import type { JobId } from './id.ts';
import { type Arrow, arrow, type Lifecycle } from './lifecycle.ts';
import type { RetryPolicy } from './retry.ts';

export const jobStates = ['scheduled', 'queued', 'running', 'stopping', 'succeeded', 'failed', 'canceled'] as const;
export type JobState = (typeof jobStates)[number];
export const endStates = ['succeeded', 'failed', 'canceled'] as const;
export type EndState = (typeof endStates)[number];

export function hasEnded(state: JobState): state is EndState {
  return state === 'succeeded' || state === 'failed' || state === 'canceled';
}

export const jobVerbs = [
  'promote',
  'expire',
  'claim',
  'succeed',
  'retry',
  'fail',
  'skip',
  'defer',
  'release',
  'lose',
  'cancel',
  'restart',
  'delete',
] as const;
export type JobVerb = (typeof jobVerbs)[number];

const byFence = 'id, state and fence match';
const byState = 'id and state match';
const toEnd = (to: EndState, effect: string): Arrow<EndState> => arrow(to, byFence, effect);

/** Each arrow is one atomic step of the store, and a failed guard answers `lost` (or `refused`), which is a value. */
export const jobLifecycle: Lifecycle<JobVerb, JobState> = {
  promote: { scheduled: arrow('queued', 'due by the store’s clock, and waits for no other job', 'ready to be claimed') },
  expire: {
    scheduled: arrow('canceled', 'never begun, and startBefore has come', 'reason expired'),
    queued: arrow('canceled', 'never begun, and startBefore has come', 'reason expired'),
  },
  claim: { queued: arrow('running', 'a free slot; queue not paused, below its limits', 'attempt + 1, new fence, holder set') },
  succeed: {
    running: toEnd('succeeded', 'result kept'),
    stopping: toEnd('succeeded', 'result kept: it was done before it could be stopped'),
  },
  retry: {
    running: arrow('scheduled', byFence, 'attempt archived, due after the backoff'),
    stopping: toEnd('canceled', 'no further try'),
  },
  fail: { running: toEnd('failed', 'result kept'), stopping: toEnd('canceled', 'result kept') },
  skip: { running: toEnd('canceled', 'reason skipped'), stopping: toEnd('canceled', 'reason skipped') },
  defer: {
    running: arrow('scheduled', byFence, 'attempt not counted, since nothing was sent; due when its web app is asked again'),
    stopping: toEnd('canceled', 'no further try'),
  },
  release: {
    running: arrow('queued', byFence, 'attempt archived and not counted'),
    stopping: toEnd('canceled', 'handed back while stopping'),
  },
  lose: {
    running: arrow(
      'queued',
      'holder buried or deadline passed',
      'attempt archived and not counted, lost + 1; failed with reason lost at the 5th, at once with onLost fail, never with always',
    ),
    stopping: arrow('canceled', 'holder buried or deadline passed', 'nobody is left to answer'),
  },
  cancel: {
    scheduled: arrow('canceled', `${byState}, or a job that it waits for failed or was canceled`, 'final at once'),
    queued: arrow('canceled', byState, 'final at once'),
    running: arrow('stopping', byState, 'the holder is told through its inbox'),
    stopping: arrow('stopping', byState, 'told already'),
  },
  restart: {
    succeeded: arrow('queued', byState, 'run + 1, attempts from 0, last attempt archived, result cleared'),
    failed: arrow('queued', byState, 'run + 1, attempts from 0, last attempt archived, result cleared'),
    canceled: arrow('queued', byState, 'run + 1, attempts from 0, last attempt archived, result cleared'),
  },
  delete: {
    succeeded: arrow('gone', byState, 'record and history removed'),
    failed: arrow('gone', byState, 'record and history removed'),
    canceled: arrow('gone', byState, 'record and history removed'),
  },
};

/** Whose rules an HTTP job follows: HQ's (exactly 200, redirects followed) or `/v1`'s stricter ones. */
export type HttpRules = 'hq' | 'v1';

/** By which a job is the only one (unique.ts). */
export interface Unique {
  /** Among which jobs of its domain it is the only one. */
  readonly scope: UniqueScope;
  /**
   * How long it lasts: until its first attempt of a run begins, until it has ended, or for so many milliseconds from its push on. No
   * longer than it is kept.
   */
  readonly until: 'started' | 'ended' | Millis;
}

/** Those of its worker, all of its domain, or those that name the same key, of whatever worker. */
export type UniqueScope = 'worker' | 'domain' | `key:${string}`;

/** Its first attempt begins before this, so long from its push or a Unix time in milliseconds, or never. */
export type StartBefore = { readonly delay: Millis } | { readonly at: number };

/** It starts when these have ended, and not before its own time. */
export interface After {
  /** Of its own domain, pushed before it. */
  readonly jobs: readonly JobId[];
  /** When one of them fails or is canceled: it is canceled at once, or waits for the others and starts all the same. */
  readonly onFailure: 'cancel' | 'start';
}

export const onLostWords = ['retry', 'fail', 'always'] as const;
/**
 * When its holder is lost, it runs again: `retry`: but for a job that has lost its holder too often, which fails; `fail`: never, for work
 * that must not repeat; `always`: however often, for tasks.
 */
export type OnLost = (typeof onLostWords)[number];

/** How a job is to run. Set at the push; it does not change. */
export interface JobOptions {
  /** The longest one attempt may take; `null`: no limit. */
  readonly timeout: Millis | null;
  /** The longest that all attempts of a run may take, from the start of the first one; left out: no limit. */
  readonly totalTimeout?: Millis;
  readonly retry: RetryPolicy;
  readonly onLost: OnLost;
  readonly rules: HttpRules;
  /** Left out: there may be any number of it. */
  readonly unique?: Unique;
  /** Left out: it may begin at any time. */
  readonly startBefore?: StartBefore;
  /** Left out: it waits for no others (after.ts). */
  readonly after?: After;
}

export interface IdempotencyKey {
  readonly key: string;
  /** Of all that makes the job (core/new-job.ts `identityOf`): the same key with another digest is refused. */
  readonly digest: string;
}

/** What was asked for, complete: every default is filled in. */
export interface NewJob {
  readonly domain: string;
  readonly queue: string;
  readonly worker: string;
  readonly name: string;
  readonly comment: string;
  /** Asked for by a person. Such jobs wait in a lane of their own: two of them start for every one of the others. */
  readonly manual: boolean;
  /** Within its lane the job with the higher priority goes first. */
  readonly priority: number;
  /** JSON text exactly as it came; `null`: none. */
  readonly payload: string | null;
  /** Where an HTTP job is POSTed; `''` for other kinds. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>> | null;
  readonly options: JobOptions;
  /** Not before: a delay from now or a Unix time, in milliseconds; `null`: at once. */
  readonly start: { readonly delay: Millis } | { readonly at: number } | null;
  /** The definition that it was pushed for (core/definition.ts `ownerOf`); `''`: none. */
  readonly owner: string;
  /** By which it is counted and held back together with others, whatever their queues; `''`: by none. */
  readonly limit: string;
  /** JSON text for whoever runs it, which the store never reads: why it was pushed, and how; `null`: nothing. */
  readonly about: string | null;
  readonly idempotency: IdempotencyKey | null;
}

/** Which job a push is answered with: a new one; the one that its idempotency key had made; the unique one that was there. */
export type PushKind = 'pushed' | EarlierKind;
export type EarlierKind = 'replayed' | 'duplicate';

/** The result of an attempt. */
export interface JobResult {
  /** The HTTP status; `null` when there was none. */
  readonly statusCode: number | null;
  readonly output: string;
  /** The output was too long: only its beginning is kept. */
  readonly outputCut: boolean;
  readonly error: string;
  /** `null`: it did not fail, or failed before causes were kept. */
  readonly cause: FailureCause | null;
  /** Of what a function threw: where it was thrown. */
  readonly stack: string;
}

export const noResult: JobResult = { statusCode: null, output: '', outputCut: false, error: '', cause: null, stack: '' };

/** The record. Times are Unix milliseconds of the store's clock. */
export interface Job extends Omit<NewJob, 'start' | 'idempotency'> {
  readonly id: JobId;
  readonly state: JobState;
  /** Why it is in this state, where the state alone does not tell: `lost`, `skipped`, `stopped`, `aborted`, `refused`, `timeout`, `expired`, … */
  readonly reason: string;
  readonly createdAt: number;
  /** Not claimed before this. */
  readonly dueAt: number;
  /** When the newest attempt began; `null` while the job waits for its next one. */
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  /** From 1; each restart adds one. */
  readonly run: number;
  /** Attempts of this run that count. */
  readonly attempt: number;
  /** How often a holder was lost in this run. */
  readonly lost: number;
  /** The proof of the newest attempt; `0` before the first. */
  readonly fence: string;
  /** Who runs it, or ran it last before it ended; `''` while it waits. */
  readonly holder: string;
  /** Of the newest attempt that has ended. */
  readonly result: JobResult;
}

/** How an attempt ended; `running` while it has not. */
export type AttemptEnd = 'running' | 'succeeded' | 'failed' | 'canceled' | 'returned' | 'lost';

/** One claim of a job by one holder, under one fence. */
export interface Attempt {
  readonly run: number;
  readonly attempt: number;
  readonly fence: string;
  readonly holder: string;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly end: AttemptEnd;
  readonly result: JobResult;
}

/** The proof with which a holder writes. */
export interface AttemptRef {
  readonly id: JobId;
  readonly fence: string;
}
