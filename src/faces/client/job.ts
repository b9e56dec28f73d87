/** What goes to and comes from `/v1`, as JSON. Times are ISO 8601, durations text such as `"30s"`. */
import type { FailureCause } from '../../core/cause.ts';
import type { AttemptEnd, HttpRules, JobState, PushKind } from '../../core/job.ts';
import type { LogLevel } from '../../core/report.ts';

/** What a job is made of; what is left out has the server's default (its reference: `/v1/openapi.json`). */
export interface JobFields {
  /** Where the payload is POSTed; required for HTTP jobs. */
  readonly url?: string;
  /** `http` (default), or the name of a registered function. */
  readonly worker?: string;
  readonly queue?: string;
  readonly domain?: string;
  readonly name?: string;
  readonly comment?: string;
  /** A key under which it is counted, beside those of its worker and its domain. */
  readonly limit?: string;
  /** Any JSON value. */
  readonly payload?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly manual?: boolean;
  readonly priority?: number;
  /** `null`: no limit. */
  readonly timeout?: string | null;
  /** For functions. */
  readonly totalTimeout?: string | null;
  readonly retry?: { readonly attempts?: number; readonly backoff?: string; readonly maxBackoff?: string };
  readonly onLost?: 'retry' | 'fail';
  readonly rules?: HttpRules;
}

/** By which a job is the only one: see `unique` of a push. */
export interface Unique {
  /** Those of its worker, all of its domain, or those that name the same key. */
  readonly scope: 'worker' | 'domain' | `key:${string}`;
  /** Until its first attempt begins, until it has ended (default), or for so long from its push on, such as `"1d"`. */
  readonly until?: string;
}

/** What a job waits for: see `after` of a push. */
export interface After {
  /** Ids of 1 to 100 jobs of its domain. */
  readonly jobs: readonly string[];
  /** When one of them fails or is canceled: it is canceled at once (default), or starts all the same when all have ended. */
  readonly onFailure?: 'cancel' | 'start';
}

export interface Push extends JobFields {
  /** It starts when these have ended; `null`: it waits for none. */
  readonly after?: After | null;
  /** It begins before this or never: a duration from its push on, or a time; `null`: at any time. */
  readonly startBefore?: string | null;
  /** While there is another such job, none is made, and the answer is that one. */
  readonly unique?: Unique | null;
  readonly delay?: string;
  readonly at?: string;
  /** Its log lines are told as events as well, to who follows `hatstand.jobs:<id>`. */
  readonly forwardLogs?: boolean;
  /** The `beforeHook` of its worker was asked already. */
  readonly hooked?: boolean;
  readonly idempotencyKey?: string;
}

export interface Restart extends JobFields {
  /** A new job like this one; any other field implies it. */
  readonly copy?: boolean;
}

/** A job in a list: without payload and output. */
export interface JobSummary {
  readonly id: string;
  readonly state: JobState;
  readonly reason: string;
  readonly worker: string;
  readonly queue: string;
  readonly domain: string;
  /** The key under which its push had it counted; empty: none of its own. */
  readonly limit: string;
  readonly name: string;
  readonly comment: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly priority: number;
  readonly manual: boolean;
  readonly rules: HttpRules;
  readonly run: number;
  readonly attempt: number;
  /** Attempts that it may take. */
  readonly attempts: number;
  readonly lost: number;
  readonly timeout: string | null;
  readonly totalTimeout: string | null;
  readonly retry: { readonly attempts: number; readonly backoff: string; readonly maxBackoff: string };
  /** `always`: of a job of a task. */
  readonly onLost: 'retry' | 'fail' | 'always';
  /** `null`: there may be any number of it. */
  readonly unique: { readonly scope: string; readonly until: string } | null;
  /** It begins before this or never; `null`: at any time. */
  readonly startBefore: string | null;
  /** What it was pushed to wait for, and for how many of these it still waits; `null`: it never waited for any. */
  readonly after: (Required<After> & { readonly left: number }) | null;
  readonly createdAt: string;
  readonly dueAt: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly statusCode: number | null;
  readonly error: string;
  readonly cause: FailureCause | null;
  readonly fence: string;
  readonly holder: string;
  /** It waits, and no live node serves its worker in its queue. */
  readonly unserved: boolean;
}

export interface Job extends JobSummary {
  readonly output: string;
  readonly outputCut: boolean;
  readonly payload: unknown;
}

export type { PushKind } from '../../core/job.ts';

export interface KeptJob extends Job {
  readonly kind: PushKind;
}

export interface Attempt {
  readonly run: number;
  readonly attempt: number;
  readonly fence: string;
  readonly holder: string;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly end: AttemptEnd;
  readonly statusCode: number | null;
  readonly error: string;
  readonly cause: FailureCause | null;
  /** Where a function threw. */
  readonly stack: string;
  readonly output: string;
  readonly outputCut: boolean;
}

/** How far its newest attempt is, or came. */
export interface Progress {
  /** As the attempt told it; `null`: it has told nothing. */
  readonly progress: unknown;
  readonly progressAt: string | null;
}

export interface JobWithHistory extends Job, Progress {
  /** Newest first. */
  readonly history: readonly Attempt[];
  /** The cursor of the page of attempts behind these; `null`: there are no more. */
  readonly historyNext: string | null;
}

export interface AttemptPage {
  /** Newest first. */
  readonly attempts: readonly Attempt[];
  /** The next page's cursor; `null`: this is the last. */
  readonly next: string | null;
}

export interface LogLine {
  /** Of the attempt that told it. */
  readonly fence: string;
  /** Among all lines of that attempt: what is missing between two was not kept. */
  readonly number: number;
  readonly at: string;
  readonly level: LogLevel;
  readonly text: string;
  /** Facts, as one object; `null`: none. */
  readonly fields: unknown;
}

export interface LogPage extends Progress {
  /** Oldest first. */
  readonly lines: readonly LogLine[];
  /** `after` of the next page; `null`: there is no line yet. */
  readonly next: string | null;
  /** There are further lines now. */
  readonly more: boolean;
  /** How many lines of all that were told are not kept. */
  readonly dropped: number;
  /** Of the job: once it has ended, and there are no further lines, none will come. */
  readonly state: JobState;
}

/** RFC 9457; further members are facts of the error. */
export interface Problem {
  readonly code: string;
  readonly detail: string;
  readonly status: number;
  readonly [fact: string]: unknown;
}

export type PushedJob =
  | { readonly id: string; readonly state: JobState; readonly kind: PushKind; readonly unserved: boolean }
  | { readonly error: Problem };

export interface PushedMany {
  /** One for each value sent, in order. */
  readonly jobs: readonly PushedJob[];
  readonly pushed: number;
  readonly failed: number;
}

export interface JobPage {
  readonly jobs: readonly JobSummary[];
  /** The next page's cursor; `null`: this is the last. */
  readonly next: string | null;
}
