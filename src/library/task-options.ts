/** What may be said of tasks. */
import { taskLimits, usualRestart } from '../core/new-task.ts';
import { restartWords } from '../core/task.ts';
import { aName, duration, nameOrNone, type OptionsOf, objectOf, ofTenant, oneOf, orNull, text, truth, whole } from './option.ts';
import type { Duration } from './options.ts';

/** Which task is meant: its id, or an object with its id and its domain, such as the task itself. */
export type TaskRef = string | { readonly id: string; readonly domain?: string | undefined };

/** What comes after a crash, which is what its function throws. A node that dies is none: the task goes on at another one. */
export interface RestartOptions {
  /** After what it is started again: after nothing; when it crashed; also when it returned, which begins another pass. Default: `"failure"`. */
  readonly on?: (typeof restartWords)[number] | undefined;
  /** Before the first start after a crash, doubled before each further one. Default: 1 s. */
  readonly backoff?: Duration | undefined;
  /** The wait never grows beyond this. Default: 1 minute. */
  readonly maxBackoff?: Duration | undefined;
  /** So many crashes in a row end it. Default: 10. */
  readonly crashes?: number | undefined;
  /** A crash that comes later after its start is the first of a row. Default: 1 minute. */
  readonly healthyAfter?: Duration | undefined;
}

/** How a task runs. What its start does not say, `defineTask` says. */
export interface TaskFields {
  /** What comes after a crash. Default: as below. */
  readonly restart?: RestartOptions | undefined;
  /** With it the function is called again and again, this long after it has returned; `null`: once. Default: `null`, `backoff` when it is always restarted. */
  readonly pause?: Duration | null | undefined;
  /** When it has told nothing for so long, by `update` or `checkpoint`, it goes on elsewhere; `null`: it need not tell any. Default: `null`. */
  readonly stalledAfter?: Duration | null | undefined;
  /** It goes when it has ended, unless it crashed; else it is kept until somebody collects it. Default: `false`. */
  readonly cleanEnd?: boolean | undefined;
  /** It goes on while the store is away for all linked nodes, for `maxDetached` at most; else it stops then. Default: `false`. */
  readonly stateOptional?: boolean | undefined;
  /** For how long it goes on so; it makes the task `stateOptional`. Default: 1 hour. */
  readonly maxDetached?: Duration | undefined;
}

export interface StartOptions extends TaskFields {
  /** Its name; one that nobody guesses is made when none is given. Default: a new one. */
  readonly id?: string | undefined;
  /** The tenant to which it belongs. Default: `""`. */
  readonly domain?: string | undefined;
}

/** What is not named stays as it is. */
export interface RestartTaskOptions<Message = unknown> extends TaskFields {
  /** What it is given from then on. */
  readonly message?: Message | undefined;
}

/** One of the two. */
export interface MoveOptions {
  /** A node, by its name or incarnation, at which it goes on. Default: any. */
  readonly to?: string | undefined;
  /** A node at which it does not go on. Default: none. */
  readonly from?: string | undefined;
}

export interface TaskListOptions {
  /** Of this tenant alone. Default: all. */
  readonly domain?: string | undefined;
  /** Of this worker alone. Default: all. */
  readonly worker?: string | undefined;
  /** Tasks on a page. Default: 50. */
  readonly limit?: number | undefined;
  /** Where the page begins: `next` of the page before. Default: the first. */
  readonly from?: TaskRef | undefined;
}

export const aTask = ofTenant('task');

export const restartOptions = {
  on: { kind: oneOf(restartWords), default: `\`"${usualRestart.on}"\`` },
  backoff: { kind: duration(), default: '1 s' },
  maxBackoff: { kind: duration(), default: '1 minute' },
  crashes: { kind: whole(1, taskLimits.crashes), default: String(usualRestart.crashes) },
  healthyAfter: { kind: duration(), default: '1 minute' },
} as const satisfies OptionsOf<RestartOptions>;

export const taskFields = {
  restart: { kind: objectOf(restartOptions, 'some'), default: 'as below' },
  pause: { kind: orNull(duration()), default: '`null`, `backoff` when it is always restarted' },
  stalledAfter: { kind: orNull(duration(taskLimits.stalledAfter)), default: '`null`' },
  cleanEnd: { kind: truth, default: '`false`' },
  stateOptional: { kind: truth, default: '`false`' },
  maxDetached: { kind: duration(), default: '1 hour' },
} as const satisfies OptionsOf<TaskFields>;

export const startOptions = {
  ...taskFields,
  id: { kind: aName, default: 'a new one' },
  domain: { kind: nameOrNone, default: '`""`' },
} as const satisfies OptionsOf<StartOptions>;

const anything = { expected: 'anything', read: (value: unknown): unknown => value } as const;

export const restartTaskOptions = {
  ...taskFields,
  message: { kind: anything, default: 'as it is' },
} as const satisfies OptionsOf<RestartTaskOptions>;

export const moveOptions = {
  to: { kind: text, default: 'any' },
  from: { kind: text, default: 'none' },
} as const satisfies OptionsOf<MoveOptions>;

export const taskListOptions = {
  domain: { kind: nameOrNone, default: 'all' },
  worker: { kind: aName, default: 'all' },
  limit: { kind: whole(1, 500), default: '50' },
  from: { kind: aTask, default: 'the first' },
} as const satisfies OptionsOf<TaskListOptions>;
