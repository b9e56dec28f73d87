/**
 * Times as people and programs write them, read the same way everywhere: the fields of `/v1`, filters, flags, the library.
 *
 * A profile of RFC 3339: `2026-01-31T12:00:00.000Z`, with an offset in the place of `Z`, with or without seconds and their fraction
 * (what is finer than a millisecond is cut off), `t` and `z` for `T` and `Z`. Beyond it, a time without a zone is UTC, and a day
 * without a time is its beginning. Refused are days that do not exist, the hour 24, leap seconds (Unix time has none), and
 * years before 1970 or after 9999.
 */
import { HatstandError } from './errors.ts';

/** The last millisecond of the year 9999: what comes after it has no form in RFC 3339. */
export const latestTime = 253_402_300_799_999;

const year = '(?:19[7-9]\\d|[2-9]\\d{3})';
const leapYear = '(?:19(?:[79][26]|8[048])|[2-9]\\d(?:0[48]|[2468][048]|[13579][26])|(?:[2468][048]|[3579][26])00)';
const monthAndDay = [
  '(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])',
  '(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)',
  '02-(?:0[1-9]|1\\d|2[0-8])',
].join('|');
const hour = '(?:[01]\\d|2[0-3])';
const minute = '[0-5]\\d';
const zone = `(?:[Zz]|[+-]${hour}:${minute})`;
const clock = `[Tt]${hour}:${minute}(?::[0-5]\\d(?:\\.\\d{1,9})?)?${zone}?`;

/** Matches exactly what `readTime` takes, as a JSON Schema may say it. */
export const timePattern = `^(?:${year}-(?:${monthAndDay})|${leapYear}-02-29)(?:${clock})?$`;

const valid = new RegExp(timePattern);
const parts = /^(\d+)-(\d+)-(\d+)(?:[Tt](\d+):(\d+)(?::(\d+)(?:\.(\d+))?)?(?:[Zz]|([+-])(\d+):(\d+))?)?$/;

/** Unix milliseconds; `null` for what is no time. An offset that leads out of 1970 to 9999 gives the end of that range. */
export function readTime(text: string): number | null {
  const match = valid.test(text) ? parts.exec(text) : null;
  if (match === null) return null;
  const number = (at: number): number => Number(match[at] ?? 0);
  const millis = Number((match[7] ?? '').slice(0, 3).padEnd(3, '0'));
  const local = Date.UTC(number(1), number(2) - 1, number(3), number(4), number(5), number(6), millis);
  const offset = (number(9) * 60 + number(10)) * 60_000;
  return Math.min(latestTime, Math.max(0, match[8] === '-' ? local + offset : local - offset));
}

/**
 * `readTime` for what somebody gave. Throws `invalid_request`.
 *
 * @param what names it in the error, whose details name the `field`
 */
export function parseTime(text: string, what: string, field = what): number {
  const time = readTime(text);
  if (time !== null) return time;
  throw new HatstandError(
    'invalid_request',
    `${what} must be a time that exists, such as "2026-01-31T12:00:00Z" or "2026-01-31", not ${JSON.stringify(text.slice(0, 64))}.`,
    { field },
  );
}

/** In UTC; without a fraction if it is a whole second: `2026-01-31T12:00:00Z`. */
export const timeText = (millis: number): string => new Date(millis).toISOString().replace('.000Z', 'Z');
