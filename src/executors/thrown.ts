/** What is kept of what a function threw: whatever that is, reading it never throws. */
import { messageOf } from '../core/errors.ts';
import { type JobResult, noResult } from '../core/job.ts';
import { jobLimits } from '../core/new-job.ts';
import type { EndReason } from './end-reason.ts';

/** Characters. */
const keptStack = 8 * 1024;
/** Errors that are told of, each the cause of the one before it. */
const mostCauses = 5;

export function thrownResult(thrown: unknown, stopped: EndReason | null): JobResult {
  const error = messageOf(thrown).slice(0, jobLimits.error).toWellFormed();
  if (stopped === 'timeout') return { ...noResult, error, cause: 'timeout' };
  return { ...noResult, error, cause: stopped === 'canceled' ? 'canceled' : 'thrown', stack: stackOf(thrown) };
}

/** Where it was thrown, with the errors that caused it; what is cut off of a long text is counted. */
function stackOf(thrown: unknown): string {
  const stacks: string[] = [];
  for (let error = asError(thrown); error !== null && stacks.length < mostCauses; error = causeOf(error)) {
    const stack = textOf(error);
    stacks.push(stacks.length === 0 ? stack : `Caused by: ${stack}`);
  }
  const text = stacks.join('\n');
  if (text.length <= keptStack) return text.toWellFormed();
  return `${text.slice(0, keptStack).toWellFormed()}\n… and ${text.length - keptStack} more characters`;
}

/** A proxy may refuse to tell what it is. */
function asError(thrown: unknown): Error | null {
  try {
    return thrown instanceof Error ? thrown : null;
  } catch {
    return null;
  }
}

function causeOf(error: Error): Error | null {
  try {
    return asError(error.cause);
  } catch {
    return null;
  }
}

/** A function may have given its error a stack that is no text, or cannot be read. */
function textOf(error: Error): string {
  try {
    return String(error.stack ?? '');
  } catch (fault) {
    return `its stack cannot be read: ${messageOf(fault)}`;
  }
}
