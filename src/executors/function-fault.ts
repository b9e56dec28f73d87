/** What a function threw, as the end of its attempt. Whatever it is, nothing is thrown here. */
import { noResult } from '../core/job.ts';
import type { Outcome } from '../core/outcome.ts';
import type { StopReason } from '../ports/executor.ts';
import { thrownResult } from './thrown.ts';

/** Thrown by a function when there is nothing to do: the job ends canceled, with the reason `skipped`. */
export class Skip extends Error {}

/** Thrown by a function when trying again would not help: the job fails whatever its retry policy says. */
export class Final extends Error {}

export function outcomeOfThrown(thrown: unknown, stopped: StopReason | null): Outcome {
  const result = thrownResult(thrown, stopped);
  if (isA(Skip, thrown)) return { kind: 'skipped', result: { ...noResult, error: result.error } };
  if (stopped === 'shutdown' || stopped === 'lost') return { kind: 'returned' };
  const told = result.error === '' ? { ...result, error: 'the function threw an error without a message' } : result;
  return isA(Final, thrown) ? { kind: 'failed', result: told, final: true } : { kind: 'failed', result: told };
}

/** A proxy may refuse to tell what it is. */
function isA(kind: typeof Skip | typeof Final, thrown: unknown): boolean {
  try {
    return thrown instanceof kind;
  } catch {
    return false;
  }
}
