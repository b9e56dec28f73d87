/** Many jobs in one request: each is answered for itself. */
import { HatstandError } from '../../../core/errors.ts';
import type { NewJob, PushKind } from '../../../core/job.ts';
import { type IsServed, isUnserved } from '../../../core/serving.ts';
import type { Api } from '../../../engine/api/api.ts';
import { type Jobs, type PushedJob, pushSlice } from '../../../engine/api/jobs.ts';
import { slicesOf } from '../../../engine/api/slices.ts';
import { keyReused } from './idempotency.ts';
import type { JsonText } from './json-text.ts';
import { type Problem, problemOf } from './problem.ts';
import { orFault, readEach } from './reading.ts';

/** From a value as it was sent, if there was one, to a job. Throws what is wrong with it. */
export type ReadJob = (json: JsonText | null, key: string | null) => NewJob;

interface KeptAnswer {
  readonly id: string;
  readonly state: string;
  readonly kind: PushKind;
  /** It waits, and no live node serves it. */
  readonly unserved: boolean;
}

type ElementAnswer = KeptAnswer | { readonly error: Problem };

export interface ManyAnswer {
  readonly jobs: readonly ElementAnswer[];
  readonly pushed: number;
  readonly failed: number;
}

/** A value of the request; `line`: the one on which it stands, from 1, where values stand on lines. */
export interface Sent {
  readonly text: string;
  readonly line: number | null;
}

/**
 * Pushes the values that are jobs. Throws when none of them is kept: the store's error when it refused them all, else one that
 * holds the answer for each.
 */
export async function pushMany(
  { jobs, serving }: Pick<Api, 'jobs' | 'serving'>,
  values: readonly Sent[],
  readJob: ReadJob,
  admit?: (job: NewJob) => Promise<NewJob>,
): Promise<ManyAnswer> {
  const answers: ElementAnswer[] = [];
  for (const slice of slicesOf(values, pushSlice, ({ text }) => text.length)) {
    const asked = await readAll(slice, readJob);
    const read = admit === undefined ? asked : await Promise.all(asked.map((each) => admitted(each, admit)));
    const sound = read.filter((each): each is NewJob => !(each instanceof HatstandError));
    const [pushed, isServed] = await Promise.all([pushSound(jobs, sound, answers.some(isKept)), serving.of(sound)]);
    let next = 0;
    for (const each of read)
      answers.push(each instanceof HatstandError ? { error: problemOf(each) } : answerOf(each, pushed, next++, isServed));
  }
  const pushed = answers.filter(isKept).length;
  const answer = { jobs: answers, pushed, failed: answers.length - pushed };
  if (pushed === 0 && answers.length > 0) throw noneKept(answer);
  return answer;
}

/** Its code is that of all the refusals, if they have one. */
function noneKept(answer: ManyAnswer): HatstandError {
  const refusals = answer.jobs.flatMap((each) => ('error' in each ? [each.error] : []));
  const [first] = refusals;
  const code = first !== undefined && refusals.every((each) => each.code === first.code) ? first.code : 'invalid_request';
  const which = answer.failed === 1 ? 'The one job of this request is' : `All ${answer.failed} jobs of this request are`;
  const later = code === 'limit_reached' ? { retryAfter: first?.['retryAfter'] } : {};
  return new HatstandError(code, `${which} refused, and none is kept. The first one: ${first?.detail ?? ''}`, { ...answer, ...later });
}

const isKept = (answer: ElementAnswer): boolean => 'id' in answer;

async function readAll(values: readonly Sent[], readJob: ReadJob): Promise<readonly (NewJob | HatstandError)[]> {
  const texts = values.map(({ text }) => text);
  const read = await readEach(texts, { read: (json) => readJob(json, null) });
  return read.map((job, at) => (job instanceof HatstandError ? placed(job, values[at]?.line ?? null) : job));
}

const admitted = async (each: NewJob | HatstandError, admit: (job: NewJob) => Promise<NewJob>): Promise<NewJob | HatstandError> =>
  each instanceof HatstandError ? each : orFault(() => admit(each));

/** The line of a fault is that of the body, not the first one of its own. */
function placed(fault: HatstandError, line: number | null): HatstandError {
  if (line === null || fault.details['line'] === undefined) return fault;
  return new HatstandError(fault.code, fault.message, { ...fault.details, line });
}

/** Once other jobs of the request are kept, an error of the store becomes the answer for these: the caller must learn which ones are kept. */
async function pushSound(jobs: Jobs, sound: readonly NewJob[], othersKept: boolean): Promise<readonly PushedJob[] | HatstandError> {
  if (sound.length === 0) return [];
  try {
    return await jobs.push(sound);
  } catch (error) {
    if (othersKept && error instanceof HatstandError) return error;
    throw error;
  }
}

function answerOf(job: NewJob, pushed: readonly PushedJob[] | HatstandError, at: number, isServed: IsServed): ElementAnswer {
  if (pushed instanceof HatstandError) return { error: problemOf(pushed) };
  const answer = pushed[at];
  if (answer === undefined) throw new Error('the store answered for fewer jobs than were pushed');
  if (answer.kind === 'refused') return { error: problemOf(answer.error) };
  if (answer.kind === 'conflict') return { error: problemOf(keyReused(job, answer.id)) };
  return { id: answer.job.id, state: answer.job.state, kind: answer.kind, unserved: isUnserved(answer.job, isServed) };
}
