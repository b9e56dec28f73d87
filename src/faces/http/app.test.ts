import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { HatstandError } from '../../core/errors.ts';
import type { Store } from '../../ports/store/store.ts';
import { altered } from '../../stores/conformance/altered.ts';
import { openMemory } from '../../stores/memory/index.ts';
import type { AccessEntry, HttpOptions } from './options.ts';
import { openServer, type TestServer } from './server.suite.ts';

const servers: TestServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function open(options: Partial<HttpOptions> = {}, store?: Store): Promise<TestServer> {
  const server = await openServer(options, store);
  servers.push(server);
  return server;
}

const failing = (error: Error): Store =>
  altered(openMemory(), { nodes: { list: () => Promise.reject(error) }, jobs: { push: () => Promise.reject(error) } });

describe('probes', () => {
  it('/livez says that the process answers', async () => {
    const server = await open();
    expect((await server.ask('GET', '/livez', { headers: { host: '10.1.2.3' } })).status).toBe(200);
  });

  it('/readyz tells the durability, or why it is not ready', async () => {
    const { status, json } = await (await open()).ask('GET', '/readyz');
    expect([status, json]).toEqual([200, { ready: true, durability: { profile: 'volatile', survives: expect.any(String) } }]);
    const broken = await (await open({}, failing(new Error('no store')))).ask('GET', '/readyz');
    expect([broken.status, broken.json]).toEqual([503, { ready: false, reasons: [expect.stringContaining('no store')] }]);
  });

  it('/readyz says no more than yes or no to who brings no token, as balancers do not', async () => {
    const guarded = await open({ token: 'secret' });
    const bare = await guarded.ask('GET', '/readyz');
    expect([bare.status, bare.json]).toEqual([200, { ready: true }]);
    const whole = await guarded.ask('GET', '/readyz', { headers: { authorization: 'Bearer secret' } });
    expect(whole.json).toMatchObject({ ready: true, durability: { profile: 'volatile' } });
    expect((await guarded.ask('GET', '/readyz', { headers: { authorization: 'Bearer wrong' } })).status).toBe(401);
    const broken = await (await open({ token: 'secret' }, failing(new Error('no store')))).ask('GET', '/readyz');
    expect([broken.status, broken.json]).toEqual([503, { ready: false }]);
  });
});

describe('every answer', () => {
  it.each([
    ['GET', '/livez', 200],
    ['GET', '/', 200],
    ['GET', '/job', 200],
    ['GET', '/job/x', 422],
    ['GET', '/nowhere', 404],
    ['PUT', '/job', 405],
    ['GET', '/v1/export', 200],
    ['GET', '/v1/nowhere', 404],
    ['GET', '/ui/', 200],
    ['GET', '/ui/internal/nowhere', 404],
    ['GET', '/%zz', 400],
    ['GET', `/${'x'.repeat(9_000)}`, 413],
  ])('says that it is Hatstand: %s %s', async (method, path, expected) => {
    const { status, headers } = await (await open()).ask(method, path);
    expect([status, headers['x-hatstand-version']]).toEqual([expected, '1.2.3']);
  });

  it('says so when the token is missing, and to what is no HTTP', async () => {
    const guarded = await (await open({ token: 't' })).ask('GET', '/v1/jobs');
    expect([guarded.status, guarded.headers['x-hatstand-version']]).toEqual([401, '1.2.3']);
    const server = await open();
    const broken = connect(server.port, '127.0.0.1');
    broken.write('nonsense\r\n\r\n');
    expect(await text(broken)).toMatch(/^HTTP\/1\.1 400 [\s\S]*\r\nx-hatstand-version: 1\.2\.3\r\n/);
  });
});

