import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Boundary } from './boundary.ts';

interface Sent {
  readonly head: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const data = fc
  .array(fc.constantFrom('\r', '\n', '\r\n\r\n', 'a', 'GET / HTTP/1.1\r\n\r\n'), { maxLength: 6 })
  .map((parts) => parts.join(''));
const chunks = fc
  .array(
    data.filter((text) => text !== ''),
    { maxLength: 3 },
  )
  .map((texts) => `${texts.map((text) => `${text.length.toString(16)}\r\n${text}\r\n`).join('')}0\r\n\r\n`);
const request: fc.Arbitrary<Sent> = fc.oneof(
  fc.constant({ head: 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', headers: {}, body: '' }),
  data.map((body) => ({
    head: `POST / HTTP/1.1\r\nContent-Length: ${body.length}\r\n\r\n`,
    headers: { 'content-length': String(body.length) },
    body,
  })),
  chunks.map((body) => ({
    head: 'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n',
    headers: { 'transfer-encoding': 'chunked' },
    body,
  })),
);

describe('pieces', () => {
  it('are all bytes, and one ends where each request ends, however the bytes come', () => {
    fc.assert(
      fc.property(
        fc.array(request, { minLength: 1, maxLength: 5 }),
        fc.infiniteStream(fc.integer({ min: 1, max: 40 })),
        (sent, lengths) => {
          const whole = sent.map(({ head, body }) => head + body).join('');
          const ends = new Set<number>();
          const headEnds = new Map<number, Sent['headers']>();
          let total = 0;
          for (const { head, headers, body } of sent) {
            headEnds.set(total + head.length, headers);
            total += head.length + body.length;
            ends.add(total);
          }
          const boundary = new Boundary();
          let at = 0;
          for (let came = 0; came < whole.length; ) {
            const chunk = whole.slice(came, came + lengths.next().value);
            came += chunk.length;
            for (let rest = Buffer.from(chunk); rest.length > 0; ) {
              const length = boundary.next(rest);
              expect(length).toBeGreaterThan(0);
              rest = rest.subarray(length);
              at += length;
              const headers = headEnds.get(at);
              if (headers !== undefined) boundary.began(headers);
              ends.delete(at);
            }
          }
          expect(at).toBe(whole.length);
          expect([...ends]).toEqual([]);
        },
      ),
    );
  });
});
