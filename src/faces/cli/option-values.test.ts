import { describe, expect, it } from 'vitest';
import { duration, orNone, rate, whole } from './option-values.ts';

describe('a duration', () => {
  it.each([
    ['5', 5_000],
    ['0.5', 500],
    ['5s', 5_000],
    ['1m30s', 90_000],
    ['250ms', 250],
    ['2h', 7_200_000],
  ])('%s', (text, millis) => expect(duration(text)).toBe(millis));

  it.each(['', 'soon', '5 s', '-5', '5x', '36500d'])('is not %j', (text) => {
    expect(() => duration(text)).toThrow(/^It must be .*a number alone is seconds\.$/);
  });
});

it('a rate counts per duration', () => {
  expect(rate('100/1s')).toEqual({ max: 100, per: '1s' });
  expect(rate('10/s')).toEqual({ max: 10, per: '1s' });
  expect(rate('5/1m30s')).toEqual({ max: 5, per: '1m30s' });
  expect(rate('5/60')).toEqual({ max: 5, per: '1m' });
  for (const wrong of ['5', '/s', '5/', 'a/s', '1.5/s', '0/s', '1e3/s', '1/0', '1/2d', '1/x', '1/s/s', '1000001/s'])
    expect(() => rate(wrong)).toThrow(/such as 100\/1s/);
});

it('none takes a limit away', () => {
  const limit = orNone(whole(1, 9));
  expect([limit('none'), limit('3')]).toEqual(['none', 3]);
  expect(() => limit('nine')).toThrow('It must be a whole number from 1 to 9, or none.');
});
