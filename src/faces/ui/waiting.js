/** Why a job is not running now, in words. */
import { length, timeOf } from './dom.js';

/** What a job waits for; empty when its state says it all. */
export function waitingFor(job) {
  const unserved = job.unserved ? [`unserved: no live node serves “${job.worker}” in this queue`] : [];
  if (job.state !== 'scheduled') return unserved.join();
  const due = soon(job.dueAt);
  // An attempt that sent nothing, since the web app was away, is not counted and leaves its error.
  const isRetry = job.attempt > 0 || job.error !== '';
  return [isRetry ? `try ${job.attempt + 1} of ${job.attempts} ${due}` : due, ...unserved].join(' · ');
}

function soon(iso) {
  const millis = timeOf(iso) - Date.now();
  return millis < 1_000 ? 'now' : `in ${length(millis)}`;
}
