/** Durations as people write them: `"500ms"`, `"30s"`, `"5m"`, `"2h"`, `"1d"`, also joined (`"1h30m"`). */
import { HatstandError } from './errors.ts';

/** A length of time in milliseconds. */
export type Millis = number;

const units: Readonly<Record<string, Millis>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** No duration is longer than ten years: a larger one is surely a mistake. */
export const longestDuration: Millis = 3_653 * 86_400_000;
/** setTimeout takes at most this; a longer delay would fire at once. */
export const longestTimer: Millis = 2 ** 31 - 1;
/** As timers take it: whole milliseconds, and no more than they can wait. */
export const timerDelay = (delay: Millis): Millis => Math.min(Math.ceil(Math.max(0, delay)), longestTimer);
const part = /(\d+(?:\.\d+)?)(ms|s|m|h|d)/gy;

/**
 * Reads a duration. Throws `invalid_request`.
 *
 * @param what names it in the error, whose details name the `field`
 */
export function parseDuration(text: string, what: string, field = what): Millis {
  let total = 0;
  part.lastIndex = 0;
  let end = 0;
  for (let match = part.exec(text); match !== null; match = part.exec(text)) {
    total += Number(match[1]) * (units[match[2] ?? ''] ?? 0);
    end = part.lastIndex;
  }
  if (end === 0 || end !== text.length) {
    throw new HatstandError(
      'invalid_request',
      `${what} must be a duration such as "500ms", "30s" or "1h30m", not ${JSON.stringify(text)}`,
      { field },
    );
  }
  if (total > longestDuration) {
    throw new HatstandError('invalid_request', `${what} must be at most 3653d (ten years), not ${JSON.stringify(text)}`, { field });
  }
  return Math.round(total);
}

/** Writes a duration in its largest whole units: 90 000 becomes `"1m30s"`. */
export function formatDuration(millis: Millis): string {
  let rest = Math.round(millis);
  if (rest === 0) return '0s';
  let text = '';
  for (const unit of ['d', 'h', 'm', 's', 'ms']) {
    const size = units[unit] ?? 1;
    const count = Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * size;
  }
  return text;
}
