/** Options and headers of jobs that stores keep as JSON: whether what was parsed is any. */
import { isAfter } from './after.ts';
import { isStartBefore } from './expiry.ts';
import { type JobOptions, onLostWords } from './job.ts';
import { isUnique } from './unique.ts';

/** Throws for what are no options. */
export function optionsIn(parsed: unknown, unwritten: JobOptions): JobOptions {
  const written = membersOf(parsed, 'options');
  const retry = { ...unwritten.retry, ...membersOf(written['retry'] ?? {}, 'retry') };
  const options = { ...unwritten, ...written, retry };
  const { timeout, totalTimeout, onLost, rules, unique, startBefore, after } = options;
  const isTimeout = timeout === null || Number.isFinite(timeout);
  const isTotal = totalTimeout === undefined || Number.isFinite(totalTimeout);
  if (
    isTimeout &&
    isTotal &&
    (unique === undefined || isUnique(unique)) &&
    (startBefore === undefined || isStartBefore(startBefore)) &&
    (after === undefined || isAfter(after)) &&
    isWord(onLost, onLostWords) &&
    isWord(rules, ['hq', 'v1']) &&
    Object.values(retry).every(Number.isFinite)
  )
    return options;
  throw new Error('its options are none');
}

/** Throws for what are no headers. */
export function headersIn(parsed: unknown): Readonly<Record<string, string>> {
  if (isTexts(parsed)) return parsed;
  throw new Error('its headers are none');
}

const isTexts = (value: unknown): value is Readonly<Record<string, string>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every((each) => typeof each === 'string');

const isWord = (word: unknown, words: readonly string[]): boolean => typeof word === 'string' && words.includes(word);

function membersOf(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw new Error(`its ${what} are no object`);
}
