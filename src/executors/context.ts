/** What a function is told of its attempt, and what it may say of it. Contexts of one attempt share it; each has its own cookie and signal. */
import { type Told, toldBy } from '../core/about.ts';
import { type BatchTold, batchOf } from '../core/batch.ts';
import { keyOfOwner } from '../core/definition.ts';
import { type Millis, parseDuration, timerDelay } from '../core/duration.ts';
import { HatstandError, messageOf } from '../core/errors.ts';
import type { Job } from '../core/job.ts';
import { jsonText } from '../core/json-value.ts';
import type { LogLevel } from '../core/report.ts';
import type { StopReason } from '../ports/executor.ts';
import type { Logger } from '../ports/logger.ts';
import type { Attempt } from './attempt.ts';
import { Abort, BadTrigger, Unfit } from './function-fault.ts';
import { lineOf } from './log-line.ts';

/** What contexts need of those who make them; `View` is how a function sees its job. */
export interface ContextParts<View> {
  readonly log: Logger;
  viewOf(job: Job): View;
  /** Keeps a job for an attempt; answers it as a function sees it. Checks what it is given. */
  push(attempt: Attempt, worker: unknown, message: unknown, options: unknown): Promise<unknown>;
}

/** In what contexts of one attempt differ. */
interface Own<View> {
  readonly cookie: unknown;
  /** `null`: the attempt's. */
  readonly signal: AbortSignal | null;
  /** The message as the worker's schema has made it, in a box; `null`: there is no schema. */
  readonly read: { readonly value: unknown } | null;
  /** The first context of the attempt, which has all that they share; `null`: this one. */
  readonly first: Context<View> | null;
}

const plain: Own<never> = { cookie: undefined, signal: null, read: null, first: null };

/** Most functions never ask for most of it: it is made when it is first asked for. */
export class Context<View> {
  readonly #attempt: Attempt;
  readonly #parts: ContextParts<View>;
  readonly #own: Own<View>;
  #view: View | undefined;
  #told: Told | null = null;
  #logger: Logger | null = null;

  constructor(attempt: Attempt, parts: ContextParts<View>, own: Own<View> = plain) {
    this.#attempt = attempt;
    this.#parts = parts;
    this.#own = own;
  }

  get id(): string {
    return this.#attempt.job.id;
  }

