/** What is wrong with the arguments of a trigger, and where. */
import { HatstandError } from './errors.ts';

/** As much of somebody's text as a message shows. */
const longestShown = 64;

/**
 * The error `malformed_trigger`.
 *
 * @param message says what was expected, what came, and what to do
 * @param position of the first character at fault, from 0, within the arguments as they were given
 */
export const malformed = (message: string, position: number): HatstandError =>
  new HatstandError('malformed_trigger', message, { field: 'arguments', position });

/** The same of what can be read, and never fires. */
export const neverFires = (message: string, position: number): HatstandError =>
  new HatstandError('malformed_trigger', message, { field: 'arguments', position, neverFires: true });

export const isNeverFires = (error: unknown): error is HatstandError =>
  error instanceof HatstandError && error.details['neverFires'] === true;

/** In quotation marks, and not longer than a message should be. */
export const shown = (text: string): string => JSON.stringify(text.length > longestShown ? `${text.slice(0, longestShown)}…` : text);
