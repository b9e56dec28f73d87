/** A definition as this library goes on with it: checked, with its message's schema and its hooks as an attempt calls them. */
import { HatstandError, messageOf } from '../core/errors.ts';
import type { Job as JobRecord, NewJob } from '../core/job.ts';
import { messageIn } from '../core/message.ts';
import { hear } from '../core/promises.ts';
import type { RunLimits } from '../core/run-limits.ts';
import { fitOf, type Reason, type StandardSchema } from '../core/standard-schema.ts';
import type { Context } from '../executors/context.ts';
import { Unfit } from '../executors/function-fault.ts';
import type { WorkerCalls } from '../executors/worker.ts';
import { type BeforeAnswer, declarationOptions, type InitContext, type JobToKeep, type WorkerDeclaration } from './define.ts';
import type { WorkerDefinition } from './definition.ts';
import type { AsJson, Job } from './job.ts';
import { jobOptions, type Run, type Target, usualJob, usualRun } from './new-job.ts';
import { type Checked, checked, refused, shown } from './option.ts';
import { defaults, jobFields, type workerOptions } from './options.ts';

type Given = Checked<typeof declarationOptions>;
/** The functions of a declaration as they are called here: their types are the promise of whoever declared them. */
type Call<Arguments extends readonly unknown[]> = (...given: Arguments) => unknown;
type AnyContext = Context<Job<unknown>>;

export class Defined implements WorkerDefinition, Target {
  readonly name: string;
  readonly concurrency: number;
  readonly queues: 'any' | readonly string[];
  readonly adminOnly: boolean;
  readonly usual: NewJob;
  readonly limits: RunLimits;
  readonly says: Run;
  readonly init: Call<[InitContext]> | null;
  readonly #input: StandardSchema | null;
  readonly #output: StandardSchema | null;
  readonly #beforeHook: Call<[JobToKeep]> | null;
  readonly #given: Given;
  /** What `defineWorker` gave: this may differ from it by what is configured here. */
  readonly origin: Defined;
  readonly #calls: Pick<WorkerCalls<Job<unknown>>, 'start' | 'errorHook' | 'commit' | 'run'>;

