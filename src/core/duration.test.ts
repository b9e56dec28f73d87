import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDuration, longestTimer, parseDuration, timerDelay } from './duration.ts';

describe('parseDuration', () => {
  it.each([
    ['500ms', 500],
    ['30s', 30_000],
    ['5m', 300_000],
    ['2h', 7_200_000],
    ['1d', 86_400_000],
    ['1h30m', 5_400_000],
    ['1.5s', 1_500],
    ['0s', 0],
    ['0.4ms', 0],
    ['3653d', 3_653 * 86_400_000],
  ])('reads %s', (text, millis) => expect(parseDuration(text, 'timeout')).toBe(millis));

  it.each(['', '5', 's', '-5s', '5 s', ' 5s', '5s ', '5x', '5S', '1.s', '.5s', '5s5', 'Infinitys', '1e3s', '3654d', '99999999999999d'])(
    'refuses %j, naming the field',
    (text) => {
      expect(() => parseDuration(text, 'timeout')).toThrow(
        expect.objectContaining({ code: 'invalid_request', details: { field: 'timeout' }, message: expect.stringContaining('timeout') }),
      );
    },
  );
});

describe('timerDelay', () => {
  it('is what timers take: whole, not below nothing, and no longer than they can wait', () => {
    expect([0.1, 20_000 / 3, -1, longestTimer, longestTimer + 1, Number.POSITIVE_INFINITY].map(timerDelay)).toEqual([
      ...[1, 6_667, 0, longestTimer, longestTimer, longestTimer],
    ]);
  });
});

describe('formatDuration', () => {
  it.each([
    [0, '0s'],
    [90_000, '1m30s'],
    [86_400_001, '1d1ms'],
    [0.4, '0s'],
  ])('writes %d as %s', (millis, text) => expect(formatDuration(millis)).toBe(text));

  it('writes what is read as the same', () => {
    const millis = fc.nat(3_653 * 86_400_000);
    fc.assert(
      fc.property(millis, (each) => {
        expect(parseDuration(formatDuration(each), 'field')).toBe(each);
      }),
    );
  });
});
