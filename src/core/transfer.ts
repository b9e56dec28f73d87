/** Jobs and queues on their way from one store to another. */
import { HatstandError } from './errors.ts';
import { compareIds, isJobId, timeOfId } from './id.ts';
import { type Attempt, hasEnded, type Job, type JobState } from './job.ts';
import { newJob } from './new-job.ts';
import type { QueueSettings } from './queue.ts';
import { applyMove, archivedBy, releaseMoves } from './transitions.ts';

/** A job with all that is known of it. */
export interface JobCopy {
  readonly job: Job;
  /** Its earlier attempts, oldest first; the newest one stands on the record itself. */
  readonly attempts: readonly Attempt[];
}

export type TransferItem =
  | { readonly kind: 'queue'; readonly name: string; readonly settings: QueueSettings }
  | { readonly kind: 'job'; readonly copy: JobCopy };

/**
 * The copy as another store takes it. An attempt that was running is handed back without being counted, since its holder
 * does not use that store; a job that was being stopped ends canceled.
 *
 * @param now Unix milliseconds, for people: the end of that attempt
 */
export function arrived(copy: JobCopy, now: number): JobCopy {
  const move = releaseMoves[copy.job.state];
  if (move === undefined) return copy;
  const archived = archivedBy(copy.job, move, now);
  return { job: applyMove(copy.job, move, now), attempts: archived === null ? copy.attempts : [...copy.attempts, archived] };
}

/** How far the clocks of two machines may differ (ms). A store that took ids or fences of a later time would run ahead of its own. */
const ahead = 86_400_000;

/**
 * Throws `invalid_request` for a copy that no store can have made.
 *
 * @param now Unix milliseconds
 */
export function checkCopy({ job, attempts }: JobCopy, now: number): void {
  newJob({ ...job, start: null, idempotency: null });
  if (!isJobId(job.id) || timeOfId(job.id) > now + ahead) throw wrong('id', `an id made until now, not ${job.id}`);
  const times = [job.startedAt, job.endedAt].map((time) => time !== null);
  if (!isPlausible(job, times)) throw wrong('state', `one that goes with startedAt and endedAt, not ${job.state}`);
  if (!hasEnded(job.state) && job.reason !== '') throw wrong('reason', `empty until the end, not ${JSON.stringify(job.reason)}`);
  const fewest = isHeld(job.state) ? 1 : 0;
  if (!Number.isSafeInteger(job.attempt) || job.attempt < fewest) throw wrong('attempt', `at least ${fewest}, not ${job.attempt}`);
  let last = '0';
  for (const { fence } of [...attempts, { fence: job.fence }]) {
    if (!isJobId(fence) || compareIds(fence, String((now + ahead) * 1_000)) > 0)
      throw wrong('fence', `a fence given until now, not ${fence}`);
    if (compareIds(fence, last) < 0) throw wrong('fence', `at least ${last}, that of an earlier attempt, not ${fence}`);
    last = fence;
  }
}

/** A waiting job has no start and no holder, one that is held has both, and one that has ended has an end. */
function isPlausible({ state, holder }: Job, [started, ended]: readonly (boolean | undefined)[]): boolean {
  if (hasEnded(state)) return ended === true;
  const held = isHeld(state);
  return ended === false && started === held && (holder !== '') === held;
}

const isHeld = (state: JobState): boolean => state === 'running' || state === 'stopping';

const wrong = (field: string, expected: string): HatstandError =>
  new HatstandError('invalid_request', `${field} must be ${expected}.`, { field });