  constructor(given: Given, origin?: Defined) {
    const { name, run } = given;
    this.#given = given;
    this.origin = origin ?? this;
    if (name === undefined) throw refused(`defineWorker needs a name: ${declarationOptions.name.kind.expected}.`, 'name');
    if (run === undefined) throw refused(`defineWorker needs run: ${declarationOptions.run.kind.expected}.`, 'run');
    this.name = name;
    this.concurrency = given.concurrency ?? defaults.concurrency;
    this.queues = given.queues ?? 'any';
    this.adminOnly = given.adminOnly ?? false;
    this.usual = usualJob(name, jobOptions(given, usualRun));
    this.says = given;
    this.limits = { attempts: given.attempts, timeout: given.timeout, totalTimeout: given.totalTimeout };
    this.#input = given.input ?? null;
    this.#output = given.output ?? null;
    this.init = (given.init as Call<[InitContext]> | undefined) ?? null;
    this.#beforeHook = (given.beforeHook as Call<[JobToKeep]> | undefined) ?? null;
    this.#calls = {
      run: run as Call<[AnyContext]>,
      start: (given.start as Call<[AnyContext]> | undefined) ?? null,
      errorHook: (given.errorHook as Call<[unknown, AnyContext]> | undefined) ?? null,
      commit: (given.commit as Call<[AnyContext, unknown]> | undefined) ?? null,
    };
  }

  get options(): Pick<Given, 'concurrency' | 'queues'> {
    return this.#given;
  }

  /** The same worker with these options. */
  with(options: Checked<typeof workerOptions>): Defined {
    return new Defined({ ...this.#given, ...options }, this.origin);
  }

  /** A push to it need not be looked at: it may be anything, and nobody is asked. */
  get takesAnything(): boolean {
    return this.#input === null && this.#beforeHook === null;
  }

  get hasBeforeHook(): boolean {
    return this.#beforeHook !== null;
  }

  /** As an attempt calls them. */
  get calls(): WorkerCalls<Job<unknown>> {
    return {
      ...this.#calls,
      read: (message) => this.#read(message),
      keep: (value) => this.#keep(value),
      before: this.#beforeHook === null ? null : (job, message) => this.#beforeRun(job, message),
    };
  }

  /** Throws `message_missing` or `message_invalid` for a payload that it does not take. */
  async checkMessage(payload: string | null, field: string): Promise<void> {
    const unfit = await this.#unfit(payload);
    if (unfit === null) return;
    const { why, issues } = unfit;
    const details = { field, issues };
    throw payload === null
      ? new HatstandError('message_missing', `The worker ${shown(this.name)} needs a message, and none was pushed: ${why}`, details)
      : new HatstandError('message_invalid', `The message is not what the worker ${shown(this.name)} takes: ${why}`, details);
  }

  /** `null`: it fits. */
  async #unfit(payload: string | null): Promise<Reason | null> {
    try {
      const message = messageIn(payload === null ? undefined : JSON.parse(payload));
      if (this.#input === null) return null;
      const fit = await fitOf(this.#input, message);
      return fit.fits ? null : fit;
    } catch (error) {
      hear(error);
      return { why: messageOf(error), issues: [] };
    }
  }

  async #read(message: unknown): Promise<unknown> {
    if (this.#input === null) return message;
    const fit = await fitOf(this.#input, message);
    if (fit.fits) return fit.value;
    throw new Unfit(message === undefined ? `there is no message: ${fit.why}` : `the message is not what the worker takes: ${fit.why}`);
  }

  async #keep(value: unknown): Promise<unknown> {
    if (this.#output === null) return value;
    const fit = await fitOf(this.#output, value);
    if (fit.fits) return fit.value;
    throw new TypeError(`the result of the worker is not what its output schema takes: ${fit.why}`);
  }

  /** What its `beforeHook` says of a job; without one, nothing. What the hook throws is thrown. */
  async askBefore(job: JobToKeep): Promise<Change | 'skip' | null> {
    const answer = await this.#beforeHook?.(job);
    if (answer === false) return 'skip';
    if (answer === true || answer === undefined) return null;
    if (typeof answer !== 'object' || answer === null) {
      throw refused(
        `beforeHook of ${shown(this.name)} must answer true, false, nothing or what it changes, not ${shown(answer)}.`,
        'beforeHook',
      );
    }
    const { message, ...fields } = answer as Exclude<BeforeAnswer, boolean | undefined>;
    return { ...('message' in answer ? { message } : {}), fields: checked(fields, jobFields, `beforeHook of ${this.name}`) };
  }

  async #beforeRun(job: JobRecord, message: unknown): Promise<{ readonly message: unknown } | null> {
    const { worker, queue, domain, name, comment, manual, priority, id } = job;
    const change = await this.askBefore({ worker, message, queue, domain, name, comment, manual, priority, id });
    if (change === 'skip') return null;
    return { message: change !== null && 'message' in change ? change.message : message };
  }
}

/** What a `beforeHook` changes. */
export interface Change {
  readonly message?: unknown;
  readonly fields: Checked<typeof jobFields>;
}

/**
 * A worker by itself: `Hatstand.worker` serves it, `Hatstand.push` pushes to it. Messages are kept as they are pushed; what the
 * schema makes of one is what `run` sees. Throws `invalid_request`.
 *
 * ```ts
 * const greet = defineWorker({
 *   name: 'greet',
 *   input: z.object({ name: z.string() }),
 *   attempts: 3,
 *   run: ({ message }) => `Hello ${message.name}`,
 * });
 * ```
 */
export function defineWorker<Message = unknown, Returned = unknown, Input = Message, Kept = Returned, Cookie = undefined>(
  declaration: WorkerDeclaration<Message, Returned, Input, Kept, Cookie>,
): WorkerDefinition<Input, Message, AsJson<Kept>> {
  return new Defined(checked(declaration, declarationOptions, 'defineWorker')) as WorkerDefinition<never, never, never>;
}
