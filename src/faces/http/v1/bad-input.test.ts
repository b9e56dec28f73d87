import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, openServer, type TestServer } from '../server.suite.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openServer({ payloadBytes: 64 * 1024 });
});
afterAll(() => server.close());

const url = 'http://127.0.0.1:9/';
const many = (count: number, name = 'a'): object => Object.fromEntries(Array.from({ length: count }, (_, at) => [`${name}${at}`, 1]));
const push = (body: object | string | Buffer, headers = {}): Promise<Answer> => server.ask('POST', '/v1/jobs', { body, headers });

function expectProblem(answer: Answer, status: number, code: string): void {
  expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
  expect(answer.json).toMatchObject({ status, code, type: `urn:hatstand:error:${code}` });
  expect(answer.status).toBe(status);
}

describe('an address that is not there', () => {
  it.each([
    ['/v1/job', '; did you mean /v1/jobs?'],
    ['/v1/queue', '; did you mean /v1/queues?'],
    ['/v1/jobs/12/cancle', '; did you mean /v1/jobs/*/cancel?'],
    ['/v1/queues/mail/puase', '; did you mean /v1/queues/*/pause?'],
    ['/v1/nothing', '.'],
    [`/v1/${'x'.repeat(5_000)}`, '.'],
  ])('%s names the one that was probably meant', async (path, meant) => {
    const answer = await server.ask('POST', path);
    // Whatever comes with it.
    for (const body of [{ url: 'http://127.0.0.1:9/' }, '{"a":']) {
      const headers = { 'content-type': 'application/json' };
      expect((await server.ask('POST', path, { body, headers })).text).toBe(answer.text);
    }
    expectProblem(answer, 404, 'not_found');
    const [said = ''] = String(answer.json['detail']).split(' /v1/openapi.json lists');
    expect(said).toMatch(/^There is nothing at "/);
    expect(said.slice(-meant.length)).toBe(meant);
  });
});

describe('a body that does not say what it is', () => {
  it.each([
    ['text/plain', 'it says "text/plain".'],
    ['application/x-www-form-urlencoded', 'it says "application/x-www-form-urlencoded".'],
  ])('is refused as %s, with what to say', async (type, told) => {
    const answer = await push(`{"url":"${url}"}`, { 'content-type': type });
    expectProblem(answer, 415, 'unsupported_media_type');
    expect(answer.json['detail']).toBe(
      `The body must be JSON, and the request must say so by the header "Content-Type: application/json"; ${told}`,
    );
  });
});

describe('answers', () => {
  it('of JSON end with a line break, which their length counts', async () => {
    const { id } = (await push({ url })).json;
    for (const [method, path] of [
      ['GET', '/v1/stats'],
      ['GET', `/v1/jobs/${id}`],
      ['GET', '/v1/jobs'],
      ['GET', '/v1/openapi.json'],
      ['GET', '/v1/nothing'],
      ['POST', `/v1/jobs/${id}/cancel`],
    ] as const) {
      const { text, headers } = await server.ask(method, path);
      expect(text).toMatch(/[^\n]\n$/);
      expect(headers['content-length']).toBe(String(Buffer.byteLength(text)));
    }
    expect((await server.ask('DELETE', `/v1/jobs/${id}`)).text).toBe('');
  });
});

describe('a push of one job', () => {
  it.each([
    ['{"url":"http://x/",}', 19],
    ['{"url" "x"}', 7],
    ['nonsense', 0],
    ['\ufeff{}', 0],
    ['{} {}', 3],
    ['{"url":"http://x/"', 18],
  ])('refuses %j and says where it stops being JSON', async (body, position) => {
    const answer = await push(body);
    expectProblem(answer, 400, 'invalid_json');
    expect(answer.json['position']).toBe(position);
  });

  it.each(['1e400', '-1e400', '9'.repeat(400)])('tells of %s that it is too large, and does not call it null', async (number) => {
    const answer = await push(`{"url":"${url}","priority":${number}}`);
    expectProblem(answer, 400, 'invalid_request');
    expect(answer.json['detail']).toMatch(/^priority must be a whole number from .*, not a number beyond 1\.8e308\.$/);
  });

  it('refuses what is not UTF-8', async () => {
    expectProblem(await push(Buffer.from(`{"url":"${url}","name":"\xff"}`, 'latin1')), 400, 'invalid_json');
  });

  it.each([
    ['no url', {}, 'url', /url is required/],
    ['a misspelt url', { ulr: 'http://a/' }, 'ulr', /no field "ulr"; did you mean url\?/],
    ['a url in capitals', { URL: 'http://a/' }, 'URL', /no field "URL"; did you mean url\?/],
    ['an empty url', { url: '' }, 'url', /url is required/],
    ['a url of another kind', { url: 'file:///etc/passwd' }, 'url', /http:\/\/ or https:\/\/, not "file:/],
    ['a relative url', { url: '/mail' }, 'url', /http:\/\//],
    ['a url without host', { url: 'http://' }, 'url', /complete address/],
    ['a url with a line break', { url: 'http://x/\r\nX: y' }, 'url', /control characters/],
    ['a url with an empty host', { url: 'http:///mail' }, 'url', /no Host/],
    ['a url without slashes', { url: 'http:a/mail' }, 'url', /http:\/\//],
    ['a url of port 0', { url: 'http://a:0/' }, 'url', /invalid port ":0"/],
    ['a url of a port beyond all', { url: 'http://a:65536/' }, 'url', /invalid port ":65536"/],
    ['a url of a port that is none', { url: 'http://a:http/' }, 'url', /invalid port ":http"/],
    ['a url with a broken escape', { url: 'http://a/%zz' }, 'url', /invalid URL escape "%zz"/],
    ['a url with an open bracket', { url: 'http://[::1/' }, 'url', /missing '\]' in host/],
    ['a url of an address that is none', { url: 'http://256.1.1.1/' }, 'url', /invalid host/],
    ['a url with letters no name has', { url: 'http://xn--a/' }, 'url', /invalid host "xn--a"/],
    ['a url with an empty label', { url: 'http://a..b/' }, 'url', /63 characters between dots/],
    ['a url with a label too long', { url: `http://${'a'.repeat(64)}.b/` }, 'url', /63 characters between dots/],
    ['a url with a name too long', { url: `http://${'a.'.repeat(130)}b/` }, 'url', /253 in all/],
    ['a url with an empty user', { url: 'http://@a/' }, 'url', /neither a user nor a password/],
    ['a url with neither user nor password', { url: 'http://:@a/' }, 'url', /neither a user nor a password/],
    ['a url with a backslash', { url: 'http://a\\b/' }, 'url', /invalid character/],
    ['a url that is too long', { url: `http://a/${'b'.repeat(8_192)}` }, 'url', /8201 characters/],
    [
      'a url that is too long once it is encoded',
      { url: `http://a/${'é'.repeat(2_000)}` },
      'url',
      /path and query may have 8192 bytes, these have 12001/,
    ],
    ['a url of the wrong type', { url: 7 }, 'url', /url must be a complete http or https address without blanks such as "http:.*, not 7/],
    ['an unknown field', { url, prio: 1 }, 'prio', /no field "prio"; did you mean priority\? There are: url, worker/],
    ['a timeout without unit', { url, timeout: '30' }, 'timeout', /timeout must be a duration such as "30s", or null, not "30"/],
    ['a timeout as number', { url, timeout: 30 }, 'timeout', /not 30/],
    ['a timeout of nothing', { url, timeout: '0s' }, 'timeout', /at least 1ms/],
    ['a delay of a century', { url, delay: '36500d' }, 'delay', /ten years/],
    ['a delay and a time', { url, delay: '1s', at: '2099-01-01T00:00:00Z' }, 'at', /one of them/],
    ['a month that does not exist', { url, at: '2099-13-01T00:00:00Z' }, 'at', /a time that exists such as "2026.*not "2099-13/],
    ['a day that does not exist', { url, at: '2099-02-29T00:00:00Z' }, 'at', /such as "2026.*not "2099-02-29/],
    ['the hour 24', { url, at: '2099-01-01T24:00:00Z' }, 'at', /such as "2026/],
    ['a leap second', { url, at: '2098-12-31T23:59:60Z' }, 'at', /such as "2026/],
    ['many unknown fields', { url, ...many(20, 'zz') }, 'zz0', /^A job has no field "zz0"\. There are: url, worker/],
    ['many unknown fields in another', { url, retry: many(20) }, 'retry.a0', /^retry has no field "a0"\. There are: attempts/],
    ['many unknown fields with odd names', { url, ...many(20, 'a~/b') }, 'a~/b0', /^A job has no field "a~\/b0"\./],
    ['a retry with an unknown field', { url, retry: { attempts: 2, foo: 1 } }, 'retry.foo', /retry has no field "foo"/],
    ['no attempt', { url, retry: { attempts: 0 } }, 'retry.attempts', /retry.attempts must be a whole number from 1 to 1000, not 0/],
    ['a broken priority', { url, priority: 1.5 }, 'priority', /whole number/],
    ['a field with another ending', { url, retries: 3 }, 'retries', /^A job has no field "retries"; did you mean retry\? There are: url/],
    ['a field with its unit', { url, timeout_s: 3 }, 'timeout_s', /did you mean timeout\?/],
    ['a field of another', { url, attempts: 3 }, 'attempts', /did you mean retry\.attempts\?/],
    ['a field as other queues call it', { url, data: {} }, 'data', /no field "data"; did you mean payload\?/],
    ['the same, of one inside another', { url, maxRetries: 3 }, 'maxRetries', /did you mean retry\.attempts\?/],
    ['a name of too many characters', { url, name: 'n'.repeat(1_025) }, 'name', /^name must be a text of at most 1024 characters such as/],
    ['a misspelt field of another', { url, retry: { atempts: 3 } }, 'retry.atempts', /^retry has no .* did you mean attempts\?/],
    [
      'a queue with a slash',
      { url, queue: 'a/b' },
      'queue',
      /1 to 128 letters, digits, dots, dashes or underscores.* such as "mail", not "a\/b"/,
    ],
    ['a key with a line break', { url, idempotencyKey: 'a\nb' }, 'idempotencyKey', /1 to 256 print/],
    ['unknown rules', { url, rules: 'hqq' }, 'rules', /"v1" or "hq", not "hqq"; did you mean hq\?$/],
    ['unknown rules that are like none', { url, rules: 'other' }, 'rules', /"v1" or "hq", not "other"\.$/],
    ['headers that are no texts', { url, headers: { 'X-A': 1 } }, 'headers.X-A', /must be a text of at most 16384 characters, not 1/],
    ['a header of the connection', { url, headers: { 'Content-Length': '1' } }, 'headers.Content-Length', /leave it out/],
    ['a header of Hatstand', { url, headers: { 'x-hq-job-id': '1' } }, 'headers.x-hq-job-id', /leave it out/],
    ['a header with a line break', { url, headers: { 'X-A': 'a\r\nX-B: b' } }, 'headers.X-A', /line breaks/],
    ['a header with NUL', { url, headers: { 'X-A': 'a\0' } }, 'headers.X-A', /control/],
    ['a header name with a blank', { url, headers: { 'X A': 'a' } }, 'headers.X A', /name consists/],
    ['a url for a function', { url, worker: 'resize' }, 'url', /for HTTP jobs/],
    ['half a character', { url, name: '\ud800' }, 'name', /surrogate/],
    [
      'an awaited job that is none',
      { url, after: { jobs: ['1', 'x'] } },
      'after.jobs.1',
      /must be a decimal number of up to 19 digits.*not "x"/,
    ],
    ['half a character in a url', { url: `${url}?a=\ud800` }, 'url', /surrogate/],
    ['half a character in a header', { url, headers: { 'X-A': '\udfff' } }, 'headers.X-A', /surrogate/],
    ['an idempotency key with a line break', { url, idempotencyKey: 'a\nb' }, 'idempotencyKey', /must be/],
    ['an endless comment', { url, comment: 'x'.repeat(65_537) }, 'comment', /65536 characters, not "xxx.*… \(65537 characters\)"?/],
  ])('refuses %s', async (_, body, field, detail) => {
    const answer = await push(body);
    expectProblem(answer, 400, 'invalid_request');
    expect(answer.json).toMatchObject({ field });
    expect(answer.json['detail']).toMatch(detail);
  });

  it.each([`{"url":"${url}","url":"${url}"}`, `{"url":"${url}","headers":{"X-A":"1","X-A":"2"}}`, `{"url":"${url}","u\\u0072l":"${url}"}`])(
    'refuses a field that stands twice: %s',
    async (body) => {
      expect((await push(body)).json['detail']).toMatch(/stands more than once/);
    },
  );

  it('refuses a prototype among the fields and keeps one in the payload', async () => {
    expect((await push(`{"url":"${url}","__proto__":{"payload":1}}`)).json['field']).toBe('__proto__');
    expect((await push(`{"url":"${url}","headers":{"__proto__":"1"}}`)).status).toBe(400);
    expect((await push(`{"url":"${url}","retry":{"__proto__":{"attempts":9}}}`)).status).toBe(400);
    expect((await push(`{"url":"${url}","payload":{"__proto__":{"admin":true}}}`)).status).toBe(201);
    expect(Object.hasOwn(Object.prototype, 'admin')).toBe(false);
  });

  it.each([10_000, 65])('refuses %i levels of nesting', async (depth) => {
    const answer = await push(`{"url":"${url}","payload":${'['.repeat(depth)}${']'.repeat(depth)}}`);
    expectProblem(answer, 400, 'invalid_request');
    expect(answer.json).toMatchObject({ field: 'payload', limit: 64 });
  });

  it('takes 64 levels', async () => {
    expect((await push(`{"url":"${url}","payload":${'['.repeat(64)}${']'.repeat(64)}}`)).status).toBe(201);
  });

  it('refuses a payload over its limit and takes one at it', async () => {
    const text = (bytes: number): string => `"${'é'.repeat((bytes - 2) / 2)}"`;
    const answer = await push(`{"url":"${url}","payload":${text(64 * 1024 + 2)}}`);
    expectProblem(answer, 413, 'too_large');
    expect(answer.json).toMatchObject({ field: 'payload', limit: 65_536 });
    expect((await push(`{"url":"${url}","payload":${text(64 * 1024)}}`)).status).toBe(201);
  });

  it('refuses a body over its limit', async () => {
    expectProblem(await push(Buffer.alloc(17 * 1024 * 1024, ' ')), 413, 'too_large');
  });

  it('refuses other content types, and an empty body', async () => {
    const form = await push('url=x', { 'content-type': 'application/x-www-form-urlencoded' });
    expectProblem(form, 415, 'unsupported_media_type');
    expect(form.json['detail']).toContain('application/json');
    expectProblem(await push(''), 400, 'invalid_request');
    expectProblem(await server.ask('POST', '/v1/jobs'), 400, 'invalid_request');
  });
});

describe('other requests', () => {
  it.each([
    ['GET', '/v1/jobs?limit=0', 400, 'invalid_request'],
    ['GET', '/v1/jobs?limit=501', 400, 'invalid_request'],
    ['GET', '/v1/jobs?limit=many', 400, 'invalid_request'],
    ['GET', '/v1/jobs?limit=', 400, 'invalid_request'],
    ['GET', '/v1/jobs?order=random', 400, 'invalid_request'],
    ['GET', '/v1/jobs?limt=5', 400, 'invalid_request'],
    ['GET', '/v1/jobs?q=a&q=b', 400, 'invalid_request'],
    ['GET', '/v1/jobs?q=colour:red', 400, 'invalid_filter'],
    ['GET', '/v1/jobs?q=state:done', 400, 'invalid_filter'],
    ['GET', '/v1/jobs?q=cause:503', 400, 'invalid_filter'],
    ['GET', '/v1/jobs?q=created:yesterday', 400, 'invalid_filter'],
    ['GET', '/v1/jobs?cursor=abc', 400, 'invalid_cursor'],
    ['GET', `/v1/jobs?cursor=${Buffer.from('oldest:1').toString('base64url')}`, 400, 'invalid_cursor'],
    ['GET', '/v1/jobs/12', 404, 'not_found'],
    ['GET', '/v1/jobs/abc', 400, 'invalid_request'],
    ['GET', '/v1/jobs/9999999999999999999', 404, 'not_found'],
    ['GET', '/v1/jobs/99999999999999999999', 400, 'invalid_request'],
    ['GET', '/v1/jobs/007', 400, 'invalid_request'],
    ['POST', '/v1/jobs/-1/cancel', 400, 'invalid_request'],
    ['DELETE', '/v1/jobs/1e3', 400, 'invalid_request'],
    ['GET', '/v1/jobs?limit=1e1', 400, 'invalid_request'],
    ['GET', '/v1/jobs?limit=1.0', 400, 'invalid_request'],
    ['GET', '/v1/jobs?limit=007', 400, 'invalid_request'],
    ['GET', '/v1/jobs?limit=%2B7', 400, 'invalid_request'],
    ['GET', '/v1/jobs?limit=-0', 400, 'invalid_request'],
    ['GET', '/v1/jobs?limit=0x7', 400, 'invalid_request'],
    ['GET', '/v1/jobs?limit=%207', 400, 'invalid_request'],
    ['GET', '/v1/jobs?limit=7&limit=7', 400, 'invalid_request'],
    ['GET', '/v1/jobs?limit=99999999999999999999', 400, 'invalid_request'],
    ['GET', '/v1/jobs?order=newest&order=newest', 400, 'invalid_request'],
    ['GET', '/v1/jobs?__proto__=1', 400, 'invalid_request'],
    ['GET', '/v1/jobs?q=created:>2026-02-30', 400, 'invalid_filter'],
    ['GET', '/v1/jobs?q=id:007', 400, 'invalid_filter'],
    ['GET', '/v1/jobs/12?history=1', 400, 'invalid_request'],
    ['GET', '/v1/stats?a=1', 400, 'invalid_request'],
    ['GET', '/v1/export?a=1', 400, 'invalid_request'],
    ['POST', '/v1/import?a=1', 400, 'invalid_request'],
    ['POST', '/v1/jobs?queue=mail', 400, 'invalid_request'],
    ['PATCH', '/v1/queues/mail', 400, 'invalid_request'],
    ['GET', '/v1/jobs/12/wait?timeout=6m', 400, 'invalid_request'],
    ['GET', '/v1/jobs/12/wait?timeout=soon', 400, 'invalid_request'],
    ['GET', '/v1/jobs/12/wait', 404, 'not_found'],
    ['POST', '/v1/jobs/12/cancel', 404, 'not_found'],
    ['POST', '/v1/jobs/12/restart', 404, 'not_found'],
    ['DELETE', '/v1/jobs/12', 404, 'not_found'],
    ['GET', '/v1/queues/nobody', 404, 'not_found'],
    ['POST', '/v1/queues/a%2Fb/pause', 400, 'invalid_request'],
    ['GET', '/v1/nothing', 404, 'not_found'],
    ['DELETE', '/v1/jobs', 405, 'method_not_allowed'],
    ['PUT', '/v1/jobs/12', 405, 'method_not_allowed'],
  ])('%s %s is answered %i %s', async (method, path, status, code) => {
    expectProblem(await server.ask(method, path), status, code);
  });

  it.each([
    ['POST', '/v1/jobs/12/cancel'],
    ['DELETE', '/v1/jobs/12'],
    ['POST', '/v1/queues/mail/pause'],
    ['POST', '/v1/nodes/web-1/drain'],
    ['POST', '/v1/doctor'],
  ])('%s %s takes no body', async (method, path) => {
    const answer = await server.ask(method, path, { body: { reason: 'tidy' } });
    expectProblem(answer, 400, 'invalid_request');
    expect(answer.json['detail']).toContain('takes no body');
    expect((await server.ask(method, path, { body: {} })).json['code']).not.toBe('invalid_request');
  });

  it.each([
    ['text/plain', 'tidy'],
    ['application/x-www-form-urlencoded', 'reason=tidy'],
    ['application/json', '{'],
    ['application/json', '\ud800'],
    ['', 'tidy'],
    ['/', '{}'],
  ])('a body of the type %j where none is taken is refused as that: %j', async (type, body) => {
    const answer = await server.ask('POST', '/v1/jobs/12/cancel', { headers: { 'content-type': type }, body });
    expectProblem(answer, 400, 'invalid_request');
    expect(answer.json['detail']).toContain('takes no body');
  });

  it('a client that leaves within a body is no fault of ours', async () => {
    const faults: unknown[] = [];
    const own = await openServer({ onFault: (error) => void faults.push(error) });
    try {
      const socket = connect(own.port, '127.0.0.1');
      await once(socket, 'connect');
      const arrived = once(own.app.server, 'request');
      socket.write('POST /v1/jobs/12/cancel HTTP/1.1\r\nHost: localhost\r\nContent-Length: 7\r\n\r\n');
      const [request] = await arrived;
      socket.destroy();
      await new Promise((resolve) => request.once('close', resolve));
      await own.ask('GET', '/v1/stats');
      expect(faults).toEqual([]);
    } finally {
      await own.close();
    }
  });

  it('an empty body is none, whatever its type', async () => {
    for (const type of ['application/json', 'application/x-www-form-urlencoded', 'text/plain']) {
      expectProblem(await server.ask('POST', '/v1/jobs/12/cancel', { headers: { 'content-type': type }, body: '' }), 404, 'not_found');
    }
  });

  it.each(['{"paused":true,"paused":false}', '{"rate":{"max":1,"per":"1s","max":2}}', '{"rate":null,"r\\u0061te":null}'])(
    'refuses settings of a queue that stand twice: %s',
    async (body) => {
      const answer = await server.ask('PATCH', '/v1/queues/mail', { body });
      expectProblem(answer, 400, 'invalid_request');
      expect(answer.json['detail']).toMatch(/stands more than once/);
    },
  );

  it('keeps numbers however JSON writes them', async () => {
    const { json } = await push('{"worker":"greet","priority":1e1,"retry":{"attempts":3.0}}');
    expect(json).toMatchObject({ priority: 10, attempts: 3 });
    expect((await push('{"worker":"greet","priority":-0}')).text).toContain('"priority":0,');
    expectProblem(await push('{"worker":"greet","priority":1e-1}'), 400, 'invalid_request');
    expectProblem(await push('{"worker":"greet","priority":123456789012345678901234567890}'), 400, 'invalid_request');
  });

  it('names the methods that an address knows', async () => {
    expect((await server.ask('PUT', '/v1/jobs/12')).headers['allow']).toBe('GET, DELETE');
  });

  it('says what a limit may be and what came', async () => {
    const { json } = await server.ask('GET', '/v1/jobs?limit=501');
    expect(json).toMatchObject({
      field: 'limit',
      detail: 'limit must be a whole number from 1 to 500, not 501.',
      instance: '/v1/jobs?limit=501',
    });
  });

  it('asks programs for the token without opening a browser’s own window', async () => {
    const guarded = await openServer({ token: 'secret' });
    try {
      const refused = await guarded.ask('GET', '/v1/stats');
      expectProblem(refused, 401, 'unauthorized');
      expect(refused.headers['www-authenticate']).toBe('Bearer realm="hatstand"');
      expect((await guarded.ask('GET', '/v1/stats', { headers: { authorization: 'Bearer secret' } })).status).toBe(200);
    } finally {
      await guarded.close();
    }
  });
});
