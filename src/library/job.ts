/** A job as the library shows it: payload and result are values. */
import { shownAfter } from '../core/after.ts';
import type { FailureCause } from '../core/cause.ts';
import { startBeforeOf } from '../core/expiry.ts';
import type { AttemptEnd, Attempt as AttemptRecord, EarlierKind, Job as JobRecord, JobResult, JobState, NewJob } from '../core/job.ts';
import { firstStanding, type Standing } from '../core/transitions.ts';
import type { Unique } from '../core/unique.ts';
import type { Changed as ChangedRecord } from '../engine/api/jobs.ts';

/**
 * What a value is after it has been JSON: a Date is a text, and members that JSON leaves out are gone. Compilers ask this of each
 * result: what is asked first is what most have.
 */
export type AsJson<T> = T extends string | number | boolean | null | undefined
  ? T
  : T extends { toJSON(): infer Written }
    ? AsJson<Written>
    : T extends bigint | symbol | ((...args: never[]) => unknown)
      ? never
      : T extends readonly unknown[]
        ? { [At in keyof T]: AsJson<T[At]> }
        : T extends object
          ? keyof T extends string | number
            ? { [Name in keyof T]: AsJson<T[Name]> }
            : { [Name in keyof T as Name extends string | number ? Name : never]: AsJson<T[Name]> }
          : T;

/** Which job is meant: its id, or the job itself. */
export type JobRef = string | { readonly id: string };

/** What an attempt came to. */
export interface Result<Value = unknown> {
  /** What the function returned; `undefined` while there is nothing, and when `output` is cut or is no JSON. */
  readonly result: Value | undefined;
  /** Why it failed, or was skipped; `''` when there is nothing to say. */
  readonly error: string;
  /** Why it failed, in one word; `null` when it did not. */
  readonly cause: FailureCause | null;
  /** Of what a function threw: where it was thrown; `''` when there is none. */
  readonly stack: string;
  /** The result as the text that is kept; of an HTTP job, what the web app answered. */
  readonly output: string;
  /** The output was longer than 1 MiB, of which the beginning is kept. */
  readonly outputCut: boolean;
  /** Of an HTTP job; `null` when there was none. */
  readonly statusCode: number | null;
}

/** As it was when it was asked for. Times are Unix milliseconds of the store's clock. */
export interface Job<Payload = unknown, Value = unknown> extends Result<Value> {
  /** A decimal number of up to 19 digits; jobs that were pushed later have greater ones. */
  readonly id: string;
  readonly state: JobState;
  /** Why it is in this state, where the state alone does not tell: `lost`, `skipped`, `stopped`, `aborted`, `refused`, `timeout`, `expired`, … */
  readonly reason: string;
  readonly worker: string;
  readonly queue: string;
  readonly domain: string;
  /** The key under which its push had it counted; `''`: none of its own. */
  readonly limit: string;
  readonly name: string;
  readonly comment: string;
  readonly manual: boolean;
  readonly priority: number;
  /** What was pushed, as it comes back from JSON; `undefined` when nothing was. */
  readonly payload: Payload;
  /** Where an HTTP job is POSTed; `''` for others. */
  readonly url: string;
  /** When it was pushed, in Unix milliseconds. */
  readonly createdAt: number;
  /** It does not begin before this, in Unix milliseconds. */
  readonly dueAt: number;
  /** When its newest attempt began, in Unix milliseconds; `null` while it waits for the next one. */
  readonly startedAt: number | null;
  /** When it ended for good, in Unix milliseconds; `null` while it has not. */
  readonly endedAt: number | null;
  /** From 1; each restart adds one. */
  readonly run: number;
  /** Attempts of this run so far. */
  readonly attempt: number;
  /** Attempts that a run may take. */
  readonly attempts: number;
  /** How often its node was lost in this run. */
  readonly lost: number;
  /** Of one attempt, in milliseconds; `null`: none. */
  readonly timeout: number | null;
  /** By which it is the only one; `null`: there may be any number of it. */
  readonly unique: Unique | null;
  /** It begins before this or never, in Unix milliseconds; `null`: at any time. */
  readonly startBefore: number | null;
  /** What it was pushed to wait for, and for how many of these it still waits; `null`: it never waited for any. */
  readonly after: { readonly jobs: readonly string[]; readonly onFailure: 'cancel' | 'start'; readonly left: number } | null;
  /** Of what a push gives: it is unique, and was there already. */
  readonly duplicate: boolean;
  /** Greater with every attempt; `0` before the first. */
  readonly fence: string;
  /** The node that runs it, or ran it last; `''` while it waits. */
  readonly holder: string;
}

