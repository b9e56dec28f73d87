import { describe, expect, it } from 'vitest';
import { slicesAsTheyCome, slicesOf } from './slices.ts';

const bounds = { items: 3, characters: 10 };
const sizeOf = (text: string): number => text.length;

describe('slices', () => {
  it.each([
    [[], []],
    [['a'], [['a']]],
    [
      ['a', 'b', 'c', 'd'],
      [['a', 'b', 'c'], ['d']],
    ],
    [
      ['123456', '12345', '1'],
      [['123456'], ['12345', '1']],
    ],
    [
      ['1', 'far too long', '2', '3'],
      [['1'], ['far too long'], ['2', '3']],
    ],
  ])('of %j are %j', async (items, slices) => {
    expect([...slicesOf(items, bounds, sizeOf)]).toEqual(slices);
    expect(await gathered(slicesAsTheyCome(items, bounds, sizeOf))).toEqual(slices);
    expect(await gathered(slicesAsTheyCome(asTheyCome(items), bounds, sizeOf))).toEqual(slices);
  });
});

async function gathered<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

async function* asTheyCome(items: readonly string[]): AsyncGenerator<string> {
  yield* items;
}
