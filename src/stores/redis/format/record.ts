/** What changes in a job's life, as one text of words. Scripts know it too (record.lua and record-*.lua); nobody else does. */
import type { Job, JobState, NewJob } from '../../../core/job.ts';
import { ownerOfWord, ownerWord } from './owner.ts';
import { stateDigit, stateOf } from './states.ts';
import { noWord, numberWord, textOf, timeOf, timeOrNull, wholeOf, wordOf } from './words.ts';

/** What a record says of its result (result.lua). */
export const resultMarks = { none: '0', one: '1', long: '2' } as const;
export type ResultMark = (typeof resultMarks)[keyof typeof resultMarks];

export interface Place {
  readonly worker: string;
  readonly queue: string;
  readonly manual: boolean;
}

export interface JobRecord extends Place {
  readonly state: JobState;
  readonly result: string;
  readonly fence: string;
  readonly endedAt: number | null;
  readonly reason: string;
  readonly startedAt: number | null;
  readonly holder: string;
  readonly attempt: number;
  readonly priority: number;
  readonly owner: string;
  readonly dueAt: number;
  readonly run: number;
  readonly lost: number;
}

/** Throws for a text that makes none. */
export function readRecord(text: string): JobRecord {
  const [state = '', result = '', fence = '0', ended = '', reason = '', started = '', holder = '', , , ...rest] = text.split(' ');
  const [attempt, lane = '', priority, , owner = noWord, due, run, lost] = rest;
  return {
    ...placeOf(lane),
    state: stateOf(state),
    result,
    fence,
    endedAt: timeOrNull(ended),
    reason: textOf(reason),
    startedAt: timeOrNull(started),
    holder: textOf(holder),
    attempt: wholeOf(attempt),
    priority: wholeOf(priority),
    owner: ownerOfWord(owner),
    dueAt: timeOf(due),
    run: wholeOf(run),
    lost: wholeOf(lost),
  };
}

/** The whole record of a job that nobody holds. */
export function recordText(job: Job, result: ResultMark): string {
  const words = [
    ...[stateDigit(job.state), result, job.fence, numberWord(job.endedAt), wordOf(job.reason), numberWord(job.startedAt)],
    ...[wordOf(job.holder), noWord, noWord, job.attempt, fixedWords(job), job.dueAt, job.run, job.lost],
  ];
  return words.join(' ');
}

type Fixed = Pick<NewJob, keyof Place | 'priority' | 'options' | 'owner'>;

/** What a record keeps of a job for good: its lane, its priority, what to do when its holder is lost, and its owner. */
export const fixedWords = ({ worker, queue, manual, priority, options, owner }: Fixed): string =>
  `${wordOf(worker)}/${wordOf(queue)}/${manual ? '1' : '0'} ${priority} ${options.onLost[0]} ${ownerWord(owner)}`;

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
