/** Reading jobs for those who show them: what cannot be shown is set aside, so that it is in nobody's way. */
import type { JobId } from '../core/id.ts';
import type { Job } from '../core/job.ts';
import { JsonScan } from '../core/json-scan.ts';
import { isJson, longestParsed } from '../core/record.ts';
import type { Clock } from '../ports/clock.ts';
import type { JobPage, JobQuery } from '../ports/store/jobs.ts';
import type { Store } from '../ports/store/store.ts';

export interface ReadableParts {
  readonly store: Pick<Store, 'jobs' | 'upkeep'>;
  /** By which others get their turn while a long payload is looked at. */
  readonly clock: Clock;
}

/**
 * `null` for a job that cannot be shown: an answer has the payload as the text that it is, and one that is no JSON would make
 * something else of the answer. What a store cannot read at all it sets aside by itself.
 */
export async function shownOrNull({ store: { upkeep }, clock }: ReadableParts, job: Job | null): Promise<Job | null> {
  if (job === null || job.payload === null || (await isShowable(clock, job.payload))) return job;
  await upkeep.setAside(job.id, 'its payload is no JSON');
  return null;
}

/** Characters that are looked at before others have their turn. */
const piece = 128 * 1024;

async function isShowable(clock: Clock, payload: string): Promise<boolean> {
  if (payload.length <= longestParsed) return isJson(payload);
  const scan = new JsonScan(payload);
  while (scan.step(piece)) await new Promise<void>((resolve) => void clock.after(0, resolve));
  return scan.expected === null;
}

/** A page without what cannot be shown. */
export async function shownPage(parts: ReadableParts, query: JobQuery, signal?: AbortSignal): Promise<JobPage> {
  const page = await parts.store.jobs.list(query, signal);
  const shown = await Promise.all(page.jobs.map((job) => shownOrNull(parts, job)));
  return { ...page, jobs: shown.filter((job) => job !== null) };
}

/** Jobs that are read in one step, at most. */
const perStep = 250;

/**
 * Reads a page of jobs, oldest first, and so finds those that nobody can read.
 *
 * @param from where it goes on; `null`: at the oldest
 */
export async function readThrough(parts: ReadableParts, from: JobId | null): Promise<JobId | null> {
  const page = await shownPage(parts, { filter: [], match: null, order: 'oldest', from, limit: perStep, brief: false, lookAt: null });
  return page.next;
}
