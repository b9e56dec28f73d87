/** A job as JSON. Written by hand: the payload goes in as the text it came as. */
import { shownAfter } from '../../../core/after.ts';
import { formatDuration } from '../../../core/duration.ts';
import { startBeforeOf } from '../../../core/expiry.ts';
import type { Job, PushKind } from '../../../core/job.ts';
import type { Progress } from '../../../core/report.ts';
import { shownHeaders, shownUrl } from '../../../core/secret.ts';
import { type IsServed, isUnserved } from '../../../core/serving.ts';
import { writtenUnique } from '../../../core/unique.ts';
import type { AttemptPage } from '../../../engine/api/jobs.ts';
import { writeFence } from './cursor.ts';
import { progressMembers } from './log-json.ts';

const isoTime = (millis: number): string => new Date(millis).toISOString();
const isoTimeOrNull = (millis: number | null): string | null => (millis === null ? null : isoTime(millis));

/** All but payload and output, which may be large. */
function summaryOf(job: Job, isServed: IsServed): Readonly<Record<string, unknown>> {
  const { timeout, totalTimeout, retry, onLost, rules, unique } = job.options;
  const createdAt = isoTime(job.createdAt);
  return {
    id: job.id,
    state: job.state,
    reason: job.reason,
    worker: job.worker,
    queue: job.queue,
    domain: job.domain,
    limit: job.limit,
    name: job.name,
    comment: job.comment,
    url: shownUrl(job.url),
    headers: shownHeaders(job.headers ?? {}),
    priority: job.priority,
    manual: job.manual,
    rules,
    run: job.run,
    attempt: job.attempt,
    attempts: retry.attempts,
    lost: job.lost,
    timeout: timeout === null ? null : formatDuration(timeout),
    totalTimeout: totalTimeout === undefined ? null : formatDuration(totalTimeout),
    retry: { attempts: retry.attempts, backoff: formatDuration(retry.backoff), maxBackoff: formatDuration(retry.maxBackoff) },
    onLost,
    unique: unique === undefined ? null : writtenUnique(unique),
    startBefore: isoTimeOrNull(startBeforeOf(job)),
    after: shownAfter(job),
    createdAt,
    dueAt: job.dueAt === job.createdAt ? createdAt : isoTime(job.dueAt),
    startedAt: isoTimeOrNull(job.startedAt),
    endedAt: isoTimeOrNull(job.endedAt),
    statusCode: job.result.statusCode,
    error: job.result.error,
    cause: job.result.cause,
    fence: job.fence,
    holder: job.holder,
    unserved: isUnserved(job, isServed),
  };
}

/** Puts further members, already JSON, into an object's text. */
export const withMembers = (object: string, members: string): string => `${object.slice(0, -1)},${members}}`;

/** The job as the schema `JobSummary`. */
export function jobSummaryJson(job: Job, isServed: IsServed): string {
  return JSON.stringify(summaryOf(job, isServed));
}

/** The job as the schema `Job`. */
export const jobJson = (job: Job, isServed: IsServed): string => withMembers(jobSummaryJson(job, isServed), textMembers(job));

/** The job as the schema `PushedJob`. */
export const pushedJobJson = (job: Job, kind: PushKind, isServed: IsServed): string =>
  withMembers(jobSummaryJson(job, isServed), `"kind":"${kind}",${textMembers(job)}`);

const textMembers = ({ payload, result: { output, outputCut } }: Job): string =>
  `"output":${JSON.stringify(output)},"outputCut":${outputCut},"payload":${payload ?? 'null'}`;

/** The job as the schema `JobWithHistory`. */
export function jobWithHistoryJson(job: Job, page: AttemptPage, progress: Progress | null, isServed: IsServed): string {
  return withMembers(
    jobJson(job, isServed),
    `"history":${attemptListJson(page)},"historyNext":${nextJson(page)},${progressMembers(progress)}`,
  );
}

/** The schema `AttemptPage`. */
export const attemptsJson = (page: AttemptPage): string => `{"attempts":${attemptListJson(page)},"next":${nextJson(page)}}`;

function nextJson({ attempts, more }: AttemptPage): string {
  const last = attempts.at(-1);
  return more && last !== undefined ? JSON.stringify(writeFence(last.fence)) : 'null';
}

function attemptListJson({ attempts }: AttemptPage): string {
  const entries = attempts.map((attempt) => {
    const { statusCode, error, cause, stack, output, outputCut } = attempt.result;
    return {
      run: attempt.run,
      attempt: attempt.attempt,
      fence: attempt.fence,
      holder: attempt.holder,
      startedAt: isoTime(attempt.startedAt),
      endedAt: isoTimeOrNull(attempt.endedAt),
      end: attempt.end,
      statusCode,
      error,
      cause,
      stack,
      output,
      outputCut,
    };
  });
  return JSON.stringify(entries);
}
