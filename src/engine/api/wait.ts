/** Waiting for the end of a job. */
import type { Millis } from '../../core/duration.ts';
import type { JobId } from '../../core/id.ts';
import { hasEnded, type Job } from '../../core/job.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Store } from '../../ports/store/store.ts';
import type { Waiters } from '../waiters.ts';

/** A waiter looks at the record this often, in case nobody told it. */
const pollEvery: Millis = 1_000;

/** Waited for before the job is read, whose payload may be large. Answers how to give the turn to others, when the wait goes on. */
export type TakeTurn = () => Promise<() => void>;
type Wait = (id: JobId, timeout: Millis, signal?: AbortSignal, takeTurn?: TakeTurn) => Promise<Job | null>;

export interface WaitParts {
  readonly store: Pick<Store, 'jobs'>;
  readonly waiters: Waiters;
  readonly clock: Clock;
}

export function makeWait({ store, waiters, clock }: WaitParts): Wait {
  /** Resolves when it is told, when the time has passed, or when it is aborted. */
  function firstOf(told: Promise<void>, delay: Millis, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const forget = clock.after(delay, done);
      signal?.addEventListener('abort', done, { once: true });
      function done(): void {
        forget();
        signal?.removeEventListener('abort', done);
        resolve();
      }
      void told.then(done);
    });
  }

  /** Without reading its payload, which may be large. */
  async function lives(id: JobId): Promise<boolean> {
    const filter = [{ field: 'id', not: false, any: [id] }] as const;
    const { jobs } = await store.jobs.list({ filter, match: null, order: 'oldest', from: null, limit: 1, brief: true, lookAt: null });
    return jobs.some(({ state }) => !hasEnded(state));
  }

  return async (id, timeout, signal, takeTurn) => {
    const until = clock.monotonic() + timeout;
    const isTimeOver = (): boolean => until <= clock.monotonic() || signal?.aborted === true;
    for (;;) {
      const told = waiters.next(id);
      try {
        if (isTimeOver() || !(await lives(id)) || isTimeOver()) {
          const giveTurn = await takeTurn?.();
          const job = await store.jobs.get(id);
          if (job === null || hasEnded(job.state) || isTimeOver()) return job;
          // It was restarted since it was looked at: others need not wait for it.
          giveTurn?.();
        }
        await firstOf(told.promise, Math.max(0, Math.min(until - clock.monotonic(), pollEvery)), signal);
      } finally {
        told.forget();
      }
    }
  };
}
