import { expect, it } from 'vitest';
import { makePace } from './pace.ts';

it('makes slices longer while they are read soon, and shorter when they take long', () => {
  let now = 0;
  const pace = makePace(() => now);
  const after = (took: number): number => {
    const slice = pace.begin();
    now += took;
    slice.end();
    return pace.count;
  };
  expect(pace.count).toBe(256);
  expect([1, 1, 1, 1].map(after)).toEqual([512, 1_024, 2_048, 2_048]);
  expect(after(15)).toBe(2_048);
  expect([30, 30, 30, 30, 30, 30, 30, 30].map(after)).toEqual([1_024, 512, 256, 128, 64, 32, 16, 16]);
});
