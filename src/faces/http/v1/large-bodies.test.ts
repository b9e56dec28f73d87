import { afterEach, describe, expect, it } from 'vitest';
import { expectAnswered, mebibyte } from '../large-bodies.suite.ts';
import { openServer, type TestServer } from '../server.suite.ts';

let server: TestServer | null = null;
afterEach(async () => {
  await server?.close();
  server = null;
});

const json = 'application/json';
const ndjson = 'application/x-ndjson';
const many = (fields: number): string => `{${Array.from({ length: fields }, (_, n) => `"f${n}":""`).join()}}`;
const job = '{"url":"http://a/"}';

const bodies: readonly (readonly [what: string, path: string, type: string, body: string, told: RegExp])[] = [
  ['an array of tiny values', 'jobs', json, `[${'1,'.repeat(8 * mebibyte - 10)}1]`, /may bring 10000 values, this one has more/],
  ['an array of tiny objects', 'jobs', json, `[${'{},'.repeat(5 * mebibyte)}{}]`, /may bring 10000 values/],
  ['10,000 wrong values', 'jobs', json, `[${'1,'.repeat(9_999)}1]`, /All 10000 jobs of this request are refused/],
  ['tiny lines', 'jobs', ndjson, '1\n'.repeat(8 * mebibyte - 10), /may bring 20000 lines/],
  ['line breaks', 'jobs', ndjson, '\n'.repeat(16 * mebibyte - 10), /may bring 20000 lines/],
  ['a payload of tiny values', 'jobs', json, `{"url":"http://a/","payload":[${'{},'.repeat(mebibyte)}1]}`, /"state":"queued"/],
  ['such a payload among others', 'jobs', json, `[${job},{"url":"http://a/","payload":[${'{},'.repeat(mebibyte)}1]},${job}]`, /"pushed":3/],
  [
    'such a payload in a line',
    'jobs',
    ndjson,
    `${job}\n{"url":"http://a/","payload":[${'1,'.repeat(mebibyte)}]}\n`,
    /"code":"invalid_json"/,
  ],
  [
    'a million unknown keys',
    'jobs',
    json,
    `{"url":"http://a/"${Array.from({ length: 1_000_000 }, (_, n) => `,"${n}":0`).join('')}}`,
    /may have 128 fields/,
  ],
  ['many headers', 'jobs', json, `{"url":"http://a/","headers":${many(80_000)}}`, /eaders may have 128 fields, not 80000/],
  [
    'many headers in each of five',
    'jobs',
    json,
    `[${Array.from({ length: 5 }, () => `{"url":"http://a/","headers":${many(80_000)}}`).join()}]`,
    /All 5 jobs/,
  ],
  [
    'many headers in each line',
    'jobs',
    ndjson,
    Array.from({ length: 50 }, () => `{"url":"http://a/","headers":${many(8_000)}}`).join('\n'),
    /All 50 jobs/,
  ],
  [
    'many unknown fields in each line',
    'jobs',
    ndjson,
    Array.from({ length: 250 }, () => many(4_000)).join('\n'),
    /n object may have 128 fields, this one has more/,
  ],
  [
    'many fields of an import',
    'import',
    ndjson,
    Array.from({ length: 50 }, () => `{"kind":"job","job":${many(8_000)},"attempts":[]}`).join('\n'),
    /may have 128 fields/,
  ],
  ['unknown members that are large', 'jobs', json, `{"url":"http://a/","b":[${'{},'.repeat(4 * mebibyte)}1]}`, /All fields but payload/],
  [
    'deep nesting',
    'jobs',
    json,
    `{"url":"http://a/","payload":${'['.repeat(mebibyte)}${']'.repeat(mebibyte)}}`,
    /payload may nest 64 levels/,
  ],
  [
    'a member that stands twice',
    'jobs',
    json,
    `{"url":"http://a/","payload":[${'1,'.repeat(mebibyte)}1],"url":"http://b/"}`,
    /\\"url\\" stands more than once/,
  ],
  ['no object', 'jobs', json, `"${'a'.repeat(mebibyte)}"`, /must be an object/],
  ['lines of an import', 'import', ndjson, '1\n'.repeat(32 * mebibyte - 10), /may bring 20000 lines/],
  [
    'a line of an import that holds too much',
    'import',
    ndjson,
    `{"kind":"job","x":[${'{},'.repeat(8 * mebibyte)}1]}\n${job}`,
    /A line may have 20000 values/,
  ],
  ['a body where none is wanted', 'nodes/1/drain', json, `{"a":[${'{},'.repeat(mebibyte)}1]}`, /takes no body/],
];

