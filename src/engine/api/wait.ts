/** Waiting for the end of a job. */
import type { Millis } from '../../core/duration.ts';
import type { JobId } from '../../core/id.ts';
import { hasEnded, type Job } from '../../core/job.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Store } from '../../ports/store/store.ts';
import type { Waiters } from '../waiters.ts';

/** A waiter looks at the record this often, in case nobody told it. */
const pollEvery: Millis = 1_000;

type Wait = (id: JobId, timeout: Millis, signal?: AbortSignal) => Promise<Job | null>;

export interface WaitParts {
  readonly store: Pick<Store, 'jobs'>;
  readonly waiters: Waiters;
  readonly clock: Clock;
}

export function makeWait({ store, waiters, clock }: WaitParts): Wait {
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

  return async (id, timeout, signal) => {
    const until = clock.monotonic() + timeout;
    for (;;) {
      const told = waiters.next(id);
      try {
        const job = await store.jobs.get(id);
        const left = until - clock.monotonic();
        if (job === null || hasEnded(job.state) || left <= 0 || signal?.aborted === true) return job;
        await firstOf(told.promise, Math.min(left, pollEvery), signal);
      } finally {
        told.forget();
      }
    }
  };
}
