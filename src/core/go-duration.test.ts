import { describe, expect, it } from 'vitest';
import { goDuration } from './go-duration.ts';

describe('goDuration', () => {
  it.each([
    [0, '0s'],
    [1, '1ns'],
    [1_500, '1.5µs'],
    [1_728_790, '1.72879ms'],
    [59_000_000, '59ms'],
    [1_500_000_000, '1.5s'],
    [60_000_000_000, '1m0s'],
    [90_500_000_000, '1m30.5s'],
    [3_605_000_000_000, '1h0m5s'],
    [-1_500_000_000, '-1.5s'],
  ])('writes %i nanoseconds as %s', (nanos, expected) => {
    expect(goDuration(nanos)).toBe(expected);
  });
});
