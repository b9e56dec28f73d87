import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkLimitName, countKeys, isLimitKey, isPattern, keysOf, leftOf, namesFor, spend, waitFor } from './limit.ts';

const rate = { max: 4, per: 4_000 };
const job = { limit: 'tenant:a', worker: 'w', domain: 'd' };

describe('keys', () => {
  it('are those of the push, the worker and the domain, each once', () => {
    expect(keysOf(job)).toEqual(['tenant:a', 'worker:w', 'domain:d']);
    expect(keysOf({ ...job, limit: '', domain: '' })).toEqual(['worker:w']);
    expect(keysOf({ ...job, limit: 'domain:d' })).toEqual(['worker:w', 'domain:d']);
    expect([...countKeys([job, { ...job, limit: '' }])]).toEqual([
      ['tenant:a', 1],
      ['worker:w', 2],
      ['domain:d', 2],
    ]);
  });

  it('find limits by their own name, then by the longest pattern', () => {
    expect(namesFor('a:b:c')).toEqual(['a:b:c', 'a:b:*', 'a:*', '*']);
    expect(namesFor('a')).toEqual(['a', '*']);
    expect(namesFor('a:')).toEqual(['a:', 'a:*', '*']);
    expect(namesFor(':'.repeat(100))).toHaveLength(10);
  });

  it('match no pattern that is refused', () => {
    const part = fc.stringMatching(/^[a-z.@+-]{1,3}$/);
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 12 }), (parts) => {
        const key = parts.join(':');
        expect(isLimitKey(key)).toBe(true);
        for (const name of namesFor(key).slice(1)) expect(isPattern(checkLimitName(name))).toBe(true);
      }),
    );
  });
});

describe('a limit', () => {
  it('takes what is left, and then makes wait', () => {
    const used = spend(undefined, rate, 3, 0);
    expect([leftOf(undefined, rate, 0), leftOf(used, rate, 0), leftOf(used, rate, 1_500)]).toEqual([4, 1, 2]);
    expect([waitFor(used, rate, 1), waitFor(used, rate, 2), waitFor(used, rate, 9)]).toEqual([0, 1_000, 3_000]);
  });

  it('owes no more than it lets through at once', () => {
    const owing = spend(undefined, rate, 100, 0);
    expect([owing.tokens, leftOf(owing, rate, 0), waitFor(owing, rate, 1)]).toEqual([-4, 0, 5_000]);
  });
});
