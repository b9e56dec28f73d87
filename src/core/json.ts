/**
 * JSON as text: where a member's value stands, the same text without blanks, and how deep it nests. Payloads pass through
 * the system as the text that came, so big numbers, key order and blanks survive; nothing here builds values.
 * All functions take text that `JSON.parse` has accepted.
 */

import { backslash, closeBrace, closeBracket, colon, comma, isBlank, openBrace, openBracket, quote } from './json-codes.ts';

export interface Span {
  readonly start: number;
  readonly end: number;
}

/** The index after the string that begins at `start`. */
function endOfString(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === backslash) i++;
    else if (code === quote) return i + 1;
  }
  return text.length;
}

/** The index after the value that begins at `start`. */
function endOfValue(text: string, start: number): number {
  let depth = 0;
  for (let i = start; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === quote) {
      i = endOfString(text, i) - 1;
      if (depth === 0) return i + 1;
    } else if (code === openBrace || code === openBracket) {
      depth += 1;
    } else if (code === closeBrace || code === closeBracket) {
      depth -= 1;
      if (depth === 0) return i + 1;
      if (depth < 0) return i;
    } else if (depth === 0 && (code === comma || isBlank(code))) {
      return i;
    }
  }
  return text.length;
}

/**
 * Visits every member of the object that begins at `from`, repeated keys too, with the decoded key, where its value stands,
 * without surrounding blanks, and where its key begins. Visits nothing when there is no object.
 */
export function eachMember(text: string, from: number, visit: (key: string, value: Span, keyStart: number) => void): void {
  let i = skipBlanks(text, from);
  if (text.charCodeAt(i) !== openBrace) return;
  i = skipBlanks(text, i + 1);
  while (i < text.length && text.charCodeAt(i) === quote) {
    const keyStart = i;
    const keyEnd = endOfString(text, i);
    const key = decodeKey(text.slice(i, keyEnd));
    i = skipBlanks(text, keyEnd);
    if (text.charCodeAt(i) !== colon) return;
    const start = skipBlanks(text, i + 1);
    const end = endOfValue(text, start);
    visit(key, { start, end }, keyStart);
    i = skipBlanks(text, end);
    if (text.charCodeAt(i) !== comma) return;
    i = skipBlanks(text, i + 1);
  }
}

const decodeKey = (quoted: string): string => (quoted.includes('\\') ? (JSON.parse(quoted) as string) : quoted.slice(1, -1));

/**
 * Where the value of a member of the top-level object stands, without surrounding blanks; the last one counts when the
 * key repeats, as in `JSON.parse`. `null` when the text is no object or has no such member.
 *
 * @param isKey decides on the decoded key; HQ matches keys without regard to case
 */
export function findMember(text: string, isKey: (key: string) => boolean): Span | null {
  let found: Span | null = null;
  eachMember(text, 0, (key, value) => {
    if (isKey(key)) found = value;
  });
  return found;
}

function skipBlanks(text: string, from: number): number {
  let i = from;
  while (i < text.length && isBlank(text.charCodeAt(i))) i++;
  return i;
}

/** The first key that stands twice in one object, at whatever depth, decoded; `null`: none does. */
export function findRepeated(text: string): string | null {
  const seen: Set<string>[] = [];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === quote) {
      const end = endOfString(text, i);
      const keys = seen.at(-1);
      if (keys !== undefined && text.charCodeAt(skipBlanks(text, end)) === colon) {
        const key = decodeKey(text.slice(i, end));
        if (keys.has(key)) return key;
        keys.add(key);
      }
      i = end - 1;
    } else if (code === openBrace) seen.push(new Set());
    else if (code === closeBrace) seen.pop();
  }
  return null;
}

/** The same JSON without blanks between its tokens; digits, escapes and order stay as they are. */
export function compactJson(text: string): string {
  let out = '';
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === quote) {
      i = endOfString(text, i) - 1;
    } else if (isBlank(code)) {
      out += text.slice(from, i);
      from = i + 1;
    }
  }
  return from === 0 ? text : out + text.slice(from);
}

/**
 * What two JSON texts that say the same have in common: without blanks, and each string escaped in one way. Numbers stay as they
 * are written, since a value would lose digits of some; members stay in their order.
 */
export function jsonIdentity(text: string): string {
  const compact = compactJson(text);
  if (!compact.includes('\\')) return compact;
  let out = '';
  let from = 0;
  for (let i = compact.indexOf('"'); i >= 0; i = compact.indexOf('"', i)) {
    const end = endOfString(compact, i);
    const string = compact.slice(i, end);
    if (string.includes('\\')) {
      out += compact.slice(from, i) + JSON.stringify(JSON.parse(string));
      from = end;
    }
    i = end;
  }
  return out + compact.slice(from);
}

/** Characters of an indented text: deep nesting makes it many times as long, and nobody reads so much. */
const longestIndented = 4 * 1024 * 1024;

/** The same JSON with every value on its own line, indented by two blanks; without blanks when it would be longer than 4 MiB. */
export function indentJson(text: string): string {
  const flat = compactJson(text);
  let out = '';
  let depth = 0;
  let from = 0;
  /** Writes what stands before `at`, and then `after` in the place of what ends at `to`. */
  const write = (at: number, after: string, to: number): void => {
    out += flat.slice(from, at) + after;
    from = to;
  };
  for (let i = 0; i < flat.length && out.length <= longestIndented; i++) {
    const code = flat.charCodeAt(i);
    if (code === quote) i = endOfString(flat, i) - 1;
    else if (code === comma) write(i + 1, lineBreak(depth), i + 1);
    else if (code === colon) write(i + 1, ' ', i + 1);
    else if (code === closeBrace || code === closeBracket) write(i, lineBreak(--depth), i);
    else if (code === openBrace || code === openBracket) {
      // Empty ones stay as they are. Both brackets that open are two below the one that closes.
      if (flat.charCodeAt(i + 1) === code + 2) i += 1;
      else write(i + 1, lineBreak(++depth), i + 1);
    }
  }
  return out.length > longestIndented ? flat : out + flat.slice(from);
}

const lineBreaks: string[] = [];
/** Deeper levels than these are rare. */
const keptBreaks = 64;

function lineBreak(depth: number): string {
  if (depth > keptBreaks) return `\n${'  '.repeat(depth)}`;
  lineBreaks[depth] ??= `\n${'  '.repeat(depth)}`;
  return lineBreaks[depth];
}

/** Whether objects and arrays nest deeper than `limit`; works on any text, valid or not, without recursion. */
export function nestsDeeper(text: string, limit: number): boolean {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === quote) i = endOfString(text, i) - 1;
    else if (code === openBrace || code === openBracket) {
      depth += 1;
      if (depth > limit) return true;
    } else if (code === closeBrace || code === closeBracket) depth -= 1;
  }
  return false;
}
