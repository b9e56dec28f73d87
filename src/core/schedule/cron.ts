/**
 * Cron expressions: `seconds minutes hours day-of-month month day-of-week`, or the last five of these, or a descriptor such as
 * `@daily`; before it, `TZ=` or `CRON_TZ=` and a time zone. The grammar is that of robfig/cron v3, which cozy-stack uses, except
 * that 7 is Sunday too, and that nothing is left to chance: an empty item, or an expression that never fires, is refused.
 */
import type { Millis } from '../duration.ts';
import { malformed, neverFires, shown } from '../malformed.ts';
import { didYouMean } from '../nearest.ts';
import { type Word, wordsOf } from '../words.ts';
import { allows, type Field, fieldRules, parseField, valuesOf } from './cron-field.ts';
import { parseInterval } from './interval.ts';
import { checkZone } from './zone.ts';

export interface Cron {
  readonly seconds: Field;
  readonly minutes: Field;
  readonly hours: Field;
  readonly days: Field;
  readonly months: Field;
  readonly weekdays: Field;
  /** Days of the month and of the week are both restricted: a day that one of them allows is allowed. Else both must allow it. */
  readonly eitherDay: boolean;
  /** Its times of the day are written down: see `Daylight`. */
  readonly hasFixedTimes: boolean;
}

/** What the text of a `@cron` trigger says. */
export type CronText = CronTimes & {
  /** Of its prefix; `null`: it has none. */
  readonly timeZone: string | null;
};
/** Six fields, or the interval of `@every`. */
type CronTimes = { readonly fields: string; readonly every: null } | { readonly fields: null; readonly every: Millis };

const descriptors: ReadonlyMap<string, string> = new Map([
  ['@yearly', '0 0 0 1 1 *'],
  ['@annually', '0 0 0 1 1 *'],
  ['@monthly', '0 0 0 1 * *'],
  ['@weekly', '0 0 0 * * 0'],
  ['@daily', '0 0 0 * * *'],
  ['@midnight', '0 0 0 * * *'],
  ['@hourly', '0 0 * * * *'],
]);

/** Reads the text of a `@cron` trigger. Throws `malformed_trigger`. */
export function readCronText(text: string): CronText {
  const [first, ...others] = wordsOf(text);
  if (first === undefined) {
    throw malformed(
      'A cron expression has 6 fields (seconds first) or 5 (minutes first), such as "0 30 8 * * MON-FRI"; this one is empty.',
      0,
    );
  }
  const timeZone = zoneOfPrefix(first);
  const words = timeZone === null ? [first, ...others] : others;
  const [head] = words;
  if (head === undefined) throw malformed(`Behind ${shown(first.text)} a cron expression is expected, and there is none.`, text.length);
  if (head.text.startsWith('@')) return { ...readDescriptor(head, words.slice(1), text), timeZone };
  return { fields: checkedFields(words), every: null, timeZone };
}

function zoneOfPrefix(word: Word): string | null {
  const [, prefix] = /^((?:CRON_)?TZ=)/.exec(word.text) ?? [];
  if (prefix === undefined) return null;
  const zone = word.text.slice(prefix.length);
  if (zone === '') throw malformed(`Behind ${prefix} a time zone is expected, such as ${prefix}Europe/Berlin.`, word.at + prefix.length);
  checkZone(zone, word.at + prefix.length);
  return zone;
}

function readDescriptor(head: Word, rest: readonly Word[], text: string): CronTimes {
  const [next] = rest;
  if (head.text === '@every') {
    return { fields: null, every: parseInterval({ text: text.slice(next?.at ?? text.length).trimEnd(), at: next?.at ?? text.length }) };
  }
  const fields = descriptors.get(head.text);
  if (fields === undefined) {
    const known = [...descriptors.keys(), '@every'];
    throw malformed(
      `There is no descriptor ${shown(head.text)}${didYouMean(head.text, known) || '.'} There are: ${known.join(', ')}.`,
      head.at,
    );
  }
  if (next !== undefined) throw malformed(`Nothing may stand behind ${head.text}, but ${shown(next.text)} does.`, next.at);
  return { fields, every: null };
}

/** As six fields with single blanks. */
function checkedFields(words: readonly Word[]): string {
  if (words.length !== 5 && words.length !== 6) {
    const extra = words[6];
    throw malformed(
      `A cron expression has 6 fields (seconds first) or 5 (minutes first), this one has ${words.length}${extra === undefined ? '' : '; there is none for years'}.`,
      extra?.at ?? words.at(-1)?.at ?? 0,
    );
  }
  const all = words.length === 6 ? words : [{ text: '0', at: 0 }, ...words];
  cronOf(all, words.length);
  return all.map((word) => word.text).join(' ');
}

/** Reads six fields with single blanks between them, as `readCronText` gives them. Throws `malformed_trigger`. */
export function parseFields(fields: string): Cron {
  const words = wordsOf(fields);
  if (words.length === 6 && words.map(({ text }) => text).join(' ') === fields) return cronOf(words, 6);
  throw malformed(`A kept cron expression has six fields with single blanks between them, not ${shown(fields)}.`, 0);
}

/** @param written how many of the six fields stand in the text: the last ones */
function cronOf(words: readonly Word[], written: number): Cron {
  const field = (at: 0 | 1 | 2 | 3 | 4 | 5): Field => parseField(words[at] ?? { text: '', at: 0 }, fieldRules[at], at + 1 - (6 - written));
  const [seconds, minutes, hours] = [field(0), field(1), field(2)];
  const [days, months, weekdays] = [field(3), field(4), field(5)];
  const eitherDay = !days.isAny && !weekdays.isAny;
  const [earliest = 0] = valuesOf(days);
  if (!eitherDay && !longestMonths.some((length, at) => allows(months, at + 1) && earliest <= length)) {
    const [, , , day, month] = words;
    const named = `no month that ${shown(month?.text ?? '')} names has a day that ${shown(day?.text ?? '')} names`;
    throw neverFires(`The cron expression never fires: ${named}.`, day?.at ?? 0);
  }
  return { seconds, minutes, hours, days, months, weekdays, eitherDay, hasFixedTimes: hours.isNamed && minutes.isNamed };
}

/** The most days that a month can have. */
export const longestMonths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;
