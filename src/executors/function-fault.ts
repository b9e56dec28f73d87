/** What a function threw, as the end of its attempt. Whatever it is, something bounded is told of it, and nothing is thrown. */
import { messageOf } from '../core/errors.ts';
import { type JobResult, noResult } from '../core/job.ts';
import type { Outcome } from '../core/outcome.ts';
import type { StopReason } from '../ports/executor.ts';

/** Thrown by a function when there is nothing to do: the job ends canceled, with the reason `skipped`. */
export class Skip extends Error {}

/** Thrown by a function when trying again would not help: the job fails whatever its retry policy says. */
export class Final extends Error {}

/** Characters of an error that are kept. */
const keptError = 64 * 1024;

export const failureOf = (text: string): JobResult => ({ ...noResult, error: text.slice(0, keptError).toWellFormed() });

export function outcomeOfThrown(thrown: unknown, stopped: StopReason | null): Outcome {
  const told = messageOf(thrown);
  if (isA(Skip, thrown)) return { kind: 'skipped', result: failureOf(told) };
  if (stopped === 'shutdown' || stopped === 'lost') return { kind: 'returned' };
  const result = failureOf(told === '' ? 'the function threw an error without a message' : told);
  return isA(Final, thrown) ? { kind: 'failed', result, final: true } : { kind: 'failed', result };
}

/** A proxy may refuse to tell what it is. */
function isA(kind: typeof Skip | typeof Final, thrown: unknown): boolean {
  try {
    return thrown instanceof kind;
  } catch {
    return false;
  }
}
