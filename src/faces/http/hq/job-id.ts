/** Job ids in HQ's paths. */
import { isJobId, type JobId } from '../../../core/id.ts';
import { hasEnded, type Job, type JobState } from '../../../core/job.ts';
import type { Jobs } from '../../../engine/api/jobs.ts';
import { httpWorker } from './new-job.ts';
import { refused, unknownJob } from './refusal.ts';
import { isWaiting } from './status.ts';

/** HQ's ids are unsigned 64-bit decimals; a greater one than a store can hold is merely unknown. */
function readId(text: string): JobId {
  const digits = /^\d+$/.test(text) ? text.replace(/^0+(?=\d)/, '') : null;
  // The two blanks are HQ's.
  if (digits === null || digits.length > 20 || BigInt(digits) >= 2n ** 64n) throw refused(`The job id  must be a number but '${text}'.`);
  if (!isJobId(digits)) throw unknownJob(digits);
  return digits;
}

/** Jobs of other kinds are unknown here. */
export async function findJob(jobs: Jobs, text: string): Promise<Job> {
  const id = readId(text);
  const job = await jobs.get(id);
  if (job === null || job.worker !== httpWorker) throw unknownJob(id);
  return job;
}

/** Throws HQ's refusal of what only a finished job allows. */
export function checkEnded(id: JobId, state: JobState): void {
  if (!hasEnded(state)) throw refused(`The job ${id} is ${isWaiting(state) ? 'waiting' : 'running'} now`);
}
