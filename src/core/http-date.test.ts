import { describe, expect, it } from 'vitest';
import { parseHttpDate } from './http-date.ts';

const now = Date.UTC(2026, 10, 29);
const time = Date.UTC(1994, 10, 6, 8, 49, 37);

describe('an HTTP date', () => {
  it.each(['Sun, 06 Nov 1994 08:49:37 GMT', 'Sunday, 06-Nov-94 08:49:37 GMT', 'Sun Nov  6 08:49:37 1994'])('is read: %s', (text) => {
    expect(parseHttpDate(text, now)).toBe(time);
  });

  it('of a year with two digits lies within fifty years ahead', () => {
    expect(parseHttpDate('Thursday, 29-Nov-76 00:00:00 GMT', now)).toBe(Date.UTC(2076, 10, 29));
    expect(parseHttpDate('Thursday, 29-Nov-77 00:00:00 GMT', now)).toBe(Date.UTC(1977, 10, 29));
  });

  it('may be of a leap second or a leap day', () => {
    expect(parseHttpDate('Sat, 31 Dec 2016 23:59:60 GMT', now)).toBe(Date.UTC(2017, 0, 1));
    expect(parseHttpDate('Thu, 29 Feb 2024 00:00:00 GMT', now)).toBe(Date.UTC(2024, 1, 29));
  });

  it.each([
    ...['', 'soon', '2026-11-29', '2026-11-29T00:00:00Z', '1994', '06 Nov 1994 08:49:37 GMT', 'Sun, 06 Nov 1994 08:49:37'],
    ...[
      'Sun, 06 Nov 1994 08:49:37 +0000',
      'Sun, 6 Nov 1994 08:49:37 GMT',
      'Sun, 30 Feb 1994 08:49:37 GMT',
      'Sun, 06 nov 1994 08:49:37 GMT',
    ],
    ...[
      'Sun, 06 Nov 1994 24:00:00 GMT',
      'Sun, 06 Nov 1994 08:60:00 GMT',
      ' Sun, 06 Nov 1994 08:49:37 GMT',
      'Sun, 00 Nov 1994 08:49:37 GMT',
    ],
  ])('is nothing else: %j', (text) => {
    expect(parseHttpDate(text, now)).toBe(null);
  });
});
