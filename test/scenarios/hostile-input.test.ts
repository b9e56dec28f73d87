/** Whatever comes in over the wire, it is answered or cut off, and the next job runs as if nothing had been. */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { connectionLimits } from '../../src/faces/http/connections/limits.ts';
import { ask, checkEnded } from './history.ts';
import { type ServerProcess, startServer } from './server-process.ts';
import { startWebApp, type WebApp } from './web-app.ts';

let app: WebApp;
let folder = '';
let server: ServerProcess;
let port = 0;
beforeAll(async () => {
  app = await startWebApp();
  folder = await mkdtemp(join(tmpdir(), 'hatstand-input-'));
  server = await startServer(folder);
  port = Number(new URL(server.address).port);
});
afterEach(async () => {
  const pushed = await ask(server.address, 'POST', '/v1/jobs', { url: `${app.address}/ok` });
  await checkEnded(server.address, pushed?.body.id ?? expect.fail('a plain job was not taken'));
});
afterAll(async () => {
  const how = await server.kill('SIGTERM');
  await app.close();
  await rm(folder, { recursive: true });
  expect(how).toBe('0');
  // Jobs may fail, and are told; nothing of the server does.
  const errors = server.lines.filter((line) => line.includes('"level":"error"') && !line.includes('"job.failed"'));
  expect(errors).toEqual([]);
});

interface Answer {
  readonly status: number;
  readonly body: string;
}

async function send(
  method: string,
  path: string,
  body?: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const content = body === undefined ? {} : { body, headers: { 'content-type': 'application/json', ...headers } };
  const response = await fetch(server.address + path, { method, ...content });
  return { status: response.status, body: await response.text() };
}

/** What the server answers to these bytes before it closes the connection. What it does not read may cut the answer off. */
async function raw(bytes: string | Uint8Array): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(bytes);
  return text(socket).catch(() => 'cut off');
}

const url = JSON.stringify('http://127.0.0.1:9/');
const job = (more: string): string => `{"url":${url},${more}}`;
const deep = '['.repeat(10_000) + ']'.repeat(10_000);
/** `ok`: the job is taken, and runs without harm. */
const bodies: readonly (readonly [what: string, body: string | Uint8Array<ArrayBuffer>, root: number, v1: number])[] = [
  ['ten thousand levels', job(`"payload":${deep}`), 400, 400],
  ['ten thousand levels of nothing', '['.repeat(10_000), 400, 400],
  ['text that is not UTF-8', Buffer.from(job('"name":"\xff\xfe"'), 'latin1'), 400, 400],
  ['a payload of 5 MiB', job(`"payload":"${'x'.repeat(5 << 20)}"`), 413, 413],
  ['a header with a line break', job('"headers":{"a":"b\\r\\nc: d"}'), 400, 400],
  ["a header's name with a line break", job('"headers":{"a\\r\\nc":"d"}'), 400, 400],
  ['a header called __proto__', job('"headers":{"__proto__":"x"}'), 200, 400],
  ['a prototype for the job', `{"__proto__":{"url":${url}}}`, 422, 400],
  ['a prototype beside the url', job('"__proto__":{"name":"x"},"constructor":{}'), 200, 400],
  ['equal names', job('"name":"one","name":"two"'), 200, 400],
  ['equal names and a prototype in the payload', job('"payload":{"__proto__":1,"a":1,"a":2}'), 200, 201],
  ['NUL in the name', job('"name":"a\\u0000b","comment":"\\u0000"'), 200, 201],
  ['half a surrogate pair in the name', job('"name":"a\\ud800b"'), 200, 400],
  ['half a surrogate pair in the payload', job('"payload":"\\udfff"'), 200, 201],
  ['an infinite timeout', job('"timeout":1e400'), 400, 400],
  ['a url with a line break', `{"url":"http://127.0.0.1:9/\\r\\nx"}`, 200, 400],
  ['zeros', '\0'.repeat(1_000), 400, 400],
  ['half a job', '{"url":', 400, 400],
];

