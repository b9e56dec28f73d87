/** The workers of this process: those that are registered, and of these the ones that run here. */
import { HatstandError, messageOf } from '../core/errors.ts';
import type { JobOptions, Job as JobRecord } from '../core/job.ts';
import { toldRules } from '../core/run-limits.ts';
import type { Engine } from '../engine/engine.ts';
import { type AttemptFunction, type FunctionParts, makeFunctionExecutor } from '../executors/function.ts';
import { makeTaskExecutor } from '../executors/task.ts';
import { makeWorkerExecutor } from '../executors/worker.ts';
import type { Executor } from '../ports/executor.ts';
import type { Logger } from '../ports/logger.ts';
import { Defined } from './defined.ts';
import { DefinedTask } from './defined-task.ts';
import type { WorkerDefinition } from './definition.ts';
import type { Inits } from './inits.ts';
import { type Job, jobView } from './job.ts';
import { jobOptions, usualJob, usualRun } from './new-job.ts';
import { type Checked, refused, shown } from './option.ts';
import { defaults, type hatstandOptions, type PushOptions, type workerOptions } from './options.ts';
import type { Named, Pusher } from './pusher.ts';

/** What has become of a worker that is registered or configured here. */
export interface WorkerStatus {
  readonly name: string;
  /** Attempts at once in this process. */
  readonly concurrency: number;
  /**
   * `active`: jobs run; `off`: not here, as it is configured; `waiting`: its `init` has not been called or has not ended; `failed`:
   * its `init` failed after the start; `missing`: it is configured, and nobody has registered it.
   */
  readonly state: 'active' | 'off' | 'waiting' | 'failed' | 'missing';
}

type Settings = Pick<Checked<typeof hatstandOptions>, 'workers' | 'onlyWorkers'>;
type Options = Checked<typeof workerOptions>;

export interface ServedParts {
  readonly engine: Engine;
  readonly pusher: Pusher;
  readonly inits: Inits;
  readonly log: Logger;
  readonly settings: Settings;
  /** Whether `start` was called: from then on an `init` is called at once. */
  hasBegun(): boolean;
  isStopped(): boolean;
}

export class Served {
  readonly #parts: ServedParts;
  readonly #functions: Omit<FunctionParts<Job<unknown>>, 'worker'>;
  readonly #all = new Map<string, WorkerStatus>();
  /** Whose `init` the start calls. */
  readonly #begins = new Set<string>();

  constructor(parts: ServedParts) {
    this.#parts = parts;
    this.#functions = {
      log: parts.log,
      viewOf: jobView,
      firstStart: (job) => firstStart(parts.engine, job),
      push: (attempt, worker, message, options) => parts.pusher.pushFrom(attempt, worker as Named, message, options as PushOptions),
    };
  }

  /** Throws as `Hatstand.worker`. */
  addFunction(name: string, given: Options, call: AttemptFunction<Job<unknown>>): void {
    const options = { ...given, ...this.#optionsHere(name) };
    const usual: JobOptions = jobOptions(options, usualRun);
    this.#serve(name, options, makeFunctionExecutor(call, { ...this.#functions, worker: name }));
    this.#parts.pusher.know(name, { usual: usualJob(name, usual), limits: null });
  }

  /** Throws as `Hatstand.worker`. */
  addDefined(definition: WorkerDefinition): string {
    if (!(definition instanceof Defined)) {
      throw refused(`worker takes a name and a function, or what defineWorker gives, not ${shown(definition)}.`, 'definition');
    }
    const here = this.#optionsHere(definition.name);
    const worker = here === undefined ? definition : definition.with(here);
    const parts = { ...this.#functions, worker: worker.name };
    const executor = worker instanceof DefinedTask ? makeTaskExecutor(worker.taskCalls, parts) : makeWorkerExecutor(worker.calls, parts);
    const { name, init, options } = worker;
    if (init === null || !this.#runsHere(name)) this.#serve(name, options, executor, worker);
    else this.#serveAfterInit(worker, executor);
    this.#parts.pusher.know(name, worker);
    return name;
  }

  /** Throws `conflict` when the name is taken. */
  checkFree(name: string): void {
    if (this.#all.has(name)) throw new HatstandError('conflict', `There is a worker ${JSON.stringify(name)} already.`);
  }

  /** Those of the configuration that nobody has registered come last. */
  list(): readonly WorkerStatus[] {
    const { workers } = this.#parts.settings;
    const missing = workers === undefined || workers === false ? [] : [...workers.keys()].filter((name) => !this.#all.has(name));
    return [...this.#all.values(), ...missing.map((name): WorkerStatus => ({ name, concurrency: 0, state: 'missing' }))];
  }

  /** What was configured for nobody is told, since it may be a slip. */
  warnOfMissing(): void {
    for (const { name, state } of this.list()) if (state === 'missing') this.#parts.log.warn('worker.missing', { worker: name });
  }

  /** The inits that the start calls have succeeded; those of workers that came later may still run. */
  begun(): void {
    for (const [name, status] of this.#all) if (this.#begins.has(name)) this.#all.set(name, { ...status, state: 'active' });
  }

  #serve(name: string, options: Options, executor: Executor, declared?: Defined): void {
    const { concurrency = defaults.concurrency, queues = 'any' } = options;
    this.checkFree(name);
    const runsHere = this.#runsHere(name);
    // Others are told of one that is off, too.
    this.#parts.engine.addWorker({
      ...{ name, concurrency: runsHere ? concurrency : 0, queues, executor, isOfTasks: declared instanceof DefinedTask },
      ...(declared && { rules: toldRules(declared) }),
    });
    this.#all.set(name, { name, concurrency, state: runsHere ? 'active' : 'off' });
  }

  /** Before the start nothing is claimed, so it may be told of already; after it, its jobs wait until its `init` has ended. */
  #serveAfterInit(worker: Defined, executor: Executor): void {
    const { name, concurrency, queues } = worker;
    const { engine, inits, log } = this.#parts;
    this.checkFree(name);
    const tell = (state: WorkerStatus['state']): void => void this.#all.set(name, { name, concurrency, state });
    const add = (): void => engine.addWorker({ name, concurrency, queues, executor, rules: toldRules(worker) });
    if (!this.#parts.hasBegun()) {
      add();
      inits.add(worker);
      this.#begins.add(name);
      tell('waiting');
      return;
    }
    if (this.#parts.isStopped()) add();
    tell('waiting');
    const begin = async (): Promise<void> => {
      await inits.one(worker);
      add();
      tell('active');
    };
    begin().catch((error: unknown) => {
      tell('failed');
      if (!this.#parts.isStopped()) log.error('worker.init_failed', { worker: name, error: messageOf(error) });
    });
  }

  #runsHere(name: string): boolean {
    const { workers, onlyWorkers } = this.#parts.settings;
    if (workers === false || (onlyWorkers !== undefined && !onlyWorkers.includes(name))) return false;
    return workers?.get(name) !== false;
  }

  #optionsHere(name: string): Options | undefined {
    const { workers } = this.#parts.settings;
    const setting = workers === undefined || workers === false ? undefined : workers.get(name);
    return setting === false ? undefined : setting;
  }
}

/** Attempts of a page. */
const pageSize = 100;

/** When the first attempt of the job's run began; where nobody can tell, this one did. */
async function firstStart({ jobs }: Engine, job: JobRecord): Promise<number> {
  const begun = job.startedAt ?? Date.now();
  const earlier = await jobs.history(job, pageSize).catch(() => []);
  return earlier.filter(({ run }) => run === job.run).reduce((first, { startedAt }) => Math.min(first, startedAt), begun);
}
