/**
 * Rejections that nobody handles, of promises that an attempt left alone. They belong to its function and must not end the process:
 * they are told to the log. All others are nobody's attempt, and remain what they are without this: the end of the
 * process, unless somebody else listens for them.
 */
import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { messageOf } from '../core/errors.ts';
import type { Logger } from '../ports/logger.ts';

/** Who is told of what an attempt has left alone, and by which facts it says whose it was. */
interface Owner {
  readonly log: Logger;
  readonly facts: Readonly<Record<string, unknown>>;
}

const owners = new AsyncLocalStorage<Owner>();

/** Whatever is begun by what is called in it belongs to its owner, also what goes on when that has answered. */
export class Scope {
  readonly #resource: AsyncResource;

  constructor(log: Logger, facts: Readonly<Record<string, unknown>> = {}) {
    this.#resource = owners.run({ log, facts }, () => new AsyncResource('hatstand'));
  }

  run<T>(call: () => T): T {
    return this.#resource.runInAsyncScope(call);
  }
}

/** Of this module, in every copy of it that a process may have. */
const ours = Symbol.for('hatstand.strays');
let listening = 0;

const tell = ({ log, facts }: Owner, reason: unknown): void => log.warn('worker.left_rejection', { ...facts, error: messageOf(reason) });

function onStray(reason: unknown): void {
  const owner = owners.getStore();
  if (owner !== undefined) tell(owner, reason);
  else if (!process.listeners('unhandledRejection').some((each) => !(ours in each))) throw reason;
}
onStray[ours] = true;

/** From now on, until what it answers is called: each call counts. */
export function hearStrays(): () => void {
  if (listening++ === 0) process.on('unhandledRejection', onStray);
  let isOver = false;
  return () => {
    if (isOver) return;
    isOver = true;
    if (--listening === 0) process.off('unhandledRejection', onStray);
  };
}
