/** New jobs, as scripts take them (jobs/push.lua): of each a specification, which many jobs share, and its body. */
import type { Job, NewJob } from '../../../core/job.ts';
import { uniqueKey } from '../../../core/unique.ts';
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
  const [unique, before] = [uniqueText(job), startBeforeText(job)];
  args.push(
    `${payload === null ? '' : 'p'}${idempotency === null ? '' : 'k'}${unique === null ? '' : 'u'}${before === null ? '' : 'b'}`,
    specOf(job),
    text,
  );
  if (payload !== null) args.push(payload);
  // Keys of different domains have nothing to do with one another.
  if (idempotency !== null) args.push(JSON.stringify([job.domain, idempotency.key]), idempotency.digest);
  if (unique !== null) args.push(unique);
  if (before !== null) args.push(before);
}

function startBeforeText({ options: { startBefore } }: Pick<NewJob, 'options'>): string | null {
  if (startBefore === undefined) return null;
  return 'at' in startBefore ? `at ${startBefore.at}` : `delay ${startBefore.delay}`;
}

export const mustBegin = ({ options }: Pick<NewJob, 'options'>): boolean => options.startBefore !== undefined;

/** How long it lasts and its scope (jobs/uniques.lua); `null`: there may be any number of it. */
export function uniqueText({ domain, worker, options: { unique } }: Pick<Job, 'domain' | 'worker' | 'options'>): string | null {
  return unique === undefined ? null : `${unique.until} ${JSON.stringify([domain, uniqueKey(unique, worker)])}`;
}

/** What scripts need for jobs like these beside what they need for all. */
export const isUnique = ({ options }: Pick<NewJob, 'options'>): boolean => options.unique !== undefined;

export function specOf(job: NewJob): string {
  const { start } = job;
  const when = start === null ? 'now 0' : 'at' in start ? `at ${start.at}` : `delay ${start.delay}`;
  return `${when} ${fixedWords(job)}`;
}

const nothingRare: readonly ('unique' | 'expiries')[] = [];

/** Parts of scripts that few jobs need (frame/scripts.ts). */
export function rareExtras(jobs: readonly NewJob[]): readonly ('unique' | 'expiries')[] {
  const [someUnique, someMustBegin] = [jobs.some(isUnique), jobs.some(mustBegin)];
  if (!someUnique && !someMustBegin) return nothingRare;
  return [...(someUnique ? (['unique'] as const) : []), ...(someMustBegin ? (['expiries'] as const) : [])];
}