  get job(): View {
    if (this.#own.first !== null) return this.#own.first.job;
    this.#view ??= this.#parts.viewOf(this.#attempt.job);
    return this.#view;
  }

  get fence(): string {
    return this.#attempt.job.fence;
  }

  get signal(): AbortSignal {
    return this.#own.signal ?? this.#attempt.signal;
  }

  get attempt(): number {
    return this.#attempt.job.attempt;
  }

  get domain(): string {
    return this.#attempt.job.domain;
  }

  get manual(): boolean {
    return this.#attempt.job.manual;
  }

  get triggerId(): string | undefined {
    const owner = keyOfOwner(this.#attempt.job.owner);
    return owner?.kind === 'trigger' ? owner.key : undefined;
  }

  get batch(): BatchTold | undefined {
    return batchOf(this.#attempt.job);
  }

  get logger(): Logger {
    if (this.#own.first !== null) return this.#own.first.logger;
    this.#logger ??= loggerOf(this.#attempt, this.#parts.log);
    return this.#logger;
  }

  /** As its worker's schema has made it. Throws `Unfit` when there is no schema and the message is in an envelope that holds none. */
  get message(): unknown {
    return this.#own.read === null ? this.told.message : this.#own.read.value;
  }

  get event(): unknown {
    return this.told.event;
  }

  get payload(): unknown {
    return this.told.payload;
  }

  /** What was pushed, as it came. Throws as `message`. */
  get told(): Told {
    if (this.#own.first !== null) return this.#own.first.told;
    this.#told ??= told(this.#attempt.job);
    return this.#told;
  }

  /** What `withCookie` said last. */
  get cookie(): unknown {
    return this.#own.cookie;
  }

  get isFinal(): boolean {
    return this.#attempt.isLast;
  }

  // What may be called is a function of its own, so that it can be taken out of the context: ({ message, abort }) => …

  /** Throws `invalid_request` for what is no JSON, `too_large`. */
  get progress(): (value: unknown) => void {
    return (value) => this.#attempt.reporter.progress(jsonText(value, 'progress') ?? 'null');
  }

  /** Throws `invalid_request` for what is no JSON, `too_large`. */
  get emit(): (name: string, data?: unknown, options?: EmitOptions) => void | Promise<void> {
    return (name, data, options) => {
      const { reporter } = this.#attempt;
      const text = jsonText(data, 'data') ?? null;
      return isDurable(options) ? reporter.emitDurable(name, text) : reporter.emit(name, text);
    };
  }

  get push(): (worker: unknown, message?: unknown, options?: unknown) => Promise<unknown> {
    return (worker, message, options) => this.#parts.push(this.#attempt, worker, message, options);
  }

  get noRetry(): () => void {
    return () => this.#attempt.noRetry();
  }

  /** Throws, so that what called it ends; that counts also when somebody catches it. */
  get abort(): () => never {
    return () => {
      this.#attempt.abort();
      throw new Abort('the function ended its job without an error');
    };
  }

  /** Throws, so that what called it ends. */
  get badTrigger(): (reason: string) => never {
    return (reason) => {
      throw new BadTrigger(messageOf(reason));
    };
  }

  get withCookie(): (cookie: unknown) => Context<View> {
    return (cookie) => this.#like({ cookie });
  }

  get withTimeout(): (timeout: Millis | string) => Context<View> {
    return (timeout) => this.#withTimeout(timeout);
  }

  #withTimeout(timeout: Millis | string): Context<View> {
    const within = typeof timeout === 'string' ? parseDuration(timeout, 'the time of withTimeout', 'timeout') : timeout;
    if (!Number.isInteger(within) || within < 0) {
      throw new HatstandError('invalid_request', `withTimeout takes a duration such as "30s", or whole milliseconds, not ${within}.`, {
        field: 'timeout',
      });
    }
    const over = new AbortController();
    const timer = setTimeout(() => over.abort('timeout' satisfies StopReason), timerDelay(within));
    // Where no attempt runs, as in a commit or in a test of a function alone, it keeps no process, as `AbortSignal.timeout` does not.
    if (!this.#attempt.atEnd(() => clearTimeout(timer))) timer.unref();
    return this.#like({ signal: AbortSignal.any([this.signal, over.signal]) });
  }

  /** The same with the message that its worker's schema has made. */
  withMessage(value: unknown): Context<View> {
    return this.#like({ read: { value } });
  }

  /** The same with another signal. */
  withSignal(signal: AbortSignal): Context<View> {
    return this.#like({ signal });
  }

  /** Whether it is a context of this attempt. */
  isOf(attempt: Attempt): boolean {
    return this.#attempt === attempt;
  }

  #like(own: Partial<Own<View>>): Context<View> {
    return new Context(this.#attempt, this.#parts, { ...this.#own, ...own, first: this.#own.first ?? this });
  }
}

/** Of `emit`. */
export interface EmitOptions {
  readonly durable?: boolean | undefined;
}

/** Throws `invalid_request` for what are no options of `emit`. */
function isDurable(options: EmitOptions | undefined): boolean {
  if (options === undefined) return false;
  const given: unknown = options;
  const isOptions = typeof given === 'object' && given !== null && !Array.isArray(given);
  const { durable = false, ...others }: Record<string, unknown> = isOptions ? { ...given } : { '': true };
  const [other] = Object.keys(others);
  if (other === undefined && typeof durable === 'boolean') return durable;
  throw new HatstandError('invalid_request', 'The options of emit are { durable: true } or { durable: false }.', { field: 'options' });
}

function told(job: Job): Told {
  try {
    return toldBy(job);
  } catch (error) {
    throw new Unfit(messageOf(error), { cause: error });
  }
}

/** Its lines are kept with the job, and stand in the node's log, where they say of which attempt they are. */
function loggerOf({ job, reporter }: Attempt, log: Logger): Logger {
  const { id, worker, domain, attempt } = job;
  const whose = { job: id, worker, attempt, ...(domain === '' ? {} : { domain }) };
  const writes =
    (level: LogLevel): Logger[LogLevel] =>
    (text, fields) => {
      reporter.line(lineOf(level, text, fields));
      log[level](text, { ...fields, ...whose });
    };
  return { debug: writes('debug'), info: writes('info'), warn: writes('warn'), error: writes('error') };
}
