/** Times as HQ's list shows them. */
import { goDuration } from '../../core/go-duration.ts';

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

/** `now`, `3 minutes ago`, `1 day from now`; empty for no time. */
export function relativeTime(time: string | null, now: number): string {
  if (time === null) return '';
  const away = Math.abs(now - Date.parse(time));
  const unit = units.find(([, size]) => away >= size);
  if (unit === undefined) return 'now';
  const [name, size] = unit;
  const count = Math.floor(away / size);
  return `${count} ${name}${count === 1 ? '' : 's'} ${Date.parse(time) <= now ? 'ago' : 'from now'}`;
}

/** A duration of `/v1` as people read it: `1m3s412ms` becomes `1m3s`. */
export const shortDuration = (text: string): string => text.replace(/(?<=[dhms])\d+ms$/, '');

/** `59ms`, `1.5s`; of what has not ended, until now; empty before the start. */
export function runningTime(started: string | null, ended: string | null, now: number): string {
  if (started === null) return '';
  const millis = (ended === null ? now : Date.parse(ended)) - Date.parse(started);
  return goDuration(Math.max(0, millis) * 1_000_000);
}
