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

/** `Mon 2026-03-30 08:30 Europe/Berlin`, with seconds if there are any; as it came when it is no time, or this machine knows no such zone. */
export function zoneTime(time: string, zone: string): string {
  const millis = readTime(time);
  if (millis === null) return time;
  try {
    const format = new Intl.DateTimeFormat('en-GB', { ...zoneParts, timeZone: zone });
    const part = new Map(format.formatToParts(millis).map(({ type, value }) => [type, value]));
    const clock = `${part.get('hour')}:${part.get('minute')}${part.get('second') === '00' ? '' : `:${part.get('second')}`}`;
    return `${part.get('weekday')} ${part.get('year')}-${part.get('month')}-${part.get('day')} ${clock} ${zone}`;
  } catch {
    return time;
  }
}

const zoneParts = {
  ...({ weekday: 'short', year: 'numeric', month: '2-digit', day: '2-digit' } as const),
  ...({ hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' } as const),
} as const satisfies Intl.DateTimeFormatOptions;

/** A duration of `/v1` as people read it: `1m3s412ms` becomes `1m3s`. */
export const shortDuration = (text: string): string => text.replace(/(?<=[dhms])\d+ms$/, '');

/** `59ms`, `1.5s`; of what has not ended, until now; empty before the start. */
export function runningTime(started: string | null, ended: string | null, now: number): string {
  const from = started === null ? null : readTime(started);
  const to = ended === null ? now : readTime(ended);
  if (from === null || to === null) return '';
  return goDuration(Math.max(0, to - from) * 1_000_000);
}
