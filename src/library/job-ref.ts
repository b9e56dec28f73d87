/** How callers name a job. */
import { isJobId } from '../core/id.ts';
import type { Deleted } from './job.ts';
import { refused, shown } from './option.ts';

/** Throws `invalid_request`. */
export function idOf(job: unknown): string {
  const id = typeof job === 'object' && job !== null && 'id' in job ? job.id : job;
  if (typeof id === 'string' && isJobId(id)) return id;
  throw refused(
    `A job is named by its id, a decimal number of up to 19 digits as a text, or by the job itself, not by ${shown(job)}.`,
    'id',
  );
}

export const missing: Deleted = { kind: 'missing' };
