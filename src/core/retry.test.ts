import { describe, expect, it } from 'vitest';
import { backoffAfter, functionRetry, httpRetry, noRetry, retryOf, waitAfter } from './retry.ts';

describe('backoffAfter', () => {
  const middle = 0.5;

  it('doubles after each try', () => {
    expect([1, 2, 3, 4].map((attempt) => backoffAfter(httpRetry, attempt, middle))).toEqual([1_000, 2_000, 4_000, 8_000]);
    expect(backoffAfter(functionRetry, 1, middle)).toBe(60);
  });

  it('is spread by a tenth', () => {
    expect(backoffAfter(noRetry, 1, 0)).toBe(900);
    expect(backoffAfter(noRetry, 1, 0.999_999)).toBe(1_100);
  });

  it('never grows beyond its bound, however many tries there were', () => {
    for (const attempt of [13, 64, 1_000, 5_000]) expect(backoffAfter(noRetry, attempt, 0.999)).toBe(3_600_000);
  });

  it('is nothing when the policy waits nothing', () => {
    expect(backoffAfter({ attempts: 3, backoff: 0, maxBackoff: 0 }, 2_000, 0.9)).toBe(0);
  });
});

describe('the default of HTTP jobs', () => {
  it('tries for about eight hours, so that a web app may be away for long', () => {
    let hours = 0;
    for (let attempt = 1; attempt < httpRetry.attempts; attempt++) hours += backoffAfter(httpRetry, attempt, 0.5) / 3_600_000;
    expect(httpRetry.attempts).toBe(20);
    expect(hours).toBeGreaterThan(8);
    expect(hours).toBeLessThan(8.5);
  });
});

describe('a wait that the worker asks for', () => {
  const policy = { attempts: 20, backoff: 1_000, maxBackoff: 60_000 };

  it.each([
    ['none', null, 4_000],
    ['less than the backoff', 1_000, 4_000],
    ['more than the backoff', 9_000, 9_000],
    ['more than the job allows', 3_600_000, 60_000],
    ['beyond all numbers', Number.POSITIVE_INFINITY, 60_000],
  ] as const)('is neither shorter than the backoff nor longer than its bound: %s', (_, asked, wait) => {
    expect(waitAfter(policy, 3, 0.5, asked)).toBe(wait);
  });
});

describe('what is asked for and what is usual', () => {
  const usual = { attempts: 20, backoff: 1_000, maxBackoff: 3_600_000 };

  it.each([
    [{}, usual],
    [{ attempts: 3 }, { ...usual, attempts: 3 }],
    [{ backoff: 7_200_000 }, { ...usual, backoff: 7_200_000, maxBackoff: 7_200_000 }],
    [{ maxBackoff: 10 }, { ...usual, backoff: 10, maxBackoff: 10 }],
    [
      { backoff: 5, maxBackoff: 5 },
      { ...usual, backoff: 5, maxBackoff: 5 },
    ],
  ])('%j', (asked, policy) => expect(retryOf(asked, usual)).toEqual(policy));

  it('refuses a first wait beyond the longest one', () => {
    expect(() => retryOf({ backoff: 2_000, maxBackoff: 1_000 }, usual)).toThrow(
      'backoff, the first wait, must not be longer than maxBackoff, the longest one, but 2s is longer than 1s.',
    );
  });
});