describe('a body with', () => {
  for (const [what, body, root, v1] of bodies) {
    it(what, async () => {
      expect(await send('POST', '/job', body)).toMatchObject({ status: root });
      expect(await send('POST', '/v1/jobs', body)).toMatchObject({ status: v1 });
    });
  }

  it('more than is taken is read to its end, so that the answer comes through', async () => {
    for (const [path, size] of [
      ['/job', 5 << 20],
      ['/v1/jobs', 20 << 20],
    ] as const) {
      for (let n = 0; n < 5; n++) expect(await send('POST', path, 'x'.repeat(size))).toMatchObject({ status: 413 });
    }
  });

  it('odd characters is told as it is kept', async () => {
    const shown = async (more: string): Promise<unknown> => {
      const pushed = JSON.parse((await send('POST', '/job', job(more))).body) as Record<string, unknown>;
      const kept = JSON.parse((await send('GET', `/job/${pushed['id']}`)).body) as Record<string, unknown>;
      expect([kept['name'], kept['comment'], kept['payload']]).toEqual([pushed['name'], pushed['comment'], pushed['payload']]);
      return kept;
    };
    expect(await shown('"name":"a\\u0000b","comment":"\\u0000"')).toMatchObject({ name: 'a\0b', comment: '\0' });
    expect(await shown('"name":"a\\ud800b"')).toMatchObject({ name: 'a\ufffdb' });
    expect(await shown('"payload":{"__proto__":1}')).toMatchObject({ payload: JSON.parse('{"__proto__":1}') });
  });
});

const paths: readonly (readonly [path: string, status: number])[] = [
  ['/job?begin=-1', 400],
  ['/job?begin=x', 400],
  ['/job?begin=18446744073709551615', 200],
  ['/job?limit=99999999999999999999', 400],
  ['/job?limit=-1', 200],
  ['/job?reverse=2', 400],
  ['/job?status=senseless', 200],
  ['/job?name=(', 400],
  [`/job?name=${'('.repeat(2_000)}${')'.repeat(2_000)}`, 400],
  ['/job?term=(((a{1000}){1000}){1000})', 400],
  ['/job?name=%ff%00', 200],
  ['/v1/jobs?limit=0', 400],
  ['/v1/jobs?limit=1e9', 400],
  ['/v1/jobs?limit=1&limit=2', 400],
  ['/v1/jobs?order=up', 400],
  ['/v1/jobs?cursor=__proto__', 400],
  ['/v1/jobs?__proto__=1', 400],
  ['/v1/jobs?q=state:senseless', 400],
  [`/v1/jobs?q=${'a'.repeat(5_000)}`, 400],
  ['/job/1', 422],
  ['/job/99999999999999999999', 422],
  ['/v1/jobs/1', 404],
  ['/v1/jobs/%00', 400],
  ['/v1/jobs/99999999999999999999', 400],
  ['/v1/jobs/1/wait?timeout=10h', 400],
  ['/v1/queues/__proto__', 404],
  ['/v1/%', 400],
  ['/ui/%2e%2e/%2e%2e/package.json', 404],
];

describe('a path', () => {
  for (const [path, status] of paths) {
    it(`${path.slice(0, 60)} is ${status}`, async () => {
      expect(await send('GET', path)).toMatchObject({ status });
    });
  }
});

const post = (headers: string, body: string): string =>
  `POST /job HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n${headers}\r\n\r\n${body}`;
const requests: readonly (readonly [what: string, bytes: string | Uint8Array, status: number])[] = [
  ['an address of 20 KB', `GET /${'a'.repeat(20_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`, 431],
  ['a header of 20 KB', `GET /livez HTTP/1.1\r\nHost: localhost\r\nX-A: ${'b'.repeat(20_000)}\r\n\r\n`, 431],
  ['a line break in a header', 'GET /livez HTTP/1.1\r\nHost: localhost\r\nX-A: b\rX-B: c\r\n\r\n', 400],
  ['no host', 'GET /livez HTTP/1.1\r\n\r\n', 400],
  ['a shorter length than the body', `${post('Content-Length: 5', job('"name":"liar"'))}`, 400],
  ['a negative length', post('Content-Length: -5', '{}'), 400],
  ['a length beyond all numbers', post('Content-Length: 99999999999999999999', '{}'), 400],
  ['a length of a terabyte', post('Content-Length: 1000000000000', '{}'), 413],
  ['two lengths', post('Content-Length: 2\r\nContent-Length: 30', '{}'), 400],
  ['a length and chunks', post('Content-Length: 2\r\nTransfer-Encoding: chunked', '0\r\n\r\n'), 400],
  ['chunks that are none', post('Transfer-Encoding: chunked', 'zz\r\n'), 400],
  ['no HTTP at all', new Uint8Array([0, 1, 2, 3, 254, 255]), 400],
];

