/** The page explains its words as the glossary of ARCHITECTURE.md does. */
import { expect, it } from 'vitest';
import { textOf } from './sources.ts';

const rows = /const meanings = \{\n([\s\S]*?)\n\};/.exec(textOf('src/faces/ui/words.js'))?.[1] ?? '';
const meanings = [...rows.matchAll(/^\s*(\w+): (['"])(.*)\2,$/gm)].map(([, word = '', , meaning = '']) => [word, meaning] as const);
const [, glossary = ''] = textOf('ARCHITECTURE.md').split('## Glossary');

it('has the words of the page', () => {
  expect(meanings.length).toBeGreaterThan(10);
  expect(rows.split('\n').length).toBe(meanings.length);
});

it.each(meanings)('%s', (_, meaning) => {
  expect(glossary.split('## The house')[0]).toContain(meaning);
});
