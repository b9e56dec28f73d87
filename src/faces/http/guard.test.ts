import { afterEach, describe, expect, it } from 'vitest';
import type { HttpOptions } from './options.ts';
import { openServer, type TestServer } from './server.suite.ts';

const servers: TestServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function open(options: Partial<HttpOptions> = {}): Promise<TestServer> {
  const server = await openServer(options);
  servers.push(server);
  return server;
}

const apis = [
  '/stats',
  '/ui/internal/stats',
  '/v1/stats',
  '/readyz',
  '/nowhere',
  '/v1/nowhere',
  '/ui/internal/nowhere',
  '/ui/%69nternal/stats',
];

describe('without a token', () => {
  it.each(['localhost', 'LOCALHOST.:1', 'hats.localhost', '127.0.0.1:19900', '127.8.9.1', '[::1]:80'])(
    '%s is this machine',
    async (host) => {
      const server = await open();
      for (const path of ['/stats', '/v1/stats']) expect((await server.ask('GET', path, { headers: { host } })).status).toBe(200);
    },
  );

  it.each(['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example', '127.0.0.256', '10.0.0.1', '[::2]', '0.0.0.0'])(
    'a request for %s is forbidden',
    async (host) => {
      const server = await open();
      for (const path of apis) expect((await server.ask('GET', path, { headers: { host } })).status).toBe(403);
    },
  );

  it('allows the names it was told', async () => {
    const server = await open({ allowedHosts: ['Jobs.example', 'other.example:8080'], listenHost: 'box.lan' });
    const status = async (host: string) => (await server.ask('GET', '/stats', { headers: { host } })).status;
    expect(await status('jobs.example:443')).toBe(200);
    expect(await status('box.lan:19900')).toBe(200);
    expect(await status('other.example:8080')).toBe(200);
    expect(await status('other.example:9090')).toBe(403);
  });

  it.each(['10.0.0.7', '::ffff:10.0.0.7', '2001:db8::1', '128.0.0.1'])('%s is told how to set one', async (remoteAddress) => {
    const { app } = await open({ allowedHosts: ['jobs.example'] });
    for (const host of ['jobs.example', 'localhost']) {
      const answer = await app.inject({ url: '/stats', remoteAddress, headers: { host } });
      expect([answer.statusCode, answer.json()]).toEqual([401, { status: 401, error: expect.stringContaining('HATSTAND_TOKEN') }]);
    }
    expect((await app.inject({ url: '/livez', remoteAddress })).statusCode).toBe(200);
  });

  it.each(['127.0.0.1', '::1', '::ffff:127.0.0.1'])('%s is this machine', async (remoteAddress) => {
    const { app } = await open();
    expect((await app.inject({ url: '/stats', remoteAddress, headers: { host: 'localhost' } })).statusCode).toBe(200);
  });
});

describe('through a proxy', () => {
  const fields = {
    'x-forwarded-for': '1.2.3.4',
    forwarded: 'for=1.2.3.4',
    via: '1.1 proxy',
    'x-real-ip': '1.2.3.4',
    'x-forwarded-proto': 'https',
    'x-forwarded-port': '443',
    'x-forwarded-server': 'proxy',
    'x-client-ip': '1.2.3.4',
    'x-cluster-client-ip': '1.2.3.4',
    'true-client-ip': '1.2.3.4',
    'cf-connecting-ip': '1.2.3.4',
    'x-envoy-external-address': '1.2.3.4',
    'x-original-host': 'jobs.example.com',
    'cdn-loop': 'proxy',
  };

  it.each(Object.entries(fields))('a request with %s is told to set a token, and passes with it', async (name, value) => {
    const open_ = await open();
    for (const path of apis) {
      const { status, text } = await open_.ask('GET', path, { headers: { [name]: value } });
      expect([path, status, text]).toEqual([path, 401, expect.stringContaining(`it has ${name}`)]);
    }
    const closed = await open({ token: 't' });
    expect((await closed.ask('GET', '/stats', { headers: { [name]: value, authorization: 'Bearer t' } })).status).toBe(200);
  });
});

