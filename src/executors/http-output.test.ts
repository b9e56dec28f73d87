import { describe, expect, it } from 'vitest';
import { Output, type OutputText } from './http-output.ts';

function textOf(limit: number, ...chunks: readonly (string | Buffer)[]): OutputText {
  const output = new Output(limit);
  for (const chunk of chunks) if (!output.add(Buffer.from(chunk))) break;
  return output.text();
}

describe('output', () => {
  it('is whole up to its limit', () => {
    expect(textOf(10)).toEqual({ output: '', outputCut: false });
    expect(textOf(10, '', '')).toEqual({ output: '', outputCut: false });
    expect(textOf(10, 'abcde', 'fghij')).toEqual({ output: 'abcdefghij', outputCut: false });
    expect(textOf(10, 'abcde', 'fghijk')).toEqual({ output: 'abcdefghij', outputCut: true });
    expect(textOf(10, 'abcdefghijk')).toEqual({ output: 'abcdefghij', outputCut: true });
    expect(textOf(0, 'a')).toEqual({ output: '', outputCut: true });
  });

  it('is not cut within a character, and characters may come in pieces', () => {
    const bytes = Buffer.from('aé€😀');
    const texts = ['', 'a', 'a', 'aé', 'aé', 'aé', 'aé€', 'aé€', 'aé€', 'aé€', 'aé€😀'];
    texts.forEach((output, limit) => {
      const pieces = [...bytes].map((byte) => Buffer.from([byte]));
      expect(textOf(limit, ...pieces)).toEqual({ output, outputCut: limit < bytes.length });
    });
  });

  it('replaces what is not UTF-8, and stays within its limit', () => {
    expect(textOf(10, Buffer.from([0x61, 0xff, 0x62, 0x00]))).toEqual({ output: 'a\ufffdb\0', outputCut: false });
    expect(textOf(10, Buffer.alloc(10, 0xff))).toEqual({ output: '\ufffd\ufffd\ufffd', outputCut: true });
  });

  it('takes a million tiny chunks', () => {
    const output = new Output(1_000_000);
    const chunk = Buffer.from('a');
    let taken = 0;
    while (output.add(chunk)) taken += 1;
    expect(taken).toBe(1_000_000);
    expect(output.text().output.length).toBe(1_000_000);
  });
});
