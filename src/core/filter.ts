/**
 * The one filter grammar of API, CLI and UI: `state:failed,canceled queue:mail name:send* created:>2h`.
 * A space is AND, a comma is OR, a leading `-` is NOT; a word without a field is an id or the beginning of a name.
 */

import { type FailureCause, failureCauses } from './cause.ts';
import { hasAtMost } from './characters.ts';
import { type Millis, parseDuration } from './duration.ts';
import { HatstandError } from './errors.ts';
import { compareIds, isJobId } from './id.ts';
import { type Job, type JobState, jobStates } from './job.ts';
import { didYouMean } from './nearest.ts';
import { readTime } from './time.ts';

/** `exact`, or the text before a trailing `*`. */
export interface TextMatch {
  readonly text: string;
  readonly prefix: boolean;
}

/** A range of Unix milliseconds; `null`: open. */
export interface TimeRange {
  readonly from: number | null;
  readonly to: number | null;
}

export const textFields = ['worker', 'queue', 'name', 'url', 'domain', 'owner', 'limit'] as const;
export type TextField = (typeof textFields)[number];
export const timeFields = ['created', 'started', 'ended', 'due'] as const;
export type TimeField = (typeof timeFields)[number];
const knownFields: readonly string[] = ['state', 'cause', 'id', ...textFields, ...timeFields];

export type FilterTerm =
  | { readonly field: 'state'; readonly not: boolean; readonly any: readonly JobState[] }
  /** Why the newest attempt failed; a job whose newest attempt did not fail has none. */
  | { readonly field: 'cause'; readonly not: boolean; readonly any: readonly FailureCause[] }
  | { readonly field: 'id'; readonly not: boolean; readonly any: readonly string[] }
  | { readonly field: TextField; readonly not: boolean; readonly any: readonly TextMatch[] }
  | { readonly field: TimeField; readonly not: boolean; readonly range: TimeRange };

/** All terms must hold; none: every job. */
export type Filter = readonly FilterTerm[];

/** Characters of a filter. */
export const filterLength = 1_024;
const maxTerms = 32;

function fault(message: string, at: number): never {
  throw new HatstandError('invalid_filter', message, { position: at });
}

/**
 * Reads a filter. Relative times (`created:>2h`: more than two hours ago) are measured from `now`.
 * Throws `invalid_filter` with the position of the term at fault.
 */
