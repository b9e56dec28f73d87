/** Who waits for the end of which job. The store's hints wake them; each also looks by itself now and then. */
import type { JobId } from '../core/id.ts';

export interface Waiters {
  /** Resolves at the next hint that this job has ended. `forget` when it is not waited for any more. */
  next(id: JobId): { readonly promise: Promise<void>; forget(): void };
  /** These jobs have ended: wakes those who wait for them. */
  ended(ids: readonly JobId[]): void;
}

export function makeWaiters(): Waiters {
  const waiting = new Map<JobId, Set<() => void>>();
  return {
    next(id) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const others = waiting.get(id) ?? new Set();
      others.add(resolve);
      waiting.set(id, others);
      return {
        promise,
        forget() {
          others.delete(resolve);
          if (others.size === 0 && waiting.get(id) === others) waiting.delete(id);
        },
      };
    },
    ended(ids) {
      if (waiting.size === 0) return;
      for (const id of ids) {
        for (const resolve of waiting.get(id) ?? []) resolve();
      }
    },
  };
}
