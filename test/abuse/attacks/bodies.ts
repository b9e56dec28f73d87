/** Bodies that cost more to read than to send. Each is the largest that its route takes, or more. */
import type { Attack, Came, Target } from '../attack.ts';
import { scaled } from '../scale.ts';
import { send, sendMany } from '../sending.ts';
import { flood } from '../sockets.ts';

const mebibyte = 1024 * 1024;
const json = 'application/json';
const ndjson = 'application/x-ndjson';
const form = 'application/x-www-form-urlencoded';
const multipart = 'multipart/form-data; boundary=X';
const atOnce = scaled(2, 8);

/** To its end, or until what would be built is too deep. */
const deep = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
const unknown = (count: number): string => `{"url":"http://127.0.0.1:9/"${Array.from({ length: count }, (_, n) => `,"k${n}":0`).join('')}}`;

interface Body {
  readonly name: string;
  readonly path: string;
  readonly type: string;
  /** Made when it is sent: all of them together would be large. */
  readonly make: () => string;
  /** Default: refused, or cut off while it is still sent. */
  readonly comes?: RegExp;
}

const refused = /^(400|413|422|503|cut off)$/;

const bodies: readonly Body[] = [
  { name: 'a 4 MiB form of short pairs', path: '/job', type: form, make: () => `url=a${'&a=b'.repeat(mebibyte - 2)}` },
  { name: 'a 4 MiB form of nothing but &', path: '/job', type: form, make: () => '&'.repeat(4 * mebibyte) },
  { name: 'a 16 MiB array of tiny values', path: '/v1/jobs', type: json, make: () => `[${'1,'.repeat(8 * mebibyte - 10)}1]` },
  { name: 'a 16 MiB array of tiny objects', path: '/v1/jobs', type: json, make: () => `[${'{},'.repeat(5 * mebibyte)}{}]` },
  { name: '16 MiB of lines of tiny values', path: '/v1/jobs', type: ndjson, make: () => '1\n'.repeat(8 * mebibyte - 10) },
  { name: '16 MiB of line breaks', path: '/v1/jobs', type: ndjson, make: () => '\n'.repeat(16 * mebibyte - 10) },
  { name: 'an import of 64 MiB of tiny lines', path: '/v1/import', type: ndjson, make: () => '1\n'.repeat(32 * mebibyte - 10) },
  {
    name: 'an import of lines that hold too much',
    path: '/v1/import',
    type: ndjson,
    make: () => `{"kind":"job","x":[${'{},'.repeat(mebibyte)}1]}\n`.repeat(scaled(4, 16)),
    comes: /^(200|503|cut off)$/,
  },
  { name: 'a million unknown keys', path: '/v1/jobs', type: json, make: () => unknown(1_000_000) },
  { name: 'a million unknown keys of HQ’s API', path: '/job', type: json, make: () => unknown(300_000) },
  { name: 'levels without end', path: '/v1/jobs', type: json, make: () => `{"url":"a","payload":${deep(4 * mebibyte)}}` },
  { name: 'levels without end of HQ’s API', path: '/job', type: json, make: () => `{"url":"a","payload":${deep(2 * mebibyte)}}` },
  {
    name: 'the parts of a 4 MiB form',
    path: '/job',
    type: multipart,
    make: () => `${'--X\r\ncontent-disposition: form-data; name="url"\r\n\r\na\r\n'.repeat(60_000)}--X--\r\n`,
  },
  {
    name: 'a part of a form with a million headers',
    path: '/job',
    type: multipart,
    make: () => `--X\r\n${'a:\r\n'.repeat(mebibyte - 100)}\r\n--X--`,
  },
  {
    name: 'XML of a million elements',
    path: '/job',
    type: 'application/xml',
    make: () => `<r><URL>http://127.0.0.1:9/</URL>${'<a/>'.repeat(mebibyte - 100)}</r>`,
    comes: /^(200|400|503)$/,
  },
  {
    name: 'XML of a million entities',
    path: '/job',
    type: 'application/xml',
    make: () => `<r><URL>http://127.0.0.1:9/</URL><X>${'&lt;'.repeat(mebibyte - 100)}</X></r>`,
    comes: /^(200|400|503)$/,
  },
  { name: 'XML with entities of entities', path: '/job', type: 'application/xml', make: billionLaughs },
  { name: 'a job of 20 MiB', path: '/v1/jobs', type: json, make: () => `{"url":"a","payload":"${'x'.repeat(20 * mebibyte)}"}` },
];

