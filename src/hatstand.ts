/** The library's face: a node inside your own process, with workers that are functions. */
import { randomBytes } from 'node:crypto';
import { build } from './build.ts';
import { HatstandError } from './core/errors.ts';
import { hasEnded, type NewJob } from './core/job.ts';
import type { QueueRecord, QueueSettings } from './core/queue.ts';
import { PushCutShort as CutShort, type NewJobs, type PushedJob } from './engine/api/jobs.ts';
import { type Engine, makeEngine } from './engine/engine.ts';
import { makeFunctionExecutor } from './executors/function.ts';
import { EventMethods, type EventParts } from './library/event-methods.ts';
import { type Events, type JobEvent, type JobListener, makeEvents, type OnOptions } from './library/events.ts';
import {
  type AsJson,
  type Attempt,
  attemptView,
  type Changed,
  changedView,
  type Deleted,
  type Job,
  type JobRef,
  jobView,
  newJobView,
} from './library/job.ts';
import { idOf, missing } from './library/job-ref.ts';
import { type JobPage, type ListOptions, listQuery, pagesOf, pageView } from './library/list.ts';
import { type Listeners, type Listening, type ListenOptions, makeListeners } from './library/listen.ts';
import { jobOptions, keptJob, newJobOf, usualJob, usualRun } from './library/new-job.ts';
import { call as aFunction, aName, signal as aSignal, checked, duration, readAs, refused, shown, whole } from './library/option.ts';
import {
  type Duration,
  defaults,
  type HatstandOptions,
  hatstandOptions,
  keyKind,
  type PushManyOptions,
  type PushOptions,
  pushManyOptions,
  pushOptions,
  type WorkerOptions,
  workerOptions,
} from './library/options.ts';
import { PayloadSources } from './library/payloads.ts';
import { allKept, PushCutShort } from './library/push-cut-short.ts';
import { type LimitOptions, limitsOf } from './library/queues.ts';
import { retentionFor } from './library/retention.ts';
import {
  isNoJob,
  type UnreadableOptions,
  type UnreadablePage,
  type UnreadableRecord,
  unreadableJob,
  unreadableName,
  unreadableQuery,
  unreadableView,
} from './library/unreadable.ts';
import type { WorkerFunction, WorkerHandle } from './library/worker.ts';
import type { Logger } from './ports/logger.ts';
import type { Changed as ChangedRecord, JobCount } from './ports/store/jobs.ts';
import type { Store } from './ports/store/store.ts';
import { systemClock } from './system/clock.ts';
import { silent } from './system/silent.ts';
import { makeStderrLog } from './system/stderr-log.ts';

/** A function whose types only its caller knows. */
type AnyFunction = WorkerFunction<never, unknown>;

/**
 * A node in this process. Methods throw HatstandError; a push answers when its jobs are kept. An option that is `undefined` is
 * one that is not given.
 */
export class Hatstand extends EventMethods {
  readonly #engine: Engine;
  readonly #store: Store;
  readonly #log: Logger;
  readonly #events: Events;
  readonly #listeners: Listeners;
  /** The job of a push that says nothing, by worker: most pushes say nothing. */
  readonly #usual = new Map<string, NewJob>();
  /** That of the last worker that is registered elsewhere, if at all. */
  #lastElsewhere: NewJob | null = null;
  readonly #sources = new PayloadSources();
  #stopped: Promise<void> | null = null;
  /** Aborts when the store is about to be closed. */
  readonly #closing = new AbortController();