describe('what kind an answer is of', () => {
  const asked: readonly [what: string, method: string, path: string, body?: object | string][] = [
    ['a list of HQ', 'GET', '/job'],
    ['a stream of lines', 'GET', '/v1/export'],
    ['a pushed job', 'POST', '/v1/jobs', { url: 'http://a/' }],
    ['many jobs', 'POST', '/v1/jobs', []],
    ['an error of HQ', 'POST', '/job', { url: 5 }],
    ['a problem', 'POST', '/v1/jobs', 'no json'],
    ['no such path', 'GET', '/nowhere'],
    ['no such path of /v1', 'GET', '/v1/nowhere'],
    ['no such method', 'PUT', '/v1/jobs'],
    ['a path that is none', 'GET', '/v1/jobs/%ff'],
    ['a long path', 'GET', `/${'x'.repeat(9_000)}`],
    ['a preflight', 'OPTIONS', '/v1/jobs'],
    ['a check', 'GET', '/livez'],
    ['the page', 'GET', '/ui'],
    ['a file of the page', 'GET', '/ui/assets/app.js'],
    ['a file that the page has not', 'GET', '/ui/assets/none.js'],
    ['its description', 'GET', '/v1/openapi.json'],
  ];
  it.each(asked)('is told, and is not to be guessed: %s', async (_, method, path, body) => {
    const server = await open();
    const { headers } = await server.ask(method, path, body === undefined ? {} : { body });
    expect([headers['x-content-type-options'], headers['x-hatstand-version']]).toEqual(['nosniff', '1.2.3']);
    expect(headers['content-type']).toMatch(/^[a-z]+\/[a-z.+-]+; charset=utf-8$|^application\/problem\+json|^application\/json/i);
  });

  it.each([
    ['no HTTP', 'nonsense\r\n\r\n'],
    ['no Host', 'GET /livez HTTP/1.1\r\nConnection: close\r\n\r\n'],
    ['what nobody can do first', 'GET /livez HTTP/1.1\r\nHost: localhost\r\nExpect: a-miracle\r\nConnection: close\r\n\r\n'],
    ['an upgrade', 'GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: upgrade, close\r\nUpgrade: websocket\r\n\r\n'],
    ['no path', 'OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'],
    ['two lengths', 'POST /job HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n'],
    ['large headers', `GET /livez HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ])('also to what is no request: %s', async (_, request) => {
    const server = await open();
    const socket = connect(server.port, '127.0.0.1');
    socket.write(request);
    const answer = await text(socket);
    expect(answer).toMatch(/^HTTP\/1\.1 \d+ /);
    expect(answer.match(/\r\nx-hatstand-version: 1\.2\.3\r\n/gi)).toHaveLength(1);
    expect(answer.match(/\r\nx-content-type-options: nosniff\r\n/gi)).toHaveLength(1);
  });
});

describe('faults', () => {
  it('that are refusals of the store keep their status', async () => {
    for (const [code, expected] of [
      ['store_full', 507],
      ['store_unavailable', 503],
      ['unconfirmed', 503],
      ['shutting_down', 503],
    ] as const) {
      const server = await open({}, failing(new HatstandError(code, 'why')));
      const { status, json } = await server.ask('POST', '/job', { body: { url: 'a' } });
      expect([status, json]).toEqual([expected, { status: expected, error: 'why' }]);
    }
  });

  it('that nobody expected are told to the log and hidden from the client', async () => {
    const faults: unknown[] = [];
    const server = await open({ onFault: (error) => faults.push(error) }, failing(new Error('secret')));
    const { status, text } = await server.ask('POST', '/job', { body: { url: 'a' } });
    expect([status, text]).toEqual([500, '{"status":500,"error":"Internal Server Error"}\n']);
    expect((await server.ask('POST', '/v1/jobs', { body: { url: 'http://a/' } })).status).toBe(500);
    expect(faults.map(String)).toEqual(['Error: secret', 'Error: secret']);
    await server.ask('GET', '/job/x');
    await server.ask('GET', '/v1/nowhere');
    expect(faults.length).toBe(2);
  });
});

describe('a client that leaves before its answer has begun', () => {
  it('is no fault', async () => {
    const faults: unknown[] = [];
    const memory = openMemory();
    let lists = 0;
    const [asked, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const store = altered(memory, {
      jobs: {
        async list(...given) {
          lists += 1;
          if (lists === 1) return { jobs: [], next: '5' };
          asked.resolve();
          await gate.promise;
          return memory.jobs.list(...given);
        },
      },
    });
    const server = await open({ onFault: (error) => faults.push(error) }, store);
    const socket = connect(server.port, '127.0.0.1');
    const body = '{"olderThan":"1h"}';
    const head = [
      'POST /v1/jobs/purge HTTP/1.1',
      `Host: 127.0.0.1:${server.port}`,
      'Content-Type: application/json',
      `Content-Length: ${body.length}`,
    ];
    socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
    await asked.promise;
    socket.destroy();
    const connections = () => new Promise((resolve) => server.app.server.getConnections((_, count) => resolve(count)));
    await expect.poll(connections).toBe(0);
    gate.resolve();
    expect((await server.ask('GET', '/livez')).status).toBe(200);
    await new Promise(setImmediate);
    expect(faults.map(String)).toEqual([]);
  });
});

describe('the access log', () => {
  it('has one entry for each answer', async () => {
    const entries: AccessEntry[] = [];
    const server = await open({ onAccess: (entry) => entries.push(entry) });
    const pushed = await server.ask('POST', '/job?x=1', { body: { url: 'http://a/' } });
    await server.ask('GET', '/nowhere');
    for (const check of ['/livez', '/readyz', '/readyz?verbose', '/metrics']) await server.ask('GET', check);
    await server.ask('GET', '/job', { headers: { origin: 'https://evil.example' } });
    for (const path of ['/v1/jobs?token=s3cret&q=id:1', '/job?api_key=s3cret']) await server.ask('GET', path);
    await server.close();
    servers.length = 0;
    const host = new URL(server.url).host;
    expect(entries.splice(3).map(({ uri }) => uri)).toEqual(['/v1/jobs?token=***&q=id:1', '/job?api_key=***']);
    expect(entries.map(({ method, uri, status }) => [method, uri, status])).toEqual([
      ['POST', '/job?x=1', 200],
      ['GET', '/nowhere', 404],
      ['GET', '/job', 403],
    ]);
    expect(entries[0]).toMatchObject({ remoteIp: '127.0.0.1', host, bytesIn: 19, bytesOut: Buffer.byteLength(pushed.text) });
    expect(entries[0]?.latency).toBeGreaterThan(0);
  });

  it('counts an answer sent in pieces', async () => {
    const entries: AccessEntry[] = [];
    const server = await open({ onAccess: (entry) => entries.push(entry) });
    for (let i = 0; i < 150; i++) await server.push();
    const { text } = await server.ask('GET', '/job');
    await server.close();
    servers.length = 0;
    expect(entries.at(-1)?.bytesOut).toBeGreaterThanOrEqual(text.length);
    expect(entries.at(-1)?.bytesOut).toBeLessThan(text.length + 1_000);
  });
});

describe('two requests on one connection', () => {
  it('are both answered, also after a refused body', async () => {
    const server = await open();
    const socket = connect(server.port, '127.0.0.1');
    const ask = (method: string, path: string, body: string, last = '') =>
      `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\nContent-Type: application/json\r\n${last}\r\n${body}`;
    socket.write(
      ask('POST', '/job', '{"url":5}') + ask('PUT', '/job', 'not read') + ask('POST', '/job', '{"url":"a"}', 'Connection: close\r\n'),
    );
    let text = '';
    for await (const chunk of socket) text += String(chunk);
    expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 400', 'HTTP/1.1 405', 'HTTP/1.1 200']);
  });
});

describe('closing', () => {
  it('refuses what still comes on an open connection, and says so', async () => {
    const server = await open();
    const socket = connect(server.port, '127.0.0.1');
    const request = (path: string) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n`;
    // The second has begun to come when the first is answered, so its connection is not idle.
    socket.write(`${request('/livez')}\r\n${request('/v1/stats')}`);
    await new Promise((resolve) => socket.once('readable', resolve));
    const closing = server.app.close();
    socket.write('\r\n');
    const told = await text(socket);
    expect(told).toContain('"code":"shutting_down"');
    expect(told.match(/x-hatstand-version/g)).toHaveLength(2);
    await closing;
  });

  it('does not wait for a client that takes its answer ever so slowly', async () => {
    const server = await open({ closeWithin: 20 });
    const comment = 'x'.repeat(60_000);
    await Promise.all(Array.from({ length: 400 }, () => server.push({ comment })));
    const socket = connect(server.port, '127.0.0.1');
    socket.write('GET /job HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await new Promise((resolve) => socket.once('readable', resolve));
    await server.app.close();
    socket.destroy();
  });
});
