/**
 * What the record of a job may be, field by field: what any push, any attempt and any store of ours can have made. A push makes no
 * other one (new-job.ts), an import takes no other one, and what a store finds otherwise has been damaged.
 */
import { isFailureCause } from './cause.ts';
import { HatstandError } from './errors.ts';
import { checkHeaderFields } from './headers.ts';
import { isJobId } from './id.ts';
import { type Attempt, type AttemptEnd, type Job, type JobResult, jobStates, noResult, onLostWords } from './job.ts';
import { nestsDeeper } from './json.ts';
import { JsonScan } from './json-scan.ts';
import { parkedReason } from './limit.ts';
import { jobLimits, newJob } from './new-job.ts';
import { latestTime } from './time.ts';

/** Bounds of what a push does not say. Lengths are in characters. */
export const recordLimits = {
  /** Of a node, or of whoever else runs an attempt. */
  holder: 1_024,
  /** Also of one that waits parked, whose key may be as long as any. */
  reason: jobLimits.limit + parkedReason('').length,
  /** As much as can be configured to be kept of an answer. */
  outputBytes: 16 * 1024 * 1024,
  /** Of errors and stacks: older versions kept more than `jobLimits.error`. An arrival cuts them. */
  told: 1024 * 1024,
  /** Levels of a payload: HQ's API takes so many in a body, the other pushes fewer. */
  depth: 1_000,
  /** Runs of a job, losses. */
  counted: 1_000_000_000,
  /** HTTP has three digits. */
  statusCode: 999,
  /** Earlier attempts in an export; `jobLimits.history` of them are taken in. */
  attempts: 1_000,
} as const;

const wrong = (field: string, expected: string): HatstandError =>
  new HatstandError('invalid_request', `${field} must be ${expected}.`, { field });

/** Throws `invalid_request` or `too_large` for a record that no store can have made. Whether its parts go together: transfer.ts. */
export function checkRecord(job: Job): void {
  newJob({ ...job, start: null, idempotency: null });
  if (!jobStates.includes(job.state)) throw wrong('state', `one of ${jobStates.join(', ')}, not ${String(job.state)}`);
  checkTexts(job);
  checkJson(job.payload, 'payload', recordLimits.depth);
  checkJson(job.about, 'about', recordLimits.depth);
  if (job.headers !== null) checkHeaderFields(job.headers);
  const { timeout, totalTimeout = null, onLost, rules } = job.options;
  if (!onLostWords.includes(onLost)) throw wrong('onLost', `one of ${onLostWords.join(', ')}`);
  if (rules !== 'hq' && rules !== 'v1') throw wrong('rules', 'hq or v1');
  if (timeout !== null && !(timeout >= 0 && Number.isFinite(timeout))) throw wrong('timeout', `null or not negative, not ${timeout}`);
  if (totalTimeout !== null && !(totalTimeout >= 0 && Number.isFinite(totalTimeout))) {
    throw wrong('totalTimeout', `left out or not negative, not ${totalTimeout}`);
  }
  checkTime(job.createdAt, 'createdAt');
  checkTime(job.dueAt, 'dueAt');
  checkCounts(job);
  // A claim counts one more, and what comes of it must be a record, too.
  if (isWaiting(job.state)) checkWhole(job.attempt, 0, jobLimits.attempts, 'attempt');
  checkText(job.reason, recordLimits.reason, 'reason');
  checkProof(job);
  checkResult(job.result);
}

/** The same for an earlier attempt. */
export function checkAttempt(attempt: Attempt): void {
  checkCounts({ ...attempt, lost: 0 });
  checkProof(attempt);
  if (!ends.includes(attempt.end)) throw wrong('end', `one of ${ends.join(', ')}, not ${String(attempt.end)}`);
  checkResult(attempt.result);
}

/** Of an attempt that is earlier than another. */
const ends: readonly AttemptEnd[] = ['succeeded', 'failed', 'canceled', 'returned', 'lost'];

const isWaiting = (state: Job['state']): boolean => state === 'scheduled' || state === 'queued';

function checkTexts({ owner, limit, url, name, comment, domain, queue, worker, manual }: Job): void {
  for (const [field, text] of Object.entries({ owner, limit, url, name, comment, domain, queue, worker }))
    if (typeof text !== 'string') throw wrong(field, 'a text');
  if (typeof manual !== 'boolean') throw wrong('manual', 'true or false');
}

function checkCounts({ run, attempt, lost }: Pick<Job, 'run' | 'attempt' | 'lost'>): void {
  checkWhole(run, 1, recordLimits.counted, 'run');
  checkWhole(attempt, 0, jobLimits.attempts + 1, 'attempt');
  checkWhole(lost, 0, recordLimits.counted, 'lost');
}

/** Who runs or ran it, by which fence, and when. */
function checkProof({ fence, holder, startedAt, endedAt }: Pick<Job, 'fence' | 'holder' | 'startedAt' | 'endedAt'>): void {
  if (!isJobId(fence)) throw wrong('fence', `a decimal number of up to 63 bits, not ${String(fence).slice(0, 64)}`);
  checkText(holder, recordLimits.holder, 'holder');
  if (startedAt !== null) checkTime(startedAt, 'startedAt');
  if (endedAt !== null) checkTime(endedAt, 'endedAt');
}

function checkResult({ statusCode, output, outputCut, error, cause, stack }: JobResult): void {
  if (statusCode !== null) checkWhole(statusCode, 0, recordLimits.statusCode, 'statusCode');
  checkText(output, recordLimits.outputBytes, 'output');
  if (typeof outputCut !== 'boolean') throw wrong('outputCut', 'true or false');
  checkText(error, recordLimits.told, 'error');
  checkText(stack, recordLimits.told, 'stack');
  if (cause !== null && !isFailureCause(cause)) throw wrong('cause', `null or a known cause, not ${String(cause).slice(0, 64)}`);
}

/** Throws `invalid_request`. */
export function checkText(text: string, most: number, field: string): void {
  if (typeof text !== 'string') throw wrong(field, 'a text');
  if (text.length > most) throw wrong(field, `a text of at most ${most} characters, this one has ${text.length}`);
}

/** Throws `invalid_request`. */
export function checkWhole(value: number, least: number, most: number, field: string): void {
  if (!(Number.isInteger(value) && value >= least && value <= most))
    throw wrong(field, `a whole number from ${least} to ${most}, not ${value}`);
}

/** Milliseconds that a Date can show. */
export const checkTime = (time: number, field: string): void => checkWhole(time, 0, latestTime, field);

/** Throws `invalid_request` for a text that is no JSON, or nests deeper than so many levels. */
export function checkJson(text: string | null, field: string, depth: number): void {
  if (text === null) return;
  if (typeof text !== 'string' || !isJson(text)) throw wrong(field, 'a JSON text');
  if (nestsDeeper(text, depth)) throw wrong(field, `a JSON text of at most ${depth} levels of objects and arrays`);
}

/** Longer texts are read without building what they say, which would take many times their memory. */
export const longestParsed = 32 * 1024;

export function isJson(text: string): boolean {
  if (text.length > longestParsed) {
    const scan = new JsonScan(text);
    scan.step(Number.POSITIVE_INFINITY);
    return scan.expected === null;
  }
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
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
