import { describe, expect, it } from 'vitest';
import { backoffAfter, functionRetry, httpRetry, noRetry } from './retry.ts';

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
