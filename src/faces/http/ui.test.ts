import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openServer, type TestServer } from './server.suite.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openServer({ token: 'secret', uiBasename: '/board' });
});
afterAll(() => server.close());

describe('the page', () => {
  it.each(['/board', '/board/', '/board/jobs', '/board/jobs/new', '/board/jobs/123', '/board/queues', '/board/nodes'])(
    'is one HTML at %s',
    async (path) => {
      const { status, headers, text } = await server.ask('GET', path);
      expect(status).toBe(200);
      expect(headers).toMatchObject({
        'content-type': 'text/html; charset=utf-8',
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
      });
      expect(headers['content-security-policy']).toMatch(
        /^default-src 'none'; script-src 'self'; .*base-uri 'none'; frame-ancestors 'none'; form-action 'none'$/,
      );
      expect(text).toContain('src="/board/assets/app.js"');
      expect(text).not.toContain('{{');
    },
  );

  it('has all that its frame links to', async () => {
    const { text } = await server.ask('GET', '/board');
    const links = [...text.matchAll(/<a [^>]*href="(\/[^"]*)"/g)].map(([, path]) => path ?? '');
    expect(links).toContain('/board/nodes');
    const answers = await Promise.all(links.map(async (path) => [path, (await server.ask('GET', path)).status]));
    expect(answers).toEqual(links.map((path) => [path, 200]));
  });

  it('says itself what it does not have', async () => {
    const { status, text } = await server.ask('GET', '/board/nothing/here');
    expect([status, text]).toEqual([404, expect.stringContaining('src="/board/assets/app.js"')]);
    expect((await server.ask('GET', '/board/internal/nothing', { headers: { authorization: 'Bearer secret' } })).json['status']).toBe(404);
    expect((await server.ask('POST', '/board/nothing')).status).toBe(401);
  });

  it('gives its files, and nothing when they have not changed', async () => {
    const { status, headers } = await server.ask('GET', '/board/assets/app.js');
    expect([status, headers['content-type']]).toEqual([200, 'text/javascript; charset=utf-8']);
    const again = await server.ask('GET', '/board/assets/app.js', { headers: { 'if-none-match': String(headers['etag']) } });
    expect([again.status, again.text]).toEqual([304, '']);
  });

  it.each(['/board/assets/nothing.js', '/board/assets/index.html', '/board/assets/..%2f..%2f..%2fpackage.json'])(
    'has no %s',
    async (path) => {
      expect((await server.ask('GET', path)).status).toBe(404);
    },
  );
});
