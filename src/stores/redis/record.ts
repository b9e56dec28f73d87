/** How a job lies in Redis: what changes as a text of words that scripts know too (lua/record.lua), and all else (body.ts). */
import { timeOfId } from '../../core/id.ts';
import { type Job, type JobResult, type JobState, jobStates, noResult } from '../../core/job.ts';
import { type ReadBody, readBody } from './body.ts';
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
  const text = shown.text();
  const end = text.indexOf('\n');
  const words = text.slice(0, end).split(' ');
  const result = words[2];
  const resultText = result === hasNone ? null : shown.text();
  const body = readBody(text, end + 1, longTexts);
  const long = { payload: body.isLong, output: result === hasLong };
  const kept = resultText === null ? noResult : readResult(resultText, long.output ? longTexts : null);
  return { job: jobOf(words, body, kept), long };
}

/** What a record says of its result. */
const hasNone = '0';
const hasLong = '2';

function jobOf(words: readonly string[], { head, payload }: ReadBody, result: JobResult): Job {
  const [padded = '', state = '', , fence = '0', ended = '', reason = ''] = words;
  const [, , , , , , started = '', holder = '', , , attempt, lane = '', priority, , due, run, lost] = words;
  const id = plainId(padded);
  const { worker, queue, manual } = placeOf(lane);
  return {
    id,
    state: stateOf(state),
    domain: head.domain,
    queue,
    worker,
    name: head.name,
    comment: head.comment,
    manual,
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

interface Place {
  readonly worker: string;
  readonly queue: string;
  readonly manual: boolean;
}

/** Many jobs are of few lanes: the newest few are remembered. */
const places = new Map<string, Place>();
const remembered = 256;

function placeOf(lane: string): Place {
  const known = places.get(lane);
  if (known !== undefined) return known;
  if (places.size >= remembered) places.clear();
  const [worker = '', queue = '', manual] = lane.split('/');
  const place = { worker: textOf(worker), queue: textOf(queue), manual: manual === '1' };
  places.set(lane, place);
  return place;
}
