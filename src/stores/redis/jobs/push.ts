/** A push, as push.lua takes it. */
import type { NewJob } from '../../../core/job.ts';
import type { Argument } from '../driver/driver.ts';
import { bodyOf, isInside } from '../format/body.ts';
import { isUnique, mustBegin, rareExtras, specOf, waitsForOthers, writeNewJobs } from '../format/new-job.ts';
import type { Extra } from '../frame/scripts.ts';

const hasOwner = ({ owner }: NewJob): boolean => owner !== '';

const nothingElse: readonly Extra[] = [];
const owned: readonly Extra[] = ['owned'];

/** What scripts need for these jobs beside what they need for all. */
export function extrasOf(jobs: readonly NewJob[]): readonly Extra[] {
  const rare = rareExtras(jobs);
  const isOwned = jobs.some(hasOwner);
  if (rare.length === 0) return isOwned ? owned : nothingElse;
  return isOwned ? [...owned, ...rare] : rare;
}

/** One job that has nothing special. */
export function isPlain(jobs: readonly NewJob[]): boolean {
  const [job] = jobs;
  if (job === undefined || jobs.length > 1 || job.idempotency !== null || !isInside(job.payload ?? '')) return false;
  return !isUnique(job) && !mustBegin(job) && !waitsForOthers(job);
}

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
