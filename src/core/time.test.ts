import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { latestTime, parseTime, readTime, timeText } from './time.ts';

const utc = (...parts: Parameters<typeof Date.UTC>): number => Date.UTC(...parts);

describe('readTime', () => {
  it.each([
    ['2026-01-31T12:00:00.000Z', utc(2026, 0, 31, 12)],
    ['2026-01-31T12:00:00Z', utc(2026, 0, 31, 12)],
    ['2026-01-31t12:00:00z', utc(2026, 0, 31, 12)],
    ['2026-01-31T12:00Z', utc(2026, 0, 31, 12)],
    ['2026-01-31T12:00:00+02:00', utc(2026, 0, 31, 10)],
    ['2026-01-31T23:30:00-05:45', utc(2026, 1, 1, 5, 15)],
    ['2026-01-31T12:00:00-00:00', utc(2026, 0, 31, 12)],
    ['2028-02-29', utc(2028, 1, 29)],
    ['2000-02-29', utc(2000, 1, 29)],
    ['1970-01-01', 0],
    ['9999-12-31T23:59:59.999Z', latestTime],
  ])('reads %s', (text, time) => expect(readTime(text)).toBe(time));

  it('takes a time without a zone as UTC, and a day without a time as its beginning', () => {
    expect(readTime('2026-01-31T12:00:00')).toBe(utc(2026, 0, 31, 12));
    expect(readTime('2026-01-31T12:00')).toBe(utc(2026, 0, 31, 12));
    expect(readTime('2026-01-31')).toBe(utc(2026, 0, 31));
  });

  it('cuts what is finer than a millisecond', () => {
    expect(readTime('2026-01-31T12:00:00.5Z')).toBe(utc(2026, 0, 31, 12, 0, 0, 500));
    expect(readTime('2026-01-31T12:00:00.123999999Z')).toBe(utc(2026, 0, 31, 12, 0, 0, 123));
  });

  it('ends where the years end, whatever the offset', () => {
    expect(readTime('1970-01-01T00:00:00+14:00')).toBe(0);
    expect(readTime('9999-12-31T23:00:00-14:00')).toBe(latestTime);
  });

  it.each([
    ['a day that does not exist', '2026-02-30'],
    ['the 29th of a February that has none', '2026-02-29T00:00:00Z'],
    ['the 29th of February of a century', '2100-02-29'],
    ['the 31st of a short month', '2026-06-31T00:00:00Z'],
    ['the day 0', '2026-01-00'],
    ['the month 0', '2026-00-10'],
    ['the month 13', '2026-13-01'],
    ['the hour 24', '2026-01-31T24:00:00Z'],
    ['the minute 60', '2026-01-31T12:60:00Z'],
    ['a leap second', '2016-12-31T23:59:60Z'],
    ['an offset of a day', '2026-01-31T12:00:00+24:00'],
    ['an offset without a colon', '2026-01-31T12:00:00+0200'],
    ['an hour alone', '2026-01-31T12Z'],
    ['ten digits of a fraction', '2026-01-31T12:00:00.1234567891Z'],
    ['a fraction without digits', '2026-01-31T12:00:00.Z'],
    ['a comma in a fraction', '2026-01-31T12:00:00,5Z'],
    ['a blank for the T', '2026-01-31 12:00:00Z'],
    ['a month without a day', '2026-01'],
    ['a year of five digits', '12026-01-31'],
    ['a signed year', '+002026-01-31T00:00:00Z'],
    ['the year before the first', '1969-12-31T23:59:59Z'],
    ['the year 0', '0000-01-01'],
    ['a day without zeros', '2026-1-5'],
    ['an American day', '01/31/2026'],
    ['a day of an HTTP header', 'Sat, 31 Jan 2026 12:00:00 GMT'],
    ['other digits', '٢٠٢٦-٠١-٣١'],
    ['a line break behind', '2026-01-31\n'],
    ['blanks around', ' 2026-01-31 '],
    ['Unix seconds', '1769860800'],
    ['nothing', ''],
  ])('refuses %s', (_, text) => expect(readTime(text)).toBeNull());

  it('reads every time that it can be told, in every zone', () => {
    const minutes = fc.integer({ min: -1_439, max: 1_439 });
    const day = 86_400_000;
    fc.assert(
      fc.property(fc.integer({ min: day, max: latestTime - day }), minutes, (time, offset) => {
        const local = new Date(time + offset * 60_000).toISOString().slice(0, -1);
        const away = Math.abs(offset);
        const [hours, rest] = [Math.floor(away / 60), away % 60].map((part) => String(part).padStart(2, '0'));
        expect(readTime(`${local}${offset < 0 ? '-' : '+'}${hours}:${rest}`)).toBe(time);
      }),
    );
  });

  it('agrees with the calendar on which days exist', () => {
    const number = (max: number) => fc.integer({ min: 0, max });
    fc.assert(
      fc.property(fc.integer({ min: 1970, max: 9999 }), number(13), number(32), (year, month, day) => {
        const text = `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
        const date = new Date(0);
        date.setUTCFullYear(year, month - 1, day);
        const exists = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
        expect(readTime(text)).toBe(exists ? date.getTime() : null);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('parseTime', () => {
  it('says what was expected and what came', () => {
    expect(() => parseTime('2026-02-30', 'at')).toThrow(
      'at must be a time that exists, such as "2026-01-31T12:00:00Z" or "2026-01-31", not "2026-02-30".',
    );
  });
});

describe('timeText', () => {
  it.each(['2026-01-31T12:00:00Z', '2026-01-31T12:00:00.250Z', '1970-01-01T00:00:00Z', '9999-12-31T23:59:59Z'])('writes %s', (text) => {
    expect(timeText(readTime(text) ?? 0)).toBe(text);
  });
});
