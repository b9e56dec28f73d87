/** Times as HQ's list shows them. */
import { goDuration } from '../../core/go-duration.ts';
import { readTime } from '../../core/time.ts';

const second = 1_000;
const day = 86_400 * second;
/** Each unit is used until the next one fits twice; a month is 30 days and a year 12 of them. */
const units = [
  ['year', 360 * day],
  ['month', 30 * day],
  ['week', 7 * day],
  ['day', day],
  ['hour', 3_600 * second],
  ['minute', 60 * second],
  ['second', second],
] as const;

/** `now`, `3 minutes ago`, `1 day from now`; empty for no time. What a server writes otherwise is shown as it came. */
export function relativeTime(time: string | null, now: number): string {
  const millis = time === null ? null : readTime(time);
  if (millis === null) return time ?? '';
  const away = Math.abs(now - millis);
  const unit = units.find(([, size]) => away >= size);
  if (unit === undefined) return 'now';
  const [name, size] = unit;
  const count = Math.floor(away / size);
  return `${count} ${name}${count === 1 ? '' : 's'} ${millis <= now ? 'ago' : 'from now'}`;
}

/** A duration of `/v1` as people read it: `1m3s412ms` becomes `1m3s`. */
export const shortDuration = (text: string): string => text.replace(/(?<=[dhms])\d+ms$/, '');

/** `59ms`, `1.5s`; of what has not ended, until now; empty before the start. */
export function runningTime(started: string | null, ended: string | null, now: number): string {
  const from = started === null ? null : readTime(started);
  const to = ended === null ? now : readTime(ended);
  if (from === null || to === null) return '';
  return goDuration(Math.max(0, to - from) * 1_000_000);
}
