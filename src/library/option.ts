/**
 * Options as they come from other people's code, which no compiler may have seen: an option that is `undefined` is one that is
 * not given, an unknown one is refused with the one that was probably meant, and so is a value of another kind.
 */

import { longestDuration, type Millis, parseDuration } from '../core/duration.ts';
import { HatstandError } from '../core/errors.ts';
import { didYouMean, nearest } from '../core/nearest.ts';
import { parseTime } from '../core/time.ts';

/** What an option may be. */
export interface Kind<T> {
  /** In words, for errors and docs/library.md. */
  readonly expected: string;
  /** All that it may be, where that is a set of words. */
  readonly words?: readonly string[];
  /** The value as the library goes on with it; `undefined`: it is none of this kind. May throw a better error itself. */
  read(value: unknown, name: string): T | undefined;
}

export interface Option<T> {
  readonly kind: Kind<T>;
  /** As docs/library.md shows it. */
  readonly default: string;
}

/** A row for each option of an interface. */
export type OptionsOf<Given> = { readonly [Name in keyof Given]-?: Option<unknown> };

/** What was given, checked. */
export type Checked<Table> = { readonly [Name in keyof Table]?: Table[Name] extends Option<infer T> ? T : never };

/**
 * Throws `invalid_request`.
 *
 * @param whose names the call in errors, such as `push`
 */
export function checked<const Table extends Readonly<Record<string, Option<unknown>>>>(
  given: unknown,
  table: Table,
  whose: string,
): Checked<Table> {
  if (given === undefined) return {};
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw refused(`The options of ${whose} must be an object such as { ${Object.keys(table)[0]}: … }, not ${shown(given)}.`, 'options');
  }
  const found: Record<string, unknown> = {};
  for (const name in given) {
    const value = (given as Readonly<Record<string, unknown>>)[name];
    if (value !== undefined) found[name] = checkedOne(value, name, table, whose);
  }
  return found as Checked<Table>;
}

function checkedOne(value: unknown, name: string, table: Readonly<Record<string, Option<unknown>>>, whose: string): unknown {
  const option = Object.hasOwn(table, name) ? table[name] : undefined;
  if (option === undefined) throw unknownOption(name, Object.keys(table), whose);
  return readAs(option.kind, value, name, whose);
}

/** Throws `invalid_request` for a value of another kind. */
export function readAs<T>(kind: Kind<T>, value: unknown, name: string, whose: string): T {
  const read = kind.read(value, name);
  if (read !== undefined) return read;
  const meant = typeof value === 'string' ? didYouMean(value.slice(0, longestShown), kind.words ?? []) : '';
  throw refused(`${name} of ${whose} must be ${kind.expected}, not ${shown(value)}${meant || '.'}`, name);
}

function unknownOption(name: string, known: readonly string[], whose: string): HatstandError {
  const told = name.slice(0, longestShown);
  const meant = nearest(told, known);
  const hint = meant === null ? '' : ` Did you mean ${meant}?`;
  return refused(`${whose} has no option ${JSON.stringify(told)}.${hint} There are: ${known.join(', ')}.`, told);
}

export const refused = (message: string, field: string): HatstandError => new HatstandError('invalid_request', message, { field });

const longestShown = 80;

/** For errors; asks nothing of objects, which may be anybody's. */
export function shown(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value.length > longestShown ? `${JSON.stringify(value.slice(0, longestShown))}…` : JSON.stringify(value);
    case 'object':
      return value === null ? 'null' : 'an object';
    case 'function':
      return 'a function';
    default:
      return String(value);
  }
}

const kind = <T>(expected: string, read: Kind<T>['read']): Kind<T> => ({ expected, read });

export const text = kind('a text', (value) => (typeof value === 'string' ? value : undefined));
export const truth = kind('true or false', (value) => (typeof value === 'boolean' ? value : undefined));
export const whole = (from: number, to: number): Kind<number> =>
  kind(`a whole number from ${from} to ${to}`, (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= from && value <= to ? value : undefined,
  );
export const oneOf = <const Word extends string>(words: readonly Word[]): Kind<Word> => ({
  ...kind(words.map((word) => JSON.stringify(word)).join(' or '), (value) => words.find((word) => word === value)),
  words,
});
export const time = kind('a Date that exists, or a text such as "2026-01-31T12:00:00Z"', (value, name) => {
  const millis = typeof value === 'string' ? parseTime(value, name) : value instanceof Date ? value.getTime() : Number.NaN;
  return Number.isNaN(millis) ? undefined : millis;
});
export const listOfTexts = kind('a list of texts', (value): readonly string[] | undefined =>
  Array.isArray(value) && value.every((each) => typeof each === 'string') ? [...value] : undefined,
);
export const someTexts = kind('a list of one text or more', (value): readonly string[] | undefined =>
  Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === 'string') ? [...value] : undefined,
);
export const call = kind('a function', (value) => (typeof value === 'function' ? value : undefined));
export const signal = kind('an AbortSignal', (value) => (value instanceof AbortSignal ? value : undefined));
/** For what other code checks, or knows best. */
export const objectWith = <T extends object>(expected: string, ...methods: readonly (keyof T & string)[]): Kind<T> =>
  kind(expected, (value) =>
    typeof value === 'object' &&
    value !== null &&
    methods.every((name) => typeof (value as Readonly<Record<string, unknown>>)[name] === 'function')
      ? (value as T)
      : undefined,
  );

/** @param least in milliseconds; shorter ones are refused */
export const duration = (least: Millis = 0): Kind<Millis> =>
  kind(`a duration such as "30s", or milliseconds, ${least === 0 ? '' : `at least ${least}, `}at most ten years`, (value, name) => {
    const millis = typeof value === 'string' ? parseDuration(value, name) : value;
    return typeof millis === 'number' && millis >= least && millis <= longestDuration ? millis : undefined;
  });
/** An object with options of its own: all of them, or some. */
export function objectOf<const Table extends Readonly<Record<string, Option<unknown>>>>(table: Table): Kind<Required<Checked<Table>>>;
export function objectOf<const Table extends Readonly<Record<string, Option<unknown>>>>(table: Table, how: 'some'): Kind<Checked<Table>>;
export function objectOf(table: Readonly<Record<string, Option<unknown>>>, how: 'all' | 'some' = 'all'): Kind<object> {
  const names = Object.keys(table);
  return kind(`an object with ${names.join(how === 'all' ? ' and ' : ' or ')}`, (value, name) => {
    if (typeof value !== 'object' || value === null) return undefined;
    const read = checked(value, table, name);
    const missing = how === 'all' ? names.find((each) => !Object.hasOwn(read, each)) : undefined;
    if (missing === undefined) return read;
    throw refused(`${name} needs ${missing}: ${table[missing]?.kind.expected}.`, `${name}.${missing}`);
  });
}
export const orNull = <T>(of: Kind<T>): Kind<T | null> =>
  kind(`${of.expected}, or null`, (value, name) => (value === null ? null : of.read(value, name)));
