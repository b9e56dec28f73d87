/** What clients may search by: plain text, or a regular expression, which is compiled in a thread of its own (pattern-re2.ts). */
import { HatstandError } from '../core/errors.ts';

/** What a query may carry; a longer one is a mistake or an attack. */
export const patternLength = 4_096;
const metacharacters = /[\\^$.|?*+()[\]{}]/;
/** Looking for a longer text may take its length times that of what is looked through: it is left to the thread too. */
const plainLength = 64;

export interface Pattern {
  /** Whether the pattern matches anywhere in the text. */
  test(text: string): boolean;
}

/** Throws `invalid_filter`; `what` names the parameter (`name`, `term`). */
export type CompilePattern = (pattern: string, what: string) => Pattern;

/** Throws `invalid_filter` when it is too long. */
export function checkLength(pattern: string, what: string): void {
  if (pattern.length <= patternLength) return;
  throw new HatstandError('invalid_filter', `${what} may have ${patternLength} characters, this one has ${pattern.length}.`, {
    field: what,
  });
}

/** Whether it means nothing but itself. */
export const isText = (pattern: string): boolean => !metacharacters.test(pattern);

/** Whether it is a text that can be looked for anywhere, in a time that is as good as that of reading. */
export const isPlain = (pattern: string): boolean => pattern.length <= plainLength && isText(pattern);

export const textPattern = (text: string): Pattern => ({ test: (whole) => whole.includes(text) });
