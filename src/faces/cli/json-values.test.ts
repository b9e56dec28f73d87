import { describe, expect, it } from 'vitest';
import { jsonValues } from './json-values.ts';

/** Every way of cutting the bytes into pieces of this size must give the same values. */
async function split(text: string | Uint8Array, pieceSize = 3): Promise<readonly { text: string; line: number }[]> {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += pieceSize) yield bytes.subarray(at, at + pieceSize);
  }
  const values = [];
  for await (const each of jsonValues(pieces(), 'test')) values.push(...each);
  return values;
}

const texts = async (text: string, pieceSize?: number): Promise<readonly string[]> =>
  (await split(text, pieceSize)).map((value) => value.text);

describe('jsonValues', () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['', []],
    [' \n\t ', []],
    ['{"a":1}', ['{"a":1}']],
    ['{"a":1}\n{"b":[2,{}]}\n', ['{"a":1}', '{"b":[2,{}]}']],
    ['{"a":1}{"b":2} [3]', ['{"a":1}', '{"b":2}', '[3]']],
    ['{"a":"}{\\"\\\\"}{"ü":"€😀"}', ['{"a":"}{\\"\\\\"}', '{"ü":"€😀"}']],
    ['{\n  "a": 1\n}\n', ['{\n  "a": 1\n}']],
    ['1 null"x"{"a":1}', ['1', 'null', '"x"', '{"a":1}']],
    ['{"a":', ['{"a":']],
    ['"open', ['"open']],
    ['}{}', ['}', '{}']],
  ];

  it.each(cases)('splits %j wherever its bytes are cut', async (text, expected) => {
    for (const pieceSize of [1, 2, 3, 5, 1_000]) expect(await texts(text, pieceSize)).toEqual(expected);
  });

  it('knows in which line each value begins', async () => {
    expect((await split('\n{"a":\n1}\n\n{"b":2}')).map((value) => value.line)).toEqual([2, 5]);
  });

  it('passes over a byte order mark and refuses what is not UTF-8', async () => {
    expect(await texts('\uFEFF{}')).toEqual(['{}']);
    await expect(split(Uint8Array.of(0x7b, 0xff, 0x7d))).rejects.toMatchObject({ code: 'invalid_json' });
    await expect(split(Uint8Array.of(0x22, 0xe2, 0x82))).rejects.toMatchObject({ code: 'invalid_json' });
  });

  it('gives values up as soon as they are complete', async () => {
    async function* pieces(): AsyncGenerator<Uint8Array> {
      yield new TextEncoder().encode('{"a":1}\n{"b"');
      throw new Error('nothing more may be asked for');
    }
    const first = await jsonValues(pieces(), 'test').next();
    expect(first.value).toEqual([{ text: '{"a":1}', line: 1 }]);
  });
});
