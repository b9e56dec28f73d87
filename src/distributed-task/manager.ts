/**
 * How functions of distributed-task are run: each is given an emitter, its manager, which tells it to `stop`, and which it tells `_update`,
 * `_stop` and `_end`; and the task. It runs until it has told one of the last two, or its promise has come to something. What else it tells
 * goes to those who watch it.
 */
import { EventEmitter } from 'node:events';
import { inspect } from 'node:util';
import { messageOf } from '../core/errors.ts';
import { liveName } from '../core/live.ts';
import type { TaskContext } from '../library/define-task.ts';

/** The task, as its function is given it. */
export interface GivenTask {
  readonly id: string;
  readonly function: string;
  /** What was pushed with it. */
  readonly data: unknown;
}

/** What a function is given beside its task, and tells how it stands. */
export interface Manager extends EventEmitter {
  /** Lines that are kept with the task's job. */
  log(...words: readonly unknown[]): void;
  error(...words: readonly unknown[]): void;
}

/** A function, or a class; what it makes may be an emitter, too, which tells the same. */
export type TaskFunction = ((manager: Manager, task: GivenTask) => unknown) | (new (manager: Manager, task: GivenTask) => unknown);

/** What it told last. */
type End =
  /** `_end`, or what its promise came to: the task has ended. */
  | { readonly how: 'ended'; readonly result: unknown }
  /** `_stop`: it does nothing any more. */
  | { readonly how: 'stopped' };

type Hear = (name: string | symbol, args: readonly unknown[]) => void;

class TaskManager extends EventEmitter implements Manager {
  readonly #context: TaskContext;
  readonly #hear: Hear;

  constructor(context: TaskContext, hear: Hear) {
    super();
    this.#context = context;
    this.#hear = hear;
  }

  log(...words: readonly unknown[]): void {
    this.#context.logger.info(lineOf(words));
  }

  error(...words: readonly unknown[]): void {
    this.#context.logger.error(lineOf(words));
  }

  override emit(name: string | symbol, ...args: readonly unknown[]): boolean {
    return isTold(this, name, args, this.#hear) && super.emit(name, ...args);
  }
}

/**
 * Runs it. Resolves when the function has ended, and the task with it; or when it has stopped.
 *
 * @param name under which it was added
 * @param again the task is to begin again, elsewhere or here: its function has stopped by itself
 */
export async function runManaged(call: TaskFunction, name: string, context: TaskContext, again: () => Promise<unknown>): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<End>();
  const hear = hearing(context, resolve, reject);
  const manager = new TaskManager(context, hear);
  const made = begin(call, manager, { id: context.taskId ?? context.id, function: name, data: context.message });
  const others = isEmitter(made) && made !== manager ? [manager, listenTo(made, hear)] : [manager];
  const isPromised = isThenable(made);
  if (isPromised) Promise.resolve(made).then((result) => resolve({ how: 'ended', result }), reject);
  const stop = (): void => {
    const hears = others.filter((each) => each.listenerCount('stop') > 0);
    // Who hears nothing has nothing to do before; a promise is waited for.
    if (hears.length === 0 && !isPromised) resolve({ how: 'stopped' });
    for (const each of hears) tell(each, reject);
  };
  if (context.signal.aborted) stop();
  context.signal.addEventListener('abort', stop, { once: true });
  try {
    const end = await promise;
    if (end.how === 'ended') context.end(end.result);
    else if (!context.signal.aborted) await again();
    return end.how === 'ended' ? end.result : undefined;
  } finally {
    context.signal.removeEventListener('abort', stop);
  }
}

/** `stop` itself: what its listeners throw is a crash. */
function tell(emitter: EventEmitter, reject: (error: unknown) => void): void {
  try {
    EventEmitter.prototype.emit.call(emitter, 'stop');
  } catch (error) {
    reject(error);
  }
}

/** Classes and functions that make something are called with `new`, as distributed-task does; others, such as `async` ones, are not. */
function begin(call: TaskFunction, manager: Manager, task: GivenTask): unknown {
  const prototype: unknown = call.prototype;
  const isMaker = typeof prototype === 'object' && prototype !== null && Object.hasOwn(prototype, 'constructor');
  return isMaker ? Reflect.construct(call, [manager, task]) : (call as (manager: Manager, task: GivenTask) => unknown)(manager, task);
}

/** Of whatever library: those of the time of distributed-task are none of the language's own. */
const isThenable = (made: unknown): made is PromiseLike<unknown> =>
  typeof made === 'object' && made !== null && 'then' in made && typeof made.then === 'function';

const isEmitter = (made: unknown): made is EventEmitter =>
  typeof made === 'object' && made !== null && 'emit' in made && 'listenerCount' in made && typeof made.emit === 'function';

/** Hears also what it emits to nobody. */
function listenTo(emitter: EventEmitter, hear: Hear): EventEmitter {
  const emit = emitter.emit.bind(emitter);
  emitter.emit = (name: string | symbol, ...args: readonly unknown[]): boolean => isTold(emitter, name, args, hear) && emit(name, ...args);
  return emitter;
}

/** Hears it. Answers whether its own listeners are to be told: an error that nobody listens to is a crash, and would be thrown at who emits. */
function isTold(emitter: EventEmitter, name: string | symbol, args: readonly unknown[], hear: Hear): boolean {
  const isUnheard = name === 'error' && emitter.listenerCount('error') === 0;
  if (name !== 'error' || isUnheard) hear(name, args);
  return !isUnheard;
}

function hearing(context: TaskContext, resolve: (end: End) => void, reject: (error: unknown) => void): Hear {
  return (name, args) => {
    const [first] = args;
    switch (name) {
      case '_update':
        orLogged(context, '_update', () => context.update(first));
        break;
      case '_stop':
        resolve({ how: 'stopped' });
        break;
      case '_end':
        resolve({ how: 'ended', result: first });
        break;
      case 'error':
        reject(first ?? new Error('the function has told an error'));
        break;
      case 'newListener':
      case 'removeListener':
      case 'stop':
        break;
      default:
        toWatchers(context, name, args);
    }
  };
}

function toWatchers(context: TaskContext, name: string | symbol, args: readonly unknown[]): void {
  orLogged(context, String(name), () => {
    if (typeof name === 'symbol' || !liveName.test(name)) throw new Error('it is no name of an event that can be watched');
    context.emit(name, args.length > 1 ? args : args[0]);
  });
}

/** What cannot be told is a line of its log: nobody who emits expects it to throw. */
function orLogged({ logger }: TaskContext, name: string, tell: () => void): void {
  try {
    tell();
  } catch (error) {
    logger.warn('event.untold', { event: name.slice(0, 128), error: messageOf(error) });
  }
}

const lineOf = (words: readonly unknown[]): string => words.map((word) => (typeof word === 'string' ? word : inspect(word))).join(' ');
