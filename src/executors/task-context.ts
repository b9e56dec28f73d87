/** What the function of a task is told of its attempt beside what others are, and what it may say. */
import { HatstandError } from '../core/errors.ts';
import { jsonText } from '../core/json-value.ts';
import { taskOfOwner } from '../core/task.ts';
import type { Attempt } from './attempt.ts';
import { Context, type ContextParts } from './context.ts';

/** A control message, as it is told. */
export interface Control {
  readonly name: string;
  readonly data: unknown;
}

/** What its contexts share. */
export interface TaskVoice {
  /** How often its function was called before, by this attempt. */
  readonly pass: number;
  /** The newest checkpoint of an earlier attempt, parsed; `undefined`: there is none. */
  readonly resumeFrom: unknown;
  /** Keeps JSON text. */
  keep(checkpoint: string): Promise<void>;
  /** The store has not been heard of for some seconds. */
  readonly isPaused: boolean;
  /** It goes on. */
  heard(): void;
  end(result: unknown): void;
  listen(handler: (control: Control) => unknown): void;
}

export class TaskContext<View> extends Context<View> {
  readonly #attempt: Attempt;
  readonly #voice: TaskVoice;

  constructor(attempt: Attempt, parts: ContextParts<View>, voice: TaskVoice, message: unknown) {
    super(attempt, parts, { cookie: undefined, signal: null, read: { value: message }, first: null });
    this.#attempt = attempt;
    this.#voice = voice;
  }

  get taskId(): string | undefined {
    return taskOfOwner(this.#attempt.job.owner)?.id;
  }

  get pass(): number {
    return this.#voice.pass;
  }

  get resumeFrom(): unknown {
    return this.#voice.resumeFrom;
  }

  get paused(): boolean {
    return this.#voice.isPaused;
  }

  /** Throws `invalid_request` for what is no JSON, `too_large`. */
  get update(): (progress?: unknown) => void {
    return (progress) => {
      this.#voice.heard();
      if (progress !== undefined) this.#attempt.reporter.progress(jsonText(progress, 'progress') ?? 'null');
    };
  }

  override get progress(): (value: unknown) => void {
    return this.update;
  }

  get checkpoint(): (value: unknown) => Promise<void> {
    return async (value) => {
      this.#voice.heard();
      await this.#voice.keep(jsonText(value, 'checkpoint') ?? 'null');
    };
  }

  get end(): (result?: unknown) => void {
    return (result) => this.#voice.end(result);
  }

  get onControl(): (handler: (control: Control) => unknown) => void {
    return (handler) => {
      const given: unknown = handler;
      if (typeof given !== 'function')
        throw new HatstandError('invalid_request', 'onControl takes a function, such as ({ name, data }) => {}.', { field: 'handler' });
      this.#voice.listen(handler);
    };
  }
}
