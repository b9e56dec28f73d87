/** How a job lies in Redis: what changes as a text of words that scripts know too (lua/record.lua), and all else (body.ts). */
import { timeOfId } from '../../core/id.ts';
import { type Job, type JobResult, type JobState, jobStates, noResult } from '../../core/job.ts';
import { type Head, hasLongPayload, readBody } from './body.ts';
import { readResult } from './result.ts';
import type { Shown } from './shown.ts';
import { numberOf, plainId, textOf } from './words.ts';

/** A state is kept as its place in the list of all. */
export const stateDigit = (state: JobState): string => String(jobStates.indexOf(state));

export function stateOf(digit: string): JobState {
  const state = jobStates[Number(digit)];
  if (state === undefined) throw new Error(`there is no state with the digit ${digit}`);
  return state;
}

export const laneOf = (worker: string, queue: string, manual: boolean): string => `${worker}/${queue}/${manual ? '1' : '0'}`;

/** Which texts of a job lie on their own because they are long. */
export interface LongTexts {
  readonly payload: boolean;
  readonly output: boolean;
}

/** A job whose long texts stand behind it. */
export const readJob = (shown: Shown): Job => readWith(shown, shown).job;

/** A job without its long texts. */
export const readBriefJob = (shown: Shown): { readonly job: Job; readonly long: LongTexts } => readWith(shown, null);

function readWith(shown: Shown, longTexts: Shown | null): { readonly job: Job; readonly long: LongTexts } {
  const id = plainId(shown.text());
  const words = shown.text().split(' ');
  const body = shown.text();
  const [, result] = words;
  const resultText = result === hasNone ? null : shown.text();
  const long = { payload: hasLongPayload(body), output: result === hasLong };
  const { head, payload } = readBody(body, longTexts);
  const kept = resultText === null ? noResult : readResult(resultText, long.output ? longTexts : null);
  return { job: jobOf(id, words, head, payload, kept), long };
}

/** What a record says of its result. */
const hasNone = '0';
const hasLong = '2';

function jobOf(id: string, words: readonly string[], head: Head, payload: string | null, result: JobResult): Job {
  const [
    state = '',
    ,
    fence = '0',
    ended = '',
    reason = '',
    started = '',
    holder = '',
    ,
    ,
    attempt,
    lane = '',
    priority,
    ,
    due,
    run,
    lost,
  ] = words;
  const [worker = '', queue = '', manual] = lane.split('/');
  return {
    id,
    state: stateOf(state),
    domain: head.domain,
    queue: textOf(queue),
    worker: textOf(worker),
    name: head.name,
    comment: head.comment,
    manual: manual === '1',
    priority: Number(priority),
    payload,
    url: head.url,
    headers: head.headers,
    options: head.options,
    reason: textOf(reason),
    createdAt: head.createdAt ?? timeOfId(id),
    dueAt: Number(due),
    startedAt: numberOf(started),
    endedAt: numberOf(ended),
    run: Number(run),
    attempt: Number(attempt),
    lost: Number(lost),
    fence,
    holder: textOf(holder),
    result,
  };
}
