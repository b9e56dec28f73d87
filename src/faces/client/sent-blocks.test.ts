import { expect, it } from 'vitest';
import { sentBlocks } from './sent-blocks.ts';

async function read(...pieces: readonly string[]): Promise<unknown[]> {
  async function* bytes() {
    for (const piece of pieces) yield Buffer.from(piece, 'latin1');
  }
  const blocks: unknown[] = [];
  for await (const block of sentBlocks(bytes())) blocks.push(block);
  return blocks;
}

const latin = (text: string): string => Buffer.from(text).toString('latin1');

it('reads blocks, whatever pieces they come in', async () => {
  const text = latin(
    'retry: 2000\n\n: following\nid: 1\n\nid: 2\ndata: {"a":"ü"}\n\nevent: gap\nid: 3\ndata: {"gap":"swept"}\n\nid: 4\nda',
  );
  const blocks = [
    { event: 'message', id: null, data: null },
    { event: 'message', id: '1', data: null },
    { event: 'message', id: '2', data: '{"a":"ü"}' },
    { event: 'gap', id: '3', data: '{"gap":"swept"}' },
  ];
  expect(await read(text)).toEqual(blocks);
  expect(await read(...text)).toEqual(blocks);
});

it('joins the lines of data', async () => {
  expect(await read('data: a\ndata:b\ndata\n\n')).toEqual([{ event: 'message', id: null, data: 'a\nb\n' }]);
});
