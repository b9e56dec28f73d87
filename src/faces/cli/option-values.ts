/** Reads the values of options. What is wrong with one says the rule that it breaks. */
import { InvalidArgumentError } from 'commander';
import { formatDuration, type Millis, parseDuration } from '../../core/duration.ts';
import { messageOf } from '../../core/errors.ts';
import type { Rate } from '../client/client.ts';

/** A whole number within bounds that are told. */
export function whole(min: number, max: number): (text: string) => number {
  return (text) => {
    const number = /^-?\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
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

/** The same value, or `none`. */
export function orNone<T>(read: (text: string) => T): (text: string) => T | None {
  return (text) => {
    if (text === 'none') return text;
    try {
      return read(text);
    } catch (error) {
      throw new InvalidArgumentError(`${messageOf(error).replace(/\.$/, '')}, or none.`);
    }
  };
}

/** `100/1s`, `5/1m30s`, `10/s`, `10/60`. */
export function rate(text: string): Rate {
  const [max, per = ''] = text.split('/', 2);
  if (max === undefined || !/^\d{1,7}$/.test(max) || per === '') throw new InvalidArgumentError('It must be such as 100/1s or 5/1m.');
  return { max: Number(max), per: formatDuration(duration(/^[a-z]/.test(per) ? `1${per}` : per)) };
}

/** `Name: value`, collected into one object. */
export function header(text: string, before: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const match = /^([^:\s]+):\s*(.*)$/.exec(text);
  const name = match?.[1];
  if (name === undefined) throw new InvalidArgumentError('It must be such as "X-Token: abc".');
  return { ...before, [name]: match?.[2] ?? '' };
}
