/** How a job lies in Redis: what changes as a text of words that scripts know too (lua/record.lua), and all else (body.ts). */
import { timeOfId } from '../../core/id.ts';
import { type Job, type JobResult, type JobState, jobStates, noResult } from '../../core/job.ts';
import { type ReadBody, readBody } from './body.ts';
import { readResult } from './result.ts';
import type { Shown } from './shown.ts';
import { idLength, numberOf, plainId, separator, textOf } from './words.ts';

/** A state is kept as its place in the list of all. */
export const stateDigit = (state: JobState): string => String(jobStates.indexOf(state));

export function stateOf(digit: string): JobState {
  const state = jobStates[Number(digit)];
  if (state === undefined) throw new Error(`there is no state with the digit ${digit}`);
  return state;
}

export const laneOf = (worker: string, queue: string, manual: boolean): string => `${worker}/${queue}/${manual ? '1' : '0'}`;

/** Which texts of a job lie on their own (body.ts `isInside`). */
interface LongTexts {
  readonly payload: boolean;
  readonly output: boolean;
}

/** Jobs whose long texts stand behind them. */
export const readJobs = (shown: Shown): Job[] => readShown(shown, shown, (job) => job);

/** Jobs without their long texts. */
export const readBriefJobs = (shown: Shown): BriefJob[] => readShown(shown, null, (job, long) => ({ job, long }));

export interface BriefJob {
  readonly job: Job;
  readonly long: LongTexts;
}

/** Reads texts of one or more jobs, as lua/show.lua writes them. */
function readShown<T>(shown: Shown, longTexts: Shown | null, made: (job: Job, long: LongTexts) => T): T[] {
  const all: T[] = [];
  while (shown.more) {
    let record: ReadRecord | null = null;
    for (const part of shown.text().split(separator)) {
      const end = part.indexOf('\n');
      // What stands with the first job is that of all.
      if (record === null || end > idLength) record = readRecord(part.slice(idLength + 1, end));
      const resultText = record.result === hasNone ? null : shown.text();
      const body = readBody(part, end + 1, longTexts);
      const isLong = record.result === hasLong;
      const result = resultText === null ? noResult : readResult(resultText, isLong ? longTexts : null);
      all.push(made(jobOf(part.slice(0, idLength), record, body, result), { payload: body.isLong, output: isLong }));
    }
  }
  return all;
}

/** What a record says of its result. */
const hasNone = '0';
const hasLong = '2';

/** What a record says: all of a job that changes in its life. */
interface ReadRecord extends Place {
  readonly state: JobState;
  readonly result: string;
  readonly fence: string;
  readonly endedAt: number | null;
  readonly reason: string;
  readonly startedAt: number | null;
  readonly holder: string;
  readonly attempt: number;
  readonly priority: number;
  readonly dueAt: number;
  readonly run: number;
  readonly lost: number;
}

function readRecord(text: string): ReadRecord {
  const [state = '', result = '', fence = '0', ended = '', reason = '', started = '', holder = '', , , ...rest] = text.split(' ');
  const [attempt, lane = '', priority, , due, run, lost] = rest;
  return {
    ...placeOf(lane),
    state: stateOf(state),
    result,
    fence,
    endedAt: numberOf(ended),
    reason: textOf(reason),
    startedAt: numberOf(started),
    holder: textOf(holder),
    attempt: Number(attempt),
    priority: Number(priority),
    dueAt: Number(due),
    run: Number(run),
    lost: Number(lost),
  };
}

function jobOf(padded: string, record: ReadRecord, { head, payload }: ReadBody, result: JobResult): Job {
  const id = plainId(padded);
  return {
    id,
    state: record.state,
    domain: head.domain,
    queue: record.queue,
    worker: record.worker,
    name: head.name,
    comment: head.comment,
    manual: record.manual,
    priority: record.priority,
    payload,
    url: head.url,
    headers: head.headers,
    options: head.options,
    reason: record.reason,
    createdAt: head.createdAt ?? timeOfId(id),
    dueAt: record.dueAt,
    startedAt: record.startedAt,
    endedAt: record.endedAt,
    run: record.run,
    attempt: record.attempt,
    lost: record.lost,
    fence: record.fence,
    holder: record.holder,
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
