/** Reads the values of options. */
import { InvalidArgumentError } from 'commander';
import { parseDuration } from '../../core/duration.ts';
import { messageOf } from '../../core/errors.ts';
import type { Rate } from '../client/client.ts';

export function wholeNumber(text: string): number {
  if (!/^-?\d{1,15}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

/** Milliseconds, from `30s`, `5m` and the like. */
export function duration(text: string): number {
  try {
    return parseDuration(text, 'It');
  } catch (error) {
    throw new InvalidArgumentError(`${messageOf(error)}.`);
  }
}

/** Takes a limit away; it stands for `null`, which commander would take for a missing value. */
export type None = 'none';

export const nullOfNone = <T>(value: T | None): T | null => (value === 'none' ? null : value);

export function limitOrNone(text: string): number | None {
  return text === 'none' ? text : wholeNumber(text);
}

/** `100/1s`, `5/1m`, `10/s`, or `none`. */
export function rateOrNone(text: string): Rate | None {
  if (text === 'none') return text;
  const match = /^(\d{1,7})\/(\d*(?:ms|s|m|h|d))$/.exec(text);
  const per = match?.[2];
  if (per === undefined) throw new InvalidArgumentError('It must be such as 100/1s, 5/1m, or none.');
  return { max: Number(match?.[1]), per: /^\d/.test(per) ? per : `1${per}` };
}

/** `Name: value`, collected into one object. */
export function header(text: string, before: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const match = /^([^:\s]+):\s*(.*)$/.exec(text);
  const name = match?.[1];
  if (name === undefined) throw new InvalidArgumentError('It must be such as "X-Token: abc".');
  return { ...before, [name]: match?.[2] ?? '' };
}