/** One try of a job. Times are Unix milliseconds. */
export interface Attempt<Value = unknown> extends Result<Value> {
  readonly run: number;
  readonly attempt: number;
  readonly fence: string;
  readonly holder: string;
  /** In Unix milliseconds. */
  readonly startedAt: number;
  /** In Unix milliseconds; `null` while it runs. */
  readonly endedAt: number | null;
  /** How it ended; `running` while it has not. */
  readonly end: AttemptEnd;
}

/** What became of a cancel, a restart or a removal. */
export type Changed =
  | { readonly kind: 'changed'; readonly job: Job }
  /** Its state does not allow it. */
  | { readonly kind: 'refused'; readonly state: JobState }
  | { readonly kind: 'missing' };

/** What became of a removal. */
export type Deleted =
  | Changed
  /** Nobody could read its record, which had been set aside; it is gone now. */
  | { readonly kind: 'discarded' };

/** What the compiler is told of payload and result is the promise of whoever pushes, and of the function. */
export const jobView = <Payload, Value>(record: JobRecord): Job<Payload, Value> => viewOf(record, record, false);

/** The same of a job that was there when it was pushed. */
export const earlierJobView = <Payload, Value>(record: JobRecord, kind: EarlierKind): Job<Payload, Value> =>
  viewOf(record, record, kind === 'duplicate');

/** The same of a job that was kept just now, and waits for so many others: its record need not be made. */
export const newJobView = <Payload, Value>(asked: NewJob, id: string, createdAt: number, left = 0): Job<Payload, Value> =>
  viewOf(asked, firstStanding(asked.start, id, createdAt, createdAt, left), false);

function viewOf<Payload, Value>(job: Omit<NewJob, 'start' | 'idempotency'>, standing: Standing, duplicate: boolean): Job<Payload, Value> {
  const { options } = job;
  return {
    id: standing.id,
    state: standing.state,
    reason: standing.reason,
    worker: job.worker,
    queue: job.queue,
    domain: job.domain,
    limit: job.limit,
    name: job.name,
    comment: job.comment,
    manual: job.manual,
    priority: job.priority,
    payload: (job.payload === null ? undefined : JSON.parse(job.payload)) as Payload,
    url: job.url,
    createdAt: standing.createdAt,
    dueAt: standing.dueAt,
    startedAt: standing.startedAt,
    endedAt: standing.endedAt,
    run: standing.run,
    attempt: standing.attempt,
    attempts: options.retry.attempts,
    lost: standing.lost,
    timeout: options.timeout,
    unique: options.unique ?? null,
    startBefore: options.startBefore === undefined ? null : startBeforeOf({ options, createdAt: standing.createdAt }),
    after: options.after === undefined ? null : shownAfter({ state: standing.state, reason: standing.reason, options }),
    duplicate,
    fence: standing.fence,
    holder: standing.holder,
    result: resultOf<Value>(standing.result),
    error: standing.result.error,
    cause: standing.result.cause,
    stack: standing.result.stack,
    output: standing.result.output,
    outputCut: standing.result.outputCut,
    statusCode: standing.result.statusCode,
  };
}

export function attemptView({ result, ...attempt }: AttemptRecord): Attempt {
  const { error, cause, stack, output, outputCut, statusCode } = result;
  return { ...attempt, result: resultOf(result), error, cause, stack, output, outputCut, statusCode };
}

export const changedView = (changed: ChangedRecord): Changed =>
  changed.kind === 'changed' ? { kind: 'changed', job: jobView(changed.job) } : changed;

/** `undefined` for none, for one that was cut, and for what is no JSON. */
export function resultOf<Value>({ output, outputCut }: JobResult): Value | undefined {
  if (output === '' || outputCut) return undefined;
  try {
    return JSON.parse(output) as Value;
  } catch {
    // A web app may answer what it likes.
    return undefined;
  }
}