function billionLaughs(): string {
  const entities = Array.from({ length: 30 }, (_, n) => `<!ENTITY e${n + 1} "${`&e${n};`.repeat(10)}">`);
  return `<!DOCTYPE r [<!ENTITY e0 "ha">${entities.join('')}]><r><URL>&e30;</URL></r>`;
}

async function sendBody({ server }: Target, came: Came, { path, type, make }: Body): Promise<void> {
  const body = Buffer.from(make());
  const answers = await sendMany(server.address, atOnce, () => ({ method: 'POST', path, headers: { 'content-type': type }, body }));
  for (const answer of answers) came.add(answer.came);
}

/** What is asked for is written out with blanks, of which each level brings more. */
const pretty: Attack = {
  name: '?pretty of payloads of 900 levels',
  comes: /^(200|503)$/,
  async play({ server }, came) {
    const payload = `[${Array.from({ length: 1_000 }, () => deep(900)).join()}]`;
    const body = Buffer.from(`{"url":"http://127.0.0.1:9/","payload":${payload}}`);
    const pushed = await send(server.address, { method: 'POST', path: '/job?pretty', body });
    const id = /"id":\s*"(\d+)"/.exec(pushed.text)?.[1] ?? '';
    const shown = await sendMany(server.address, atOnce, () => ({ path: `/job/${id}?pretty` }));
    for (const { came: what, size } of [pushed, ...shown]) came.add(size < 8 * mebibyte ? what : `${what} of ${size} bytes`);
    await send(server.address, { method: 'POST', path: `/job/${id}/cancel` });
    await send(server.address, { method: 'DELETE', path: `/job/${id}` });
  },
};

/** Of every kind at once: what all of them together may take is what counts. */
const many: Attack = {
  name: 'many large bodies at once',
  comes: refused,
  async play({ server }, came) {
    // Behind its payload stands what makes each of these lines none.
    const lines = Buffer.from(`{"url":"http://127.0.0.1:9/","payload":"${'x'.repeat(100_000)}" x}\n`.repeat(160));
    const values = Buffer.from(`[${'1,'.repeat(8 * mebibyte - 10)}1]`);
    const one = Buffer.from(`{"url":"http://127.0.0.1:9/","payload":[${'{},'.repeat(mebibyte)}]}`);
    const requests = [
      { path: '/v1/jobs', headers: { 'content-type': ndjson }, body: lines },
      { path: '/v1/jobs', body: values },
      { path: '/job', body: one },
    ];
    const answers = await sendMany(server.address, scaled(24, 200), (n) => ({
      method: 'POST',
      path: '/',
      ...requests[n % requests.length],
    }));
    for (const answer of answers) came.add(answer.came);
  },
};

/** The client does not say how long it is. */
const endless: Attack = {
  name: 'bodies without end',
  comes: /^(413|cut off)$/,
  async play({ server }, came) {
    const paths = ['/job', '/v1/jobs', '/v1/import'];
    for (const what of await Promise.all(paths.map((path) => flood(server.address, path)))) came.add(what);
  },
};

export const bodyAttacks: readonly Attack[] = [
  ...bodies.map((body) => ({
    name: body.name,
    comes: body.comes ?? refused,
    play: (target: Target, came: Came) => sendBody(target, came, body),
  })),
  pretty,
  many,
  endless,
];
