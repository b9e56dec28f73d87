/** Reads the values of options. What is wrong with one says the rule that it breaks. */
import { InvalidArgumentError } from 'commander';
import { formatDuration, type Millis, parseDuration } from '../../core/duration.ts';
import { messageOf } from '../../core/errors.ts';
import { didYouMean } from '../../core/nearest.ts';
import { queueLimits } from '../../core/queue.ts';
import type { Rate } from '../client/client.ts';

/** As `/v1` reads one in an address. */
const wholeNumber = /^(?:0|-?[1-9]\d{0,14})$/;

/** A whole number within bounds that are told. */
export function whole(min: number, max: number): (text: string) => number {
  return (text) => {
    const number = wholeNumber.test(text) ? Number(text) : Number.NaN;
    if (number >= min && number <= max) return number;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };
}

/** Milliseconds, from `30s`, `1m30s` and the like; a number alone is seconds. */
export function duration(text: string): Millis {
  try {
    return parseDuration(/^\d+(\.\d+)?$/.test(text) ? `${text}s` : text, 'It');
  } catch (error) {
    const message = messageOf(error).replace(/, not ".*$/s, '');
    throw new InvalidArgumentError(`${message}; a number alone is seconds.`);
  }
}

/** Takes a limit away; it stands for `null`, which commander would take for a missing value. */
export type None = 'none';

export const nullOfNone = <T>(value: T | None): T | null => (value === 'none' ? null : value);

/** The same value, or a word that stands for another one. */
export function orWord<T, const Word extends string>(read: (text: string) => T, word: Word): (text: string) => T | Word {
  return (text) => {
    if (text === word) return word;
    try {
      return read(text);
    } catch (error) {
      throw new InvalidArgumentError(`${messageOf(error).replace(/\.$/, '')}, or ${word}.`);
    }
  };
}

/** The same value, or `none`. */
export const orNone = <T>(read: (text: string) => T): ((text: string) => T | None) => orWord(read, 'none');

/** One of these words. */
export function oneOf<const Word extends string>(words: readonly Word[]): (text: string) => Word {
  return (text) => {
    const found = words.find((word) => word === text);
    if (found !== undefined) return found;
    throw new InvalidArgumentError(`It must be ${words.join(' or ')}${didYouMean(text, words) || '.'}`);
  };
}

/** `100/1s`, `5/1m30s`, `10/s`, `10/60`. */
export function rate(text: string): Rate {
  const [max = '', per = '', ...more] = text.split('/');
  try {
    if (more.length > 0) throw new Error('there is more than one slash');
    const most = whole(1, queueLimits.most)(max);
    const time = duration(/^[a-z]/.test(per) ? `1${per}` : per);
    if (time < 1 || time > queueLimits.longestPer) throw new Error('the time is out of bounds');
    return { max: most, per: formatDuration(time) };
  } catch {
    throw new InvalidArgumentError(`It must be such as 100/1s or 5/1m: 1 to ${queueLimits.most} in 1ms to 1d.`);
  }
}

/** `Name: value`, collected into one object. */
export function header(text: string, before: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const match = /^([^:\s]+):\s*(.*)$/.exec(text);
  const name = match?.[1];
  if (name === undefined) throw new InvalidArgumentError('It must be such as "X-Token: abc".');
  return { ...before, [name]: match?.[2] ?? '' };
}

/** Ids of jobs, divided by commas. */
export const jobIds = (text: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  ...text.split(',').map((id) => id.trim()),
];
