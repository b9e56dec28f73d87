/**
 * Checkpoints of one attempt on their way to the store: one at a time, and of those that come meanwhile the newest. What a store that is
 * away cannot take is kept when it is back.
 */
import type { Millis } from '../core/duration.ts';
import { isTemporary } from '../core/errors.ts';
import type { TaskKeeper } from '../ports/executor.ts';

/** What the store could not take is offered again after this. */
const againAfter: Millis = 250;

/** One that is to be kept. */
interface Wanted {
  value: string;
  readonly kept: PromiseWithResolvers<void>;
}

export class TaskCheckpoints {
  readonly #keeper: TaskKeeper;
  /** Whoever waits for one goes on while the store is away. */
  readonly #isOptional: boolean;
  #next: Wanted | null = null;
  #isKeeping: boolean = false;
  /** The newest one could not be kept. */
  #isAway: boolean = false;
  #isOver: boolean = false;

  constructor(keeper: TaskKeeper, isOptional: boolean) {
    this.#keeper = keeper;
    this.#isOptional = isOptional;
  }

  /** Resolves when it, or a newer one, is kept; of a task that may do without the store at once, when that is known to be away. */
  keep(value: string): Promise<void> {
    if (this.#next !== null) this.#next.value = value;
    this.#next ??= { value, kept: Promise.withResolvers() };
    const { promise, resolve } = this.#next.kept;
    // A store that stands still answers nothing for seconds.
    if (this.#isOptional && (this.#isAway || this.#keeper.isDetached())) resolve();
    if (!this.#isKeeping) void this.#keepAll();
    return promise;
  }

  /** What is not kept by then will not be. */
  close(): void {
    this.#isOver = true;
  }

  async #keepAll(): Promise<void> {
    this.#isKeeping = true;
    for (let wanted = this.#next; wanted !== null; wanted = this.#next) {
      this.#next = null;
      await this.#keepOne(wanted);
    }
    this.#isKeeping = false;
  }

  async #keepOne(wanted: Wanted): Promise<void> {
    const { kept } = wanted;
    for (;;) {
      try {
        await this.#goingOn(this.#keeper.keep(wanted.value), kept);
        this.#isAway = false;
        return kept.resolve();
      } catch (error) {
        this.#isAway = isTemporary(error);
        if (!isTemporary(error) || this.#isOver) {
          // Nobody need have waited for it.
          kept.promise.catch(() => undefined);
          return kept.reject(error);
        }
      }
      if (this.#isOptional) kept.resolve();
      await new Promise<void>((resolve) => void setTimeout(resolve, againAfter));
      this.#takeNewer(wanted);
    }
  }

  /** Until it is kept. Who may do without the store does not wait for one that stands still. */
  async #goingOn(keeping: Promise<void>, kept: Wanted['kept']): Promise<void> {
    const looking = this.#isOptional ? setInterval(() => this.#keeper.isDetached() && kept.resolve(), againAfter) : undefined;
    try {
      await keeping;
    } finally {
      clearInterval(looking);
    }
  }

  /** Who waits for the newer one waits for this. */
  #takeNewer(wanted: Wanted): void {
    const newer = this.#next;
    if (newer === null) return;
    this.#next = null;
    wanted.value = newer.value;
    wanted.kept.promise.then(newer.kept.resolve, newer.kept.reject);
  }
}
