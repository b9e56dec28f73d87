import { HatstandError, messageOf } from '../../core/errors.ts';

/**
 * Throws `invalid_json` for the value of an option that is no JSON.
 *
 * @param short its short form, for the example
 */
export function checkJson(text: string, option: string, short: string): void {
  try {
    JSON.parse(text);
  } catch (error) {
    throw new HatstandError('invalid_json', `${option} must be JSON (${messageOf(error)}). A text needs its quotes: ${short} '"text"'.`);
  }
}
