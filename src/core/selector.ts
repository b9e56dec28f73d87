/**
 * Fields of documents by their paths. Documents are what `JSON.parse` gives: they have no cycles. `onStep` is called for each value
 * that is looked at: it ends the walk by what it throws, and answers whether it pauses here.
 */
import type { Walk } from './walk.ts';

const freely = (): boolean => false;

/**
 * The values at a path of names between dots. A list on the way stands for each of its items, so there may be several; a field whose
 * name has the dots itself is found, too. Takes no more steps than the document has values, however deep it is.
 */
export function* valuesAt(doc: unknown, path: string, onStep: () => boolean = freely): Walk<readonly unknown[]> {
  const found: unknown[] = [];
  const open: (readonly [value: unknown, path: Path])[] = [[doc, pathOf(path)]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [value, { whole, head, rest }] = next;
    if (onStep()) yield;
    if (Array.isArray(value)) for (let at = value.length - 1; at >= 0; at--) open.push([value[at], next[1]]);
    else if (isRecord(value)) {
      if (Object.hasOwn(value, whole)) found.push(value[whole]);
      else if (rest !== null && Object.hasOwn(value, head)) open.push([value[head], rest()]);
    }
  }
  return found;
}

/** Taken apart once, however many values are looked at. */
interface Path {
  readonly whole: string;
  /** Up to the first dot. */
  readonly head: string;
  /** Behind it; `null`: there is none. */
  readonly rest: (() => Path) | null;
}

function pathOf(whole: string): Path {
  const dot = whole.indexOf('.');
  if (dot <= 0) return { whole, head: whole, rest: null };
  let rest: Path | null = null;
  return {
    whole,
    head: whole.slice(0, dot),
    rest() {
      rest ??= pathOf(whole.slice(dot + 1));
      return rest;
    },
  };
}

/**
 * The values at a path as texts, with the items of lists: texts, numbers, booleans and null as they are, and what refers to
 * another document (an object with a `type` and an `id`) as `type/id`. Other objects have no text.
 *
 * @param texts they are added to these
 */
export function* textsAt(doc: unknown, path: string, onStep: () => boolean = freely, texts = new Set<string>()): Walk<Set<string>> {
  const open: unknown[] = [...(yield* valuesAt(doc, path, onStep))].reverse();
  while (open.length > 0) {
    const value = open.pop();
    if (onStep()) yield;
    if (Array.isArray(value)) for (let at = value.length - 1; at >= 0; at--) open.push(value[at]);
    else if (!isRecord(value)) texts.add(String(value));
    else if (typeof value['type'] === 'string' && typeof value['id'] === 'string') texts.add(`${value['type']}/${value['id']}`);
  }
  return texts;
}

/** Whether two values are the same JSON, whatever the order of their members. */
export function* isSameJson(one: unknown, other: unknown, onStep: () => boolean = freely): Walk<boolean> {
  const open: (readonly [one: unknown, other: unknown])[] = [[one, other]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [a, b] = next;
    if (onStep()) yield;
    if (a === b) continue;
    if (Array.isArray(a) && Array.isArray(b)) {
      if (a.length !== b.length) return false;
      for (const [at, item] of a.entries()) open.push([item, b[at]]);
    } else if (isRecord(a) && isRecord(b)) {
      const names = Object.keys(a);
      if (names.length !== Object.keys(b).length || !names.every((name) => Object.hasOwn(b, name))) return false;
      for (const name of names) open.push([a[name], b[name]]);
    } else return false;
  }
  return true;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
