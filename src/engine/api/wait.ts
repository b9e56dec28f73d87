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
  /** Whether it was only the time that has passed. */
  function firstOf(told: Promise<void>, delay: Millis, signal: AbortSignal | undefined): Promise<boolean> {
    return new Promise((resolve) => {
      const forget = clock.after(delay, () => done(true));
      const aborted = (): void => done(false);
      signal?.addEventListener('abort', aborted, { once: true });
      function done(isLater: boolean): void {
        forget();
        signal?.removeEventListener('abort', aborted);
        resolve(isLater);
      }
      void told.then(() => done(false));
    });
  }

  /** Without reading its payload, which may be large. */
  async function lives(id: JobId): Promise<boolean> {
    const filter = [{ field: 'id', not: false, any: [id] }] as const;
    const { jobs } = await store.jobs.list({ filter, match: null, order: 'oldest', from: null, limit: 1, brief: true, lookAt: null });
    return jobs.some(({ state }) => !hasEnded(state));
  }

  return async (id, timeout, signal) => {
    const until = clock.monotonic() + timeout;
    for (let isPoll = false; ; ) {
      const told = waiters.next(id);
      try {
        const isUnchanged = isPoll && until > clock.monotonic() && (await lives(id)) && signal?.aborted !== true;
        const job = isUnchanged ? null : await store.jobs.get(id);
        const left = until - clock.monotonic();
        const isOver = job === null || hasEnded(job.state) || left <= 0 || signal?.aborted === true;
        if (!isUnchanged && isOver) return job;
        isPoll = await firstOf(told.promise, Math.max(0, Math.min(left, pollEvery)), signal);
      } finally {
        told.forget();
      }
    }
  };
}
