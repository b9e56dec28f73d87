/**
 * JSON as HQ takes it: keys without regard to case, unknown ones ignored, what follows the first value ignored, null for
 * nothing. It is read as text: nothing is built but the members that a job has.
 */
import type { Span } from '../../../core/json.ts';
import { JsonScan } from '../../../core/json-scan.ts';
import { inSteps } from '../long-work.ts';
import type { Fields } from './fields.ts';
import { badRequest } from './refusal.ts';

/** How deep objects and arrays of a body may nest. */
export const maxDepth = 1_000;
/** Members of a body, and of its headers: those that are unknown are ignored, but they are looked at. */
const maxMembers = 1_000;
/** Characters that are read before others have their turn. */
const pieceLength = 128 * 1024;

export async function jsonFields(body: string): Promise<Fields> {
  const scan = await scanned(body);
  const text = body.slice(0, scan.position);
  const members = membersOf(text, scan);

  /** What `read` makes of the newest member of the name that is not null. */
  function get<T>(name: string, expected: string, absent: T, read: (member: string, until: string) => T | undefined): T {
    const span = members.get(name)?.findLast((each) => !isNull(text, each));
    if (span === undefined) return absent;
    const member = text.slice(span.start, span.end);
    const until = text.slice(0, span.end);
    const value = read(member, until);
    if (value === undefined) throw wrongType(expected, member, name, until);
    return value;
  }

  return {
    // As Go reads half of a surrogate pair: as U+FFFD.
    text: (name) => get(name, 'string', '', textOf).toWellFormed(),
    whole: (name) => get(name, 'int64', 0, wholeOf),
    flag: (name) => get(name, 'bool', false, flagOf),
    texts: (name) =>
      get<Readonly<Record<string, string>> | null>(name, 'map[string]string', null, (member, until) =>
        member.startsWith('{') ? textsOf(name, member, until) : undefined,
      ),
    json(name) {
      const span = members.get(name)?.at(-1);
      return span === undefined || isNull(text, span) ? null : text.slice(span.start, span.end);
    },
  };
}

/** The scan of a body that is JSON up to its position. */
async function scanned(body: string): Promise<JsonScan> {
  const scan = new JsonScan(body, { parts: maxMembers });
  await inSteps(() => {
    const goesOn = scan.step(pieceLength);
    checkDepth(scan.deepest);
    return goesOn;
  });
  const { expected, position } = scan;
  if (expected === null || (expected === 'the end of the text' && position > 0)) return scan;
  if (position === body.length) throw badRequest('unexpected EOF');
  const offset = Buffer.byteLength(body.slice(0, position)) + 1;
  throw badRequest(`Syntax error: offset=${offset}, error=invalid character ${JSON.stringify(body.charAt(position))}`);
}

export function checkDepth(levels: number): void {
  if (levels > maxDepth) throw badRequest(`exceeded max depth: objects and arrays may nest ${maxDepth} levels`);
}

/** By their names in lower case, in the order of the text. */
type Members = ReadonlyMap<string, readonly Span[]>;

function membersOf(text: string, { parts, partCount }: JsonScan): Members {
  const first = text.trimStart();
  if (first.startsWith('null')) return new Map();
  if (!first.startsWith('{')) throw badRequest(`Unmarshal type error: expected=object, got=${typeName(first.trimEnd())}, field=, offset=1`);
  if (partCount > maxMembers) throw badRequest(`an object may have ${maxMembers} keys, this one has ${partCount}`);
  const named = parts.map((part) => ({ name: keyOf(text, part.key), part }));
  return new Map(Object.entries(Object.groupBy(named, ({ name }) => name)).map(([name, all = []]) => [name, all.map(({ part }) => part)]));
}

function keyOf(text: string, key: Span | null): string {
  return key === null ? '' : (JSON.parse(text.slice(key.start, key.end)) as string).toLowerCase();
}

const isNull = (text: string, { start, end }: Span): boolean => end - start === 4 && text.startsWith('null', start);
const textOf = (json: string): string | undefined => (json.startsWith('"') ? (JSON.parse(json) as string) : undefined);
const flagOf = (json: string): boolean | undefined => (json === 'true' ? true : json === 'false' ? false : undefined);
const isNumber = (json: string): boolean => /^[-\d]/.test(json);
const wholeOf = (json: string): number | undefined => (isNumber(json) && Number.isSafeInteger(Number(json)) ? Number(json) : undefined);

/**
 * A null is an empty text, and of equal names the last one counts.
 *
 * @param until the body up to the end of the object
 */
function textsOf(name: string, json: string, until: string): Readonly<Record<string, string>> {
  const scan = new JsonScan(json, { parts: maxMembers });
  // The body has been read, so this comes to its end.
  scan.step(json.length + 1);
  if (scan.partCount > maxMembers) throw badRequest(`${name}: an object may have ${maxMembers} keys, this one has ${scan.partCount}`);
  return Object.fromEntries(
    scan.parts.map(({ key, start, end }) => {
      const member = json.slice(start, end);
      const value = member === 'null' ? '' : textOf(member)?.toWellFormed();
      if (value === undefined) throw wrongType('string', member, name, until);
      return [key === null ? '' : (JSON.parse(json.slice(key.start, key.end)) as string), value];
    }),
  );
}

/** @param until the body up to the end of the member */
function wrongType(expected: string, member: string, field: string, until: string): Error {
  return badRequest(
    `Unmarshal type error: expected=${expected}, got=${typeName(member)}, field=${field}, offset=${Buffer.byteLength(until)}`,
  );
}

/** As Go's decoder calls it. */
function typeName(json: string): string {
  if (isNumber(json)) return Number.isSafeInteger(Number(json)) ? 'number' : `number ${Number(json)}`;
  if (json.startsWith('"')) return 'string';
  if (json.startsWith('[')) return 'array';
  return json.startsWith('{') ? 'object' : 'bool';
}
