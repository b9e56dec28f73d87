/** GET /stats: eight figures, of HTTP jobs in all nodes. */
import type { JobState } from '../../../core/job.ts';
import type { JobCount } from '../../../engine/api/jobs.ts';
import type { HqOptions } from '../options.ts';
import { httpWorker } from './new-job.ts';

export function statsText(counts: readonly JobCount[], options: HqOptions): string {
  const http = counts.filter((count) => count.worker === httpWorker);
  const sum = (...states: readonly JobState[]): number =>
    http.reduce((all, { counts: each }) => states.reduce((total, state) => total + each[state], all), 0);
  const waiting = sum('scheduled', 'queued');
  const running = sum('running', 'stopping');
  return JSON.stringify({
    queues: options.queues,
    dispatchers: options.dispatchers,
    maxWorkers: options.maxWorkers,
    queueUsage: Math.min(waiting, options.queues),
    numWaitingJobs: waiting,
    numRunningJobs: running,
    numWorkers: running,
    numJobs: waiting + running + sum('succeeded', 'failed', 'canceled'),
  });
}
