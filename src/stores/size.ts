/** About how many bytes calls take on their way to a store: what bounds a batch. */
import type { Part } from '../core/definition.ts';
import { sizeOfEvent } from '../core/event.ts';
import type { JobResult, NewJob } from '../core/job.ts';
import { sizeOfNewJob } from '../core/new-job.ts';
import { sizeOfLine } from '../core/report.ts';
import type { DefinitionCopy, JobCopy } from '../core/transfer.ts';
import type { Moves } from '../core/transitions.ts';
import type { DefinitionPut, Firing } from '../ports/store/definitions.ts';
import type { Report } from '../ports/store/jobs.ts';
import type { Publish } from '../ports/store/journal.ts';

const moveSize = 200;

export const sizeOfNewJobs = (jobs: readonly NewJob[]): number => jobs.reduce((sum, job) => sum + sizeOfNewJob(job), 0);

/** Moves share their result, so one of them tells it. */
export function sizeOfMoves(moves: Moves): number {
  const move = moves.running;
  return moveSize + (move !== undefined && 'result' in move && move.result !== null ? sizeOfResult(move.result) : 0);
}

export const sizeOfReport = ({ progress, lines, push }: Report): number =>
  moveSize + (progress?.length ?? 0) + lines.reduce((sum, line) => sum + sizeOfLine(line), 0) + sizeOfNewJobs(push);

export const sizeOfCopies = (copies: readonly JobCopy[]): number =>
  copies.reduce((sum, { job, attempts }) => sum + sizeOfNewJob(job) + sizeOfResults([job, ...attempts]), 0);

const sizeOfResults = (those: readonly { readonly result: JobResult }[]): number =>
  those.reduce((sum, { result }) => sum + moveSize + sizeOfResult(result), 0);

const sizeOfResult = ({ output, error, stack }: JobResult): number => output.length + error.length + stack.length;

const definitionSize = 300;

export const sizeOfPuts = (puts: readonly DefinitionPut[]): number =>
  puts.reduce((sum, { body, state, note }) => sum + definitionSize + (body?.length ?? 0) + (state?.length ?? 0) + (note?.length ?? 0), 0);

export const sizeOfFirings = (firings: readonly Firing[]): number =>
  firings.reduce((sum, { jobs, state, note }) => sum + definitionSize + sizeOfNewJobs(jobs) + state.length + note.length, 0);

export const sizeOfParts = (parts: readonly Part[]): number => parts.reduce((sum, { text }) => sum + definitionSize + text.length, 0);

export const sizeOfDefinitionCopies = (copies: readonly DefinitionCopy[]): number =>
  copies.reduce(
    (sum, { definition: { body, state }, parts }) =>
      parts.reduce((all, part) => all + part.length, sum + definitionSize + (body?.length ?? 0) + state.length),
    0,
  );

export const sizeOfPublish = ({ events, causes }: Publish): number =>
  events.reduce((sum, event) => sum + sizeOfEvent(event), 0) +
  causes.reduce((sum, cause) => sum + definitionSize + ('job' in cause ? sizeOfNewJob(cause.job) : cause.part.text.length), 0);