describe('a connection with', () => {
  for (const [what, bytes, status] of requests) {
    it(what, async () => {
      expect(await raw(bytes)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    });
  }

  it('an address of 1 MB', async () => {
    expect(await raw(`GET /${'a'.repeat(1 << 20)} HTTP/1.1\r\nHost: localhost\r\n\r\n`)).toMatch(/^HTTP\/1\.1 431 |^cut off$/);
  });

  it('a longer length than the body changes nothing', async () => {
    const total = async (): Promise<number> => (JSON.parse((await send('GET', '/v1/stats')).body) as { total: number }).total;
    const before = await total();
    const socket = connect(port, '127.0.0.1');
    socket.end(post('Content-Length: 1000', job('"name":"liar"')));
    await text(socket).catch(() => '');
    expect(await total()).toBe(before);
  });

  for (const path of ['/job', '/v1/jobs']) {
    it(`a body for ${path} that never ends is cut off`, async () => {
      const socket = connect(port, '127.0.0.1');
      const closed = new Promise((resolve) => socket.once('close', resolve));
      socket.on('error', () => undefined);
      socket.write(`POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`);
      const chunk = `10000\r\n${' '.repeat(0x1_0000)}\r\n`;
      let sent = 0;
      const sendMore = (): void => {
        sent += 1;
        if (!socket.destroyed && socket.write(chunk)) setImmediate(sendMore);
      };
      socket.on('drain', sendMore);
      sendMore();
      await closed;
      // 64 KiB each: the largest body is 16 MiB, 64 MiB are thrown away behind the refusal, and some are what the system buffers.
      const most = 16 * 1024 * 1024 + connectionLimits.lingering.bytes;
      expect(sent * 64 * 1024).toBeLessThan(1.25 * most);
    });
  }
});

describe('a regular expression that backtracks for ever elsewhere', () => {
  it('is answered, and others do not wait for it', async () => {
    const name = `${'a'.repeat(100)}!`;
    const many = JSON.stringify(Array.from({ length: 2_000 }, () => ({ url: 'http://127.0.0.1:9/', name, delay: '1h' })));
    expect(await send('POST', '/v1/jobs', many)).toMatchObject({ status: 200 });
    const patterns = ['^(a+)+$', '(a|aa)+$', '^(a|a)+$', '(a?){900}a{900}'].map(encodeURIComponent);
    const started = performance.now();
    const searches = patterns.flatMap((pattern) => [send('GET', `/job?name=${pattern}`), send('GET', `/job?term=${pattern}`)]);
    let searching = true;
    const found = Promise.all(searches).finally(() => {
      searching = false;
    });
    let slowest = 0;
    while (searching) {
      const asked = performance.now();
      expect(await send('GET', '/v1/jobs?limit=1')).toMatchObject({ status: 200 });
      slowest = Math.max(slowest, performance.now() - asked);
    }
    for (const { status, body } of await found) expect([status, JSON.parse(body)]).toMatchObject([200, { count: 0 }]);
    expect(slowest).toBeLessThan(200);
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});

describe('connections', () => {
  it('that say nothing, or half of something, take nothing from the others', async () => {
    const halves = [
      '',
      'GET /job HTTP/1.1\r\nHost: local',
      post('Content-Length: 1000', '{"url":'),
      post('Transfer-Encoding: chunked', '5\r\n{'),
    ];
    const sockets: Socket[] = [];
    try {
      for (let n = 0; n < 500; n++) {
        const socket = connect(port, '127.0.0.1');
        sockets.push(socket.on('error', () => undefined));
        await once(socket, 'connect');
        socket.write(halves[n % halves.length] ?? '');
      }
      const jobs = await Promise.all(
        Array.from({ length: 20 }, () => ask(server.address, 'POST', '/v1/jobs', { url: `${app.address}/ok` })),
      );
      for (const pushed of jobs) await checkEnded(server.address, pushed?.body.id ?? '');
      expect(sockets.filter((socket) => socket.destroyed)).toEqual([]);
    } finally {
      for (const socket of sockets) socket.destroy();
    }
  });
});
