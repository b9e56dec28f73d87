/** What the library takes about batches. */
import { type BatchEnd, batchEnds } from '../core/batch.ts';
import { aName, type Kind, nameOrNone, type OptionsOf, ofTenant, signal, truth, whole } from './option.ts';
import { type JobFields, jobFields, keyKind, type OrderFields, orderFields, type PusherOptions, pusherOptions } from './options.ts';
import type { Named } from './pusher.ts';

/** Which batch is meant: its id, or an object with its id and its domain, such as the batch itself. */
export type BatchRef = string | { readonly id: string; readonly domain?: string | undefined };

/** What a job of a batch may be given: its domain is that of the batch. */
/** A batch waits for its own jobs: none of them is another one that is there already. */
export interface BatchJobOptions extends Omit<JobFields, 'domain' | 'unique'>, PusherOptions {}

/** A job that is not pushed yet, as `batches.job` makes it. */
export interface BatchJob {
  readonly worker: Named;
  readonly message: unknown;
  readonly options: BatchJobOptions | undefined;
}

/** Jobs that are pushed when the batch has ended, each once. Those without a message get how it ended. */
export type BatchCallbacks = { readonly [End in BatchEnd]?: BatchJob | undefined };

export interface NewBatchOptions {
  /** The same id with the same jobs again is the same batch: what was cut short is completed. One that nobody guesses is made when none is given. Default: a new one. */
  readonly id?: string | undefined;
  /** The tenant to which it belongs, with its jobs. Default: `""`. */
  readonly domain?: string | undefined;
  /** Its jobs, kept in this order. Default: none. */
  readonly jobs?: readonly BatchJob[] | undefined;
  /** What is pushed when all of them have ended (`ended`), when all have succeeded, when one or more have failed. Default: nothing. */
  readonly on?: BatchCallbacks | undefined;
  /** It takes further jobs until it is sealed. Default: `false`. */
  readonly open?: boolean | undefined;
}

export interface BatchPushOptions {
  /** With it the same jobs are added once, however often they are pushed: for a day, and until they have ended. Default: none. */
  readonly idempotencyKey?: string | undefined;
}

export interface BatchCancelOptions {
  /** Ends it when it is aborted: the batch stays sealed, what is canceled by then is canceled, and asking again cancels the rest. Default: none. */
  readonly signal?: AbortSignal | undefined;
}

export interface BatchListOptions {
  /** Of this tenant alone. Default: all. */
  readonly domain?: string | undefined;
  /** Batches on a page. Default: 50. */
  readonly limit?: number | undefined;
  /** Where the page begins: `next` of the page before. Default: the first. */
  readonly from?: BatchRef | undefined;
}

const { domain: _, unique: _u, ...ofJob } = jobFields;
const { unique: _v, ...ofCallback } = orderFields;
export const batchJobOptions = { ...ofJob, ...pusherOptions } as const satisfies OptionsOf<BatchJobOptions>;
/** It begins when the batch has ended. */
export const batchCallbackOptions = { ...ofCallback, ...pusherOptions } as const satisfies OptionsOf<
  Omit<OrderFields, 'unique'> & PusherOptions
>;

const made = new WeakSet<object>();

/** So that what is made otherwise is told apart. */
export function madeJob(job: BatchJob): BatchJob {
  made.add(job);
  return job;
}

const isMade = (value: unknown): value is BatchJob => typeof value === 'object' && value !== null && made.has(value);
const expected = 'what batches.job makes';

const jobs: Kind<readonly BatchJob[]> = {
  expected: `a list of ${expected}`,
  read: (value) => (Array.isArray(value) && value.every(isMade) ? value : undefined),
};

const on: Kind<BatchCallbacks> = {
  expected: `an object with ${batchEnds.join(', ')}, each ${expected}`,
  read(value) {
    if (typeof value !== 'object' || value === null) return undefined;
    const isRight = Object.entries(value).every(
      ([end, job]) => batchEnds.some((known) => known === end) && (job === undefined || isMade(job)),
    );
    return isRight ? value : undefined;
  },
};

export const newBatchOptions = {
  id: { kind: aName, default: 'a new one' },
  domain: { kind: nameOrNone, default: '`""`' },
  jobs: { kind: jobs, default: 'none' },
  on: { kind: on, default: 'nothing' },
  open: { kind: truth, default: '`false`' },
} as const satisfies OptionsOf<NewBatchOptions>;

export const aBatch = ofTenant('batch');

export const batchJobs = jobs;

export const batchPushOptions = { idempotencyKey: { kind: keyKind, default: 'none' } } as const satisfies OptionsOf<BatchPushOptions>;

export const batchCancelOptions = { signal: { kind: signal, default: 'none' } } as const satisfies OptionsOf<BatchCancelOptions>;

export const batchListOptions = {
  domain: { kind: nameOrNone, default: 'all' },
  limit: { kind: whole(1, 500), default: '50' },
  from: { kind: aBatch, default: 'the first' },
} as const satisfies OptionsOf<BatchListOptions>;
