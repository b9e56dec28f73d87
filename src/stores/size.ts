/** About how many bytes calls take on their way to a store: what bounds a batch. */
import type { NewJob } from '../core/job.ts';
import type { JobCopy } from '../core/transfer.ts';
import type { Moves } from '../core/transitions.ts';

/** What a job takes beside its texts. */
const jobSize = 300;
const moveSize = 200;

export const sizeOfNewJob = (job: Pick<NewJob, 'payload' | 'comment'>): number => jobSize + (job.payload?.length ?? 0) + job.comment.length;

export const sizeOfNewJobs = (jobs: readonly NewJob[]): number => jobs.reduce((sum, job) => sum + sizeOfNewJob(job), 0);

/** Moves share their result, so one of them tells it. */
export function sizeOfMoves(moves: Moves): number {
  const move = moves.running;
  return moveSize + (move !== undefined && 'result' in move && move.result !== null ? move.result.output.length : 0);
}

export const sizeOfCopies = (copies: readonly JobCopy[]): number =>
  copies.reduce((sum, { job, attempts }) => sum + sizeOfNewJob(job) + sizeOfResults([job, ...attempts]), 0);

const sizeOfResults = (those: readonly { readonly result: { readonly output: string } }[]): number =>
  those.reduce((sum, { result }) => sum + moveSize + result.output.length, 0);
