/** What workers do once before any job of theirs runs in this process. */
import { HatstandError, messageOf } from '../core/errors.ts';
import { hearFew } from '../core/promises.ts';
import type { Logger } from '../ports/logger.ts';
import type { Defined } from './defined.ts';
import { shown } from './option.ts';

export class Inits {
  readonly #log: Logger;
  readonly #signal: AbortSignal;
  readonly #waiting = new Set<Defined>();

  /** @param signal aborts when this Hatstand is stopped */
  constructor(log: Logger, signal: AbortSignal) {
    this.#log = log;
    this.#signal = signal;
  }

  /** Its `init` is called by `all`. */
  add(worker: Defined): void {
    if (worker.init !== null) this.#waiting.add(worker);
  }

  isWaiting(worker: Defined): boolean {
    return this.#waiting.has(worker);
  }

  /** Throws `init_failed` for the first that fails; those that have succeeded are not called again. */
  async all(): Promise<void> {
    for (const worker of this.#waiting) {
      await this.one(worker);
    }
  }

  /** The same for this one. */
  async one(worker: Defined): Promise<void> {
    const { name, init } = worker;
    try {
      await Promise.race([this.#stopped(), init?.({ logger: this.#log, signal: this.#signal })]);
      this.#waiting.delete(worker);
    } catch (error) {
      hearFew([error]);
      if (this.#signal.aborted) throw this.#signal.reason;
      throw new HatstandError(
        'init_failed',
        `init of the worker ${shown(name)} failed: ${messageOf(error)}`,
        { worker: name },
        { cause: error },
      );
    }
  }

  #stopped(): Promise<never> {
    return new Promise((_, reject) => {
      const { signal } = { signal: this.#signal };
      if (signal.aborted) reject(signal.reason);
      else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
  }
}
