/** A worker that this node serves, as the one handle to its jobs; and what its function is told. */
import type { BatchTold } from '../core/batch.ts';
import type { Logger } from '../ports/logger.ts';
import type { WorkerDefinition } from './definition.ts';
import type { JobEvent, JobListener, OnOptions } from './events.ts';
import type { Job, JobRef } from './job.ts';
import type { Duration, PushManyOptions, PushOptions } from './options.ts';

/** What any worker is told of its attempt, and may say of it. */
export interface AttemptContext {
  /** Of the job. */
  readonly id: string;
  /** The job as it was claimed. */
  readonly job: Job;
  /** Which try of the job's run it is, from 1. */
  readonly attempt: number;
  /** Greater with every attempt: what the function writes elsewhere can refuse a smaller one. */
  readonly fence: string;
  /** Aborted when the attempt should end, with the reason `canceled`, `timeout`, `shutdown` or `lost`. */
  readonly signal: AbortSignal;
  /** The tenant to which the job belongs; `''` when it has none. */
  readonly domain: string;
  /** The job was asked for by a person. */
  readonly manual: boolean;
  /** The trigger that pushed the job; `undefined`: none did. */
  readonly triggerId: string | undefined;
  /** The batch that it belongs to, or for whose end it was pushed, then with how that ended; `undefined`: neither. */
  readonly batch: BatchTold | undefined;
  /** The event that the job was pushed for; `undefined`: it was pushed for none. */
  readonly event: unknown;
  /** What came from elsewhere beside the message, such as the body of a webhook; `undefined`: nothing did. */
  readonly payload: unknown;
  /**
   * Its lines are kept with the job (`Hatstand.lines`), the newest 1,000 of them, and stand in the log of this Hatstand, where each
   * says of which attempt it is. Those of `commit`, when the job has ended, stand in the log alone.
   */
  readonly logger: Logger;
  /** No attempt follows a failure of this one: it is the last one that the job may take, or `noRetry` was called. */
  readonly isFinal: boolean;
  /**
   * Tells how far the attempt is, in any JSON of at most 16,384 characters: `Hatstand.progress` answers the newest. Throws
   * `invalid_request`, `too_large`.
   */
  progress(value: unknown): void;
  /**
   * Tells something to who watches the job now (`Hatstand.watch`), and to nobody else: a name of at most 128 letters, digits or `._:-`, and any JSON of at most
   * 65,536. Of a worker elsewhere those hear it who watch at its server. Throws `invalid_request`, `too_large`.
   */
  emit(name: string, data?: unknown, options?: { readonly durable?: false | undefined }): void;
  /**
   * The same, and it is kept: as an event of the job (of the type `hatstand.jobs`, with the verb `NOTIFIED`, which fires nothing) that
   * `Hatstand.events` tells later, too. Resolves when it is kept: by the store, or by the `spool` of this Hatstand while the store is
   * away. Throws as the first, `conflict` when the attempt is not held any more, `overloaded` when too many wait, `store_full`.
   */
  emit(name: string, data: unknown, options: { readonly durable: true }): Promise<void>;
  /**
   * Keeps a job for this attempt, of the same domain unless the options say another. Throws as `Hatstand.push`, and `conflict` when
   * the attempt is not held any more: another one may run by then. The next attempt would push it again: an `idempotencyKey` makes it one.
   * By its name the worker need not be known to this node.
   */
  push<Input = unknown, Value = unknown>(worker: string, message?: Input, options?: PushOptions): Promise<Job<Input, Value>>;
  /** The same for a worker that needs no message. */
  push<Value>(
    worker: WorkerDefinition<undefined, unknown, Value>,
    message?: undefined,
    options?: PushOptions,
  ): Promise<Job<undefined, Value>>;
  /** The same for a worker and its message. */
  push<Input, Value>(
    worker: WorkerDefinition<Input, unknown, Value>,
    message: NoInfer<Input>,
    options?: PushOptions,
  ): Promise<Job<Input, Value>>;
  /** From now on a failure of this attempt is not tried again. */
  noRetry(): void;
  /** Ends the job without an error: it ends succeeded, with the reason `aborted`. Throws, so that nothing after it is run. */
  abort(): never;
  /**
   * The trigger that pushed the job makes no sense: the job fails without another try, and the trigger pushes nothing more until somebody
   * resumes it, and says why. A job that no trigger pushed fails all the same. Throws `BadTrigger`, so that nothing after it is run.
   */
  badTrigger(reason: string): never;
}

/** What a worker is told of its attempt, and what it may say of it. */
export interface WorkerContext<Message = unknown, Cookie = unknown> extends AttemptContext {
  /** What was pushed, as the worker's schema has made it; without a schema as it comes back from JSON, `undefined` when nothing was. */
  readonly message: Message;
  /** What `withCookie` has put there: how `start` hands something to `run` and `commit`. */
  readonly cookie: Cookie;
  /** The same context with this cookie. */
  withCookie<New>(cookie: New): WorkerContext<Message, New>;
  /** The same context with a signal that is also aborted after this time, with the reason `timeout`; the attempt itself goes on. */
  withTimeout(timeout: Duration): WorkerContext<Message, Cookie>;
}

/** What a function gets beside its payload. */
export interface FunctionContext<Payload = unknown> extends WorkerContext<Payload, undefined> {
  /** The job as it was claimed. */
  readonly job: Job<Payload>;
  /** Greater with every attempt: what the function writes elsewhere can refuse a smaller one. */
  readonly fence: string;
  /** Aborted when the attempt should end: canceled, timed out, the node stops, or the lease is lost. */
  readonly signal: AbortSignal;
}

/**
 * Does the work. What it returns, or its promise comes to, is kept as JSON, and fails the attempt if it is none; what it throws
 * fails the attempt: `Skip` ends the job as canceled, `Final` fails it without another try, `Abort` ends it without an error.
 */
export type WorkerFunction<Payload = unknown, Value = unknown> = (
  payload: Payload,
  context: FunctionContext<Payload>,
) => Value | PromiseLike<Value>;

/** What a push takes: a message that may be `undefined` may be left out. */
export type MessageAndOptions<Message, Options> = undefined extends Message
  ? [message?: Message, options?: Options]
  : [message: Message, options?: Options];

/** A worker of this node. Its jobs are typed by its function: payloads as it takes them, results as JSON gives them back. */
export interface WorkerHandle<Payload = unknown, Value = unknown> {
  /** Under which it was registered. */
  readonly name: string;
  /** Answers when the job is kept. Throws as `Hatstand.push`. */
  push(...given: MessageAndOptions<Payload, PushOptions>): Promise<Job<Payload, Value>>;
  /** As `Hatstand.pushMany`. */
  pushMany(payloads: Iterable<Payload> | AsyncIterable<Payload>, options?: PushManyOptions): Promise<readonly Job<Payload, Value>[]>;
  /**
   * The job once it has ended, or as it stands after `timeout`; `null` when there is none. Throws `invalid_request` for a job of
   * another worker.
   */
  wait(job: JobRef, timeout?: Duration, signal?: AbortSignal): Promise<Job<Payload, Value> | null>;
  /** As `Hatstand.on`, for jobs of this worker. */
  on(event: JobEvent, listener: JobListener<Payload, Value>, options?: OnOptions): () => void;
}
