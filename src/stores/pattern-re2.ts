/**
 * Regular expressions from clients: RE2 syntax, in a time that is linear in the text, and in the steps that the expression
 * compiles to. Their number is bounded here; how long they may take, in searcher.ts.
 */
import { RE2JS } from 're2js';
import { HatstandError, messageOf } from '../core/errors.ts';
import { checkLength, isText, type Pattern, patternLength, textPattern } from './pattern.ts';
import { estimateSteps } from './pattern-size.ts';

/** No expression of `patternLength` characters becomes more without counted repetitions. */
const mostSteps = 2 * patternLength;
/** Whatever RE2 may find to simplify in an expression, it is not compiled when it seems to become so many. */
const tooMany = 16 * mostSteps;

/** Throws `invalid_filter` naming what is wrong; `what` names the parameter (`name`, `term`). */
export function compilePattern(pattern: string, what: string): Pattern {
  checkLength(pattern, what);
  if (isText(pattern)) return textPattern(pattern);
  const estimated = estimateSteps(pattern);
  if (estimated > tooMany) throw tooLarge(what, `about ${estimated}`);
  const compiled = compile(pattern, what);
  const steps = compiled.programSize();
  if (steps > mostSteps) throw tooLarge(what, String(steps));
  return compiled;
}

const tooLarge = (what: string, steps: string): HatstandError =>
  new HatstandError(
    'invalid_filter',
    `${what} compiles to ${steps} steps and may have ${mostSteps}. Counted repetitions such as {1,1000} multiply what they repeat: use fewer or smaller ones.`,
    { field: what },
  );

function compile(pattern: string, what: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    throw new HatstandError('invalid_filter', `${what} is not a regular expression of RE2's syntax: ${messageOf(error)}`, { field: what });
  }
}
