import fc from 'fast-check';
import { expect, it } from 'vitest';
import { frameOf, makeFrameReader } from './frames.ts';

it('frames come out as they went in, wherever the bytes are cut', () => {
  const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(fc.array(fc.jsonValue({ maxDepth: 2 }), { maxLength: 8 }), cuts, (values, lengths) => {
      const bytes = Buffer.concat(values.map((value) => frameOf({ value })));
      const read = makeFrameReader(() => 1_000_000);
      const found: unknown[] = [];
      for (let at = 0, turn = 0; at < bytes.length; turn++) {
        const length = lengths[turn % lengths.length] ?? 1;
        found.push(...read(bytes.subarray(at, at + length)));
        at += length;
      }
      expect(found).toEqual(JSON.parse(JSON.stringify(values.map((value) => ({ value })))));
    }),
  );
});

it('a frame that is too long is refused by its head alone', () => {
  const read = makeFrameReader(() => 10);
  expect(read(frameOf('12345678'))).toEqual(['12345678']);
  expect(() => read(frameOf('123456789').subarray(0, 4))).toThrow('a frame of 11 bytes');
});

it('what is no JSON is refused', () => {
  expect(() => makeFrameReader(() => 10)(Buffer.from([0, 0, 0, 2, 0x7b, 0x7b]))).toThrow('JSON');
});
