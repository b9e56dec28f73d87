/** What may be asked of jobs. Faces call this and nothing below it. */
import type { Millis } from '../../core/duration.ts';
import { HatstandError } from '../../core/errors.ts';
import type { JobId } from '../../core/id.ts';
import { type Attempt, hasEnded, type Job, type NewJob } from '../../core/job.ts';
import { cancelMoves, createJob, deletable, newestAttempt, restartMoves } from '../../core/transitions.ts';
import { failpoint } from '../../failpoint.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Changed, JobCount, JobPage, JobQuery, Pushed } from '../../ports/store/jobs.ts';
import type { Store } from '../../ports/store/store.ts';
import type { Serving } from '../serving.ts';
import type { Waiters } from '../waiters.ts';

export type { Changed, JobCount, JobPage, JobQuery } from '../../ports/store/jobs.ts';

export type PushedJob =
  | { readonly kind: 'pushed' | 'replayed'; readonly job: Job }
  /** Its idempotency key belongs to another job, or to one that is deleted. */
  | { readonly kind: 'conflict'; readonly id: JobId };

/** In what a copy may differ from its original. */
export type JobChanges = Partial<Omit<NewJob, 'idempotency' | 'start'>>;

export interface Jobs {
  /** Answers when the jobs are kept, in order. */
  push(asked: readonly NewJob[]): Promise<readonly PushedJob[]>;
  get(id: JobId): Promise<Job | null>;
  /** All attempts that are known, newest first, at most `limit`. */
  history(job: Job, limit: number): Promise<readonly Attempt[]>;
  list(query: JobQuery): Promise<JobPage>;
  count(): Promise<readonly JobCount[]>;
  /** Final at once for a waiting job; a running one is told to stop. */
  cancel(id: JobId): Promise<Changed>;
  /** A new run of the same record. */
  restart(id: JobId): Promise<Changed>;
  /** A new job like this one, which may be in any state. */
  copy(job: Job, changes: JobChanges): Promise<Job>;
  remove(id: JobId): Promise<Changed>;
  /** The job once it has ended, or as it stands after `timeout` or when the signal aborts; `null` when there is none. */
  wait(id: JobId, timeout: Millis, signal?: AbortSignal): Promise<Job | null>;
}

export interface JobsParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly waiters: Waiters;
  readonly serving: Serving;
  /** There may be something to claim. */
  wake(): void;
  /** Whether this node stops, and takes no new jobs. */
  isStopping(): boolean;
}

/** A waiter looks at the record this often, in case nobody told it. */
const pollEvery: Millis = 1_000;

export function makeJobs(parts: JobsParts): Jobs {
  const { store, waiters } = parts;

  async function push(asked: readonly NewJob[]): Promise<readonly PushedJob[]> {
    failpoint('push.received');
    if (parts.isStopping())
      throw new HatstandError('shutting_down', 'The server is shutting down and takes no new jobs. Push again when it is back.');
    const kept = store.jobs.push(asked);
    // In the same turn, so that the push and the claim it makes worthwhile travel in one step.
    parts.wake();
    const pushed = await kept;
    parts.serving.pushed(asked);
    failpoint('push.kept');
    if (pushed.every((each) => each.kind === 'pushed')) return pushed.map((each, at) => freshJob(asked[at], each));
    return Promise.all(pushed.map((each, at) => pushedJob(asked[at], each)));
  }

  async function pushedJob(asked: NewJob | undefined, pushed: Pushed): Promise<PushedJob> {
    if (pushed.kind === 'pushed') return freshJob(asked, pushed);
    if (pushed.kind === 'conflict') return { kind: 'conflict', id: pushed.id };
    const job = await store.jobs.get(pushed.id);
    return job === null ? { kind: 'conflict', id: pushed.id } : { kind: 'replayed', job };
  }

  async function changed(step: Promise<Changed>): Promise<Changed> {
    const answer = await step;
    failpoint('change.done');
    if (answer.kind === 'changed') parts.wake();
    return answer;
  }

  return {
    push,
    get: (id) => store.jobs.get(id),
    async history(job, limit) {
      const newest = newestAttempt(job);
      const earlier = await store.jobs.attempts(job.id, limit);
      return newest === null ? earlier : [newest, ...earlier].slice(0, limit);
    },
    list: (query) => store.jobs.list(query),
    count: () => store.jobs.count(),
    cancel: (id) => changed(store.jobs.change(id, cancelMoves)),
    restart: (id) => changed(store.jobs.change(id, restartMoves)),
    async copy(job, changes) {
      const { domain, queue, worker, name, comment, manual, priority, payload, url, headers, options, owner, limit, about } = job;
      const like = { domain, queue, worker, name, comment, manual, priority, payload, url, headers, options, owner, limit, about };
      const [pushed] = await push([{ ...like, ...changes, start: null, idempotency: null }]);
      if (pushed?.kind !== 'pushed') throw new Error('a push without an idempotency key was not kept as new');
      return pushed.job;
    },
    remove: (id) => store.jobs.remove(id, deletable),
    async wait(id, timeout, signal) {
      const until = parts.clock.monotonic() + timeout;
      for (;;) {
        const told = waiters.next(id);
        try {
          const job = await store.jobs.get(id);
          const left = until - parts.clock.monotonic();
          if (job === null || hasEnded(job.state) || left <= 0 || signal?.aborted === true) return job;
          await firstOf(told.promise, Math.min(left, pollEvery), signal);
        } finally {
          told.forget();
        }
      }
    },
  };

  function freshJob(asked: NewJob | undefined, pushed: Pushed): PushedJob {
    if (asked === undefined) throw new Error('the store answered for more jobs than were pushed');
    return { kind: 'pushed', job: createJob(asked, pushed.id, pushed.createdAt, pushed.createdAt) };
  }

  function firstOf(told: Promise<void>, delay: Millis, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const forget = parts.clock.after(delay, done);
      signal?.addEventListener('abort', done, { once: true });
      function done(): void {
        forget();
        signal?.removeEventListener('abort', done);
        resolve();
      }
      void told.then(done);
    });
  }
}
