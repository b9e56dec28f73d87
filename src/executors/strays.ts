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

/** One for all copies of this module that a process may have, so that each rejection has one owner and is told once. */
interface Strays {
  readonly owners: AsyncLocalStorage<Owner>;
  /** How many want to hear. */
  listening: number;
  /** While some do. */
  stop: (() => void) | null;
}

const ours = Symbol.for('hatstand.strays');

function sharedStrays(): Strays {
  const all: typeof globalThis & { [ours]?: Strays } = globalThis;
  all[ours] ??= { owners: new AsyncLocalStorage(), listening: 0, stop: null };
  return all[ours];
}

const strays = sharedStrays();

/** Whatever is begun by what is called in it belongs to its owner, also what goes on when that has answered. */
export class Scope {
  readonly #resource: AsyncResource;

  constructor(log: Logger, facts: Readonly<Record<string, unknown>> = {}) {
    this.#resource = strays.owners.run({ log, facts }, () => new AsyncResource('hatstand'));
  }

  run<T>(call: () => T): T {
    return this.#resource.runInAsyncScope(call);
  }
}

const tell = ({ log, facts }: Owner, reason: unknown): void => log.warn('worker.left_rejection', { ...facts, error: messageOf(reason) });

function onStray(reason: unknown): void {
  const owner = strays.owners.getStore();
  if (owner !== undefined) tell(owner, reason);
  else if (process.listeners('unhandledRejection').length === 1) throw reason;
}

/** From now on, until what it answers is called: each call counts. */
export function hearStrays(): () => void {
  strays.listening += 1;
  if (strays.stop === null) {
    process.on('unhandledRejection', onStray);
    strays.stop = () => void process.off('unhandledRejection', onStray);
  }
  let isOver = false;
  return () => {
    if (isOver) return;
    isOver = true;
    strays.listening -= 1;
    if (strays.listening > 0) return;
    strays.stop?.();
    strays.stop = null;
  };
}
