/** The outcome of an attempt by its answer, or by the lack of one: under HQ's rules and under `/v1`'s. */
import { formatDuration, type Millis } from '../core/duration.ts';
import { type JobOptions, noResult } from '../core/job.ts';
import type { Outcome } from '../core/outcome.ts';
import type { Answer } from './http-exchange.ts';
import type { Fault } from './http-fault.ts';
import { reasonPhrase } from './http-status.ts';

/** The longest wait that a worker can ask for. */
const longestWait: Millis = 3_600_000;

/** @param url the one that was requested last, as it may be shown */
export function outcomeOf(answer: Answer, url: string, options: JobOptions): Outcome {
  const { fault } = answer;
  if (fault?.kind === 'stopped' && (fault.by === 'shutdown' || fault.by === 'lost')) return { kind: 'returned' };
  return options.rules === 'hq' ? hqOutcome(answer, url) : v1Outcome(answer, options.timeout);
}

/** The outcome of a job whose URL or headers cannot be sent; `cause` in Go's words. */
export function unsendable(cause: string, options: JobOptions, hqPrefix: string): Outcome {
  const error = options.rules === 'hq' ? `${hqPrefix}: ${cause}` : `The request cannot be made: ${cause}`;
  return { kind: 'failed', result: { ...noResult, error }, ...(options.rules === 'v1' && { final: true }) };
}

/** The start of HQ's error for a request that brought no answer. */
export const notDone = (url: string): string => `failed to do http request: Post ${JSON.stringify(url)}`;

function hqOutcome({ status, output, outputCut, fault }: Answer, url: string): Outcome {
  if (status === null) return failedWith({ ...noResult, error: `${notDone(url)}: ${causeOf(fault, 'awaiting headers')}` });
  // HQ keeps nothing of a body that was cut short.
  if (fault !== null) {
    const cause = causeOf(fault, 'reading body');
    return failedWith({ ...noResult, statusCode: status, error: `failed to read http response body: ${cause}` });
  }
  if (status === 200) return { kind: 'succeeded', result: { statusCode: status, output, outputCut, error: '' } };
  return failedWith({ statusCode: status, output, outputCut, error: reasonPhrase(status) });
}

function causeOf(fault: Fault | null, doing: 'awaiting headers' | 'reading body'): string {
  if (fault === null) return 'EOF';
  if (fault.kind === 'failed') return fault.cause;
  if (fault.by !== 'timeout') return 'context canceled';
  const what =
    doing === 'reading body'
      ? 'Client.Timeout or context cancellation while reading body'
      : 'Client.Timeout exceeded while awaiting headers';
  return `context deadline exceeded (${what})`;
}

function v1Outcome(answer: Answer, timeout: Millis | null): Outcome {
  const { status, output, outputCut, fault } = answer;
  const result = { statusCode: status, output, outputCut };
  if (fault !== null || status === null) return failedWith({ ...result, error: faultText(fault, status, timeout) });
  if (status >= 200 && status < 300) return { kind: 'succeeded', result: { ...result, error: '' } };
  const failure = failedWith({ ...result, error: `The worker answered ${`${status} ${reasonPhrase(status)}`.trimEnd()}` });
  if (status === 410) return { ...failure, final: true };
  const retryAfter = status === 429 || status === 503 ? retryAfterOf(answer.headers['retry-after']) : null;
  return retryAfter === null ? failure : { ...failure, retryAfter };
}

type Failure = Extract<Outcome, { kind: 'failed' }>;

function failedWith(result: Failure['result']): Failure {
  return { kind: 'failed', result };
}

function faultText(fault: Fault | null, status: number | null, timeout: Millis | null): string {
  if (fault?.kind === 'stopped') {
    if (fault.by !== 'timeout') return 'The attempt was canceled';
    const within = timeout === null ? 'in time' : `within ${formatDuration(timeout)}`;
    return status === null ? `The worker did not answer ${within}` : `The worker's answer was not complete ${within}`;
  }
  const cause = fault?.cause ?? 'EOF';
  return status === null ? `The worker gave no answer: ${cause}` : `The worker's answer was not complete: ${cause}`;
}

/** Seconds or an HTTP date (RFC 9110 §10.2.3); a time in the past is now, and `null` is none or nonsense. */
function retryAfterOf(header: string | string[] | undefined): Millis | null {
  const text = (Array.isArray(header) ? header[0] : header)?.trim() ?? '';
  if (text === '') return null;
  const wait = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - Date.now();
  return Number.isNaN(wait) ? null : Math.min(longestWait, Math.max(0, wait));
}
