import { describe, expect, it } from 'vitest';
import { HatstandError } from '../core/errors.ts';
import { isPlain } from './pattern.ts';
import { compilePattern } from './pattern-re2.ts';

describe('a pattern', () => {
  it('without metacharacters is text that may stand anywhere', () => {
    const plain = compilePattern('a-b/c é', 'term');
    expect(plain.test('xa-b/c éx')).toBe(true);
    expect(plain.test('A-B/C É')).toBe(false);
  });

  it('is plain while looking for it costs no more than reading', () => {
    expect(['', 'a-b/c é', 'x'.repeat(64)].map(isPlain)).toEqual([true, true, true]);
    expect(['a.b', '^a', 'x'.repeat(65)].map(isPlain)).toEqual([false, false, false]);
  });

  it.each([
    ['^mail-\\d+$', 'mail-12', 'mail-x'],
    ['foo|bar|baz', 'a bar', 'a ba'],
    ['(?i)foo', 'a FOO', 'f oo'],
    ['[[:alpha:]]{3}', '1abc', '1ab2c'],
    ['\\Aa.c\\z', 'abc', 'abcd'],
    ['\\Qa.c\\E', 'xa.c', 'abc'],
    ['x'.repeat(4_096), 'x'.repeat(5_000), 'x'.repeat(4_095)],
  ])('%s is read as RE2 reads it', (pattern, hit, miss) => {
    const compiled = compilePattern(pattern, 'term');
    expect(compiled.test(hit)).toBe(true);
    expect(compiled.test(miss)).toBe(false);
  });

  it.each(['a(', '(?=a)', '(a)\\1', '[z-a]', 'a'.repeat(5_000)])('%s is refused by name', (pattern) => {
    expect(() => compilePattern(pattern, 'name')).toThrowError(HatstandError);
    expect(() => compilePattern(pattern, 'name')).toThrowError(/^name /);
  });

  it.each([
    '(a?b?){1000}x{1000}(c|dd){900}(e|ff){900}',
    '(a{1,30}b{1,30}){1,30}|((c{1,30}d){1,10}){1,3}|(a.{990})|(b.{980})|(c.{970})|(d.{960})',
  ])('%s is refused for what it compiles to', (pattern) => {
    expect(() => compilePattern(pattern, 'name')).toThrowError(/^name compiles to \d{4,} steps and may have 8192\. Counted repetitions/);
  });

  it('is never refused for its steps without counted repetitions', () => {
    const units = ['a?', '.*', '\\d', '(a)', '(?:a|bc)', 'ab|', '[a-z]', '\\pL', '^|', 'a??', '()', '\\b', '(?i:k)', '.+?'];
    for (const unit of units) compilePattern(unit.repeat(Math.floor(4_096 / unit.length)), 'name');
  });

  it('takes linear time where a backtracking engine would never end', () => {
    expect(compilePattern('(a|a)*(a|a)*(a|a)*b', 'term').test('a'.repeat(5_000))).toBe(false);
  });
});
