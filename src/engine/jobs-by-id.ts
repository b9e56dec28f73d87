/** What the records say of many jobs, without what is long in them. Of those that are gone nothing. */
import type { JobId } from '../core/id.ts';
import type { Job } from '../core/job.ts';
import type { Store } from '../ports/store/store.ts';

export type JobsById = (ids: readonly JobId[]) => Promise<ReadonlyMap<JobId, Job>>;

/** Records that are read at once. */
const slice = 500;

export function makeJobsById({ jobs }: Pick<Store, 'jobs'>): JobsById {
  return async (ids) => {
    const found = new Map<JobId, Job>();
    for (let at = 0; at < ids.length; at += slice) {
      const filter = [{ field: 'id', not: false, any: ids.slice(at, at + slice) }] as const;
      const page = await jobs.list({ filter, match: null, order: 'oldest', from: null, limit: slice, brief: true, lookAt: null });
      for (const job of page.jobs) found.set(job.id, job);
    }
    return found;
  };
}
