/** A push, as push.lua takes it. */
import type { NewJob } from '../../../core/job.ts';
import type { Argument } from '../driver/driver.ts';
import { bodyOf, isInside } from '../format/body.ts';
import { specOf, writeNewJobs } from '../format/new-job.ts';

export const hasOwner = ({ owner }: NewJob): boolean => owner !== '';

/** One job that has nothing special. */
export const isPlain = ([job, ...others]: readonly NewJob[]): boolean =>
  job !== undefined && others.length === 0 && job.idempotency === null && isInside(job.payload ?? '');

/** Answers the specification of a plain job; `''`: any jobs follow. */
export function writePush(args: Argument[], jobs: readonly NewJob[]): string {
  const [job] = jobs;
  if (job === undefined || !isPlain(jobs)) {
    writeNewJobs(args, jobs);
    return '';
  }
  args.push(bodyOf(job).text);
  return specOf(job);
}
