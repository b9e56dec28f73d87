/** Tells an executor to stop. Each attempt has one, and an AbortController takes longer to make than many functions run. */
import type { StopReason, StopSignal } from '../ports/executor.ts';

export class StopSource implements StopSignal {
  /** `null`: it goes on. */
  reason: StopReason | null = null;
  #listeners: Set<() => void> | null = null;

  get aborted(): boolean {
    return this.reason !== null;
  }

  /** The first reason counts. */
  readonly abort = (reason: StopReason): void => {
    if (this.reason !== null) return;
    this.reason = reason;
    const listeners = this.#listeners ?? [];
    this.#listeners = null;
    for (const listener of listeners) listener();
  };

  /** Calls back once; not at all when it is aborted already. */
  addEventListener(_: 'abort', listener: () => void): void {
    if (this.reason !== null) return;
    this.#listeners ??= new Set();
    this.#listeners.add(listener);
  }

  removeEventListener(_: 'abort', listener: () => void): void {
    this.#listeners?.delete(listener);
  }
}
