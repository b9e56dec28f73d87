/** Reading jobs for those who show them: what cannot be shown is set aside, so that it is in nobody's way. */
import type { JobId } from '../core/id.ts';
import type { Job } from '../core/job.ts';
import { isJson } from '../core/record.ts';
import type { JobPage, JobQuery } from '../ports/store/jobs.ts';
import type { Store } from '../ports/store/store.ts';

/**
 * `null` for a job that cannot be shown: an answer has the payload as the text that it is, and one that is no JSON would make
 * something else of the answer. What a store cannot read at all it sets aside by itself.
 */
export async function shownOrNull({ upkeep }: Pick<Store, 'upkeep'>, job: Job | null): Promise<Job | null> {
  if (job === null || job.payload === null || isJson(job.payload)) return job;
  await upkeep.setAside(job.id, 'its payload is no JSON');
  return null;
}

/** A page without what cannot be shown. */
export async function shownPage(store: Pick<Store, 'jobs' | 'upkeep'>, query: JobQuery, signal?: AbortSignal): Promise<JobPage> {
  const page = await store.jobs.list(query, signal);
  const shown = await Promise.all(page.jobs.map((job) => shownOrNull(store, job)));
  return { ...page, jobs: shown.filter((job) => job !== null) };
}

/** Jobs that are read in one step, at most. */
const perStep = 250;

/**
 * Reads a page of jobs, oldest first, and so finds those that nobody can read.
 *
 * @param from where it goes on; `null`: at the oldest
 */
export async function readThrough(store: Pick<Store, 'jobs' | 'upkeep'>, from: JobId | null): Promise<JobId | null> {
  const page = await shownPage(store, { filter: [], match: null, order: 'oldest', from, limit: perStep, brief: false, lookAt: null });
  return page.next;
}
