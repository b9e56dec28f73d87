import { expect, it } from 'vitest';
import { jsonLines } from './json-lines.ts';

async function* pieces(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(texts.join(''));
  for (let at = 0; at < bytes.length; at += 3) yield bytes.subarray(at, at + 3);
}

async function all(values: AsyncIterable<unknown>): Promise<readonly unknown[]> {
  const found: unknown[] = [];
  for await (const value of values) found.push(value);
  return found;
}

it('gives each value once its line is whole, and leaves out one that was cut off', async () => {
  expect(await all(jsonLines(pieces('{"a":"ü"}\n\n[1]\n', '{"b":2}')))).toEqual([{ a: 'ü' }, [1]]);
  expect(await all(jsonLines(pieces()))).toEqual([]);
});
