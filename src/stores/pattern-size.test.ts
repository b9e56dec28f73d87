import fc from 'fast-check';
import { RE2JS } from 're2js';
import { expect, it } from 'vitest';
import { estimateSteps } from './pattern-size.ts';

const atom = fc.constantFrom(
  'a',
  '.',
  '[a-z]',
  '[^]x]',
  '[[:alpha:]_]',
  '[\\]}{]',
  '\\d',
  '\\pL',
  '\\p{Greek}',
  '\\x{41}',
  '\\Qa{9}(\\E',
  '\\(',
  '^',
  '\\b',
  'ab',
  'é',
  '😀',
);
const count = fc.constantFrom('{3}', '{0,4}', '{2,}', '{2,7}', '{10}', '{0}', '*', '+?', '?', '');
const { pattern } = fc.letrec<{ pattern: string; part: string }>((tie) => ({
  part: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    atom,
    fc.tuple(fc.constantFrom('(', '(?:', '(?i:'), tie('pattern')).map(([open, inner]) => `${open}${inner})`),
  ),
  pattern: fc
    .array(fc.tuple(tie('part'), count, fc.constantFrom('', '', '|')), { minLength: 1, maxLength: 5 })
    .map((parts) => parts.map((each) => each.join('')).join('')),
}));

it('says no less than half of what an expression compiles to', () => {
  fc.assert(
    fc.property(pattern, (text) => {
      try {
        const steps = RE2JS.compile(text).programSize();
        expect(estimateSteps(text) * 2, text).toBeGreaterThanOrEqual(steps);
      } catch (error) {
        // What repeats a repetition, or nothing, is none.
        if (!/error parsing regexp/.test(String(error))) throw error;
      }
    }),
    { numRuns: 3_000 },
  );
});

it('multiplies what is repeated', () => {
  expect(estimateSteps('(abc){100}')).toBeGreaterThan(300);
  expect(estimateSteps('((a{100}){100}){100}')).toBeGreaterThan(1_000_000);
  expect(estimateSteps('\\Qa{1000}\\E')).toBeLessThan(20);
  expect(estimateSteps('[{1000}]\\{1000}')).toBeLessThan(20);
  expect(estimateSteps('x'.repeat(4_096))).toBe(4_097);
});
