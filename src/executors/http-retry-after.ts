/** How long a web app asks to be left alone (`Retry-After`, RFC 9110 §10.2.3). */
import type { Millis } from '../core/duration.ts';
import { parseHttpDate } from '../core/http-date.ts';
import { type AnswerHeaders, fieldValue } from './http-fields.ts';

/**
 * Whole seconds, or an HTTP date in any of its three forms; a time in the past is now. `null`: it asks for nothing that can
 * be understood.
 *
 * @param now the clock of this process; the answer's own `Date` counts, where there is one, so that the clocks of the two
 *   machines need not agree
 */
export function readRetryAfter(headers: AnswerHeaders, now: number): Millis | null {
  const text = fieldValue(headers, 'retry-after');
  if (text === null) return null;
  if (/^\d+$/.test(text)) return Number(text) * 1_000;
  const until = parseHttpDate(text, now);
  if (until === null) return null;
  const sentAt = parseHttpDate(fieldValue(headers, 'date') ?? '', now) ?? now;
  return Math.max(0, until - sentAt);
}