export function parseFilter(text: string, now: number): Filter {
  if (!hasAtMost(text, filterLength)) fault(`A filter may have ${filterLength} characters, this one has ${text.length}.`, filterLength);
  const terms: FilterTerm[] = [];
  for (const match of text.matchAll(/(?:[^\s"]|"[^"]*"?)+/g)) {
    if (terms.length === maxTerms) fault(`A filter may have ${maxTerms} terms.`, match.index);
    terms.push(parseTerm(match[0], match.index, now));
  }
  return terms;
}

function parseTerm(word: string, at: number, now: number): FilterTerm {
  if (word.split('"').length % 2 === 0) fault(`A quotation mark is open: ${word}. Close it, as in name:"two words".`, at);
  const not = word.startsWith('-');
  const body = not ? word.slice(1) : word;
  const colon = body.indexOf(':');
  if (colon < 0) return bareWord(body, not, at);
  const field = body.slice(0, colon);
  const value = body.slice(colon + 1);
  if (value === '') fault(`"${field}:" needs a value, such as ${field}:${example(field)}.`, at);
  if (isTimeField(field)) return { field, not, range: parseRange(value, field, at, now) };
  const values = value.split(',').map(unquote);
  if (field === 'state') return { field, not, any: values.map((word) => wordOf('state', word, jobStates, at)) };
  if (field === 'cause') return { field, not, any: values.map((word) => wordOf('cause', word, failureCauses, at)) };
  if (field === 'id') return { field, not, any: values.map((id) => idOf(id, at)) };
  if (isTextField(field)) return { field, not, any: values.map(textMatch) };
  return fault(
    `There is no filter field ${JSON.stringify(field)}${didYouMean(field, knownFields) || '.'} There are: ${knownFields.join(', ')}.`,
    at,
  );
}

function bareWord(word: string, not: boolean, at: number): FilterTerm {
  if (word === 'AND' || word === 'OR' || word === 'NOT') {
    fault(`A space is AND, a comma is OR (state:failed,queued) and - is NOT (-queue:mail). A job named ${word} is name:${word}.`, at);
  }
  const [, field = '', value = ''] = /^([a-z]+)=(.+)$/.exec(word) ?? [];
  if (knownFields.includes(field)) fault(`A filter has a colon: ${field}:${value}, not ${word}. A job named so is name:"${word}".`, at);
  const text = unquote(word);
  if (text === '') fault('A filter term is empty.', at);
  if (isJobId(text) && text.length > 10) return { field: 'id', not, any: [text] };
  return { field: 'name', not, any: [{ text: text.replace(/\*$/, ''), prefix: true }] };
}

const examples: ReadonlyMap<string, string> = new Map([
  ['state', 'failed'],
  ['cause', 'timeout'],
  ['id', '121128807380811776'],
]);
const example = (field: string): string => examples.get(field) ?? (isTimeField(field) ? '>2h' : 'mail*');
const isTimeField = (field: string): field is TimeField => (timeFields as readonly string[]).includes(field);
const isTextField = (field: string): field is TextField => (textFields as readonly string[]).includes(field);
const unquote = (text: string): string => text.replaceAll('"', '');
const textMatch = (text: string): TextMatch => (text.endsWith('*') ? { text: text.slice(0, -1), prefix: true } : { text, prefix: false });

function wordOf<Word extends string>(field: string, word: string, known: readonly Word[], at: number): Word {
  const meant = known.find((each) => each === word);
  if (meant !== undefined) return meant;
  return fault(`There is no ${field} ${JSON.stringify(word)}${didYouMean(word, known) || '.'} There are: ${known.join(', ')}.`, at);
}

function idOf(word: string, at: number): string {
  return isJobId(word) ? word : fault(`A job id is a decimal number of up to 19 digits, not ${JSON.stringify(word)}.`, at);
}

/** `>2h` is longer ago than two hours, `<2h` less long; with a time (core/time.ts), `>` is from it on and `<` before it. */
function parseRange(value: string, field: string, at: number, now: number): TimeRange {
  const after = value.startsWith('>');
  if (!after && !value.startsWith('<'))
    fault(`${field}: takes a time with < or >, such as ${field}:<2h or ${field}:>2026-01-31, not ${JSON.stringify(value)}.`, at);
  const text = unquote(value.slice(1));
  if (/^\d{4}-/.test(text)) {
    const time = readTime(text);
    if (time === null) return fault(`${JSON.stringify(text)} is not a time that exists, such as 2026-01-31 or 2026-01-31T12:00:00Z.`, at);
    return after ? { from: time, to: null } : { from: null, to: time };
  }
  const ago = now - agoOf(text, field, at);
  return after ? { from: null, to: ago } : { from: ago, to: null };
}

function agoOf(text: string, field: string, at: number): Millis {
  try {
    return parseDuration(text, field);
  } catch {
    return fault(
      `${field}: takes how long ago, such as 500ms, 30s or 1h30m, or a day or time, such as 2026-01-31 or 2026-01-31T12:00:00Z, not ${JSON.stringify(text)}.`,
      at,
    );
  }
}

/** Whether the job meets the whole filter: the meaning that every store's own search must agree with. */
export function matchesFilter(job: Job, filter: Filter): boolean {
  return filter.every((term) => matchesTerm(job, term) !== term.not);
}

function matchesTerm(job: Job, term: FilterTerm): boolean {
  switch (term.field) {
    case 'state':
      return term.any.includes(job.state);
    case 'cause':
      return job.result.cause !== null && term.any.includes(job.result.cause);
    case 'id':
      return term.any.some((id) => compareIds(id, job.id) === 0);
    case 'created':
    case 'started':
    case 'ended':
    case 'due':
      return inRange(job[`${term.field}At`], term.range);
    default:
      return term.any.some((match) => (match.prefix ? job[term.field].startsWith(match.text) : job[term.field] === match.text));
  }
}

function inRange(time: number | null, range: TimeRange): boolean {
  return time !== null && (range.from === null || time >= range.from) && (range.to === null || time < range.to);
}
