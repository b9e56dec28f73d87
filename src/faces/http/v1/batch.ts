/** Many jobs in one request: each is answered for itself. */
import { HatstandError } from '../../../core/errors.ts';
import type { NewJob } from '../../../core/job.ts';
import { elementsOf } from '../../../core/json.ts';
import { type IsServed, isUnserved } from '../../../core/serving.ts';
import type { Api } from '../../../engine/api/api.ts';
import { type Jobs, type PushedJob, pushSlice } from '../../../engine/api/jobs.ts';
import { slicesOf } from '../../../engine/api/slices.ts';
import { NdjsonText, parseJson } from './body.ts';
import { keyReused } from './idempotency.ts';
import { type Problem, problemOf } from './problem.ts';

export const maxValues = 10_000;

/** One value of the request and its text. Reading it may throw `invalid_json`. */
export interface Element {
  readonly text: string;
  value(): unknown;
}

interface KeptAnswer {
  readonly id: string;
  readonly state: string;
  readonly kind: 'pushed' | 'replayed';
  /** It waits, and no live node serves it. */
  readonly unserved: boolean;
}

type ElementAnswer = KeptAnswer | { readonly error: Problem };

export interface ManyAnswer {
  readonly jobs: readonly ElementAnswer[];
  readonly pushed: number;
  readonly failed: number;
}

/** The values of an array or of the lines that are not blank. Throws `too_large` for more than `maxValues`. */
export function elementsOfBody(body: readonly unknown[] | NdjsonText, bodyText: string): readonly Element[] {
  const elements = body instanceof NdjsonText ? linesOf(body.text) : arrayElements(body, bodyText);
  if (elements.length > maxValues) {
    throw new HatstandError('too_large', `One request may push ${maxValues} jobs, this one has ${elements.length}. Send several.`, {
      limit: maxValues,
    });
  }
  return elements;
}

function arrayElements(values: readonly unknown[], text: string): Element[] {
  if (values.length > maxValues) return values.map((value) => ({ text: '', value: () => value }));
  return elementsOf(text).map(({ start, end }, at) => ({ text: text.slice(start, end), value: () => values[at] }));
}

function linesOf(text: string): Element[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.map((line) => ({ text: line, value: () => parseJson(line) }));
}

/**
 * Pushes the values that are jobs. Throws when none of them is kept: the store's error when it refused them all, else one that
 * holds the answer for each.
 */
export async function pushMany(
  { jobs, serving }: Pick<Api, 'jobs' | 'serving'>,
  elements: readonly Element[],
  readJob: (value: unknown, text: string, key: null) => NewJob,
): Promise<ManyAnswer> {
  const answers: ElementAnswer[] = [];
  for (const slice of slicesOf(elements, pushSlice, ({ text }) => text.length)) {
    const read = slice.map((element) => readElement(element, readJob));
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
  return new HatstandError(code, `${which} refused, and none is kept. The first one: ${first?.detail ?? ''}`, { ...answer });
}

const isKept = (answer: ElementAnswer): boolean => 'id' in answer;

function readElement(element: Element, readJob: (value: unknown, text: string, key: null) => NewJob): NewJob | HatstandError {
  try {
    return readJob(element.value(), element.text, null);
  } catch (error) {
    if (error instanceof HatstandError) return error;
    throw error;
  }
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
  if (answer.kind === 'conflict') return { error: problemOf(keyReused(job, answer.id)) };
  return { id: answer.job.id, state: answer.job.state, kind: answer.kind, unserved: isUnserved(answer.job, isServed) };
}
