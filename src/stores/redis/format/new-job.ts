/**
 * New jobs, as scripts take them (jobs/push.lua): of each a specification, which many jobs share, and its body; and what became of
 * them.
 */
import { type JobId, timeOfId } from '../../../core/id.ts';
import type { NewJob } from '../../../core/job.ts';
import type { Pushed } from '../../../ports/store/jobs.ts';
import type { Argument, Reply } from '../driver/driver.ts';
import { bodyOf } from './body.ts';
import { plainId } from './ids.ts';
import { fixedWords } from './record.ts';
import { asText } from './reply-reader.ts';

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
