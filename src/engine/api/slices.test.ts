import { describe, expect, it } from 'vitest';
import { type Slices, slicesAsTheyCome, slicesOf } from './slices.ts';

const bounds = { items: 3, characters: 10 };
const silent = new Promise<never>(() => undefined);
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

  it.each<readonly [string, () => unknown]>([
    ['never answers', () => silent],
    ['rejects', () => Promise.reject(new Error('no'))],
    ['throws', () => expect.fail()],
  ])('end a source at once that is asked for an item, and %s', async (_, end) => {
    const ended = Promise.withResolvers<void>();
    const source = {
      next: () => silent,
      async return(): Promise<never> {
        ended.resolve();
        return end() as Promise<never>;
      },
    };
    const slices = slicesAsTheyCome({ [Symbol.asyncIterator]: () => source }, bounds, sizeOf);
    void slices.next();
    slices.end();
    await ended.promise;
  });

  it('end what is at hand', async () => {
    let isEnded = false;
    const atHand = slicesAsTheyCome(
      untilEnded(() => {
        isEnded = true;
      }),
      bounds,
      sizeOf,
    );
    await atHand.next();
    atHand.end();
    expect(isEnded).toBe(true);
  });
});

async function gathered<T>(slices: Slices<T>): Promise<readonly (readonly T[])[]> {
  const all: (readonly T[])[] = [];
  for (let next = await slices.next(); next.done !== true; next = await slices.next()) all.push(next.value);
  return all;
}

function* untilEnded(ended: () => void): Generator<string> {
  try {
    for (;;) yield 'a';
  } finally {
    ended();
  }
}

async function* asTheyCome(items: readonly string[]): AsyncGenerator<string> {
  yield* items;
}
