/** Pages of attempts: ended by their length as well as by their number. */
import type { Attempt } from '../core/job.ts';
import type { AttemptPage } from '../ports/store/jobs.ts';

/** Characters of outputs and errors on a page, about. */
export const pageLength = 1024 * 1024;

/** @param attempts those that are asked for, and at least one more if there is any */
export function pageOfAttempts(attempts: Iterable<Attempt>, limit: number): AttemptPage {
  const page: Attempt[] = [];
  let length = 0;
  for (const attempt of attempts) {
    const { output, error, stack } = attempt.result;
    length += output.length + error.length + stack.length;
    if (page.length === limit || (page.length > 0 && length > pageLength)) return { attempts: page, more: true };
    page.push(attempt);
  }
  return { attempts: page, more: false };
}
