/** New jobs, as scripts take them (jobs/push.lua): of each a specification, which many jobs share, and its body. */
import type { Job, NewJob } from '../../../core/job.ts';
import { uniqueKey } from '../../../core/unique.ts';
import type { Argument } from '../driver/driver.ts';
import { bodyOf } from './body.ts';
import { paddedId } from './ids.ts';
import { fixedWords } from './record.ts';

export function writeNewJobs(args: Argument[], jobs: readonly NewJob[]): void {
  args.push(String(jobs.length));
  for (const job of jobs) writeNewJob(args, job);
}

export function writeNewJob(args: Argument[], job: NewJob): void {
  const { text, payload } = bodyOf(job);
  const { idempotency } = job;
  const [unique, before, after] = [uniqueText(job), startBeforeText(job), afterText(job)];
  const usual = `${payload === null ? '' : 'p'}${idempotency === null ? '' : 'k'}`;
  args.push(`${usual}${unique === null ? '' : 'u'}${before === null ? '' : 'b'}${after === null ? '' : 'a'}`, specOf(job), text);
  if (payload !== null) args.push(payload);
  // Keys of different domains have nothing to do with one another.
  if (idempotency !== null) args.push(JSON.stringify([job.domain, idempotency.key]), idempotency.digest);
  if (unique !== null) args.push(unique);
  if (before !== null) args.push(before);
  if (after !== null) args.push(after);
}

function startBeforeText({ options: { startBefore } }: Pick<NewJob, 'options'>): string | null {
  if (startBefore === undefined) return null;
  return 'at' in startBefore ? `at ${startBefore.at}` : `delay ${startBefore.delay}`;
}

/** What the failure of others does to it, and their ids (jobs/waits.lua); `null`: it waits for none. */
export function afterText({ options: { after } }: Pick<Job, 'options'>): string | null {
  return after === undefined ? null : [after.onFailure, ...after.jobs.map(paddedId)].join(' ');
}

export const waitsForOthers = ({ options }: Pick<NewJob, 'options'>): boolean => options.after !== undefined;
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

/** Of what frame/scripts.ts knows. */
type RareExtra = 'unique' | 'expiries' | 'limits';
const nothingRare: readonly RareExtra[] = [];

/** Parts of scripts that few jobs need (frame/scripts.ts). */
export function rareExtras(jobs: readonly NewJob[]): readonly RareExtra[] {
  const [someUnique, someMustBegin, someWait] = [jobs.some(isUnique), jobs.some(mustBegin), jobs.some(waitsForOthers)];
  if (!someUnique && !someMustBegin && !someWait) return nothingRare;
  const wanted: readonly (readonly [boolean, RareExtra])[] = [
    [someUnique, 'unique'],
    [someMustBegin, 'expiries'],
    [someWait, 'limits'],
  ];
  return wanted.flatMap(([isWanted, extra]) => (isWanted ? extra : []));
}
