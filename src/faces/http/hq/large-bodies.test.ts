import { afterEach, describe, it } from 'vitest';
import { expectAnswered, mebibyte } from '../large-bodies.suite.ts';
import { openServer, type TestServer } from '../server.suite.ts';

let server: TestServer | null = null;
afterEach(async () => {
  await server?.close();
  server = null;
});

/** What a body of its type may cost most, for about its largest size. */
const bodies: readonly (readonly [what: string, type: string, body: string, told: RegExp])[] = [
  ['tiny values', 'application/json', `{"url":"a","payload":[${'{},'.repeat(mebibyte)}1]}`, /"status":"unfinished"/],
  [
    'a million unknown keys',
    'application/json',
    `{"url":"a"${',"":0'.repeat(700_000)}}`,
    /an object may have 1000 keys, this one has 700001/,
  ],
  [
    'a million headers',
    'application/json',
    `{"url":"a","headers":{"":""${',"":""'.repeat(600_000)}}}`,
    /headers: an object may have 1000 keys/,
  ],
  ['deep nesting', 'application/json', `{"url":"a","payload":${'['.repeat(2 * mebibyte)}`, /exceeded max depth/],
  ['an unknown member that is large', 'application/json', `{"url":"a","other":[${'[],'.repeat(mebibyte)}1]}`, /"status":"unfinished"/],
  ['a wrong type that is large', 'application/json', `{"url":[${'1,'.repeat(mebibyte)}1]}`, /expected=string, got=array, field=url/],
  ['many pairs', 'application/x-www-form-urlencoded', `url=a${'&a=b'.repeat(mebibyte - 2)}`, /a form may have 1000 fields/],
  ['nothing but &', 'application/x-www-form-urlencoded', '&'.repeat(4 * mebibyte), /a form may have 1000 fields/],
  [
    'many parts',
    'multipart/form-data; boundary=X',
    `${'--X\r\ncontent-disposition: form-data; name="url"\r\n\r\na\r\n'.repeat(60_000)}--X--\r\n`,
    /a form may have 1000 fields/,
  ],
  [
    'many parts behind another boundary',
    'multipart/form-data; xboundary=zzz; boundary=X',
    `${'--X\r\nContent-Disposition: form-data; name="url"\r\n\r\na\r\n'.repeat(60_000)}--X--\r\n`,
    /a form may have 1000 fields/,
  ],
  ['many headers of a part', 'multipart/form-data; boundary=X', `--X\r\n${'a:\r\n'.repeat(mebibyte - 100)}\r\n--X--`, /and 70000 lines/],
  ['a timeout of many digits', 'application/x-www-form-urlencoded', `url=a&timeout=${'1'.repeat(4 * mebibyte)}`, /value out of range/],
  ['many elements', 'application/xml', `<r><URL>a</URL>${'<a/>'.repeat(mebibyte - 100)}</r>`, /"status":"unfinished"/],
  ['many entities', 'application/xml', `<r><URL>a</URL><X>${'&lt;'.repeat(mebibyte - 100)}</X></r>`, /"status":"unfinished"/],
];

describe('large bodies', () => {
  it.each(bodies)('%s are answered, and others have their turn meanwhile', async (_, type, body, told) => {
    const opened = await openServer({ payloadBytes: 4 * mebibyte });
    server = opened;
    await expectAnswered(opened, '/job', type, body, told);
  });
});
