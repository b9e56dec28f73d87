/** Numbers that stand for words in the file and between the threads. Those in the file never change their meaning. */
import type { AttemptEnd, JobState, JobVerb } from '../../core/job.ts';

export const stateCodes = {
  scheduled: 0,
  queued: 1,
  running: 2,
  stopping: 3,
  succeeded: 4,
  failed: 5,
  canceled: 6,
} as const satisfies Record<JobState, number>;

/** The word at the index of its code. */
export const states: readonly JobState[] = ['scheduled', 'queued', 'running', 'stopping', 'succeeded', 'failed', 'canceled'];

export function stateOf(code: number): JobState {
  const state = states[code];
  if (state === undefined) throw new Error(`there is no state with the code ${code}`);
  return state;
}

export type MovedVerb = JobVerb | 'push';
const verbs: readonly MovedVerb[] = [
  'push',
  'promote',
  'claim',
  'succeed',
  'retry',
  'fail',
  'skip',
  'release',
  'lose',
  'cancel',
  'restart',
  'delete',
];
const verbNumbers = new Map(verbs.map((verb, index) => [verb, index]));

export function verbCode(verb: MovedVerb): number {
  return verbNumbers.get(verb) ?? missing(verb);
}

export function verbOf(code: number): MovedVerb {
  return verbs[code] ?? missing(String(code));
}

const ends: readonly AttemptEnd[] = ['running', 'succeeded', 'failed', 'canceled', 'returned', 'lost'];

export const endCode = (end: AttemptEnd): number => ends.indexOf(end);

export function endOf(code: number): AttemptEnd {
  return ends[code] ?? missing(String(code));
}

function missing(what: string): never {
  throw new Error(`there is no code for ${what}`);
}
