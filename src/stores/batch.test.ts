import { describe, expect, it } from 'vitest';
import { takeBatch } from './batch.ts';

const calls = (...sizes: number[]) => sizes.map((size) => ({ size }));

describe('a batch', () => {
  it('has the longest waiting calls, up to its number', () => {
    const waiting = calls(1, 2, 3);
    expect(takeBatch(waiting, { maxCalls: 2, maxSize: 100 })).toEqual(calls(1, 2));
    expect(waiting).toEqual(calls(3));
  });

  it('ends before the call that makes it too large', () => {
    const waiting = calls(60, 40, 1);
    expect(takeBatch(waiting, { maxCalls: 9, maxSize: 100 })).toEqual(calls(60, 40));
    expect(waiting).toEqual(calls(1));
  });

  it('is one call alone when that is larger than a batch', () => {
    const waiting = calls(101, 1);
    expect(takeBatch(waiting, { maxCalls: 9, maxSize: 100 })).toEqual(calls(101));
    expect(waiting).toEqual(calls(1));
  });
});
