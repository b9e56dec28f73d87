/** The library's face: an engine with workers that are functions. */
import { createHash, randomBytes } from 'node:crypto';
import { build } from './build.ts';
import { type Millis, parseDuration } from './core/duration.ts';
import { HatstandError } from './core/errors.ts';
import type { Attempt, Job, JobOptions, NewJob } from './core/job.ts';
import { checkKey, identityOf, jobLimits, newJob } from './core/new-job.ts';
import { functionRetry } from './core/retry.ts';
import { parseTime } from './core/time.ts';
import type { PushedJob } from './engine/api/jobs.ts';
import { type Engine, makeEngine } from './engine/engine.ts';
import { makeFunctionExecutor, type WorkerFunction } from './executors/function.ts';
import type { Logger } from './ports/logger.ts';
import type { Changed, JobCount, JobPage, JobQuery } from './ports/store/jobs.ts';
import type { Store } from './ports/store/store.ts';
import { systemClock } from './system/clock.ts';
import { silent } from './system/silent.ts';
import { makeStderrLog } from './system/stderr-log.ts';

/** A number of milliseconds, or text such as `"30s"`. */
export type Duration = Millis | string;

export interface HatstandOptions {
  /** Where jobs are kept; closed by `stop`. */
  readonly store: Store;
  /** This node's name, for people. Default: `node`. */
  readonly name?: string;
  /** Default: warnings and errors go to stderr; `null`: nothing is logged. */
  readonly log?: Logger | null;
  /** How long a job is kept after its end; `null`: for good. Default: 28 days. */
  readonly keepEnded?: Duration | null;
}

/** How jobs of a worker run, unless the push says otherwise. */
export interface RunOptions {
  /** Tries in all. Default: 1. */
  readonly attempts?: number;
  /** The wait after the first failure, doubled after each further one. Default: 60 ms. */
  readonly backoff?: Duration;
  /** Default: 1 hour. */
  readonly maxBackoff?: Duration;
  /** Of one attempt; `null`: none. Default: 10 s. */
  readonly timeout?: Duration | null;
  /** `fail`: never run it twice, not even when its node died. Default: `retry`. */
  readonly onLost?: 'retry' | 'fail';
}

export interface WorkerOptions extends RunOptions {
  /** Attempts at once in this process. Default: 8. */
  readonly concurrency?: number;
  /** Default: any queue. */
  readonly queues?: readonly string[];
}

export interface PushOptions extends RunOptions {
  readonly queue?: string;
  readonly domain?: string;
  readonly name?: string;
  readonly comment?: string;
  /** Asked for by a person: two of such jobs start for every one of the others. */
  readonly manual?: boolean;
  /** The higher one goes first. Default: 0. */
  readonly priority?: number;
  /** Not before this long from now. */
  readonly delay?: Duration;
  /** Not before this time; a text is read as core/time.ts has it, in UTC when it names no zone. */
  readonly at?: Date | string;
  /** A second push with the same key and the same job gives the first job; with another job it throws `key_reused`. */
  readonly idempotencyKey?: string;
}

export interface PushManyOptions extends Omit<PushOptions, 'idempotencyKey'> {
  /** The key of each job, by its payload and its place from 0. */
  readonly idempotencyKey?: (payload: unknown, at: number) => string;
}

const defaultTimeout: Millis = 10_000;
/** Most functions wait for something else more than they compute, whatever the processors. */
const usualConcurrency = 8;
const day: Millis = 86_400_000;

const millis = (duration: Duration, what: string): Millis => (typeof duration === 'number' ? duration : parseDuration(duration, what));

/** A node in this process. Methods throw HatstandError; a push answers when its jobs are kept. */
export class Hatstand {
  readonly #engine: Engine;
  readonly #store: Store;
  readonly #usual = new Map<string, UsualRun>();
  #stopped: Promise<void> | null = null;

