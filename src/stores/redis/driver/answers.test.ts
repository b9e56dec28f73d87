import { expect, it } from 'vitest';
import { saidText } from './answers.ts';

it.each([
  ['NOAUTH Authentication required.', 'NOAUTH Authentication required'],
  ["ERR unknown command 'EVAL', with args beginning with: 'return' ", "ERR unknown command 'EVAL', with args beginning with: 'return'"],
  ['LOADING Redis is loading the dataset in memory', 'LOADING Redis is loading the dataset in memory'],
])('%j stands before a full stop as %j', (message, shown) => {
  expect(saidText(message)).toBe(shown);
});
