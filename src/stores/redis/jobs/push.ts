/** A push, as push.lua takes and answers it. */
import { type JobId, timeOfId } from '../../../core/id.ts';
import type { NewJob } from '../../../core/job.ts';
import type { Pushed } from '../../../ports/store/jobs.ts';
import type { Argument, Reply } from '../driver/driver.ts';
import { bodyOf, isInside } from '../format/body.ts';
import { plainId } from '../format/ids.ts';
import { specOf, writeNewJobs } from '../format/new-job.ts';
import { asText } from '../format/reply-reader.ts';

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

/** By the letter before an id. */
const pushKinds: Readonly<Record<string, Pushed['kind']>> = { r: 'replayed', c: 'conflict' };

export function readPushed(reply: Reply): readonly Pushed[] {
  const words = asText(reply);
  if (words === '') return [];
  return words.split(' ').map((word) => {
    const kind = pushKinds[word[0] ?? ''];
    const id: JobId = plainId(kind === undefined ? word : word.slice(1));
    return { kind: kind ?? 'pushed', id, createdAt: timeOfId(id) };
  });
}
