/** Options as they come from code that no compiler has seen. */
import type { Millis } from '../../core/duration.ts';
import { HatstandError } from '../../core/errors.ts';
import { didYouMean } from '../../core/nearest.ts';

/**
 * Throws `invalid_request` for what is no object, and for an option that there is not.
 *
 * @param whose names the call in errors
 */
export function checkOptions<Options extends object>(options: Options, known: Readonly<Record<keyof Options, true>>, whose: string): void {
  const names = Object.keys(known);
  const given: unknown = options;
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw refused(`The options of ${whose} must be an object such as { ${names[0]}: … }.`, 'options');
  }
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(known, name));
  if (unknown === undefined) return;
  const shown = unknown.slice(0, 80);
  throw refused(`${whose} has no option ${JSON.stringify(shown)}${didYouMean(shown, names) || '.'} There are: ${names.join(', ')}.`, shown);
}

/** Throws `invalid_request` for what is no length of time. */
export function checkTimeout(timeout: unknown): Millis {
  if (typeof timeout === 'number' && timeout > 0) return timeout;
  const shown = ['number', 'string'].includes(typeof timeout) ? String(timeout).slice(0, 80) : typeof timeout;
  throw refused(`The timeout must be a number of milliseconds above 0, such as 60000, not ${shown}.`, 'timeout');
}

const refused = (message: string, field: string): HatstandError => new HatstandError('invalid_request', message, { field });
