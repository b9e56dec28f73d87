import { describe, expect, it, vi } from 'vitest';
import { HatstandError } from '../../core/errors.ts';
import { type Found, jsonValues } from './json-values.ts';

async function* pieces(text: string | Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function split(text: string | Uint8Array, size = 3): Promise<readonly Found[]> {
  const found: Found[] = [];
  for await (const each of jsonValues(pieces(text, size), 'test')) found.push(...each);
  return found;
}

/** Texts of values; of faults the lines in which they are. */
const seen = async (text: string | Uint8Array, size?: number): Promise<readonly unknown[]> =>
  (await split(text, size)).map((each) => (each instanceof HatstandError ? each.details['line'] : each.text));

const sizes = [1, 2, 3, 5, 1_000];

describe('jsonValues', () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['', []],
    [' \n\t ', []],
    ['{"a":1}', ['{"a":1}']],
    ['{"a":1}\n{"b":[2,{}]}\n', ['{"a":1}', '{"b":[2,{}]}']],
    ['{"a":1}\r\n{"b":2}\r\n', ['{"a":1}', '{"b":2}']],
    ['{"a":1}{"b":2} [3]', ['{"a":1}', '{"b":2}', '[3]']],
    ['{"a":"}{\\"\\\\"}{"ü":"€😀"}', ['{"a":"}{\\"\\\\"}', '{"ü":"€😀"}']],
    ['{\n  "a": 1\n}\n', ['{\n  "a": 1\n}']],
    ['{"a":\n{"b":\n[{},\n{}]}}', ['{"a":\n{"b":\n[{},\n{}]}}']],
    ['1 null"x"{"a":1}', ['1', 'null', '"x"', '{"a":1}']],
    ['\uFEFF{}', ['{}']],
  ];

  it.each(cases)('splits %j wherever its bytes are cut', async (text, expected) => {
    for (const size of sizes) expect(await seen(text, size)).toEqual(expected);
  });

  const good = '{"a":1}';
  const bad: readonly (readonly [string, string, readonly unknown[]])[] = [
    ['a value that is wrong inside', `${good}\n{"b":}\n${good}`, [good, 2, good]],
    ['the rest of its line', `{"b":} ${good}\n${good}`, [1, good]],
    ['words', `hello world\n${good}`, [1, good]],
    ['a bracket too many', `${good}}\n${good}`, [good, 1, good]],
    ['a line that does not end', `{"b":1\n${good}\n`, [1, good]],
    ['a line that ends behind a comma', `{"b":1,\n${good}\n`, [1, good]],
    ['a text that does not end', `{"b":"x}\n${good}\n`, [1, good]],
    ['the last value', `${good}\n{"b":`, [good, 2]],
    ['the last text', '"open', [1]],
    ['a value over several lines', `{\n  "b": oops,\n  "c": {\n}\n}\n\n${good}`, [2, good]],
    ['what goes on behind such a value', `{\n"b" 1}\n}\n  7,\n${good}`, [2, 3, good]],
  ];

  it.each(bad)('tells %s, and goes on behind it', async (_, text, expected) => {
    for (const size of sizes) expect(await seen(text, size)).toEqual(expected);
  });

  it('tells what is no UTF-8 with its line, and goes on with the next one', async () => {
    const bytes = Buffer.concat([Buffer.from(`${good}\n{"b":"`), Buffer.of(0xff), Buffer.from(`"}\n${good}\n"`), Buffer.of(0xe2, 0x82)]);
    for (const size of sizes) expect(await seen(bytes, size)).toEqual([good, 2, good, 4]);
    expect((await split(bytes))[1]).toMatchObject({ code: 'invalid_json', message: 'test, line 2 is not UTF-8, which JSON must be.' });
  });

  it('says where a value begins, and where it is wrong', async () => {
    expect(await split('\n{"a":\n1}\n\n {"b":2}')).toMatchObject([
      { line: 2, column: 1, value: { a: 1 } },
      { line: 5, column: 2, value: { b: 2 } },
    ]);
    expect((await split('{"a":1}\n {\n  "b" 2}'))[1]).toMatchObject({
      code: 'invalid_json',
      message: 'test, line 2 is not valid JSON: expected ":", and "2" came, at line 3, column 7.',
      details: { line: 3, column: 7 },
    });
    expect((await split('{"b":1\n{}'))[0]).toMatchObject({
      message: 'test, line 1 is not valid JSON: expected "," or "}", and it ended, at line 1, column 7.',
    });
  });

  it('gives values up as soon as they are complete', async () => {
    async function* first(): AsyncGenerator<Uint8Array> {
      yield new TextEncoder().encode('{"a":1}\n{"b"');
      throw new Error('nothing more may be asked for');
    }
    expect((await jsonValues(first(), 'test').next()).value).toMatchObject([{ text: '{"a":1}', line: 1 }]);
  });

  it('tells that a value goes on, when nothing more comes', async () => {
    vi.useFakeTimers();
    try {
      let more: (chunk: Uint8Array) => void = () => undefined;
      async function* chunks(): AsyncGenerator<Uint8Array> {
        yield Buffer.from('{"a":1}\n{"b":1\n');
        yield await new Promise<Uint8Array>((resolve) => {
          more = resolve;
        });
      }
      const told: number[] = [];
      const found = jsonValues(chunks(), 'test', (line) => told.push(line));
      await found.next();
      const next = found.next();
      await vi.advanceTimersByTimeAsync(5_000);
      expect(told).toEqual([2]);
      more(Buffer.from('}\n'));
      expect((await next).value).toMatchObject([{ text: '{"b":1\n}' }]);
    } finally {
      vi.useRealTimers();
    }
  });
});
