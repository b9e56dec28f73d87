/** Results and earlier attempts as texts that scripts only move (result.lua). */
import type { FailureCause } from '../../../core/cause.ts';
import { type Attempt, type AttemptEnd, type JobResult, noResult } from '../../../core/job.ts';
import { longestInside } from './body.ts';
import type { ReplyReader } from './reply-reader.ts';
import { numberOf, numberWord, textOf, wordOf } from './words.ts';

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

/** @param long where a long output follows; `null`: it stands in the text, or is left out */
export function readResult(text: string, long: ReplyReader | null): JobResult {
  if (text === '') return noResult;
  const end = text.indexOf('\n');
  const [statusCode, outputCut, error, [cause, stack] = [null, '']] = JSON.parse(text.slice(0, end)) as ResultCells;
  return { statusCode, output: long === null ? text.slice(end + 1) : long.text(), outputCut: outputCut === 1, error, cause, stack };
}

/** An attempt of the history: a line of words, then its whole result. */
export function attemptText({ run, attempt, fence, holder, startedAt, endedAt, end, result }: Attempt): string {
  const words = [run, attempt, fence, wordOf(holder), startedAt, numberWord(endedAt), end];
  return `${words.join(' ')}\n${keptResult(result).texts.join('')}`;
}

export function readAttempt(text: string): Attempt {
  const end = text.indexOf('\n');
  const [run, attempt, fence = '0', holder = '', startedAt, endedAt = '', how] = text.slice(0, end).split(' ');
  return {
    run: Number(run),
    attempt: Number(attempt),
    fence,
    holder: textOf(holder),
    startedAt: Number(startedAt),
    endedAt: numberOf(endedAt),
    end: how as AttemptEnd,
    result: readResult(text.slice(end + 1), null),
  };
}