  /** Does nothing yet but check the options. Throws `invalid_request`. */
  constructor(options: HatstandOptions) {
    super();
    const { store, name = defaults.name, log: given, keepEnded = defaults.keepEnded } = checked(options, hatstandOptions, 'Hatstand');
    const log = given === null ? silent : (given ?? makeStderrLog());
    if (store === undefined) throw refused(`Hatstand needs a store: ${hatstandOptions.store.kind.expected}.`, 'store');
    this.#store = store;
    this.#log = log;
    // A store that nodes share tells them itself, whenever they change.
    if (!store.shared) for (const warning of store.warnings) log.warn('store.at_risk', { warning });
    this.#events = makeEvents(store, log);
    this.#engine = makeEngine({
      store,
      clock: systemClock,
      log,
      build,
      name,
      serverId: null,
      retention: retentionFor(keepEnded),
      random: Math.random,
      // 64 random bits, short because they stand on every record that is running.
      unique: () => randomBytes(8).toString('base64url'),
      onSettled: this.#events.settled,
    });
    this.#listeners = makeListeners({ engine: this.#engine, log, usualOf: (worker) => this.#usual.get(worker)?.options });
  }

  /**
   * Registers a function under a name, before or after the start. Throws `conflict` when the name is taken, `invalid_request`,
   * `shutting_down`.
   */
  worker<Payload = unknown, Value = unknown>(name: string, call: WorkerFunction<Payload, Value>): WorkerHandle<Payload, AsJson<Value>>;
  /** The same with options, which also say how its jobs run when their push does not. */
  worker<Payload = unknown, Value = unknown>(
    name: string,
    options: WorkerOptions | undefined,
    call: WorkerFunction<Payload, Value>,
  ): WorkerHandle<Payload, AsJson<Value>>;
  worker(name: string, ...given: readonly [AnyFunction] | readonly [WorkerOptions | undefined, AnyFunction]): WorkerHandle<never, never> {
    const [options, work] = given.length === 1 ? [undefined, given[0]] : given;
    if (typeof options === 'function')
      throw refused('worker takes its options before its function: worker(name, options, function).', 'options');
    const { concurrency = defaults.concurrency, queues = 'any', ...run } = checked(options, workerOptions, 'worker');
    const usual = jobOptions(run, usualRun);
    this.#engine.addWorker({
      name: readAs(aName, name, 'name', 'worker'),
      concurrency,
      queues,
      // What is pushed to this worker is its caller's promise.
      executor: makeFunctionExecutor(
        readAs(aFunction, work, 'function', 'worker') as WorkerFunction<unknown, unknown>,
        jobView<unknown, unknown>,
      ),
    });
    this.#usual.set(name, usualJob(name, usual));
    return this.#handle(name);
  }

  /** Begins to run jobs; from now on this node keeps the process, until `stop`. Pushing works before it, too. Throws `shutting_down`. */
  start(): Promise<void> {
    return this.#engine.start();
  }

  /**
   * Serves the same HTTP API, page and command line as `hatstand serve`, and runs HTTP jobs. Each call serves one more address,
   * with a token and names of its own; other nodes are told the newest. Throws `address_in_use`, `invalid_config` for a host on
   * which it cannot listen, `conflict` for an `httpConcurrency` other than that of an earlier call, `shutting_down`,
   * `invalid_request`.
   */
  listen(options?: ListenOptions): Promise<Listening> {
    return this.#listeners.listen(options);
  }

  /**
   * Lets running jobs finish for `grace` (default 10 s), hands the rest back, and closes the store, whatever fails meanwhile:
   * that is thrown in the end. Stopping again, or before the start, is harmless; the first grace counts.
   */
  async stop(grace: Duration = defaults.grace): Promise<void> {
    const within = readAs(duration(), grace, 'grace', 'stop');
    this.#stopped ??= this.#stop(within);
    this.#sources.end(stopped());
    return this.#stopped;
  }

  async #stop(grace: number): Promise<void> {
    const failures: unknown[] = [];
    // As long as jobs run, they can be watched and canceled over HTTP.
    const steps = [() => this.#engine.stop(grace), this.#listeners.close, this.#events.told, () => this.#close()];
    for (const step of steps) await step().catch((error: unknown) => void failures.push(error));
    if (failures.length > 0) throw failures[0];
  }

  #close(): Promise<void> {
    this.#closing.abort();
    return this.#store.close();
  }

  /** Answers when the job is kept. Throws `invalid_request`, `too_large`, `key_reused`, `shutting_down`, and what the store throws. */
  async push<Payload = unknown, Value = unknown>(worker: string, payload?: Payload, options?: PushOptions): Promise<Job<Payload, Value>> {
    const given = checked(options, pushOptions, 'push');
    const [pushed] = await this.#push<Payload, Value>([this.#newJob('push', worker, payload, given)]);
    if (pushed === undefined) throw new Error('the store did not answer for the pushed job');
    return keptJob(pushed);
  }

  /**
   * In order. Up to 1,000 jobs with 4 MiB of payloads are one step of the store, which is taken or not. More are kept in slices
   * of that size, one after another, however many there are, and payloads may be made while earlier ones are kept. When a slice
   * fails behind others, or idempotency keys belong to other jobs, it throws `PushCutShort`, which tells what is kept. Else as
   * `push`; a payload that is refused is named by its place. When it ends early, a source of payloads is told to `return`, and not
   * waited for.
   */
  async pushMany<Payload = unknown, Value = unknown>(
    worker: string,
    payloads: Iterable<Payload> | AsyncIterable<Payload>,
    options?: PushManyOptions,
  ): Promise<readonly Job<Payload, Value>[]> {
    const { idempotencyKey: keyOf, ...all } = checked(options, pushManyOptions, 'pushMany');
    const newJobAt = (payload: unknown, at: number): NewJob => {
      const given =
        keyOf === undefined ? all : { ...all, idempotencyKey: readAs(keyKind, keyOf(payload, at), 'idempotencyKey', 'pushMany') };
      return this.#newJob('pushMany', worker, payload, given, `payloads[${at}]`);
    };
    return allKept(await this.#push<Payload, Value>(this.#sources.jobsOf(payloads, newJobAt)));
  }

  /** `null`: there is none. Here and below: throws `unreadable` for a job whose record nobody can read. */
  async get(job: JobRef): Promise<Job | null> {
    const id = idOf(job);
    const record = await this.#ask(({ jobs }) => jobs.get(id));
    return record === null ? this.#orUnreadable(id, null) : jobView(record);
  }

  /** Its attempts, newest first, at most `limit` of them (1 to 1,000; default 100); empty when there is no such job. */
  async history(job: JobRef, limit = 100): Promise<readonly Attempt[]> {
    const most = readAs(whole(1, 1_000), limit, 'limit', 'history');
    const id = idOf(job);
    const record = await this.#ask(({ jobs }) => jobs.get(id));
    return record === null ? this.#orUnreadable(id, []) : (await this.#ask(({ jobs }) => jobs.history(record, most))).map(attemptView);
  }

  /**
   * One page of the jobs that meet the filter, such as `state:failed queue:mail created:<2h`: a space is AND, a comma is OR, `-`
   * is NOT. Throws `invalid_filter`.
   */
  async list(filter?: string, options?: ListOptions): Promise<JobPage> {
    const query = listQuery(filter, options, 'list');
    return pageView(await this.#ask(({ jobs }) => jobs.list(query)));
  }

  /** All pages, each when it is asked for. Throws `invalid_filter` and `shutting_down` at once. */
  pages(filter?: string, options?: ListOptions): AsyncIterableIterator<JobPage> {
    const query = listQuery(filter, options, 'pages');
    if (this.#closing.signal.aborted) throw stopped();
    return pagesOf(query, (page) => this.#ask(({ jobs }) => jobs.list(page)));
  }

  /** How many jobs are in each state, by worker and queue. */
  async count(): Promise<readonly JobCount[]> {
    return this.#ask(({ jobs }) => jobs.count());
  }

  /**
   * The job once it has ended, or as it stands after `timeout` (default 30 s) or when the signal aborts; `null` when there is
   * none. Throws `shutting_down` when this Hatstand has stopped before that.
   */
  async wait(job: JobRef, timeout: Duration = defaults.wait, signal?: AbortSignal): Promise<Job | null> {
    const within = readAs(duration(), timeout, 'timeout', 'wait');
    const until = signal === undefined ? undefined : readAs(aSignal, signal, 'signal', 'wait');
    const id = idOf(job);
    const closing = this.#closing.signal;
    const ends = until === undefined ? closing : AbortSignal.any([until, closing]);
    const record = await this.#ask(({ jobs }) => jobs.wait(id, within, ends));
    if (record === null) return this.#orUnreadable(id, null);
    if (closing.aborted && until?.aborted !== true && !hasEnded(record.state)) throw stopped();
    return jobView(record);
  }

  /** Final at once for a waiting job; a running one is told to stop. */
  async cancel(job: JobRef): Promise<Changed> {
    const id = idOf(job);
    return this.#changed(id, await this.#ask(({ jobs }) => jobs.cancel(id)));
  }

  /** Runs an ended job again; its history is kept. */
  async restart(job: JobRef): Promise<Changed> {
    const id = idOf(job);
    return this.#changed(id, await this.#ask(({ jobs }) => jobs.restart(id)));
  }

  /** Removes an ended job with its history; also a record that nobody can read, of whatever kind. */
  async delete(job: JobRef): Promise<Deleted> {
    const id = isNoJob(job) ? job : idOf(job);
    const removed = isNoJob(job) ? missing : changedView(await this.#ask(({ jobs }) => jobs.remove(id)));
    if (removed.kind !== 'missing') return removed;
    return (await this.#ask(({ upkeep }) => upkeep.discard(id))) ? { kind: 'discarded' } : removed;
  }

  /** Records that nobody can read: the store has set them aside, so that they are in nobody's way. Throws `invalid_request`. */
  async unreadable(options?: UnreadableOptions): Promise<UnreadablePage> {
    const { from, limit } = unreadableQuery(options);
    return unreadableView(await this.#ask(({ upkeep }) => upkeep.unreadable(from, limit)));
  }

  /** What is left of such a record, secrets with it; `null`: there is none. Throws `invalid_request`. */
  async raw(id: string): Promise<UnreadableRecord | null> {
    const name = unreadableName(id);
    return this.#ask(({ upkeep }) => upkeep.raw(name));
  }

  /** What jobs have named, or somebody has set, by name. */
  async queues(): Promise<readonly QueueRecord[]> {
    return (await this.#ask(({ queues }) => queues.list())).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** No job of the queue starts any more; running ones finish. */
  async pause(queue: string): Promise<QueueSettings> {
    return this.#configure(readAs(aName, queue, 'queue', 'pause'), { paused: true });
  }

  /** Its jobs start again. */
  async resume(queue: string): Promise<QueueSettings> {
    return this.#configure(readAs(aName, queue, 'queue', 'resume'), { paused: false });
  }

  /** Changes what is named, and answers the settings as they are then. */
  async limits(queue: string, options: LimitOptions): Promise<QueueSettings> {
    return this.#configure(readAs(aName, queue, 'queue', 'limits'), limitsOf(options));
  }

  /**
   * Tells what becomes of attempts that run in this process, once the store has taken their results. What a listener throws
   * or rejects with is logged, and changes nothing. Answers how to end it.
   */
  on(event: JobEvent, listener: JobListener, options?: OnOptions): () => void {
    return this.#events.on(null, event, listener, options);
  }

  /** @internal */
  protected get eventParts(): EventParts {
    if (this.#stopped !== null) throw stopped();
    const register: EventParts['register'] = (name, options, call) => {
      this.worker(name, options, call);
      return this.#usual.get(name) ?? usualJob(name, usualRun);
    };
    return { engine: this.#engine, clock: systemClock, log: this.#log, closing: this.#closing.signal, register };
  }

  /** Throws `unreadable` when the record of the job was set aside. */
  async #orUnreadable<T>(id: string, missing: T): Promise<T> {
    const record = await this.#ask(({ upkeep }) => upkeep.raw(id));
    if (record !== null) throw unreadableJob(id, record.reason);
    return missing;
  }

  async #changed(id: string, changed: ChangedRecord): Promise<Changed> {
    const view = changedView(changed);
    return view.kind === 'missing' ? this.#orUnreadable(id, view) : view;
  }

  #configure(queue: string, change: Partial<QueueSettings>): Promise<QueueSettings> {
    return this.#ask(({ queues }) => queues.configure(queue, change));
  }

  /** What the end of the store cuts short is refused as what comes after it. */
  async #ask<T>(call: (engine: Engine) => Promise<T>): Promise<T> {
    const closing = this.#closing.signal;
    if (closing.aborted) throw stopped();
    try {
      return await call(this.#engine);
    } catch (error) {
      throw closing.aborted && error instanceof HatstandError && error.code === 'store_unavailable' ? stopped() : error;
    }
  }

  async #push<Payload, Value>(asked: NewJobs): Promise<readonly PushedJob<Job<Payload, Value>>[]> {
    if (this.#stopped !== null) throw stopped();
    try {
      return await this.#engine.jobs.pushAs(asked, { pushed: newJobView<Payload, Value>, replayed: jobView<Payload, Value> });
    } catch (error) {
      if (!(error instanceof CutShort)) throw error;
      throw new PushCutShort(error, error.code === 'shutting_down' ? `${stopped().message} ${error.advice}` : error.message);
    }
  }

  #newJob(whose: string, worker: string, payload: unknown, given: Parameters<typeof newJobOf>[2], field = 'payload'): NewJob {
    return newJobOf(this.#usual.get(worker) ?? this.#usualElsewhere(whose, worker), payload, given, [field, whose]);
  }

  #usualElsewhere(whose: string, worker: string): NewJob {
    if (this.#lastElsewhere !== null && this.#lastElsewhere.worker === worker) return this.#lastElsewhere;
    const name = readAs(aName, worker, 'worker', whose);
    if (name === 'http')
      throw refused('An HTTP job needs a url, so it is pushed over HTTP: by hatstand/client, or POST /v1/jobs.', 'worker');
    this.#lastElsewhere = usualJob(name, usualRun);
    return this.#lastElsewhere;
  }

  #handle(name: string): WorkerHandle<never, never> {
    return {
      name,
      push: (...[payload, options]) => this.push(name, payload, options) as Promise<Job<never, never>>,
      pushMany: (payloads, options) => this.pushMany(name, payloads, options),
      wait: async (job, timeout, signal) => {
        const found = await this.wait(job, timeout, signal);
        if (found === null || found.worker === name) return found as Job<never, never> | null;
        throw refused(`Job ${found.id} belongs to the worker ${shown(found.worker)}, not to ${shown(name)}.`, 'job');
      },
      on: (event, listener, options) => this.#events.on(name, event, listener, options),
    };
  }
}

const stopped = (): HatstandError =>
  new HatstandError('shutting_down', 'This Hatstand was stopped and does nothing any more: make a new one.');
