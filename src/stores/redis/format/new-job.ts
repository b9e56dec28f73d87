/** New jobs, as scripts take them (jobs/push.lua): of each a specification, which many jobs share, and its body. */
import type { NewJob } from '../../../core/job.ts';
import type { Argument } from '../driver/driver.ts';
import { bodyOf } from './body.ts';
import { fixedWords } from './record.ts';

export function writeNewJobs(args: Argument[], jobs: readonly NewJob[]): void {
  args.push(String(jobs.length));
  for (const job of jobs) writeNewJob(args, job);
}

export function writeNewJob(args: Argument[], job: NewJob): void {
  const { text, payload } = bodyOf(job);
  const { idempotency } = job;
  args.push(`${payload === null ? '' : 'p'}${idempotency === null ? '' : 'k'}`, specOf(job), text);
  if (payload !== null) args.push(payload);
  // Keys of different domains have nothing to do with one another.
  if (idempotency !== null) args.push(JSON.stringify([job.domain, idempotency.key]), idempotency.digest);
}

export function specOf(job: NewJob): string {
  const { start } = job;
  const when = start === null ? 'now 0' : 'at' in start ? `at ${start.at}` : `delay ${start.delay}`;
  return `${when} ${fixedWords(job)}`;
}
