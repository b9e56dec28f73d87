/** Jobs on their way from one store to another. */
import type { Attempt, Job } from './job.ts';
import { applyMove, archivedBy, releaseMoves } from './transitions.ts';

/** A job with all that is known of it. */
export interface JobCopy {
  readonly job: Job;
  /** Its earlier attempts, oldest first; the newest one stands on the record itself. */
  readonly attempts: readonly Attempt[];
}

/**
 * The copy as another store takes it: an attempt that was running is handed back without being counted, since its holder
 * is not there, and one that was being stopped ends canceled.
 *
 * @param now Unix milliseconds, for people: the end of that attempt
 */
export function arrived(copy: JobCopy, now: number): JobCopy {
  const move = releaseMoves[copy.job.state];
  if (move === undefined) return copy;
  const archived = archivedBy(copy.job, move, now);
  return { job: applyMove(copy.job, move, now), attempts: archived === null ? copy.attempts : [...copy.attempts, archived] };
}
