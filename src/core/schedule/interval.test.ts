import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDuration, longestDuration } from '../duration.ts';
import { HatstandError } from '../errors.ts';
import { parseInterval, parseLength } from './interval.ts';

const at = 7;

describe('a length of time', () => {
  it.each([
    ['0', 0],
    ['90s', 90_000],
    ['1h30m', 5_400_000],
    ['1.5h', 5_400_000],
    ['+2m', 120_000],
    ['.5s', 500],
    ['1.s', 1_000],
    ['2d', 172_800_000],
    ['1500us', 1.5],
    ['3653d', longestDuration],
  ])('%s is %d milliseconds', (text, millis) => {
    expect(parseLength({ text, at })).toBeCloseTo(millis, 6);
  });

  it.each([
    ['', 7],
    ['x', 7],
    ['1', 7],
    ['1h2', 9],
    ['1h x', 9],
    ['+', 8],
    ['-1h', 7],
    ['1e3s', 7],
    ['Infinitys', 7],
    ['3653d1ms', 7],
    [`${'9'.repeat(400)}d`, 7],
  ])('%s is refused at %i', (text, position) => {
    expect(() => parseLength({ text, at })).toThrow(
      expect.objectContaining({ code: 'malformed_trigger', details: { field: 'arguments', position } }),
    );
  });

  it('is read as it is written', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: longestDuration }), (millis) => {
        expect(parseLength({ text: formatDuration(millis), at })).toBe(millis);
        if (millis >= 1_000) expect(parseInterval({ text: formatDuration(millis - (millis % 1_000)), at })).toBe(millis - (millis % 1_000));
      }),
    );
  });

  it('is read or refused whatever it is', () => {
    const piece = fc.constantFrom('1', '.', '5', '0', 's', 'm', 'h', 'd', 'ms', 'µs', '-', '+', ' ');
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(piece).map((all) => all.join('')),
        ),
        (text) => {
          try {
            const every = parseInterval({ text, at });
            expect(every >= 1_000 && every % 1_000 === 0 && every <= longestDuration).toBe(true);
          } catch (error) {
            expect(error).toBeInstanceOf(HatstandError);
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
