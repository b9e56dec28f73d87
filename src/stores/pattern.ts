/** Regular expressions from clients: RE2 syntax, linear time, however hostile the pattern. Used by every store's `list`. */
import { RE2JS } from 're2js';
import { HatstandError, messageOf } from '../core/errors.ts';

/** What a query may carry; a longer one is a mistake or an attack. */
const maxLength = 4_096;
const metacharacters = /[\\^$.|?*+()[\]{}]/;

export interface Pattern {
  /** The text itself when the pattern is plain text, so that a database can look for it; else `null`. */
  readonly literal: string | null;
  /** Whether the pattern matches anywhere in the text. */
  test(text: string): boolean;
}

/** Throws `invalid_filter` naming what is wrong; `what` names the parameter (`name`, `term`). */
export function compilePattern(pattern: string, what: string): Pattern {
  if (pattern.length > maxLength) {
    throw new HatstandError('invalid_filter', `${what} may have ${maxLength} characters, this one has ${pattern.length}.`, { field: what });
  }
  if (!metacharacters.test(pattern)) return { literal: pattern, test: (text) => text.includes(pattern) };
  const compiled = compile(pattern, what);
  return { literal: null, test: (text) => compiled.test(text) };
}

function compile(pattern: string, what: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    throw new HatstandError('invalid_filter', `${what} is not a regular expression of RE2's syntax: ${messageOf(error)}`, { field: what });
  }
}
