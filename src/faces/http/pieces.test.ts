import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { inPieces, piece } from './pieces.ts';

async function* each(texts: readonly string[]): AsyncGenerator<string> {
  yield* texts;
}

describe('pieces', () => {
  it('are all that came, none longer than a piece', async () => {
    const texts = ['a', 'b'.repeat(piece), 'c'.repeat(3 * piece + 1), '', 'd'];
    const pieces: string[] = [];
    for await (const part of inPieces(each(texts))) pieces.push(part);
    expect(pieces.join('')).toBe(texts.join(''));
    expect(Math.max(...pieces.map(({ length }) => length))).toBe(piece);
    expect(pieces).toHaveLength(5);
  });

  it('cut no character', async () => {
    const sent = `a${'😀'.repeat(piece)}`;
    expect(await text(Readable.from(inPieces(each([sent])), { objectMode: false }))).toBe(sent);
  });
});
