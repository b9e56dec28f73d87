import { expect, it } from 'vitest';
import { hasAtMost } from './characters.ts';

it.each([
  ['', 0, true],
  ['abc', 3, true],
  ['abcd', 3, false],
  ['🎩🎩🎩', 3, true],
  ['🎩🎩🎩🎩', 3, false],
  ['a🎩a', 2, false],
  ['\ud83c\ud83c', 2, true],
])('%j has at most %i characters: %s', (text, max, answer) => {
  expect(hasAtMost(text, max)).toBe(answer);
});
