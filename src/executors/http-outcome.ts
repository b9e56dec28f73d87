/** The outcome of an attempt by its answer, or by the lack of one: under HQ's rules and under `/v1`'s. */
import type { FailureCause } from '../core/cause.ts';
import { formatDuration, type Millis } from '../core/duration.ts';
import { type JobOptions, type JobResult, noResult } from '../core/job.ts';
import type { Outcome } from '../core/outcome.ts';
import type { Answer } from './http-exchange.ts';
import type { Fault } from './http-fault.ts';
import { readRetryAfter } from './http-retry-after.ts';
import { reasonPhrase } from './http-status.ts';

/** @param url the one that was requested last, as it may be shown */
export function outcomeOf(answer: Answer, url: string, options: JobOptions): Outcome {
  const { fault } = answer;
  if (fault?.kind === 'stopped' && (fault.by === 'shutdown' || fault.by === 'lost')) return { kind: 'returned' };
  return options.rules === 'hq' ? hqOutcome(answer, url) : v1Outcome(answer, options.timeout);
}

/** The outcome of a job whose URL or headers cannot be sent; `cause` in Go's words. */
export function unsendable(cause: string, options: JobOptions, hqPrefix: string): Outcome {
  const error = options.rules === 'hq' ? `${hqPrefix}: ${cause}` : `The request cannot be made: ${cause}`;
  return { kind: 'failed', result: { ...noResult, error, cause: 'unsendable' }, ...(options.rules === 'v1' && { final: true }) };
}

/** The start of HQ's error for a request that brought no answer. */
export const notDone = (url: string): string => `failed to do http request: Post ${JSON.stringify(url)}`;

function hqOutcome(answer: Answer, url: string): Outcome {
  const { status, output, outputCut, fault } = answer;
  const cause = causeOf(answer);
  if (status === null) return failedWith({ ...noResult, error: `${notDone(url)}: ${hqText(fault, 'awaiting headers')}`, cause });
  // HQ keeps nothing of a body that was cut short.
  if (fault !== null) {
    const error = `failed to read http response body: ${hqText(fault, 'reading body')}`;
    return failedWith({ ...noResult, statusCode: status, error, cause });
  }
  const result = { ...noResult, statusCode: status, output, outputCut };
  if (status === 200) return { kind: 'succeeded', result };
  return failedWith({ ...result, error: reasonPhrase(status), cause });
}

/** Of an answer that is no success. */
function causeOf({ status, fault, sent }: Answer): FailureCause {
  if (fault?.kind === 'failed') return fault.cause;
  if (fault?.kind === 'stopped') return fault.by !== 'timeout' ? 'canceled' : sent ? 'timeout' : 'unreachable';
  if (status === null) return 'reset';
  return status === 502 || status === 503 || status === 504 ? 'unavailable' : 'answer';
}

function hqText(fault: Fault | null, doing: 'awaiting headers' | 'reading body'): string {
  if (fault === null) return 'EOF';
  if (fault.kind === 'failed') return fault.text;
  if (fault.by !== 'timeout') return 'context canceled';
  const what =
    doing === 'reading body'
      ? 'Client.Timeout or context cancellation while reading body'
      : 'Client.Timeout exceeded while awaiting headers';
  return `context deadline exceeded (${what})`;
}

function v1Outcome(answer: Answer, timeout: Millis | null): Outcome {
  const { status, output, outputCut, fault } = answer;
  const result = { ...noResult, statusCode: status, output, outputCut };
  const cause = causeOf(answer);
  if (fault !== null || status === null) return failedWith({ ...result, error: faultText(fault, status, timeout), cause });
  if (status >= 200 && status < 300) return { kind: 'succeeded', result };
  const failure = failedWith({ ...result, error: `The worker answered ${`${status} ${reasonPhrase(status)}`.trimEnd()}`, cause });
  if (status === 410) return { ...failure, final: true };
  const retryAfter = status === 429 || status === 503 ? readRetryAfter(answer.headers, Date.now()) : null;
  return retryAfter === null ? failure : { ...failure, retryAfter };
}

const failedWith = (result: JobResult): Extract<Outcome, { kind: 'failed' }> => ({ kind: 'failed', result });

function faultText(fault: Fault | null, status: number | null, timeout: Millis | null): string {
  if (fault?.kind === 'stopped') {
    if (fault.by !== 'timeout') return 'The attempt was canceled';
    const within = timeout === null ? 'in time' : `within ${formatDuration(timeout)}`;
    return status === null ? `The worker did not answer ${within}` : `The worker's answer was not complete ${within}`;
  }
  const cause = fault?.text ?? 'EOF';
  return status === null ? `The worker gave no answer: ${cause}` : `The worker's answer was not complete: ${cause}`;
}
