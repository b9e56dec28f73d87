/** The workers of a client: what is given is checked, and each begins at once. */
import { reservedWorkers } from '../core/elsewhere.ts';
import { HatstandError } from '../core/errors.ts';
import { makeFunctionExecutor } from '../executors/function.ts';
import { makeTaskExecutor } from '../executors/task.ts';
import { makeWorkerExecutor } from '../executors/worker.ts';
import type { Client } from '../faces/client/client.ts';
import { silent } from '../system/silent.ts';
import { makeStderrLog } from '../system/stderr-log.ts';
import { Defined } from './defined.ts';
import { DefinedTask } from './defined-task.ts';
import type { WorkerDefinition } from './definition.ts';
import { type ElsewhereFunction, type ElsewhereParts, holderHere, startElsewhere } from './elsewhere.ts';
import { type ElsewhereOptions, type elsewhereOptions, elsewhereOptionsOf } from './elsewhere-options.ts';
import { makePushing, saidJobOf } from './elsewhere-pushing.ts';
import { recordOf } from './elsewhere-record.ts';
import { Inits } from './inits.ts';
import { type Job, jobView } from './job.ts';
import { idOf } from './job-ref.ts';
import { call as aFunction, aName, type Checked, duration, readAs, refused, shown } from './option.ts';
import { type Duration, defaults, type PushOptions } from './options.ts';
import { type Named, Pusher } from './pusher.ts';
import type { WorkerFunction } from './worker.ts';

/** A worker that runs in this process and gets its jobs from a server. */
export interface RunningWorker {
  readonly name: string;
  /**
   * Resolves when it was stopped. Rejects when it cannot go on: its `init` failed, or the server refuses what it asks for, such as its
   * token. A server that is away is waited for.
   */
  readonly ended: Promise<void>;
  /** Asks for no more jobs, lets those that run finish for `grace` (default 10 s), and hands the rest back. Stopping again is harmless. */
  stop(grace?: Duration): Promise<void>;
}

export interface WorkerOf {
  /**
   * Runs a worker in this process: its jobs are claimed from the server, as many as may run at once. Its context has the same as in a
   * Hatstand. Throws `invalid_request`.
   */
  <Payload = unknown, Value = unknown>(name: string, call: WorkerFunction<Payload, Value>): RunningWorker;
  <Payload = unknown, Value = unknown>(
    name: string,
    options: ElsewhereOptions | undefined,
    call: WorkerFunction<Payload, Value>,
  ): RunningWorker;
  /**
   * The same for what `defineWorker` gives, with all its hooks, or `defineTask`. Its `attempts`, `timeout` and the like are those of the jobs that are pushed by
   * the definition; what is pushed by its name alone runs as its server says.
   */
  <Input, Message, Value>(definition: WorkerDefinition<Input, Message, Value>, options?: ElsewhereOptions): RunningWorker;
}

export interface PushOf {
  /** Answers when the job is kept. Throws as `Hatstand.push`, `unreachable`, and `unconfirmed` when the answer was lost. */
  <Payload = unknown, Value = unknown>(worker: string, payload?: Payload, options?: PushOptions): Promise<Job<Payload, Value>>;
  /** The same for a worker that needs no message. */
  <Value>(worker: WorkerDefinition<undefined, unknown, Value>, message?: undefined, options?: PushOptions): Promise<Job<undefined, Value>>;
  /** The same for a worker and its message. */
  <Input, Value>(
    worker: WorkerDefinition<Input, unknown, Value>,
    message: NoInfer<Input>,
    options?: PushOptions,
  ): Promise<Job<Input, Value>>;
}

export class Workers {
  readonly #client: Client;
  /** One for all workers of a client. */
  readonly #holder: string = holderHere();

  readonly #pusher: Pusher;

  constructor(client: Client) {
    this.#client = client;
    this.#pusher = new Pusher({ jobs: makePushing(client), stopped: neverStopped, isStopped: () => false, newJobOf: saidJobOf });
  }

  readonly push: PushOf = (worker: Named, ...[payload, options]: readonly [unknown?, PushOptions?]) =>
    this.#pusher.push<never, never>(worker, payload, options);

  /** The job once it has ended, or as it stands after `timeout` (default 30 s, at most 5 minutes). Throws `not_found`. */
  readonly wait = async <Payload, Value>(
    job: string | Job<Payload, Value>,
    timeout: Duration = defaults.wait,
  ): Promise<Job<Payload, Value>> => {
    const within = readAs(duration(), timeout, 'timeout', 'wait');
    return jobView(recordOf(await this.#client.jobs.wait(idOf(job), within)));
  };

  readonly worker: WorkerOf = (
    worker: unknown,
    ...given: readonly [(ElsewhereOptions | WorkerFunction<never>)?, WorkerFunction<never>?]
  ): RunningWorker => {
    const [first, second] = given;
    const isNamed = typeof worker === 'string';
    const options = elsewhereOptionsOf(typeof first === 'function' ? undefined : first);
    return isNamed ? this.#function(worker, options, typeof first === 'function' ? first : second) : this.#defined(worker, options);
  };

  #function(named: string, options: Given, call: unknown): RunningWorker {
    const name = readAs(aName, named, 'name', 'worker');
    // What is pushed to this worker is its caller's promise.
    const work = readAs(aFunction, call, 'function', 'worker') as ElsewhereFunction;
    return this.#start(name, options, { init: async () => undefined, executor: (parts) => makeFunctionExecutor(work, parts) });
  }

  #defined(definition: unknown, options: Given): RunningWorker {
    if (!(definition instanceof Defined)) {
      throw refused(`worker takes a name and a function, or what defineWorker gives, not ${shown(definition)}.`, 'definition');
    }
    const { holder: _holder, attemptTtl: _ttl, log: _log, ...ofWorker } = options;
    const worker = definition.with(ofWorker);
    return this.#start(
      worker.name,
      { ...worker.options, ...options },
      {
        init: (signal) => (worker.init === null ? Promise.resolve() : new Inits(logOf(options), signal).one(worker)),
        executor: (parts) =>
          worker instanceof DefinedTask ? makeTaskExecutor(worker.taskCalls, parts) : makeWorkerExecutor(worker.calls, parts),
      },
    );
  }

  #start(
    name: string,
    { concurrency = defaults.concurrency, queues, holder = this.#holder, attemptTtl = usualTtl, ...options }: Given,
    runs: Pick<ElsewhereParts, 'init' | 'executor'>,
  ): RunningWorker {
    if ((reservedWorkers as readonly string[]).includes(name))
      throw refused(`Jobs of the worker ${name} are not run elsewhere: give the worker another name.`, 'name');
    const common = { client: this.#client, name, concurrency, queues, holder, attemptTtl, log: logOf(options) };
    const running = startElsewhere({ ...common, ...runs });
    return {
      name,
      ended: running.ended,
      stop: async (grace = defaults.grace) => running.stop(readAs(duration(), grace, 'grace', 'stop')),
    };
  }
}

const neverStopped = (): HatstandError => new HatstandError('shutting_down', 'This client was stopped.');

type Given = Checked<typeof elsewhereOptions>;

const usualTtl = 30_000;

const logOf = ({ log }: Pick<Given, 'log'>) => (log === null ? silent : (log ?? makeStderrLog()));
