import { describe, expect, it } from 'vitest';
import { changesBetween, checkZone, spanAt } from './zone.ts';

const second = (text: string): number => Date.parse(text) / 1_000;

describe('a time zone', () => {
  it('has spans that meet, in each of which its offset is one', () => {
    const until = second('2027-01-01T00:00:00Z');
    let span = spanAt('Europe/Berlin', second('2025-06-01T00:00:00Z'));
    const offsets = [span.offset];
    while (span.until < until) {
      const next = spanAt('Europe/Berlin', span.until);
      expect([next.from, next.before]).toEqual([span.until, span.offset]);
      expect(spanAt('Europe/Berlin', span.until - 1)).toEqual(span);
      offsets.push(next.offset);
      span = next;
    }
    expect(offsets).toEqual([7_200, 3_600, 3_600, 7_200, 3_600]);
  });

  it('tells when its clocks are changed', () => {
    expect(changesBetween('Europe/Berlin', second('2026-03-29T00:59:59Z'), second('2026-10-25T01:00:00Z'))).toEqual([
      { at: second('2026-03-29T01:00:00Z'), before: 3_600, offset: 7_200 },
      { at: second('2026-10-25T01:00:00Z'), before: 7_200, offset: 3_600 },
    ]);
    expect(changesBetween('Africa/Monrovia', second('1972-01-01T00:00:00Z'), second('1973-01-01T00:00:00Z'))).toEqual([
      { at: second('1972-01-07T00:44:30Z'), before: -2_670, offset: 0 },
    ]);
    expect(changesBetween('UTC', 0, second('2026-01-01T00:00:00Z'))).toEqual([]);
  });

  it('may be any that Intl knows by a name, in any case', () => {
    for (const zone of [...Intl.supportedValuesOf('timeZone'), 'US/Pacific', 'europe/berlin', 'EST', 'GMT0']) checkZone(zone, 0);
  });

  it.each(['', ' ', 'x', 'Local', '+02:00', 'GMT+2', 'Europe', 'Europe/Berlin ', '../etc/passwd', 'E'.repeat(1_000), '\u0000'])(
    'is not %j',
    (zone) => {
      expect(() => checkZone(zone, 3)).toThrow(
        expect.objectContaining({ code: 'malformed_trigger', details: { field: 'arguments', position: 3 } }),
      );
    },
  );
});
