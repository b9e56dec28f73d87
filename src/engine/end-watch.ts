/** Who waits for which job's end. Fed by the store's hints; those who wait also poll. */
import type { JobId } from '../core/id.ts';

export interface EndWatch {
  /** Resolves at the next hint that this job has ended. `forget` when it is not waited for any more. */
  next(id: JobId): { readonly promise: Promise<void>; forget(): void };
  ended(ids: readonly JobId[]): void;
}

export function makeEndWatch(): EndWatch {
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
