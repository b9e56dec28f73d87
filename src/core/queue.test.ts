import { describe, expect, it } from 'vitest';
import { manualFirst, nextToken, type RateBucket, refill } from './queue.ts';

describe('manualFirst', () => {
  it('serves two of three turns', () => {
    expect(Array.from({ length: 6 }, (_, turn) => manualFirst(turn))).toEqual([true, true, false, true, true, false]);
  });
});

describe('a rate bucket', () => {
  const rate = { max: 4, per: 1_000 };
  const empty: RateBucket = { tokens: 0, at: 5_000 };

  it('is full at first', () => expect(refill(undefined, rate, 7)).toEqual({ tokens: 4, at: 7 }));
  it('fills evenly', () => expect(refill(empty, rate, 5_250)).toEqual({ tokens: 1, at: 5_250 }));
  it('runs never over', () => expect(refill(empty, rate, 99_000).tokens).toBe(4));
  it('loses nothing when the clock steps back', () => expect(refill({ tokens: 2, at: 5_000 }, rate, 4_000).tokens).toBe(2));
  it('holds no more than a limit that was lowered', () => expect(refill({ tokens: 9, at: 0 }, rate, 0).tokens).toBe(4));

  it('tells when there is a whole token, and is right', () => {
    expect(nextToken({ tokens: 1, at: 0 }, rate)).toBe(0);
    expect(nextToken(empty, rate)).toBe(250);
    const third: RateBucket = { tokens: 1 / 3, at: 0 };
    expect(refill(third, rate, nextToken(third, rate)).tokens).toBeGreaterThanOrEqual(1);
  });
});
