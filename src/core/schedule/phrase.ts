/**
 * The phrases of `@hourly`, `@daily`, `@weekly` and `@monthly`, as cozy-stack reads them: clauses between blanks, in any order,
 * of which a later one takes the place of an earlier one of the same kind.
 *
 *     on the 1-5,15          days of the month (monthly)
 *     on mon,wed-fri         days of the week (weekly); also weekday, weekend, and ranges across the weekend: fri-mon
 *     between 8am and 6pm    hours, the second one excluded; the same as: after 8am before 6pm
 */

import { malformed, shown } from '../malformed.ts';
import { didYouMean } from '../nearest.ts';
import { itemsOf, type Word, wordsOf } from '../words.ts';

export const periods = ['@hourly', '@daily', '@weekly', '@monthly'] as const;
export type Period = (typeof periods)[number];

/** When it may run; what stands in the plural has no value twice. */
export interface Phrase {
  /** Days of the month. */
  readonly days: readonly number[];
  /** 0 is Sunday. */
  readonly weekdays: readonly number[];
  /** Hours of the day from `from` on, before `until`. */
  readonly from: number;
  readonly until: number;
}

/** Months have these in every year; later days are taken only if they are named. */
const usualDays = Array.from({ length: 28 }, (_, at) => at + 1);
const everyWeekday = [0, 1, 2, 3, 4, 5, 6];
const dayNames = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const groups: Readonly<Record<string, readonly number[]>> = { weekday: [1, 2, 3, 4, 5], weekend: [0, 6] };
const clauses = ['on', 'before', 'after', 'between', 'and'];

/** Reads a phrase; an empty one allows all that the period does. Throws `malformed_trigger`. */
export function parsePhrase(period: Period, text: string): Phrase {
  const words = wordsOf(text);
  let [days, weekdays, from, until] = [usualDays as readonly number[], everyWeekday as readonly number[], 0, 24];
  let hoursAt = 0;
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? nothingAt(text);
    const next = words[at + 1] ?? nothingAt(text);
    if (word.text === 'on') {
      const isMonthly = period === '@monthly';
      if (isMonthly) days = monthDays(next, words[at + 2] ?? nothingAt(text));
      else if (period === '@weekly') weekdays = weekDays(next);
      else throw malformed(`${period} runs on every day: "on" belongs to @weekly ("on mon") and @monthly ("on the 1").`, word.at);
      at += isMonthly ? 1 : 0;
    } else if (word.text === 'after' || word.text === 'between') from = hourOf(next, 0);
    else if (word.text === 'before' || word.text === 'and') until = hourOf(next, 24);
    else
      throw malformed(
        `A phrase has the words ${clauses.join(', ')}, not ${shown(word.text)}${didYouMean(word.text, clauses) || '.'}`,
        word.at,
      );
    hoursAt = word.text === 'on' ? hoursAt : word.at;
    at += 1;
  }
  if (from >= until) {
    throw malformed(
      `The hours end before they begin: a window from ${from}:00 to ${until}:00 is empty. It cannot go across midnight.`,
      hoursAt,
    );
  }
  return { days, weekdays, from, until };
}

/** What is expected at the end. */
const nothingAt = (text: string): Word => ({ text: '', at: text.length });

function monthDays(the: Word, list: Word): readonly number[] {
  if (the.text !== 'the')
    throw malformed(`Behind "on" of @monthly comes "the" and days, such as "on the 1,15", not ${shown(the.text)}.`, the.at);
  return union(list, (item) => {
    const [, first = '', last = first] = /^(\d{1,2})(?:-(\d{1,2}))?$/.exec(item.text) ?? [];
    const [from, to] = [Number(first), Number(last)];
    if (first === '' || from < 1 || to > 31 || from > 31) {
      throw malformed(`A day of the month is a number from 1 to 31, or a range such as 1-5, not ${shown(item.text)}.`, item.at);
    }
    if (item.text.includes('-') && from >= to) throw malformed(`The range of days ${item.text} must end after it begins.`, item.at);
    return Array.from({ length: to - from + 1 }, (_, at) => from + at);
  });
}

function weekDays(list: Word): readonly number[] {
  return union(list, (item) => {
    const group = Object.hasOwn(groups, item.text) ? groups[item.text] : undefined;
    if (group !== undefined) return group;
    const dash = item.text.indexOf('-');
    if (dash < 0) return [weekday(item)];
    const first = weekday({ text: item.text.slice(0, dash), at: item.at });
    const last = weekday({ text: item.text.slice(dash + 1), at: item.at + dash + 1 });
    if (first === last) throw malformed(`The range of days ${item.text} must end on another day than it begins.`, item.at);
    return Array.from({ length: ((last - first + 7) % 7) + 1 }, (_, at) => (first + at) % 7);
  });
}

function weekday({ text, at }: Word): number {
  const day = dayNames.findIndex((name) => text === name || text === name.slice(0, 3));
  if (day >= 0) return day;
  const meant = didYouMean(text, [...dayNames, ...Object.keys(groups)]) || '.';
  throw malformed(
    `A day of the week is expected, such as mon or monday (in small letters), or weekday or weekend, not ${shown(text)}${meant}`,
    at,
  );
}

function union(list: Word, read: (item: Word) => readonly number[]): readonly number[] {
  return [...new Set(itemsOf(list).flatMap(read))];
}

/** @param midnight what 12am is: the beginning of the day, or its end */
function hourOf({ text, at }: Word, midnight: 0 | 24): number {
  const [, digits = '', half] = /^(\d{1,2})(am|pm)$/.exec(text) ?? [];
  const hour = Number(digits);
  if (digits === '' || hour < 1 || hour > 12) throw malformed(`An hour is expected, such as 8am, 12pm or 6pm, not ${shown(text)}.`, at);
  if (half === 'am') return hour === 12 ? midnight : hour;
  return hour === 12 ? 12 : hour + 12;
}
