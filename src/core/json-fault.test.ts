import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findJsonFault } from './json-fault.ts';

const parses = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

describe('findJsonFault', () => {
  it.each([
    ['', 0, 'a value'],
    ['{"a":1,}', 7, 'a text in double quotes'],
    ['{"a" 1}', 5, '":"'],
    ['[1 2]', 3, '"," or "]"'],
    ['{"a":1} x', 8, 'the end of the text'],
    ['{"a":"\\x"}', 6, 'an escape such as \\n or \\u0041'],
    ['"a\nb"', 2, 'no control character in a text'],
    ['"abc', 4, 'the closing quote of a text'],
    ['NaN', 0, 'a value'],
    ['\ufeff{}', 0, 'a value'],
    ['[01]', 2, '"," or "]"'],
    ['{"a":[{"b":tru}]}', 11, 'a value'],
  ])('finds the fault of %j at %i', (text, position, expected) => {
    expect(findJsonFault(text)).toMatchObject({ position, expected });
  });

  it('tells line and column', () => {
    expect(findJsonFault('{\n  "a": 1,\n  b: 2\n}')).toMatchObject({ line: 3, column: 3 });
  });

  it('reads a hundred thousand levels', () => {
    expect(findJsonFault('['.repeat(100_000))).toMatchObject({ position: 100_000, expected: 'a value' });
    expect(findJsonFault('['.repeat(100_000) + ']'.repeat(100_000))).toBeNull();
  });

  it('agrees with JSON.parse about what is valid', () => {
    const broken = fc
      .tuple(fc.json(), fc.nat(), fc.constantFrom('', '"', '{', ']', ',', ':', '\\', 'e', '-', '0', ' ', '\u0001'))
      .map(([text, at, put]) => text.slice(0, at % (text.length + 1)) + put + text.slice((at % (text.length + 1)) + 1));
    fc.assert(
      fc.property(broken, (text) => {
        expect(findJsonFault(text) === null).toBe(parses(text));
      }),
      { numRuns: 2_000 },
    );
  });
});
