/**
 * JSON as HQ takes it: keys without regard to case, unknown ones ignored, what follows the first value ignored, null for
 * nothing.
 */
import { findMember, nestsDeeper } from '../../../core/json.ts';
import { findJsonFault } from '../../../core/json-fault.ts';
import type { Fields } from './fields.ts';
import { badRequest } from './refusal.ts';

/** How deep objects and arrays of a body may nest. */
const maxDepth = 1_000;

export function jsonFields(body: string): Fields {
  const { text, value } = firstValue(body);
  const members = membersOf(value);

  function get<T>(name: string, expected: string, absent: T, is: (member: unknown) => member is T): T {
    const member = members.get(name);
    if (member === undefined) return absent;
    if (!is(member)) throw wrongType(expected, member, name, text);
    return member;
  }

  return {
    // As Go reads half of a surrogate pair: as U+FFFD.
    text: (name) => get(name, 'string', '', isString).toWellFormed(),
    whole: (name) => get(name, 'int64', 0, isWhole),
    flag: (name) => get(name, 'bool', false, isFlag),
    texts(name) {
      const member = get<object | null>(name, 'map[string]string', null, isObject);
      return member === null ? null : Object.fromEntries(Object.entries(member).map(([key, each]) => [key, element(name, each)]));
    },
    json(name) {
      if (!members.has(name)) return null;
      const span = findMember(text, (key) => key.toLowerCase() === name);
      const json = span === null ? 'null' : text.slice(span.start, span.end);
      return json === 'null' ? null : json;
    },
  };

  function element(name: string, member: unknown): string {
    if (member === null) return '';
    if (!isString(member)) throw wrongType('string', member, name, text);
    return member;
  }
}

const isString = (value: unknown): value is string => typeof value === 'string';
const isWhole = (value: unknown): value is number => Number.isSafeInteger(value);
const isFlag = (value: unknown): value is boolean => typeof value === 'boolean';
const isObject = (value: unknown): value is object | null => typeof value === 'object' && !Array.isArray(value);

function firstValue(body: string): { readonly text: string; readonly value: unknown } {
  checkDepth(body);
  try {
    return { text: body, value: JSON.parse(body) };
  } catch {
    return beforeTheFault(body);
  }
}

export function checkDepth(json: string): void {
  if (json.length <= 2 * maxDepth || !nestsDeeper(json, maxDepth)) return;
  throw badRequest(`exceeded max depth: objects and arrays may nest ${maxDepth} levels`);
}

/** The first value of a body that more text follows: what stands before the first fault. */
function beforeTheFault(body: string): { readonly text: string; readonly value: unknown } {
  const position = findJsonFault(body)?.position ?? 0;
  const text = body.slice(0, position);
  if (text !== '' && findJsonFault(text) === null) return { text, value: JSON.parse(text) };
  if (position === body.length) throw badRequest('unexpected EOF');
  const offset = Buffer.byteLength(text) + 1;
  throw badRequest(`Syntax error: offset=${offset}, error=invalid character ${JSON.stringify(body.charAt(position))}`);
}

/** Of equal names the last one counts; a null counts as absent. */
function membersOf(value: unknown): ReadonlyMap<string, unknown> {
  const members = new Map<string, unknown>();
  if (value === null) return members;
  if (!isObject(value)) throw badRequest(`Unmarshal type error: expected=object, got=${typeName(value)}, field=, offset=1`);
  for (const [key, member] of Object.entries(value)) {
    if (member !== null) members.set(key.toLowerCase(), member);
  }
  return members;
}

function wrongType(expected: string, got: unknown, field: string, text: string): Error {
  const end = findMember(text, (key) => key.toLowerCase() === field)?.end ?? text.length;
  const offset = Buffer.byteLength(text.slice(0, end));
  return badRequest(`Unmarshal type error: expected=${expected}, got=${typeName(got)}, field=${field}, offset=${offset}`);
}

/** As Go's decoder calls it. */
function typeName(value: unknown): string {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? 'number' : `number ${value}`;
  if (typeof value === 'boolean') return 'bool';
  return Array.isArray(value) ? 'array' : typeof value;
}
