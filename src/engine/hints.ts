import type { Hint, Store } from '../ports/store/store.ts';

/** Whether this node listens to the store's hints. */
export interface Hints {
  /** Starting twice is harmless. */
  start(): void;
  /** Stopping twice, or before the start, is harmless. */
  stop(): void;
}

export function makeHints(store: Store, onHint: (hint: Hint) => void): Hints {
  let unsubscribe: (() => void) | null = null;
  return {
    start() {
      unsubscribe ??= store.onHint(onHint);
    },
    stop() {
      unsubscribe?.();
      unsubscribe = null;
    },
  };
}
