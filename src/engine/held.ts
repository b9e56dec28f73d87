/** The attempts this node holds, from their claim until the store has answered to their result. */
import type { JobId } from '../core/id.ts';
import type { AttemptRef, Job } from '../core/job.ts';
import type { StopReason } from '../ports/executor.ts';

export interface HeldAttempt {
  readonly job: Job;
  /** Tells the executor to stop; what it then reports is settled as usual. */
  stop(reason: StopReason): void;
  /** Of a task: it is to go on elsewhere, and may end by itself before; `null`: of others. */
  readonly handOver: (() => void) | null;
  /** Whether the executor still runs it; `false` once its result is on its way to the store. */
  isRunning(): boolean;
}

export interface Held {
  add(attempt: HeldAttempt): void;
  remove(ref: AttemptRef): void;
  get(ref: AttemptRef): HeldAttempt | undefined;
  /** Whether an attempt of the job is held. */
  holds(id: JobId): boolean;
  refs(): readonly AttemptRef[];
  all(): readonly HeldAttempt[];
  size(): number;
  /** Resolves when nothing is held. */
  empty(): Promise<void>;
}

export function makeHeld(): Held {
  const attempts = new Map<string, HeldAttempt>();
  let waiting: (() => void)[] = [];

  const find = (ref: AttemptRef): HeldAttempt | undefined => {
    const attempt = attempts.get(ref.id);
    return attempt?.job.fence === ref.fence ? attempt : undefined;
  };

  return {
    add: (attempt) => void attempts.set(attempt.job.id, attempt),
    remove(ref) {
      // A newer attempt of the same job may have been claimed meanwhile; it stays.
      if (find(ref) !== undefined) attempts.delete(ref.id);
      if (attempts.size > 0) return;
      for (const resolve of waiting) resolve();
      waiting = [];
    },
    get: find,
    holds: (id) => attempts.has(id),
    refs: () => [...attempts.values()].map(({ job }) => ({ id: job.id, fence: job.fence })),
    all: () => [...attempts.values()],
    size: () => attempts.size,
    empty: () => (attempts.size === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
  };
}
