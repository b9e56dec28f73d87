/** The attempts of a job: the newest, which its record shows, and the earlier ones, which are kept beside it. */
import type { Attempt, Job } from '../../core/job.ts';
import { newestAttempt } from '../../core/transitions.ts';
import type { AttemptPage } from '../../ports/store/jobs.ts';
import type { Store } from '../../ports/store/store.ts';

export interface History {
  /** The newest attempts that are known, newest first, at most `limit`. */
  history(job: Job, limit: number): Promise<readonly Attempt[]>;
  /**
   * The same in pages: the newest attempt, which the record itself shows, begins the first one.
   *
   * @param before the fence of the last attempt of the page before; `null`: the first page
   */
  attempts(job: Job, before: string | null, limit: number): Promise<AttemptPage>;
}

/** @param keep bytes of an output that the history keeps */
export function makeHistory(store: Pick<Store, 'jobs'>, keep: number): History {
  async function attempts(job: Job, before: string | null, limit: number): Promise<AttemptPage> {
    const newest = before === null ? newestAttempt(job) : null;
    // The history may be read after the record: what has become of the attempt that the record shows is left out.
    const rest = { before: newest?.fence ?? before, output: keep };
    if (newest === null) return store.jobs.attempts(job.id, { ...rest, limit });
    const page = await store.jobs.attempts(job.id, { ...rest, limit: Math.max(1, limit - 1) });
    if (limit > 1) return { attempts: [newest, ...page.attempts], more: page.more };
    return { attempts: [newest], more: page.attempts.length > 0 };
  }

  return {
    attempts,
    async history(job, limit) {
      const all: Attempt[] = [];
      for (let more = limit > 0; more; ) {
        const page = await attempts(job, all.at(-1)?.fence ?? null, limit - all.length);
        all.push(...page.attempts);
        more = page.more && all.length < limit;
      }
      return all;
    },
  };
}
