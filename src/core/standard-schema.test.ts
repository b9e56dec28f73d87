import { expect, it } from 'vitest';
import { fitOf, type SchemaIssue } from './standard-schema.ts';

const refusing = (issues: readonly SchemaIssue[]) =>
  fitOf({ '~standard': { version: 1, vendor: 'test', validate: () => ({ issues }) } }, null);

it('tells five issues in words, and twenty to programs', () => {
  const issues = Array.from({ length: 100 }, (_, at) => ({ message: 'must be a number', path: ['rows', { key: at }, 'n'] }));
  const told = Array.from({ length: 20 }, (_, at) => ({ path: `$.rows[${at}].n`, message: 'must be a number' }));
  const why = `${told
    .slice(0, 5)
    .map(({ path, message }) => `${path}: ${message}`)
    .join('; ')}; and 95 more`;
  expect(refusing(issues)).toEqual({ fits: false, why, issues: told });
});

it('tells what is about the whole message without its place, and no more of an issue than fits', () => {
  const message = 'x'.repeat(10_000);
  expect(refusing([{ message }])).toEqual({ fits: false, why: 'x'.repeat(500), issues: [{ path: '$', message: 'x'.repeat(500) }] });
  expect(refusing([])).toEqual({ fits: false, why: '', issues: [] });
});
