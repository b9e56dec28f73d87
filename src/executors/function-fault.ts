/** What a function threw, as the end of its attempt. Whatever it is, nothing is thrown here. */
import { messageOf } from '../core/errors.ts';
import { noResult } from '../core/job.ts';
import type { Outcome } from '../core/outcome.ts';
import type { EndReason } from './end-reason.ts';
import { thrownResult } from './thrown.ts';

/** Thrown by a function when there is nothing to do: the job ends canceled, with the reason `skipped`. */
export class Skip extends Error {}

/** Thrown by a function when trying again would not help: the job fails whatever its retry policy says. */
export class Final extends Error {}

/** Thrown by a function to end the job without an error: it ends succeeded, with the reason `aborted`. */
export class Abort extends Error {}

/**
 * Thrown by a function whose trigger makes no sense, such as one for a folder that is gone: the job fails without another try, and its
 * trigger pushes nothing more until somebody resumes it (cozy-stack).
 */
export class BadTrigger extends Error {}

/** Why a message is not what its worker takes: the job fails without another try. */
export class Unfit extends Error {}

/** Its worker's `errorHook` does not let the first attempt run. */
export class Refused extends Error {}

export const aborted: Outcome = { kind: 'succeeded', result: noResult, reason: 'aborted' };
const refused: Outcome = { kind: 'succeeded', result: noResult, reason: 'refused' };

/** Whether an attempt that had to end for this goes back as if it had not been. */
export const isHandedBack = (stopped: EndReason | null): boolean => stopped === 'handover' || stopped === 'shutdown' || stopped === 'lost';

export function outcomeOfThrown(thrown: unknown, stopped: EndReason | null): Outcome {
  if (isA(Abort, thrown)) return aborted;
  if (isA(Refused, thrown)) return refused;
  const result = thrownResult(thrown, stopped);
  if (isA(Skip, thrown)) return { kind: 'skipped', result: { ...noResult, error: result.error } };
  if (isHandedBack(stopped)) return { kind: 'returned' };
  if (isA(Unfit, thrown)) return { kind: 'failed', result: { ...noResult, error: messageOf(thrown), cause: 'message' }, final: true };
  const told = result.error === '' ? { ...result, error: 'the function threw an error without a message' } : result;
  if (isA(BadTrigger, thrown)) return { kind: 'failed', result: told, final: true, badTrigger: told.error };
  return isA(Final, thrown) ? { kind: 'failed', result: told, final: true } : { kind: 'failed', result: told };
}

type Known = typeof Skip | typeof Final | typeof BadTrigger | typeof Abort | typeof Unfit | typeof Refused;

/** A proxy may refuse to tell what it is. */
function isA(kind: Known, thrown: unknown): boolean {
  try {
    return thrown instanceof kind;
  } catch {
    return false;
  }
}
