import { describe, expect, it } from 'vitest';
import { HatstandError } from '../core/errors.ts';
import { compilePattern } from './pattern.ts';

describe('a pattern', () => {
  it('without metacharacters is plain text that may stand anywhere', () => {
    const plain = compilePattern('a-b/c é', 'term');
    expect(plain.literal).toBe('a-b/c é');
    expect(plain.test('xa-b/c éx')).toBe(true);
    expect(plain.test('A-B/C É')).toBe(false);
  });

  it.each([
    ['^mail-\\d+$', 'mail-12', 'mail-x'],
    ['foo|bar|baz', 'a bar', 'a ba'],
    ['(?i)foo', 'a FOO', 'f oo'],
    ['[[:alpha:]]{3}', '1abc', '1ab2c'],
    ['\\Aa.c\\z', 'abc', 'abcd'],
    ['\\Qa.c\\E', 'xa.c', 'abc'],
  ])('%s is read as RE2 reads it', (pattern, hit, miss) => {
    const compiled = compilePattern(pattern, 'term');
    expect(compiled.literal).toBeNull();
    expect(compiled.test(hit)).toBe(true);
    expect(compiled.test(miss)).toBe(false);
  });

  it.each(['a(', '(?=a)', '(a)\\1', '[z-a]', 'a'.repeat(5_000)])('%s is refused by name', (pattern) => {
    expect(() => compilePattern(pattern, 'name')).toThrowError(HatstandError);
    expect(() => compilePattern(pattern, 'name')).toThrowError(/^name /);
  });

  it('takes linear time where a backtracking engine would never end', () => {
    expect(compilePattern('(a|a)*(a|a)*(a|a)*b', 'term').test('a'.repeat(5_000))).toBe(false);
  });
});
