import { describe, expect, it } from 'vitest';
import { mostPreviewed, preview } from './preview.ts';
import { parseSchedule } from './schedule.ts';

const shown = (type: string, text: string, from: string, count: number, timeZone = 'UTC', daylight = {}) => {
  const start = Date.parse(from);
  const { next, notes } = preview(parseSchedule(type, text, { now: start, identity: 'a', timeZone, daylight }), start, count);
  return { next: next.map((time) => new Date(time).toISOString().replace('.000Z', 'Z')), notes };
};

describe('a preview', () => {
  it('shows the runs strictly after a moment', () => {
    expect(shown('@cron', '0 0 0 * * *', '2026-01-01T00:00:00Z', 2)).toEqual({
      next: ['2026-01-02T00:00:00Z', '2026-01-03T00:00:00Z'],
      notes: [],
    });
    expect(shown('@every', '1h', '2026-01-01T00:00:00Z', 2).next).toEqual(['2026-01-01T01:00:00Z', '2026-01-01T02:00:00Z']);
    expect(shown('@in', '1h', '2026-01-01T00:00:00Z', 2).next).toEqual(['2026-01-01T01:00:00Z']);
    expect(shown('@daily', 'before 5am', '2026-01-01T00:00:00Z', 3, 'Europe/Berlin').next).toHaveLength(3);
  });

  it('tells of the gap and the fold that matter', () => {
    expect(shown('@cron', '30 2 * * *', '2026-03-28T00:00:00Z', 3, 'Europe/Berlin')).toEqual({
      next: ['2026-03-28T01:30:00Z', '2026-03-29T01:00:00Z', '2026-03-30T00:30:00Z'],
      notes: [
        '2026-03-29T01:00:00Z: the clocks of Europe/Berlin go forward from 2026-03-29 02:00 to 2026-03-29 03:00. Whatever was to run between the two is run once, at this moment.',
      ],
    });
    expect(shown('@cron', '30 2 * * *', '2026-10-24T12:00:00Z', 2, 'Europe/Berlin').notes).toEqual([
      '2026-10-25T01:00:00Z: the clocks of Europe/Berlin go back from 2026-10-25 03:00 to 2026-10-25 02:00. What is due in the time that comes twice runs the first time only.',
    ]);
    expect(shown('@cron', '30 2 * * *', '2026-03-28T12:00:00Z', 1, 'Europe/Berlin', { gap: 'skip' })).toEqual({
      next: ['2026-03-30T00:30:00Z'],
      notes: [expect.stringContaining('is left out')],
    });
    expect(shown('@cron', '0 * * * *', '2026-10-24T22:30:00Z', 5, 'Europe/Berlin').notes).toEqual([
      expect.stringContaining('runs both times'),
    ]);
    expect(shown('@cron', '30 4 * * *', '2026-03-28T00:00:00Z', 9, 'Europe/Berlin').notes).toEqual([]);
  });

  it('tells of a day that does not exist', () => {
    expect(shown('@cron', '0 12 * * *', '2011-12-29T23:00:00Z', 1, 'Pacific/Apia')).toEqual({
      next: ['2011-12-30T10:00:00Z'],
      notes: [expect.stringContaining('from 2011-12-30 00:00 to 2011-12-31 00:00')],
    });
  });

  it('tells of months that are passed over, and of days of which one is enough', () => {
    expect(shown('@cron', '0 0 31 * *', '2026-01-01T00:00:00Z', 1).notes).toEqual(['A month without a day 31 is passed over.']);
    expect(shown('@cron', '0 0 29 2 *', '2026-01-01T00:00:00Z', 1).notes).toEqual(['A month without a day 29 is passed over.']);
    expect(shown('@cron', '0 0 31 1 *', '2026-01-01T00:00:00Z', 1).notes).toEqual([]);
    expect(shown('@cron', '0 0 13 * FRI', '2026-01-01T00:00:00Z', 1).notes).toEqual([
      expect.stringContaining('it runs on each day that is one of them'),
    ]);
  });

  it('says never', () => {
    expect(shown('@at', '2020-01-01T00:00:00Z', '2026-01-01T00:00:00Z', 5)).toEqual({
      next: [],
      notes: [
        'Never: its moment, 2020-01-01T00:00:00Z, is not after 2026-01-01T00:00:00Z. A trigger that is made of it later fires at once.',
      ],
    });
    expect(shown('@cron', '@yearly', '9999-06-01T00:00:00Z', 5)).toEqual({
      next: [],
      notes: [expect.stringContaining('before the year 10000')],
    });
  });

  it('tells of a step that is longer than its field', () => {
    expect(shown('@cron', '*/90 * * * *', '2026-01-01T00:00:00Z', 1).notes).toEqual([
      expect.stringContaining('The step of */90 is longer than the field (minutes)'),
    ]);
    expect(shown('@cron', '*/60 */24 * * *', '2026-01-01T00:00:00Z', 1).notes).toEqual([]);
  });

  it('keeps to the pause, the skips and the end of a trigger', () => {
    const [from, day] = [Date.UTC(2026, 0, 1), 86_400_000];
    const daily = parseSchedule('@cron', '@daily', { now: from, identity: 'a' });
    const none = { pausedUntil: null, skips: 0, endsAt: null };
    expect(preview(daily, from, 2, { ...none, skips: 3 }).next).toEqual([from + 4 * day, from + 5 * day]);
    expect(preview(daily, from, 2, { ...none, pausedUntil: from + 3 * day }).next).toEqual([from + 3 * day, from + 4 * day]);
    expect(preview(daily, from, 9, { ...none, endsAt: from + 2 * day }).next).toEqual([from + day, from + 2 * day]);
    expect(preview(daily, from, 9, { ...none, endsAt: from + 1 })).toEqual({
      next: [],
      notes: ['Never: it does not fire again before its end, 2026-01-01T00:00:00.001Z.'],
    });
  });

  it('is bounded', () => {
    const { next, notes } = shown('@cron', '30 2 * * *', '2026-01-01T00:00:00Z', mostPreviewed, 'Europe/Berlin');
    expect(next).toHaveLength(mostPreviewed);
    expect(notes).toHaveLength(5);
    const rare = shown('@cron', '0 0 2 29 2 *', '2026-01-01T00:00:00Z', mostPreviewed, 'Europe/Berlin');
    expect(rare.next.at(-1)).toBe('6148-02-29T01:00:00Z');
    const often = shown('@cron', '30 2 1-28 * SUN', '2026-01-01T00:00:00Z', mostPreviewed, 'Europe/Berlin');
    expect(often.notes.length).toBeLessThanOrEqual(22);
    for (const count of [0, -1, 1.5, mostPreviewed + 1, Number.NaN]) {
      expect(() => shown('@daily', '', '2026-01-01T00:00:00Z', count)).toThrow(expect.objectContaining({ code: 'invalid_request' }));
    }
  });
});
