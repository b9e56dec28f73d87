/** What may be asked of jobs. Faces call this and nothing below it. */

import { aboutOfCopy } from '../../core/about.ts';
import { withAfter } from '../../core/after.ts';
import type { Millis } from '../../core/duration.ts';
import { withStartBefore } from '../../core/expiry.ts';
import type { JobId } from '../../core/id.ts';
import type { Job, NewJob } from '../../core/job.ts';
import { queueClosed } from '../../core/queue.ts';
import { cancelMoves, createJob, deletable, restartKeeping } from '../../core/transitions.ts';
import { notUnique } from '../../core/unique.ts';
import { failpoint } from '../../failpoint.ts';
import type { Clock } from '../../ports/clock.ts';
import type { JobCount, JobPage, JobQuery, Changed as KeptChange } from '../../ports/store/jobs.ts';
import type { Store } from '../../ports/store/store.ts';
import { shownOrNull, shownPage } from '../readable.ts';
import type { Serving } from '../serving.ts';
import type { Waiters } from '../waiters.ts';
import { type History, makeHistory } from './history.ts';
import { type Log, makeLog } from './log.ts';
import { makePurge, type PurgeJobs } from './purge.ts';
import { makePush, type NewJobs, type Push, type PushedJob, type ShowJob } from './push.ts';
import { makeWait, type TakeTurn } from './wait.ts';

export type { AttemptPage, JobCount, JobPage, JobQuery } from '../../ports/store/jobs.ts';

export { type NewJobs, PushCutShort, type PushedJob, pushSlice, refusalOf } from './push.ts';

/** What became of a job that somebody wanted to change. */
export type Changed = Exclude<KeptChange, { readonly kind: 'closed' }>;

/** In what a copy may differ from its original. */
export type JobChanges = Partial<Omit<NewJob, 'idempotency' | 'start'>>;

export interface Jobs extends History, Log {
  /**
   * Answers when the jobs are kept, in order. Those that fit into one `pushSlice` are one step; more are pushed slice after
   * slice, and when one fails behind others it throws `PushCutShort`. A job whose idempotency key belongs to another is not kept,
   * and neither is one that its queue or a limit does not take, which stops none of the others.
   */
  push(asked: NewJobs): Promise<readonly PushedJob[]>;
  /** The same, with each job as the caller shows it. */
  pushAs: Push;
  get(id: JobId): Promise<Job | null>;
  /** Rejects with the signal's reason once it aborts, and looks no further. */
  list(query: JobQuery, signal?: AbortSignal): Promise<JobPage>;
  count(): Promise<readonly JobCount[]>;
  /** Final at once for a waiting job; a running one is told to stop. */
  cancel(id: JobId): Promise<Changed>;
  /** A new run of the same record. Throws `queue_closed`. */
  restart(id: JobId): Promise<Changed>;
  /** A new job like this one, which may be in any state. Throws `queue_closed` or `limit_reached`. */
  copy(job: Job, changes: JobChanges): Promise<Job>;
  remove(id: JobId): Promise<Changed>;
  /** Removes ended jobs that are old enough, but for the newest ones. */
  purge: PurgeJobs;
  /** The job once it has ended, or as it stands after `timeout` or when the signal aborts; `null` when there is none. */
  wait(id: JobId, timeout: Millis, signal?: AbortSignal, takeTurn?: TakeTurn): Promise<Job | null>;
}

export interface JobsParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly waiters: Waiters;
  readonly serving: Serving;
  /** Bytes of an output that the history keeps. */
  readonly keep: number;
  /** There may be something to claim. */
  wake(): void;
  /** Whether this node stops, and takes no new jobs. */
  isStopping(): boolean;
}

const asRecord: ShowJob<Job> = {
  pushed: (asked, id, createdAt, left) => createJob(asked, id, createdAt, createdAt, left),
  replayed: (job) => job,
};

export function makeJobs(parts: JobsParts): Jobs {
  const { store } = parts;
  const restart = restartKeeping(parts.keep);
  const pushAs = makePush(parts);
  const push = (asked: NewJobs): Promise<readonly PushedJob[]> => pushAs(asked, asRecord);

  async function changed(step: Promise<KeptChange>): Promise<Changed> {
    const answer = await step;
    failpoint('change.done');
    if (answer.kind === 'closed') throw queueClosed(answer.queue);
    if (answer.kind === 'changed') parts.wake();
    return answer;
  }

  const wait = makeWait(parts);

  return {
    push,
    pushAs,
    get: async (id) => shownOrNull(parts, await store.jobs.get(id)),
    ...makeHistory(store, parts.keep),
    ...makeLog(store),
    list: (query, signal) => shownPage(parts, query, signal),
    count: () => store.jobs.count(),
    cancel: (id) => changed(store.jobs.change(id, cancelMoves)),
    restart: (id) => changed(store.jobs.change(id, restart)),
    async copy(job, changes) {
      const { domain, queue, worker, name, comment, manual, priority, payload, url, headers, options, owner, limit } = job;
      const about = aboutOfCopy({ about: changes.about === undefined ? job.about : changes.about });
      const like = { domain, queue, worker, name, comment, manual, priority, payload, url, headers, owner, limit };
      // Who asks for a copy wants it whatever else there is or is not done, and whenever it begins.
      const asked = { ...like, options, ...changes, about, start: null, idempotency: null };
      const [pushed] = await push([{ ...asked, options: withAfter(withStartBefore(notUnique(asked.options), null), null) }]);
      if (pushed?.kind === 'refused') throw pushed.error;
      if (pushed?.kind !== 'pushed') throw new Error('a push without an idempotency key was not kept as new');
      return pushed.job;
    },
    remove: (id) => changed(store.jobs.remove(id, deletable)),
    purge: makePurge(store),
    wait: async (id, timeout, signal, takeTurn) => shownOrNull(parts, await wait(id, timeout, signal, takeTurn)),
  };
}
