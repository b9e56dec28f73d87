/** Why a job is not running now, in words. */
import { length, timeOf } from './dom.js';

/** What a job waits for; empty when its state says it all. */
export function waitingFor(job) {
  if (job.state === 'scheduled') {
    const due = soon(job.dueAt);
    return job.attempt > 0 ? `try ${job.attempt + 1} of ${job.attempts} ${due}` : due;
  }
  if (job.unserved) return `no node runs the worker “${job.worker}”`;
  return '';
}

function soon(iso) {
  const millis = timeOf(iso) - Date.now();
  return millis < 1_000 ? 'now' : `in ${length(millis)}`;
}
