import fc from 'fast-check';
import { expect, it } from 'vitest';
import { inWords } from './in-words.ts';
import { parseSchedule } from './schedule.ts';

const words = (type: string, text: string, timeZone = 'UTC') =>
  inWords(parseSchedule(type, text, { now: Date.UTC(2026, 0, 1), identity: '', timeZone }));

it.each([
  ['@cron', '30 8 * * MON-FRI', 'at 08:30, on Monday to Friday, in UTC'],
  ['@cron', '0 0 * * *', 'at 00:00, in UTC'],
  ['@cron', '0 6,18 * * *', 'at 06:00 and 18:00, in UTC'],
  ['@cron', '15 30 8 1 1 *', 'at 08:30:15, on day 1 of the month, in January, in UTC'],
  ['@cron', '* * * * * *', 'every second, in UTC'],
  ['@cron', '* * * * *', 'every minute, in UTC'],
  ['@cron', '*/5 * * * *', 'every 5 minutes, in UTC'],
  ['@cron', '*/7 * * * *', 'at minute 0, 7, 14, 21, 28, 35, 42, 49 and 56 of the hour, in UTC'],
  ['@cron', '@hourly', 'at minute 0 of the hour, in UTC'],
  ['@cron', '*/15 9-17 * * *', 'every 15 minutes, from 09:00 to 17:59:59, in UTC'],
  ['@cron', '0 */2 * * *', 'at minute 0 of the hour, every 2 hours, in UTC'],
  ['@cron', '*/10 * 3 * * *', 'every 10 seconds, from 03:00 to 03:59:59, in UTC'],
  ['@cron', '0 0 13 * FRI', 'at 00:00, on day 13 of the month or on Friday, in UTC'],
  ['@cron', '0 0 1,15,16 JAN-MAR,DEC *', 'at 00:00, on day 1, 15 and 16 of the month, in January to March and December, in UTC'],
  ['@every', '90s', 'every 1m30s since 2026-01-01T00:00:00Z'],
  ['@in', '1h', 'once, at 2026-01-01T01:00:00Z'],
])('says %s %s as "%s"', (type, text, expected) => {
  expect(words(type, text)).toBe(expected);
});

it('says each', () => {
  const field = (least: number, most: number) =>
    fc.oneof(
      fc.constant('*'),
      fc.integer({ min: least, max: most }).map(String),
      fc.integer({ min: least, max: most }).map((first) => `${first}/3`),
    );
  fc.assert(
    fc.property(field(0, 59), field(0, 59), field(0, 23), field(1, 28), field(1, 12), field(0, 6), (...fields) => {
      expect(words('@cron', fields.join(' '), 'Asia/Tokyo')).toMatch(/^(at|every) .+, in Asia\/Tokyo$/);
    }),
  );
});
