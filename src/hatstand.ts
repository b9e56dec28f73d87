/** The library's face: a node inside your own process, with workers that are functions. */
import { randomBytes } from 'node:crypto';
import { build } from './build.ts';
import { HatstandError } from './core/errors.ts';
import { hasEnded } from './core/job.ts';
import type { Changed as ChangedRecord } from './engine/api/jobs.ts';
import { type Engine, makeEngine } from './engine/engine.ts';
import type { AttemptFunction } from './executors/function.ts';
import { hearStrays } from './executors/strays.ts';
import { type Batches, makeBatches } from './library/batches.ts';
import type { WorkerDefinition } from './library/definition.ts';
import { EventMethods, type EventParts } from './library/event-methods.ts';
import { type Events, type JobEvent, type JobListener, makeEvents, type OnOptions } from './library/events.ts';
import { makeHandle } from './library/handle.ts';
import { Inits } from './library/inits.ts';
import { type AsJson, type Changed, changedView, type Deleted, type Job, type JobRef, jobView } from './library/job.ts';
import { idOf, missing } from './library/job-ref.ts';
import { linkingOf } from './library/links.ts';
import { type Listeners, type Listening, type ListenOptions, makeListeners } from './library/listen.ts';
import { usualJob, usualRun } from './library/new-job.ts';
import { call as aFunction, aName, signal as aSignal, checked, duration, readAs, refused } from './library/option.ts';
import {
  type Duration,
  defaults,
  type HatstandOptions,
  hatstandOptions,
  type PushManyOptions,
  type PushOptions,
  type WorkerOptions,
  workerOptions,
} from './library/options.ts';
import { type Purged, type PurgeOptions, purge } from './library/purge.ts';
import { type Named, Pusher } from './library/pusher.ts';
import { retentionFor } from './library/retention.ts';
import { Served, type WorkerStatus } from './library/served.ts';
import { makeTasks, type Tasks, usualTaskOf } from './library/tasks.ts';
import { makeTriggers, type Triggers } from './library/triggers.ts';
import {
  type Ask,
  isNoJob,
  orUnreadable,
  type UnreadableOptions,
  type UnreadablePage,
  type UnreadableRecord,
  unreadableName,
  unreadableQuery,
  unreadableView,
} from './library/unreadable.ts';
import type { WorkerFunction, WorkerHandle } from './library/worker.ts';
import { withWorkersFile } from './library/workers-file.ts';
import { linksOf } from './linking.ts';
import type { Logger } from './ports/logger.ts';
import type { Store } from './ports/store/store.ts';
import { makeSpool } from './stores/spool/index.ts';
import { systemClock } from './system/clock.ts';
import { systemMachine } from './system/machine.ts';
import { silent } from './system/silent.ts';
import { makeStderrLog } from './system/stderr-log.ts';

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
  readonly #pusher: Pusher;
  readonly #inits: Inits;
  readonly #served: Served;
  /** What pushes jobs by itself: at certain times, when something happens, when its address is called. */
  readonly triggers: Triggers;
  /** Jobs that belong together, and what is pushed when all of them have ended. */
  readonly batches: Batches;
  /** Work that is kept running until it ends, on one node at a time. */
  readonly tasks: Tasks;
  #started: Promise<void> | null = null;
  #stopped: Promise<void> | null = null;
  /** Aborts when the store is about to be closed. */
  readonly #closing = new AbortController();
  /** Aborts when it is stopped. */
  readonly #stopping = new AbortController();
  #endStrays: () => void = () => undefined;

  /** Does nothing yet but check the options, and read the `configFile`. Throws `invalid_request`, `invalid_config`. */
  constructor(options: HatstandOptions) {
    super(
      (call) => this.#ask(call),
      () => this.#checkOpen(),
    );
    const all = checked(options, hatstandOptions, 'Hatstand');
    const settings = withWorkersFile(all, all.configFile);
    const {
      store,
      name = defaults.name,
      log: given,
      keepEnded = defaults.keepEnded,
      healthInterval: every = defaults.healthInterval,
    } = all;
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
      links: linksOf(store, linkingOf(all.links), log),
      retention: retentionFor(keepEnded),
      spool: all.spool === undefined ? undefined : makeSpool(all.spool),
      health: { machine: systemMachine, thresholds: { cpu: all.cpuThreshold ?? null, memory: all.memoryThreshold ?? null }, every },
      random: Math.random,
      // 64 random bits, short because they stand on every record that is running.
      unique: () => randomBytes(8).toString('base64url'),
      onSettled: this.#events.settled,
    });
    const isStopped = (): boolean => this.#stopped !== null;
    this.#pusher = new Pusher({ jobs: this.#engine.jobs, stopped, isStopped });
    this.#inits = new Inits(log, this.#stopping.signal);
    const { engine, pusher, inits } = { engine: this.#engine, pusher: this.#pusher, inits: this.#inits };
    this.#served = new Served({ engine, pusher, inits, log, settings, hasBegun: () => this.#started !== null, isStopped });
    this.triggers = makeTriggers({ ask: this.#ask, pusher, checkOpen: () => this.#checkOpen() });
    this.batches = makeBatches({ ask: this.#ask, pusher });
    this.tasks = makeTasks({ ask: this.#ask, pusher });
    this.#listeners = makeListeners({
      engine,
      log,
      usualOf: (worker) => pusher.usualOf(worker),
      usualTaskOf: (worker) => usualTaskOf(pusher.known(worker)),
      admit: (job, isAdmin, what) => pusher.admitted(job, isAdmin, what),
    });
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
  /** The same for what `defineWorker` gives. */
  worker<Input, Message, Value>(definition: WorkerDefinition<Input, Message, Value>): WorkerHandle<Input, Value>;
  worker(
    worker: string | WorkerDefinition,
    ...given: readonly [] | readonly [WorkerFunction<never, unknown>] | readonly [WorkerOptions | undefined, WorkerFunction<never, unknown>]
  ): WorkerHandle<never, never> {
    if (given.length === 0 && typeof worker !== 'string') return this.#handle(this.#served.addDefined(worker));
    const [options, work] = given.length === 2 ? given : [undefined, given[0]];
    if (typeof options === 'function')
      throw refused('worker takes its options before its function: worker(name, options, function).', 'options');
    const checkedOptions = checked(options, workerOptions, 'worker');
    const name = readAs(aName, worker, 'name', 'worker');
    // What is pushed to this worker is its caller's promise.
    this.#served.addFunction(name, checkedOptions, readAs(aFunction, work, 'function', 'worker') as AttemptFunction<Job<unknown>>);
    return this.#handle(name);
  }

  /** The workers that are registered or configured here: only those whose `state` is `active` run jobs in this process. */
  workers(): readonly WorkerStatus[] {
    return this.#served.list();
  }

  /**
   * Begins to run jobs, once the `init` of each worker has ended; from now on this node keeps the process, until `stop`. Pushing
   * works before it, too. Throws `init_failed`, after which it may be tried again, and `shutting_down`.
   */
  start(): Promise<void> {
    if (this.#stopped !== null) return this.#engine.start();
    this.#started ??= this.#start().catch((error: unknown) => {
      if (this.#stopped !== null) return;
      this.#started = null;
      throw error;
    });
    return this.#started;
  }

  async #start(): Promise<void> {
    this.#endStrays();
    this.#endStrays = hearStrays();
    await this.#inits.all();
    await this.#engine.start();
    this.#served.begun();
    this.#served.warnOfMissing();
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
    this.#stopping.abort(stopped());
    this.#pusher.end(stopped());
    return this.#stopped;
  }

  async #stop(grace: number): Promise<void> {
    const failures: unknown[] = [];
    // As long as jobs run, they can be watched and canceled over HTTP.
    const steps = [() => this.#engine.stop(grace), this.#listeners.close, this.#events.told, () => this.#close()];
    for (const step of steps) await step().catch((error: unknown) => void failures.push(error));
    this.#endStrays();
    if (failures.length > 0) throw failures[0];
  }

  #close(): Promise<void> {
    this.#closing.abort();
    return this.#store.close();
  }

  /**
   * Answers when the job is kept. What the `beforeHook` of its worker skips is not: the job that it answers has no id, and the reason
   * `skipped`. Throws `invalid_request`, `too_large`, `message_missing`, `message_invalid`, `key_reused`, `shutting_down`, what the
   * `beforeHook` throws, and what the store throws.
   *
   * By its name the worker need not be known to this node.
   */
  // Of a call that fits no signature the compiler tells what is wrong by the last one: so that is the one of most calls.
  push<Payload = unknown, Value = unknown>(worker: string, payload?: Payload, options?: PushOptions): Promise<Job<Payload, Value>>;
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
  push(worker: Named, ...[payload, options]: readonly [unknown?, PushOptions?]): Promise<Job<never, never>> {
    return this.#pusher.push(worker, payload, options);
  }

  /**
   * In order. Up to 1,000 jobs with 4 MiB of payloads are one step of the store, which is taken or not. More are kept in slices
   * of that size, one after another, however many there are, and payloads may be made while earlier ones are kept. When a slice
   * fails behind others, or idempotency keys belong to other jobs, it throws `PushCutShort`, which tells what is kept. Else as
   * `push`; a payload that is refused is named by its place. When it ends early, a source of payloads is told to `return`, and not
   * waited for. By its name the worker need not be known to this node.
   */
  pushMany<Payload = unknown, Value = unknown>(
    worker: string,
    payloads: Iterable<Payload> | AsyncIterable<Payload>,
    options?: PushManyOptions,
  ): Promise<readonly Job<Payload, Value>[]>;
  /** The same for a worker and its messages. */
  pushMany<Input, Value>(
    worker: WorkerDefinition<Input, unknown, Value>,
    payloads: Iterable<NoInfer<Input>> | AsyncIterable<NoInfer<Input>>,
    options?: PushManyOptions,
  ): Promise<readonly Job<Input, Value>[]>;
  pushMany(
    worker: Named,
    payloads: Iterable<unknown> | AsyncIterable<unknown>,
    options?: PushManyOptions,
  ): Promise<readonly Job<never, never>[]> {
    return this.#pusher.pushMany(worker, payloads, options);
  }

  /**
   * The job once it has ended, or as it stands after `timeout` (default 30 s) or when the signal aborts; `null` when there is
   * none. Throws `shutting_down` when this Hatstand has stopped before that.
   */
  async wait<Payload = unknown, Value = unknown>(
    job: JobRef | Job<Payload, Value>,
    timeout: Duration = defaults.wait,
    signal?: AbortSignal,
  ): Promise<Job<Payload, Value> | null> {
    const within = readAs(duration(), timeout, 'timeout', 'wait');
    const until = signal === undefined ? undefined : readAs(aSignal, signal, 'signal', 'wait');
    const id = idOf(job);
    const closing = this.#closing.signal;
    const ends = until === undefined ? closing : AbortSignal.any([until, closing]);
    const record = await this.#ask(({ jobs }) => jobs.wait(id, within, ends));
    if (record === null) return orUnreadable(this.#ask, id, null);
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

  /**
   * Removes ended jobs that are old enough, but for the newest of each state, worker and domain; slice after slice, between which
   * others have their turn. What triggers tell of their jobs stays. Throws `invalid_request`, `conflict` while nothing is removed for
   * its age, since the clock of the store has leapt, and the reason of an aborted `signal`.
   */
  purge(options: PurgeOptions): Promise<Purged> {
    return purge(this.#ask, options);
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
      return usualJob(name, this.#pusher.usualOf(name) ?? usualRun);
    };
    const checkFree: EventParts['checkFree'] = (name, options, call) => {
      checked(options, workerOptions, 'subscribe');
      readAs(aFunction, call, 'function', 'subscribe');
      this.#served.checkFree(readAs(aName, name, 'name', 'subscribe'));
    };
    const asked = { ask: this.#ask, checkFree, register };
    return { engine: this.#engine, clock: systemClock, log: this.#log, closing: this.#closing.signal, ...asked };
  }

  async #changed(id: string, changed: ChangedRecord): Promise<Changed> {
    const view = changedView(changed);
    return view.kind === 'missing' ? orUnreadable(this.#ask, id, view) : view;
  }

  #checkOpen(): void {
    if (this.#closing.signal.aborted) throw stopped();
  }

  /** What the end of the store cuts short is refused as what comes after it. */
  readonly #ask: Ask = async (call) => {
    this.#checkOpen();
    try {
      return await call(this.#engine);
    } catch (error) {
      throw this.#closing.signal.aborted && error instanceof HatstandError && error.code === 'store_unavailable' ? stopped() : error;
    }
  };

  #handle(name: string): WorkerHandle<never, never> {
    return makeHandle(name, { pusher: this.#pusher, events: this.#events, wait: (...given) => this.wait(...given) });
  }
}

const stopped = (): HatstandError =>
  new HatstandError('shutting_down', 'This Hatstand was stopped and does nothing any more: make a new one.');
