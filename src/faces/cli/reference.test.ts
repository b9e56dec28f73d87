import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { cliReference } from './reference.ts';

const file = new URL('../../../docs/reference/cli.md', import.meta.url);

it('docs/reference/cli.md is what the program says of itself', () => {
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(file, cliReference());
  expect(readFileSync(file, 'utf8')).toBe(cliReference());
});
