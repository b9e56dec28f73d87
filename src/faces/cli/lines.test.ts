import { describe, expect, it } from 'vitest';
import { linesOf } from './lines.ts';

async function* chunksOf(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function lines(text: string | Uint8Array, size: number): Promise<readonly string[]> {
  const all: string[] = [];
  for await (const some of linesOf(chunksOf(typeof text === 'string' ? new TextEncoder().encode(text) : text, size), 'it'))
    all.push(...some);
  return all;
}

describe('linesOf', () => {
  it.each([1, 2, 3, 7, 1_000])('gives the same lines whatever the chunks, here of %i bytes', async (size) => {
    expect(await lines('one\n\nzwei ü 😀\n{"a":1}', size)).toEqual(['one', '', 'zwei ü 😀', '{"a":1}']);
    expect(await lines('a\nb\n', size)).toEqual(['a', 'b']);
    expect(await lines('', size)).toEqual([]);
  });

  it('refuses what is not UTF-8', async () => {
    await expect(lines(Uint8Array.of(0x61, 0xff, 0x0a), 10)).rejects.toMatchObject({ code: 'invalid_json' });
    await expect(lines(Uint8Array.of(0x61, 0xc3), 10)).rejects.toMatchObject({ code: 'invalid_json' });
  });
});
