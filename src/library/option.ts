/**
 * Options as they come from other people's code, which no compiler may have seen: an option that is `undefined` is one that is
 * not given, an unknown one is refused with the one that was probably meant, and so is a value of another kind.
 */

import { types } from 'node:util';
import { hasAtMost } from '../core/characters.ts';
import { formatDuration, longestDuration, type Millis, parseDuration } from '../core/duration.ts';
import { HatstandError } from '../core/errors.ts';
import { isLimitKey, isLimitName, limitKeyExpected, limitNameExpected } from '../core/limit.ts';
import { didYouMean } from '../core/nearest.ts';
import { isName, nameExpected } from '../core/new-job.ts';
import { hear } from '../core/promises.ts';
import { isSchema } from '../core/standard-schema.ts';
import { meantBy, synonymIn } from '../core/synonyms.ts';
import { latestTime, parseTime } from '../core/time.ts';

/** What an option may be. */
export interface Kind<T> {
  /** In words, for errors and docs/library.md. */
  readonly expected: string;
  /** All that it may be, where that is a set of words. */
  readonly words?: readonly string[];
  /**
   * The value as the library goes on with it; `undefined`: it is none of this kind. May throw a better error itself, which says
   * `<name> of <whose>` and has the name as its `field`.
   */
  read(value: unknown, name: string, whose: string): T | undefined;
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
 * @param within the option that these are options of, with a dot
 */
export function checked<const Table extends Readonly<Record<string, Option<unknown>>>>(
  given: unknown,
  table: Table,
  whose: string,
  within = '',
): Checked<Table> {
  if (given === undefined) return {};
  if (!mayBeOptions(given)) {
    hear(given);
    throw refused(`The options of ${whose} must be an object such as { ${Object.keys(table)[0]}: … }, not ${shown(given)}.`, 'options');
  }
  const found: Record<string, unknown> = {};
  for (const name in given) {
    const value = (given as Readonly<Record<string, unknown>>)[name];
    if (value !== undefined) found[name] = checkedOne(value, name, table, whose, within);
  }
  return found as Checked<Table>;
}

/** What is no plain object may be one all the same, when it has fields: those of a class, or of the caller's defaults. */
function mayBeOptions(given: unknown): given is object {
  if (typeof given !== 'object' || given === null || Array.isArray(given) || types.isPromise(given)) return false;
  for (const _ in given) return true;
  return !isOfClass(given);
}

/** Such as a Map or a Date. A proxy is not asked. */
function isOfClass(object: object): boolean {
  let each: object | null = object;
  while (each !== null && !types.isProxy(each)) {
    const prototype: object | null = Object.getPrototypeOf(each);
    // The last one is that of all objects, in whatever realm.
    if (each !== object && prototype !== null && Object.hasOwn(each, 'constructor')) return true;
    each = prototype;
  }
  return false;
}

function checkedOne(
  value: unknown,
  name: string,
  table: Readonly<Record<string, Option<unknown>>>,
  whose: string,
  within: string,
): unknown {
  const option = Object.hasOwn(table, name) ? table[name] : undefined;
  if (option === undefined) throw unknownOption(name, Object.keys(table), whose, within);
  return readAs(option.kind, value, `${within}${name}`, whose);
}

/** Throws `invalid_request` for a value of another kind. */
export function readAs<T>(kind: Kind<T>, value: unknown, name: string, whose: string): T {
  const read = kind.read(value, name, whose);
  if (read !== undefined) return read;
  hear(value);
  const meant = typeof value === 'string' ? didYouMean(value.slice(0, longestShown), kind.words ?? []) : '';
  throw refused(`${name} of ${whose} must be ${kind.expected}, not ${shown(value)}${meant || '.'}`, name);
}

function unknownOption(name: string, known: readonly string[], whose: string, within: string): HatstandError {
  const told = name.slice(0, longestShown);
  const owner = within === '' ? whose : `${within.slice(0, -1)} of ${whose}`;
  const meant = meantBy(told, known);
  const hint = meant === null ? elsewhere(told, whose) : ` Did you mean ${meant}?`;
  return refused(`${owner} has no option ${JSON.stringify(told)}.${hint} There are: ${known.join(', ')}.`, `${within}${told}`);
}

/** What other queues take with a job or a worker, and is said elsewhere here. */
const saidElsewhere: Readonly<Record<string, string>> = { keepEnded: 'new Hatstand', concurrency: 'worker', rate: 'limits' };

function elsewhere(name: string, whose: string): string {
  const known = Object.keys(saidElsewhere);
  const meant = known.includes(name) ? name : synonymIn(name, known);
  const place = saidElsewhere[meant ?? ''];
  return place === undefined || place.endsWith(whose) ? '' : ` That is ${meant} of ${place}.`;
}

export const refused = (message: string, field: string): HatstandError => new HatstandError('invalid_request', message, { field });

const longestShown = 80;

/** For errors; asks nothing of objects, which may be anybody's. */
export function shown(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value.length > longestShown ? `${JSON.stringify(value.slice(0, longestShown))}…` : JSON.stringify(value);
    case 'object':
      return value === null ? 'null' : shownObject(value);
    case 'function':
      return 'a function';
    default:
      return String(value);
  }
}

