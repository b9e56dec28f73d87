/** What is kept of what a function threw: whatever that is, reading it never throws. */
import { messageOf } from '../core/errors.ts';
import { type JobResult, noResult } from '../core/job.ts';
import { jobLimits } from '../core/new-job.ts';
import type { StopReason } from '../ports/executor.ts';

/** Characters. */
const keptStack = 8 * 1024;
/** Errors that are told of, each the cause of the one before it. */
const mostCauses = 5;

export function thrownResult(thrown: unknown, stopped: StopReason | null): JobResult {
  const error = textOf(() => messageOf(thrown))
    .slice(0, jobLimits.error)
    .toWellFormed();
  if (stopped === 'timeout') return { ...noResult, error, cause: 'timeout' };
  return { ...noResult, error, cause: stopped === 'canceled' ? 'canceled' : 'thrown', stack: stackOf(thrown) };
}

/** Where it was thrown, with the errors that caused it; what is cut off of a long text is counted. */
function stackOf(thrown: unknown): string {
  const stacks: string[] = [];
  for (let error = thrown; error instanceof Error && stacks.length < mostCauses; error = causeOf(error)) {
    const { stack } = { stack: textOf(() => (error as Error).stack ?? '') };
    stacks.push(stacks.length === 0 ? stack : `Caused by: ${stack}`);
  }
  const text = stacks.join('\n');
  if (text.length <= keptStack) return text.toWellFormed();
  return `${text.slice(0, keptStack).toWellFormed()}\n… and ${text.length - keptStack} more characters`;
}

function causeOf(error: Error): unknown {
  try {
    return error.cause;
  } catch {
    return null;
  }
}

/** A function may have given its error a message or a stack that is no text, or cannot be read. */
function textOf(read: () => unknown): string {
  try {
    return String(read());
  } catch (error) {
    return `what was thrown cannot be read: ${messageOf(error)}`;
  }
}
