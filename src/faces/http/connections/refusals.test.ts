import { afterEach, describe, expect, it } from 'vitest';
import type { HttpOptions } from '../options.ts';
import { openServer, type TestServer } from '../server.suite.ts';
import { get, lastGet, post, reader, statusesOf } from './client.suite.ts';

const servers: TestServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function open(options: Partial<HttpOptions> = {}): Promise<TestServer> {
  const server = await openServer(options);
  servers.push(server);
  return server;
}

async function told(port: number, sent: string): Promise<string> {
  const { socket, all } = reader(port);
  socket.write(sent);
  return all;
}

const many = Array.from({ length: 201 }, (_, n) => `x-${n}: 1\r\n`).join('');

describe('a connection ends behind', () => {
  it.each([
    [401, 'no token', { token: 't' }, get('/v1/stats')],
    [403, 'another site', {}, get('/v1/stats', 'Origin: https://evil.example\r\n')],
    [413, 'a body that is too long', {}, post('/job', 'x'.repeat(200_000))],
    [413, 'too many fields', {}, get('/livez', many)],
    [431, 'a head that is too long', {}, get('/livez', `x: ${'x'.repeat(20_000)}\r\n`)],
    [400, 'what is no HTTP', {}, 'nonsense\r\n\r\n'],
    [400, 'two lengths', {}, get('/livez', 'Content-Length: 1\r\nContent-Length: 2\r\n')],
  ])('%i: %s', async (status, _what, options, sent) => {
    const { port } = await open(options);
    const text = await told(port, sent + get('/livez'));
    expect(statusesOf(text)).toEqual([status]);
    expect(text).toMatch(/\r\nconnection: close\r\n/i);
  });

  it('nothing else: what a client can mend', async () => {
    const { port } = await open();
    const text = await told(
      port,
      get('/job/1') + get('/nowhere') + post('/job', '{"url":5}') + post('/v1/jobs', '{"url":5}') + lastGet('/livez'),
    );
    expect(statusesOf(text)).toEqual([422, 404, 400, 400, 200]);
  });
});

describe('who is refused', () => {
  it('sees the answer, also one who sends all before reading', async () => {
    const { port } = await open({ token: 't' });
    for (let n = 0; n < 5; n++) expect(statusesOf(await told(port, post('/job', 'x'.repeat(10_000_000))))).toEqual([401]);
  });

  it('and goes on sending is cut off', async () => {
    const lingering = { silent: 60_000, most: 60_000, bytes: 1_000_000 };
    const { port } = await open({ token: 't', connections: { lingering } });
    const { socket, all } = reader(port);
    const more = (): void => {
      if (socket.writable) socket.write('x'.repeat(65_536), () => more());
    };
    socket.write('POST /job HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000000\r\n\r\n');
    more();
    expect(statusesOf(await all)).not.toContain(200);
  });

  it('and keeps its side open is cut off', async () => {
    const { port, app } = await open({ token: 't', connections: { lingering: { silent: 100, most: 200, bytes: 1_000_000 } } });
    const { socket, came } = reader(port);
    socket.allowHalfOpen = true;
    socket.write(get('/v1/stats'));
    await came('401');
    await new Promise((resolve) => socket.once('end', resolve));
    // The client's side is open still.
    await expect
      .poll(() => new Promise((resolve) => app.server.getConnections((_error, count) => resolve(count))), { timeout: 5_000 })
      .toBe(0);
  });

  it('by the browser’s way comes again with the token', async () => {
    const server = await open({ token: 't' });
    for (let n = 0; n < 3; n++) {
      const first = await server.ask('GET', '/job', { headers: { 'sec-fetch-mode': 'navigate' } });
      expect([first.status, first.headers['www-authenticate']]).toEqual([401, 'Basic realm="hatstand"']);
      const again = await server.ask('GET', '/job', { headers: { authorization: `Basic ${btoa(':t')}` } });
      expect([again.status, again.text]).toEqual([200, '{"jobs":[],"hasNext":false,"count":0}\n']);
    }
  });
});

describe('a server with as many connections as it may have', () => {
  it('tells the next one, and takes it when there is room', async () => {
    const { port } = await open({ connections: { connections: 3 } });
    const kept = [reader(port), reader(port), reader(port)];
    for (const { socket, came } of kept) {
      socket.write(get('/livez'));
      await came('live');
    }
    const refused = await told(port, get('/livez'));
    expect(refused).toMatch(/^HTTP\/1\.1 503 .*\r\n[\s\S]*Retry-After: 1\r\n[\s\S]*as many connections as it may have/);
    kept[0]?.socket.end();
    await kept[0]?.all;
    expect(statusesOf(await told(port, lastGet('/livez')))).toEqual([200]);
    for (const { socket } of kept) socket.destroy();
  });
});
