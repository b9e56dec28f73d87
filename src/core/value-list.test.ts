import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ValueList } from './value-list.ts';

const value = fc.string({ unit: 'binary', minLength: 1, maxLength: 4 }).filter((text) => !text.includes(','));
const values = fc.array(value, { minLength: 1, maxLength: 40 }).map((texts) => new Set(texts));

describe('many values', () => {
  it('are those that were given, and no others', () => {
    fc.assert(
      fc.property(values, fc.array(value), (given, others) => {
        const list = new ValueList(given);
        expect(list.size).toBe(given.size);
        expect(new Set(list)).toEqual(given);
        for (const text of [...given, ...others]) expect(list.has(text)).toBe(given.has(text));
        expect([',', '', [...given].join()].map((text) => list.has(text))).toEqual([false, false, given.size === 1]);
      }),
    );
  });

  it('are found as fast as among few', () => {
    const list = new ValueList(new Set(Array.from({ length: 8_000 }, (_, at) => at.toString(36))));
    const began = performance.now();
    for (let at = 0; at < 16_000; at++) if (list.has(at.toString(36)) !== at < 8_000) throw new Error(`${at}`);
    // Looking through all of the text each time would take some seconds.
    expect(performance.now() - began).toBeLessThan(1_000);
  });
});
