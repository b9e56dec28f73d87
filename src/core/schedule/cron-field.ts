/** One field of a cron expression: which values of seconds, minutes, hours, days, months or weekdays it allows. */

import { malformed, shown } from '../malformed.ts';
import { didYouMean } from '../nearest.ts';
import { itemsOf, type Word } from '../words.ts';

export interface FieldRule {
  readonly name: string;
  readonly least: number;
  /** What `*` and `n/step` go up to. */
  readonly most: number;
  /** What a number may be at most, if that is more: 7 is Sunday, like 0. */
  readonly highest: number;
  /** Words for values, the first for `least`. */
  readonly names: readonly string[];
}

const rule = (name: string, least: number, most: number, names: readonly string[] = [], highest = most): FieldRule => ({
  ...{ name, least, most, highest, names },
});

export const monthNames = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'] as const;
export const weekdayNames = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'] as const;

/** In the order in which an expression of six fields has them. */
export const fieldRules = [
  rule('seconds', 0, 59),
  rule('minutes', 0, 59),
  rule('hours', 0, 23),
  rule('day of the month', 1, 31),
  rule('month', 1, 12, monthNames),
  rule('day of the week', 0, 6, weekdayNames, 7),
] as const;

export interface Field {
  /** A bit for each allowed value from 0 to 31 … */
  readonly low: number;
  /** … and from 32 to 63. */
  readonly high: number;
  /** It has an item that is `*` or `?` without a step: it restricts nothing. */
  readonly isAny: boolean;
  /** Each of its values is written down, by itself or in a range: it has no `*`, `?` and step, and leaves values out. */
  readonly isNamed: boolean;
}

/** Whether the field allows this value. */
export const allows = ({ low, high }: Pick<Field, 'low' | 'high'>, value: number): boolean =>
  ((value < 32 ? low >>> value : high >>> (value - 32)) & 1) === 1;

/** The smallest allowed value that is not below this one; -1: there is none. */
export function smallestFrom({ low, high }: Field, value: number): number {
  const below = value < 32 ? low & (-1 << value) : 0;
  if (below !== 0) return lowestBit(below);
  const above = value < 32 ? high : value < 64 ? high & (-1 << (value - 32)) : 0;
  return above === 0 ? -1 : 32 + lowestBit(above);
}

const lowestBit = (bits: number): number => 31 - Math.clz32(bits & -bits);

const sixty = Array.from({ length: 60 }, (_, at) => at);
export const valuesOf = (field: Field): readonly number[] => sixty.filter((value) => allows(field, value));

/**
 * Reads a field. Throws `malformed_trigger`.
 *
 * @param number of the field within the expression as it was written, from 1
 */
export function parseField(word: Word, rule: FieldRule, number: number): Field {
  const fault = (reason: string, at: number) =>
    malformed(`The cron expression is malformed in field ${number} (${rule.name}): ${reason}${reason.endsWith('?') ? '' : '.'}`, at);
  let [low, high, isAny] = [0, 0, false];
  for (const item of itemsOf(word)) {
    const { first, last, step, isWild } = parseItem(item, rule, fault);
    for (let value = first; value <= last; value += step) {
      // Sunday has two numbers.
      const bit = value > rule.most ? rule.least : value;
      if (bit < 32) low |= 1 << bit;
      else high |= 1 << (bit - 32);
    }
    isAny ||= isWild && step === 1;
  }
  return { low, high, isAny, isNamed: !/[*?/]/.test(word.text) && !allowsAll({ low, high }, rule) };
}

function allowsAll(field: Pick<Field, 'low' | 'high'>, { least, most }: FieldRule): boolean {
  for (let value = least; value <= most; value++) if (!allows(field, value)) return false;
  return true;
}

type Fault = (reason: string, at: number) => Error;

interface Range {
  readonly first: number;
  readonly last: number;
  readonly step: number;
  /** It is written as `*` or `?`. */
  readonly isWild: boolean;
}

/** `*`, `?`, `n` or `a-b`, each also with `/step`. */
function parseItem(item: Word, rule: FieldRule, fault: Fault): Range {
  if (item.text === '') throw fault('an item of the list is empty; a comma stands between two items', item.at);
  const slash = item.text.indexOf('/');
  const base = slash < 0 ? item.text : item.text.slice(0, slash);
  const step = slash < 0 ? null : parseStep({ text: item.text.slice(slash + 1), at: item.at + slash + 1 }, fault);
  if (base === '*' || base === '?') return { first: rule.least, last: rule.most, step: step ?? 1, isWild: true };
  const dash = base.indexOf('-');
  if (dash < 0) {
    const value = parseValue({ text: base, at: item.at }, rule, fault);
    // As a beginning, Sunday is the first day.
    const first = step !== null && value > rule.most ? rule.least : value;
    return { first, last: step === null ? value : rule.most, step: step ?? 1, isWild: false };
  }
  const first = parseValue({ text: base.slice(0, dash), at: item.at }, rule, fault);
  const last = parseValue({ text: base.slice(dash + 1), at: item.at + dash + 1 }, rule, fault);
  if (first > last) throw fault(`the range ${base} is reversed; write two items, such as a-${rule.most},${rule.least}-b`, item.at);
  return { first, last, step: step ?? 1, isWild: false };
}

function parseStep(word: Word, fault: Fault): number {
  if (!/^\d+$/.test(word.text)) throw fault(`a step is a whole number, as in */5, not ${shown(word.text)}`, word.at);
  const step = Number(word.text);
  if (step === 0) throw fault('a step of 0 goes nowhere; it is at least 1', word.at);
  // A larger one is as good as this: it goes beyond every field.
  return Math.min(step, 100);
}

function parseValue(word: Word, rule: FieldRule, fault: Fault): number {
  if (word.text === '') throw fault('a number is missing', word.at);
  if (/^\d+$/.test(word.text)) {
    const value = Number(word.text);
    if (value > rule.highest) throw fault(`${word.text.slice(0, 16)} is above ${rule.highest}`, word.at);
    if (value < rule.least) throw fault(`${word.text.slice(0, 16)} is below ${rule.least}`, word.at);
    return value;
  }
  const name = rule.names.indexOf(word.text.toUpperCase());
  if (name >= 0) return rule.least + name;
  const expected =
    rule.names.length === 0
      ? `a number from ${rule.least} to ${rule.highest}`
      : `a number from ${rule.least} to ${rule.highest} or a name such as ${rule.names[1]}`;
  throw fault(`expected ${expected}, not ${shown(word.text)}${didYouMean(word.text, rule.names)}`, word.at);
}
