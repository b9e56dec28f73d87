/** Results and earlier attempts as texts that scripts only move (result.lua). */
import { type FailureCause, isFailureCause } from '../../../core/cause.ts';
import { messageOf } from '../../../core/errors.ts';
import { isJobId } from '../../../core/id.ts';
import { type Attempt, type AttemptEnd, type JobResult, noResult } from '../../../core/job.ts';
import { unreadableAttempt } from '../../../core/record.ts';
import { longestInside } from './body.ts';
import { numberWord, textOf, timeOf, timeOrNull, wholeOf, wordOf } from './words.ts';

export interface KeptResult {
  /** `none`: nothing; `one`: a text; `long`: a text, and the output on its own. */
  readonly kind: 'none' | 'one' | 'long';
  readonly texts: readonly string[];
}

const isNone = ({ statusCode, output, outputCut, error, cause, stack }: JobResult): boolean =>
  statusCode === null && output === '' && !outputCut && error === '' && cause === null && stack === '';

/** What few results have stands behind the rest: older versions leave it out. */
type RareCells = readonly [cause: FailureCause | null, stack: string];
type ResultCells = readonly [statusCode: number | null, outputCut: number, error: string, rare?: RareCells];

export function keptResult(result: JobResult): KeptResult {
  if (isNone(result)) return { kind: 'none', texts: [] };
  const usual = [result.statusCode, result.outputCut ? 1 : 0, result.error] as const;
  const isUsual = result.cause === null && result.stack === '';
  const head = `${JSON.stringify(isUsual ? usual : [...usual, [result.cause, result.stack]])}\n`;
  if (result.output.length > longestInside) return { kind: 'long', texts: [head, result.output] };
  return { kind: 'one', texts: [head + result.output] };
}

/**
 * Throws for a text that makes none.
 *
 * @param long an output that lies on its own; `null`: it stands in the text, or is left out
 */
export function readResult(text: string, long: string | null): JobResult {
  if (text === '') return noResult;
  const end = text.indexOf('\n');
  const [statusCode, outputCut, error, [cause, stack] = [null, '']] = JSON.parse(text.slice(0, end)) as ResultCells;
  const isResult = (statusCode === null || Number.isSafeInteger(statusCode)) && typeof error === 'string' && typeof stack === 'string';
  if (!isResult || (cause !== null && !isFailureCause(cause))) throw new Error('its result is none');
  return { statusCode, output: long ?? text.slice(end + 1), outputCut: outputCut === 1, error, cause, stack };
}

/** An attempt of the history: a line of words, then its whole result. */
export function attemptText({ run, attempt, fence, holder, startedAt, endedAt, end, result }: Attempt): string {
  const words = [run, attempt, fence, wordOf(holder), startedAt, numberWord(endedAt), end];
  return `${words.join(' ')}\n${keptResult(result).texts.join('')}`;
}

/** What can be said of one that is none: with the others of its history it is shown all the same. */
export function readAttempt(text: string): Attempt {
  try {
    return attemptIn(text);
  } catch (error) {
    return unreadableAttempt(text.split(' ', 3)[2] ?? '', messageOf(error));
  }
}

function attemptIn(text: string): Attempt {
  const end = text.indexOf('\n');
  const [run, attempt, fence = '0', holder = '', startedAt, endedAt = '', how] = text.slice(0, end).split(' ');
  return {
    run: wholeOf(run),
    attempt: wholeOf(attempt),
    fence: fenceOf(fence),
    holder: textOf(holder),
    startedAt: timeOf(startedAt),
    endedAt: timeOrNull(endedAt),
    end: endOf(how),
    result: readResult(text.slice(end + 1), null),
  };
}

const ends: readonly AttemptEnd[] = ['running', 'succeeded', 'failed', 'canceled', 'returned', 'lost'];

function endOf(word: string | undefined): AttemptEnd {
  const end = ends.find((each) => each === word);
  if (end === undefined) throw new Error(`there is no end ${JSON.stringify(word?.slice(0, 64))}`);
  return end;
}

function fenceOf(word: string): string {
  if (isJobId(word)) return word;
  throw new Error(`${JSON.stringify(word.slice(0, 64))} is no fence`);
}