  constructor(options: HatstandOptions) {
    const keep = options.keepEnded === undefined ? 28 * day : options.keepEnded;
    this.#store = options.store;
    this.#engine = makeEngine({
      store: options.store,
      clock: systemClock,
      log: options.log === null ? silent : (options.log ?? makeStderrLog()),
      build,
      name: options.name ?? 'node',
      serverId: null,
      retention: {
        ended: keep === null ? null : millis(keep, 'keepEnded'),
        journal: day,
        idempotency: day,
        output: jobLimits.historyOutput,
        limit: 1_000,
      },
      random: Math.random,
      // 64 random bits, short because they stand on every record that is running.
      unique: () => randomBytes(8).toString('base64url'),
    });
  }

  /** Registers a function under a name. Throws `conflict` when the name is taken. */
  worker<Payload = unknown>(name: string, options: WorkerOptions, call: WorkerFunction<Payload>): this {
    const usual = usualRun(options);
    this.#engine.addWorker({
      name,
      concurrency: options.concurrency ?? usualConcurrency,
      queues: options.queues ?? 'any',
      // What is pushed to this worker is the caller's promise: a schema per worker can check it.
      executor: makeFunctionExecutor(call as WorkerFunction<unknown>),
    });
    this.#usual.set(name, usual);
    return this;
  }

  /** Begins to run jobs. Pushing works before it, too. */
  start(): Promise<void> {
    return this.#engine.start();
  }

  /**
   * Lets running jobs finish for `grace` (default 10 s), hands the rest back, and closes the store, whatever fails meanwhile:
   * that is thrown in the end. Stopping again, or before the start, is harmless; the first grace counts.
   */
  async stop(grace: Duration = 10_000): Promise<void> {
    const within = millis(grace, 'grace');
    this.#stopped ??= this.#stop(within);
    return this.#stopped;
  }

  async #stop(grace: Millis): Promise<void> {
    const failures: unknown[] = [];
    for (const step of [() => this.#engine.stop(grace), () => this.#store.close()])
      await step().catch((error: unknown) => void failures.push(error));
    if (failures.length > 0) throw failures[0];
  }

  async push(worker: string, payload: unknown, options: PushOptions = {}): Promise<Job> {
    const [pushed] = await this.#engine.jobs.push([this.#newJob(worker, payload, options)]);
    if (pushed === undefined) throw new Error('the store did not answer for the pushed job');
    return jobOf(pushed);
  }

  /**
   * In order. Up to 1,000 jobs with 4 MiB of payloads are kept in one step, all or none. More are kept in slices of that size,
   * one after another, however many there are, and payloads may be made while earlier ones are kept. When a slice fails
   * behind others it throws `PushCutShort`, which tells what is kept; with idempotency keys the same call can be repeated.
   */
  async pushMany(
    worker: string,
    payloads: Iterable<unknown> | AsyncIterable<unknown>,
    options: PushManyOptions = {},
  ): Promise<readonly Job[]> {
    const { idempotencyKey, ...all } = options;
    const newJobOf = (payload: unknown, at: number): NewJob =>
      this.#newJob(worker, payload, idempotencyKey === undefined ? all : { ...all, idempotencyKey: idempotencyKey(payload, at) });
    const pushed = await this.#engine.jobs.push(Symbol.iterator in payloads ? each(payloads, newJobOf) : asTheyCome(payloads, newJobOf));
    return pushed.map(jobOf);
  }

  get(id: string): Promise<Job | null> {
    return this.#engine.jobs.get(id);
  }

  history(job: Job, limit = 100): Promise<readonly Attempt[]> {
    return this.#engine.jobs.history(job, limit);
  }

  list(query: JobQuery): Promise<JobPage> {
    return this.#engine.jobs.list(query);
  }

  count(): Promise<readonly JobCount[]> {
    return this.#engine.jobs.count();
  }

  /** The job once it has ended, or as it stands after `timeout`. */
  wait(id: string, timeout: Duration, signal?: AbortSignal): Promise<Job | null> {
    return this.#engine.jobs.wait(id, millis(timeout, 'timeout'), signal);
  }

  cancel(id: string): Promise<Changed> {
    return this.#engine.jobs.cancel(id);
  }

  restart(id: string): Promise<Changed> {
    return this.#engine.jobs.restart(id);
  }

  #newJob(worker: string, payload: unknown, options: PushOptions): NewJob {
    const text = JSON.stringify(payload) as string | undefined;
    const job = newJob({
      ...options,
      worker,
      payload: text ?? null,
      options: jobOptions(this.#usual.get(worker) ?? usualOfOthers, options),
      start: startOf(options),
    });
    if (options.idempotencyKey === undefined) return job;
    const digest = createHash('sha256').update(identityOf(job)).digest('base64url');
    return { ...job, idempotency: { key: checkKey(options.idempotencyKey), digest } };
  }
}

/** How jobs of a worker run when the push says nothing else; made once, since most pushes say nothing. */
interface UsualRun {
  readonly run: RunOptions;
  readonly options: JobOptions;
}

function usualRun(run: RunOptions): UsualRun {
  const timeout = run.timeout === undefined ? defaultTimeout : run.timeout;
  const retry = {
    attempts: run.attempts ?? functionRetry.attempts,
    backoff: run.backoff === undefined ? functionRetry.backoff : millis(run.backoff, 'backoff'),
    maxBackoff: run.maxBackoff === undefined ? functionRetry.maxBackoff : millis(run.maxBackoff, 'maxBackoff'),
  };
  return {
    run,
    options: {
      timeout: timeout === null ? null : millis(timeout, 'timeout'),
      retry,
      onLost: run.onLost ?? 'retry',
      rules: 'v1',
    },
  };
}

/** Of workers that other nodes serve. */
const usualOfOthers = usualRun({});

function jobOptions(usual: UsualRun, pushed: PushOptions): JobOptions {
  const { attempts, backoff, maxBackoff, timeout, onLost } = pushed;
  const saysNothing = (attempts ?? backoff ?? maxBackoff ?? onLost) === undefined && timeout === undefined;
  return saysNothing ? usual.options : usualRun({ ...usual.run, ...pushed }).options;
}

function* each<T, U>(items: Iterable<T>, make: (item: T, at: number) => U): Generator<U> {
  let at = 0;
  for (const item of items) yield make(item, at++);
}

async function* asTheyCome<T, U>(items: AsyncIterable<T>, make: (item: T, at: number) => U): AsyncGenerator<U> {
  let at = 0;
  for await (const item of items) yield make(item, at++);
}

function startOf(options: PushOptions): NewJob['start'] {
  const { at } = options;
  if (at !== undefined) return { at: typeof at === 'string' ? parseTime(at, 'at') : at.getTime() };
  return options.delay === undefined ? null : { delay: millis(options.delay, 'delay') };
}

function jobOf(pushed: PushedJob): Job {
  if (pushed.kind !== 'conflict') return pushed.job;
  throw new HatstandError(
    'key_reused',
    `The idempotency key belongs to job ${pushed.id}, which is deleted or was pushed with another payload or options. Use a new key for a new job.`,
    {
      job: pushed.id,
    },
  );
}