function shownObject(value: object): string {
  if (types.isPromise(value)) return 'a promise: await it';
  if (types.isDate(value)) return Number.isNaN(Date.prototype.getTime.call(value)) ? 'a Date that does not exist' : 'a Date';
  if (types.isMap(value)) return 'a Map';
  if (types.isSet(value)) return 'a Set';
  if (types.isProxy(value) || !Array.isArray(value)) return isOfClass(value) ? 'an object of a class' : 'an object';
  return value.length === 0 ? 'an empty list' : 'a list';
}

const kind = <T>(expected: string, read: Kind<T>['read']): Kind<T> => ({ expected, read });

export const text = kind('a text', (value) => (typeof value === 'string' ? value : undefined));
/** @param least in characters, as `most` */
export const textOf = (least: number, most: number): Kind<string> =>
  kind(least === 0 ? `a text of at most ${most} characters` : `a text of ${least} to ${most} characters`, (value, name, whose) => {
    if (typeof value !== 'string' || value.length < least || !hasAtMost(value, most)) return undefined;
    if (value.isWellFormed()) return value;
    throw refused(`${name} of ${whose} must be a text of characters, and has half of a surrogate pair, which is none.`, name);
  });
/** Of a queue, a worker or a domain. */
export const aName = kind(nameExpected, (value) => (typeof value === 'string' && isName(value) ? value : undefined));
export const nameOrNone: Kind<string> = kind(`${nameExpected}, or ""`, (value, name, whose) =>
  value === '' ? '' : aName.read(value, name, whose),
);
const aLimitKey = kind(limitKeyExpected, (value) => (typeof value === 'string' && isLimitKey(value) ? value : undefined));
export const limitKeyOrNone: Kind<string> = kind(`${limitKeyExpected}, or ""`, (value, name, whose) =>
  value === '' ? '' : aLimitKey.read(value, name, whose),
);
export const limitName = kind(limitNameExpected, (value) => (typeof value === 'string' && isLimitName(value) ? value : undefined));
export const truth = kind('true or false', (value) => (typeof value === 'boolean' ? value : undefined));
export const whole = (from: number, to: number): Kind<number> =>
  kind(`a whole number from ${from} to ${to}`, (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= from && value <= to ? value : undefined,
  );
export const oneOf = <const Word extends string>(words: readonly Word[]): Kind<Word> => ({
  ...kind(words.map((word) => JSON.stringify(word)).join(' or '), (value) => words.find((word) => word === value)),
  words,
});
export const time = kind('a Date from 1970 to 9999, or a text such as "2026-01-31T12:00:00Z"', (value, name, whose) => {
  const millis =
    typeof value === 'string' ? parseTime(value, `${name} of ${whose}`, name) : value instanceof Date ? value.getTime() : Number.NaN;
  return millis >= 0 && millis <= latestTime ? millis : undefined;
});
/** @param least of how many items */
export const listOf = <T>(expected: string, item: Kind<T>, least = 0): Kind<readonly T[]> =>
  kind(expected, (value, name, whose) => {
    if (!Array.isArray(value) || value.length < least) return undefined;
    return value.map((each: unknown, at) => readAs(item, each, `${name}[${at}]`, whose));
  });
export const call = kind('a function', (value) => (typeof value === 'function' ? value : undefined));
export const schema = kind('a Standard Schema, such as z.object({ … }) gives', (value) => (isSchema(value) ? value : undefined));
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

/** @param least in milliseconds, as `most` */
export const duration = (least: Millis = 0, most: Millis = longestDuration): Kind<Millis> =>
  kind(durationExpected(least, most), (value, name, whose) => {
    const millis = typeof value === 'string' ? parseDuration(value, `${name} of ${whose}`, name) : value;
    return typeof millis === 'number' && Number.isInteger(millis) && millis >= least && millis <= most ? millis : undefined;
  });

const durationExpected = (least: Millis, most: Millis): string =>
  [
    'a duration such as "30s", or whole milliseconds',
    ...(least === 0 ? [] : [`at least ${least}`]),
    most === longestDuration ? 'at most ten years' : `at most "${formatDuration(most)}"`,
  ].join(', ');

/** An empty one is every address to Node, and no address to those who ask for it. */
export const host: Kind<string> = {
  expected: 'an address or a name of this machine',
  read: (value) => (typeof value === 'string' && value.trim() !== '' ? value : undefined),
};

/** An object with options of its own: all of them, or some. */
export function objectOf<const Table extends Readonly<Record<string, Option<unknown>>>>(table: Table): Kind<Required<Checked<Table>>>;
export function objectOf<const Table extends Readonly<Record<string, Option<unknown>>>>(table: Table, how: 'some'): Kind<Checked<Table>>;
export function objectOf(table: Readonly<Record<string, Option<unknown>>>, how: 'all' | 'some' = 'all'): Kind<object> {
  const names = Object.keys(table);
  return kind(`an object with ${names.join(how === 'all' ? ' and ' : ' or ')}`, (value, name, whose) => {
    if (!mayBeOptions(value)) return undefined;
    const read = checked(value, table, whose, `${name}.`);
    const missing = how === 'all' ? names.find((each) => !Object.hasOwn(read, each)) : undefined;
    if (missing === undefined) return read;
    throw refused(`${name} of ${whose} needs ${missing}: ${table[missing]?.kind.expected}.`, `${name}.${missing}`);
  });
}
export const orNull = <T>(of: Kind<T>): Kind<T | null> =>
  kind(`${of.expected}, or null`, (value, name, whose) => (value === null ? null : of.read(value, name, whose)));

/** Something that people name within a tenant; by an id alone: of no tenant. */
export const ofTenant = (noun: 'trigger' | 'batch' | 'task'): Kind<{ readonly id: string; readonly domain: string }> => ({
  expected: `the id of a ${noun}, or an object with its id and its domain, such as the ${noun} itself`,
  read(value, name, whose) {
    if (typeof value === 'string') return aName.read(value, name, whose) === undefined ? undefined : { id: value, domain: '' };
    if (typeof value !== 'object' || value === null || !('id' in value)) return undefined;
    const id = aName.read(value.id, name, whose);
    const domain = 'domain' in value && value.domain !== undefined ? nameOrNone.read(value.domain, name, whose) : '';
    return id === undefined || domain === undefined ? undefined : { id, domain };
  },
});
