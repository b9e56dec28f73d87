/** Pages of attempts: ended by their length as well as by their number. */
import { isJobId } from '../core/id.ts';
import { type Attempt, noResult } from '../core/job.ts';
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

/** Stands in a history for an attempt that is kept, but cannot be read. */
export const unreadableAttempt = (fence: string, reason: string): Attempt => ({
  run: 1,
  attempt: 0,
  fence: isJobId(fence) ? fence : '0',
  holder: '',
  startedAt: 0,
  endedAt: 0,
  end: 'lost',
  result: { ...noResult, error: `This attempt cannot be read: ${reason}` },
});