const told = (more: string): string => `{"type":"io.files","verb":"UPDATED","id":"7",${more}}`;
const objects = (bytes: number): string => `[${'{},'.repeat(bytes / 3)}{}]`;

const others: typeof bodies = [
  ['a document of an event that is too long', 'events', json, told(`"doc":${objects(15 * mebibyte)}`), /doc may have 1048576 characters/],
  [
    'such a document in a line',
    'events',
    ndjson,
    told(`"doc":${objects(15 * mebibyte)}`),
    /Event 1 of this request[^"]+doc may have 1048576/,
  ],
  [
    'such a document in an array',
    'events',
    json,
    `[${told('"doc":1')},${told(`"old":${objects(15 * mebibyte)}`)}]`,
    /Event 2 .+old may have/,
  ],
  ['lines of many unknown fields', 'events', ndjson, Array.from({ length: 250 }, () => many(4_000)).join('\n'), /may have 128 fields/],
  ['a line of an event that is not JSON', 'events', ndjson, told(`"doc":${objects(15 * mebibyte)}x`), /"code":"invalid_json"/],
  [
    'unknown members of an event that are large',
    'events',
    ndjson,
    told(`"b":${objects(8 * mebibyte)}`),
    /All fields but doc and old may have 1048576 characters/,
  ],
  ['two documents of almost 1 MiB', 'events', json, told(`"doc":${objects(mebibyte - 9)},"old":${objects(mebibyte - 9)}`), /"kind":"told"/],
  [
    'a message of a trigger that is too long',
    'triggers',
    json,
    `{"type":"@in","arguments":"1h","worker":"w","message":${objects(4 * mebibyte)}}`,
    /"code":"too_large"/,
  ],
  [
    'a message of a trigger of almost 4 MiB',
    'triggers',
    json,
    `{"type":"@in","arguments":"1h","worker":"w","message":${objects(4 * mebibyte - 60)}}`,
    /"id":/,
  ],
];

describe('large bodies', () => {
  it.each([...bodies, ...others])(
    '%s: counted before it is built, and others have their turn meanwhile',
    async (_, path, type, body, told) => {
      const opened = await openServer({ payloadBytes: 4 * mebibyte });
      server = opened;
      await expectAnswered(opened, `/v1/${path}`, type, body, told);
    },
  );

  it('are kept as they came', async () => {
    const opened = await openServer({ payloadBytes: 4 * mebibyte });
    server = opened;
    const payload = `[${'{ "a" : 1e0 }, '.repeat(100_000)}{}]`;
    const { status, json: kept } = await opened.ask('POST', '/v1/jobs', {
      body: `{"payload": ${payload} , "worker":"w","comment":${JSON.stringify('\u0001'.repeat(60_000))}}`,
      headers: { 'content-type': json },
    });
    expect(status).toBe(201);
    const record = await opened.store.jobs.get(String(kept['id']));
    expect([record?.payload === payload, record?.comment.length]).toEqual([true, 60_000]);
  });

  it('call webhooks, and are counted before anything else is done with them', async () => {
    const opened = await openServer({ payloadBytes: 4 * mebibyte });
    server = opened;
    const { json: trigger } = await opened.ask('POST', '/v1/triggers', { body: { type: '@webhook', worker: 'w' } });
    for (const [body, told] of [
      [objects(4 * mebibyte - 30), /"kind":"pushed"/],
      [`${'['.repeat(mebibyte)}${']'.repeat(mebibyte)}`, /may nest 64 levels/],
      [`${objects(3 * mebibyte)}x`, /"code":"invalid_json"/],
      [objects(4 * mebibyte), /"code":"too_large"/],
    ] as const)
      await expectAnswered(opened, String(trigger['webhook']), json, body, told);
  });
});
