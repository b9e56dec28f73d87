import { expect, it } from 'vitest';
import { isOverPace } from './http-pace.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('pauses all that bring pieces once many have come in a turn, and resumes them in the next one', async () => {
  const resumed: string[] = [];
  const pieces = (of: string, most: number, bytes = 1): number => {
    for (let count = 0; count < most; count++) if (isOverPace(bytes, () => resumed.push(of))) return count;
    return most;
  };
  const first = pieces('a', 100_000);
  expect(first).toBeGreaterThan(1_000);
  expect(first).toBeLessThan(10_000);
  expect(pieces('b', 10)).toBe(0);
  expect(resumed).toEqual([]);
  await turn();
  expect(resumed).toEqual(['a', 'b']);
  expect(pieces('b', 1_000)).toBe(1_000);
  // Long ones are fewer.
  expect(pieces('a', 1_000, 64 * 1024)).toBeLessThan(20);
  await turn();
});
