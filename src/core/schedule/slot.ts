/**
 * The slot of a periodic trigger: one second within what its phrase allows, always the same for the same trigger, and spread
 * evenly over all triggers, so that those that say "daily" do not all run at midnight.
 *
 * Each part of the slot (`second`, `minute`, `hour`, `day`) is drawn for itself: the FNV-1a hash (32 bits) of the UTF-8 text
 * `<part>/<identity>`, mixed by the finalizer of MurmurHash3, is a number h; of n allowed values it is the one at index
 * floor(h · n / 2³²). So another window of hours leaves second and minute as they were. The slot is kept as a cron expression,
 * so that no later version of Hatstand moves it.
 */
import type { Period, Phrase } from './phrase.ts';

/** Six fields. */
export function slotOf(period: Period, phrase: Phrase, identity: string): string {
  const draw = (part: string, values: readonly number[]): number =>
    values[Math.floor((hashOf(`${part}/${identity}`) * values.length) / 2 ** 32)] ?? 0;
  const sixty = Array.from({ length: 60 }, (_, at) => at);
  const hours = Array.from({ length: phrase.until - phrase.from }, (_, at) => phrase.from + at);
  const [second, minute] = [draw('second', sixty), draw('minute', sixty)];
  if (period === '@hourly') {
    const within = hours.length === 24 ? '*' : hours.length === 1 ? `${phrase.from}` : `${phrase.from}-${phrase.until - 1}`;
    return `${second} ${minute} ${within} * * *`;
  }
  const time = `${second} ${minute} ${draw('hour', hours)}`;
  if (period === '@weekly') return `${time} * * ${draw('day', phrase.weekdays)}`;
  return period === '@monthly' ? `${time} ${draw('day', phrase.days)} * *` : `${time} * * *`;
}

const encoder = new TextEncoder();

/** A number from [0, 2³²). */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of encoder.encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
