/** Tasks that are declared by themselves, apart from the Hatstand that serves them or starts them. */
import type { StandardSchema } from '../core/standard-schema.ts';
import type { Control } from '../executors/task-context.ts';
import { DefinedTask, taskDeclarationOptions } from './defined-task.ts';
import type { TaskDefinition } from './definition.ts';
import type { AsJson } from './job.ts';
import { checked } from './option.ts';
import type { ServeOptions } from './options.ts';
import type { TaskFields } from './task-options.ts';
import type { AttemptContext } from './worker.ts';

/** What the function of a task is told of its attempt, and what it may say of it. */
export interface TaskContext<Message = unknown> extends Omit<AttemptContext, 'noRetry' | 'abort' | 'badTrigger' | 'isFinal' | 'attempt'> {
  /** The task itself; `undefined`: the job was pushed by itself, and belongs to none. */
  readonly taskId: string | undefined;
  /** What it was started with, as its schema has made it. */
  readonly message: Message;
  /**
   * Aborted when the function should return: with the reason `canceled`: somebody has stopped or disabled it; `handover`: it goes on at
   * another node, or its node is stopped; `ended`: it has said so itself; `lost`, `shutdown`: at once, since another one may run by now.
   */
  readonly signal: AbortSignal;
  /**
   * The store has not been heard of for some seconds. A task that is not `stateOptional` should do nothing that another one must not do at
   * the same time: it is told to return before another one can begin.
   */
  readonly paused: boolean;
  /** How often the function was called before by this attempt: more than 0 with a `pause` alone. */
  readonly pass: number;
  /** What the newest `checkpoint` has kept, whichever attempt it was of; `undefined`: nothing. */
  readonly resumeFrom: unknown;
  /** It goes on: told anew to `stalledAfter`. With how far it is, in any JSON of at most 16,384 characters. Throws `invalid_request`, `too_large`. */
  update(progress?: unknown): void;
  /**
   * Keeps any JSON of at most a million characters for the attempts that follow; of several that come while one is being kept the newest is.
   * Resolves when it is kept. Throws `conflict` when another attempt runs by now, `invalid_request`, `too_large`.
   */
  checkpoint(value: unknown): Promise<void>;
  /** The task ends with this result once the function has returned, whatever `pause` and `restart` say. */
  end(result?: unknown): void;
  /**
   * Hears of control messages, one after the other, in their order: the next one comes when the handler has answered. What came before
   * waits with the task, also for an attempt at another node. One whose handler was cut short comes again.
   */
  onControl(handler: (control: Control) => unknown): void;
}

/** What makes a task. All but `name` and `run` may be left out. */
export interface TaskDeclaration<Message, Returned, Input> extends ServeOptions, TaskFields {
  /** Under which tasks of it are started: letters, digits, dots, dashes and underscores. */
  readonly name: string;
  /** What a start takes, by any Standard Schema: checked when it is started, and again before it runs. Default: whatever is JSON. */
  readonly input?: StandardSchema<Input, Message> | undefined;
  /** Tasks of it at once in this process. Default: 1000. */
  readonly concurrency?: number | undefined;
  /** Only this process and administrators may start it; to others it does not exist. Default: `false`. */
  readonly adminOnly?: boolean | undefined;
  /** Does the work, until it returns or its signal is aborted. */
  run(context: TaskContext<Message>): Returned | PromiseLike<Returned>;
}

/**
 * A kind of task by itself: `Hatstand.worker` serves it, `Hatstand.tasks.start` starts one. Throws `invalid_request`.
 *
 * ```ts
 * const tail = defineTask({
 *   name: 'tail',
 *   async run({ message, signal, resumeFrom = 0, checkpoint }) {
 *     for (let line = resumeFrom; !signal.aborted; line++) await checkpoint(line);
 *   },
 * });
 * ```
 */
export function defineTask<Message = unknown, Returned = unknown, Input = Message>(
  declaration: TaskDeclaration<Message, Returned, Input>,
): TaskDefinition<Input, Message, AsJson<Returned>> {
  return new DefinedTask(checked(declaration, taskDeclarationOptions, 'defineTask')) as TaskDefinition<never, never, never>;
}
