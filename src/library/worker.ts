/** A worker that this node serves, as the one handle to its jobs. */

import type { JobEvent, JobListener, OnOptions } from './events.ts';
import type { Job, JobRef } from './job.ts';
import type { Duration, PushManyOptions, PushOptions } from './options.ts';

/** What a function gets beside its payload. */
export interface FunctionContext<Payload = unknown> {
  /** The job as it was claimed. */
  readonly job: Job<Payload>;
  /** Greater with every attempt: what the function writes elsewhere can refuse a smaller one. */
  readonly fence: string;
  /** Aborted when the attempt should end: canceled, timed out, the node stops, or the lease is lost. */
  readonly signal: AbortSignal;
}

/**
 * Does the work. What it returns, or its promise comes to, is kept as JSON, and fails the attempt if it is none; what it throws
 * fails the attempt: `Skip` ends the job as canceled, `Final` fails it without another try.
 */
export type WorkerFunction<Payload = unknown, Value = unknown> = (
  payload: Payload,
  context: FunctionContext<Payload>,
) => Value | PromiseLike<Value>;

/** A worker of this node. Its jobs are typed by its function: payloads as it takes them, results as JSON gives them back. */
export interface WorkerHandle<Payload = unknown, Value = unknown> {
  /** Under which it was registered. */
  readonly name: string;
  /** Answers when the job is kept. Throws as `Hatstand.push`. */
  push(
    ...given: undefined extends Payload ? [payload?: Payload, options?: PushOptions] : [payload: Payload, options?: PushOptions]
  ): Promise<Job<Payload, Value>>;
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