describe('with a token', () => {
  const token = 'correct-horse';
  const bearer = (value: string) => ({ authorization: `Bearer ${value}` });
  const basic = (pair: string) => ({ authorization: `Basic ${Buffer.from(pair).toString('base64')}` });

  it('every API wants it, in its own form of error', async () => {
    const server = await open({ token });
    for (const path of apis.filter((each) => each !== '/readyz')) {
      const { status, headers, json } = await server.ask('GET', path);
      expect([path, status, json['status']]).toEqual([path, 401, 401]);
      expect(headers['content-type']).toMatch(path.startsWith('/v1') ? 'application/problem+json' : 'application/json; charset=UTF-8');
      expect(headers['www-authenticate']).toBe('Bearer realm="hatstand"');
    }
    expect((await server.ask('POST', '/job', { body: { url: 'a' } })).status).toBe(401);
    expect((await server.store.jobs.count()).length).toBe(0);
  });

  it('a request that brings it is answered under any name', async () => {
    const server = await open({ token });
    for (const headers of [bearer(token), { authorization: `bearer  ${token}` }, basic(`:${token}`), basic(`me:${token}`)]) {
      expect((await server.ask('GET', '/stats', { headers })).status).toBe(200);
      expect((await server.ask('GET', '/v1/stats', { headers: { ...headers, host: 'anything.example' } })).status).toBe(200);
    }
  });

  it.each([bearer('wrong'), bearer(`${token}x`), bearer(''), basic(token.slice(1)), basic(`${token}:`), { authorization: token }])(
    '%j is not enough',
    async (headers) => {
      const server = await open({ token });
      expect((await server.ask('GET', '/stats', { headers })).status).toBe(401);
    },
  );

  it('tells a wrong one from none', async () => {
    const server = await open({ token });
    expect((await server.ask('GET', '/stats')).text).toContain('This server wants its token');
    expect((await server.ask('GET', '/stats', { headers: bearer('wrong') })).text).toContain('That is not the token of this server');
  });

  it('a browser may ask its user for it', async () => {
    const server = await open({ token });
    const { headers } = await server.ask('GET', '/job', { headers: { 'sec-fetch-mode': 'navigate' } });
    expect(headers['www-authenticate']).toBe('Basic realm="hatstand"');
  });

  it('/livez and the UI are open', async () => {
    const server = await open({ token });
    expect((await server.ask('GET', '/livez')).status).toBe(200);
    const page = await server.ask('GET', '/ui');
    expect([page.status, page.headers['content-type']]).toEqual([200, expect.stringContaining('text/html')]);
  });
});

describe('pages of other sites', () => {
  const foreign = [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: 'http://localhost:1' },
    { origin: 'file://' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { origin: 'http://127.0.0.1:1', 'sec-fetch-site': 'same-site' },
    { origin: 'http://127.0.0.1' },
  ];

  it.each(foreign)('%j may ask nothing', async (headers) => {
    const server = await open();
    for (const path of apis) expect((await server.ask('GET', path, { headers })).status).toBe(403);
    const form = { ...headers, 'content-type': 'application/x-www-form-urlencoded' };
    expect((await server.ask('POST', '/job', { body: 'url=a', headers: form })).status).toBe(403);
    expect((await server.store.jobs.count()).length).toBe(0);
  });

  it('may not even with the token, which a browser may have kept', async () => {
    const server = await open({ token: 't' });
    const headers = { authorization: 'Bearer t', origin: 'https://evil.example' };
    expect((await server.ask('POST', '/job', { body: { url: 'a' }, headers })).status).toBe(403);
  });

  it('have the scheme, host and port of the server, or of a name that it was told', async () => {
    const server = await open({ token: 't', allowedHosts: ['jobs.example', 'other.example:8443', 'https://tls.example'] });
    const status = async (origin: string, more = {}) =>
      (await server.ask('GET', '/stats', { headers: { authorization: 'Bearer t', origin, ...more } })).status;
    const own = new URL(server.url);
    for (const origin of [
      own.origin,
      'http://jobs.example',
      'https://JOBS.example',
      'https://jobs.example:443',
      'http://other.example:8443',
    ]) {
      expect([origin, await status(origin)]).toEqual([origin, 200]);
    }
    for (const origin of [
      `https://${own.host}`,
      `http://localhost:${own.port}`,
      `http://127.0.0.1:${Number(own.port) - 1}`,
      'http://jobs.example:8080',
      'http://jobs.example.:80',
      'https://other.example',
      'http://tls.example',
      'https://tls.example:8443',
      'ftp://jobs.example',
    ]) {
      expect([origin, await status(origin)]).toEqual([origin, 403]);
    }
    expect(await status('http://tls.example', { host: 'tls.example' })).toBe(403);
    expect(await status('https://tls.example', { host: 'tls.example' })).toBe(200);
    const behind = { host: 'tls.internal', 'x-forwarded-proto': 'https' };
    expect(await status('https://tls.internal', behind)).toBe(200);
    expect(await status('http://tls.internal', behind)).toBe(403);
  });

  it('its own pages may', async () => {
    const server = await open({ allowedHosts: ['jobs.example'] });
    const own = [
      { origin: server.url },
      { origin: 'https://jobs.example' },
      { origin: 'https://jobs.example', 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'same-origin' },
      { 'sec-fetch-site': 'none' },
    ];
    for (const headers of own) expect((await server.ask('POST', '/job', { body: { url: 'a' }, headers })).status).toBe(200);
  });
});
