/** How much of a result is kept. A job shows the result of its newest attempt whole; of earlier ones the history keeps a beginning. */
import type { Attempt, JobResult } from './job.ts';
import { jobLimits } from './new-job.ts';

/** The result with at most so many UTF-8 bytes of its output: one that is longer is cut where a character ends, and marked so. */
export function cutOutput(result: JobResult, bytes: number): JobResult {
  const output = beginningOf(result.output, bytes);
  return output.length === result.output.length ? result : { ...result, output, outputCut: true };
}

/** The result with no more of its error, and of where that was thrown, than is kept of any. */
export function cutError(result: JobResult): JobResult {
  const { error, stack } = result;
  if (error.length <= jobLimits.error && stack.length <= jobLimits.stack) return result;
  return {
    ...result,
    error: error.slice(0, jobLimits.error).toWellFormed(),
    stack: stack.slice(0, jobLimits.stack).toWellFormed(),
  };
}

/** The attempt as a history keeps it. */
export function asHistory(attempt: Attempt, bytes: number): Attempt {
  const result = cutError(cutOutput(attempt.result, bytes));
  return result === attempt.result ? attempt : { ...attempt, result };
}

/** At most so many UTF-8 bytes of the text, ending where a character ends. */
function beginningOf(text: string, bytes: number): string {
  // No character has more than three bytes for each of its UTF-16 units, so most texts need not be counted.
  if (text.length * 3 <= bytes) return text;
  let left = bytes;
  for (let at = 0; at < text.length; ) {
    const code = text.codePointAt(at) ?? 0;
    left -= code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    if (left < 0) return text.slice(0, at);
    at += code < 0x10000 ? 1 : 2;
  }
  return text;
}
