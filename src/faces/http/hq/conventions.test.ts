import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openServer, succeeded, type TestServer } from '../server.suite.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openServer();
});
afterAll(() => server.close());

/** As browsers and other clients write it. */
async function multipart(fields: Readonly<Record<string, string | File>>): Promise<{ readonly body: Buffer; readonly type: string }> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  const response = new Response(form);
  return { body: Buffer.from(await response.arrayBuffer()), type: response.headers.get('content-type') ?? '' };
}

const form = { 'content-type': 'application/x-www-form-urlencoded' };

describe('every answer', () => {
  it('is minimized JSON with one newline behind it', async () => {
    const { status, headers, text } = await server.ask('GET', '/stats');
    expect([status, headers['content-type']]).toEqual([200, 'application/json; charset=UTF-8']);
    expect(text).toBe(`${JSON.stringify(JSON.parse(text))}\n`);
  });

  it.each(['?pretty', '?pretty=1', '?pretty=false'])('is indented with %s', async (query) => {
    const { text } = await server.ask('GET', `/stats${query}`);
    expect(text).toBe(`${JSON.stringify(JSON.parse(text), null, 2)}\n`);
    expect((await server.ask('GET', `/job/x${query}`)).text).toBe(
      '{\n  "status": 422,\n  "error": "The job id  must be a number but \'x\'."\n}\n',
    );
    expect((await server.ask('GET', `/nowhere${query}`)).text).toBe('{\n  "status": 404,\n  "error": "Not Found"\n}\n');
  });

  it('writes <, > and & as escapes', async () => {
    const { text, json } = await server.ask('POST', '/job', {
      body: { url: 'http://a/?a=1&b=2', name: '<b>', payload: { '<': '>' }, headers: { 'X-A': '&' } },
    });
    expect(text).not.toMatch(/[<>&]/);
    expect(json).toMatchObject({ url: 'http://a/?a=1&b=2', name: '<b>', payload: { '<': '>' }, headers: { 'X-A': '&' } });
  });

  it('keeps every character of a text', async () => {
    const name = 'quote " backslash \\ line\n nul\u0000 line separator \u2028 hat 🎩 rtl \u202e';
    expect((await server.ask('POST', '/job', { body: { url: 'u', name } })).json['name']).toBe(name);
  });
});

describe('what HQ does not have', () => {
  it.each([
    '/nowhere',
    '/job/1/nothing',
    '/job/1/stop/now',
    '/jobs',
    '/job/',
    '/stats/',
    '/job/1/',
    '/ui/internal/job/',
    '//',
    '//elsewhere.example/',
    '/stats/x',
  ])('%s is 404', async (path) => {
    const { status, json } = await server.ask('GET', path);
    expect([status, json]).toEqual([404, { status: 404, error: 'Not Found' }]);
  });

  it.each([
    ['PUT', '/job'],
    ['DELETE', '/job'],
    ['OPTIONS', '/job'],
    ['POST', '/stats'],
    ['PATCH', '/job/1'],
    ['GET', '/job/1/stop'],
    ['GET', '/job/1/restart'],
    ['POST', '/ui/internal/stats'],
  ])('%s %s is 405', async (method, path) => {
    const body = method === 'GET' ? {} : { body: 'no JSON' };
    const { status, json } = await server.ask(method, path, body);
    expect([status, json]).toEqual([405, { status: 405, error: 'Method Not Allowed' }]);
  });

  it('HEAD /job is 405', async () => {
    expect((await server.ask('HEAD', '/job')).status).toBe(405);
  });

  it.each(['/%zz', '/job/%ff'])('a broken address (%s) is a 400', async (path) => {
    const { status, json } = await server.ask('GET', path);
    expect([status, json['status']]).toEqual([400, 400]);
  });

  it('a longer address than 8 KiB is refused', async () => {
    expect((await server.ask('GET', `/job?term=${'a'.repeat(8_200)}`)).status).toBe(413);
  });

  it('what is no HTTP is a 400', async () => {
    const socket = connect(server.port, '127.0.0.1');
    socket.end('nonsense\r\n\r\n');
    let text = '';
    for await (const chunk of socket) text += String(chunk);
    expect(text).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n[\s\S]*\{"status":400,"error":"Bad Request"\}\n$/);
  });

  it('more headers than 16 KiB are a 431', async () => {
    const { status, json } = await server.ask('GET', '/stats', { headers: { 'x-long': 'a'.repeat(20_000) } });
    expect([status, json['status']]).toEqual([431, 431]);
  });
});

describe('job ids', () => {
  const verbs = [
    ['GET', ''],
    ['DELETE', ''],
    ['POST', '/stop'],
    ['POST', '/restart'],
  ] as const;
  const senseless = ['abc', '-1', '+1', '1.5', '0x1', '18446744073709551616', '9'.repeat(500)];

  it.each(verbs)('%s /job/{id}%s refuses what is no unsigned 64-bit decimal', async (method, verb) => {
    for (const id of senseless) {
      const { status, json } = await server.ask(method, `/job/${id}${verb}`, method === 'POST' ? { body: {} } : {});
      expect([status, json]).toEqual([422, { status: 422, error: `The job id  must be a number but '${id}'.` }]);
    }
  });

  it.each(verbs)('%s /job/{id}%s of an unknown job is 422', async (method, verb) => {
    for (const [id, shown] of [
      ['1', '1'],
      ['007', '7'],
      ['18446744073709551615', '18446744073709551615'],
    ] as const) {
      const { status, json } = await server.ask(method, `/job/${id}${verb}`, method === 'POST' ? { body: {} } : {});
      expect([status, json]).toEqual([422, { status: 422, error: `Job '${shown}' is not found` }]);
    }
  });
});

describe('bodies', () => {
  const push = (body: string | Buffer | object, type = 'application/json') =>
    server.ask('POST', '/job', { body, headers: { 'content-type': type } });

  it('cannot be empty on a push', async () => {
    const expected = { status: 400, error: "Request body can't be empty" };
    expect((await server.ask('POST', '/job')).json).toEqual(expected);
    expect((await push('')).json).toEqual(expected);
  });

  it.each(['{', '{"url":"a"', '[1,', '"abc', '{"url":', ' '])('%j ends too early', async (body) => {
    expect((await push(body)).json).toEqual({ status: 400, error: 'unexpected EOF' });
  });

  it.each([
    ['{url:1}', 2],
    ['{"url":"a",}', 12],
    ['\ufeff{"url":"a"}', 1],
    ['NaN', 1],
    ["{'url':'a'}", 2],
    ['{"ü":x}', 7],
    ['// a\n{}', 1],
  ])('%j is a syntax error at offset %i', async (body, offset) => {
    const { status, json } = await push(body);
    expect(status).toBe(400);
    expect(json['error']).toMatch(new RegExp(`^Syntax error: offset=${offset}, error=`));
  });

  it.each([
    ['{"url":"a","timeout":"3"}', 'expected=int64, got=string, field=timeout, offset=24'],
    ['{"url":"a","timeout":1.5}', 'expected=int64, got=number 1.5, field=timeout, offset=24'],
    ['{"url":"a","timeout":1e300}', 'expected=int64, got=number 1e+300, field=timeout, offset=26'],
    ['{"url":5}', 'expected=string, got=number, field=url, offset=8'],
    ['{"url":"ü","name":{}}', 'expected=string, got=object, field=name, offset=21'],
    ['{"url":"a","comment":[]}', 'expected=string, got=array, field=comment, offset=23'],
    ['{"url":"a","headers":"x"}', 'expected=map[string]string, got=string, field=headers, offset=24'],
    ['{"url":"a","headers":[]}', 'expected=map[string]string, got=array, field=headers, offset=23'],
    ['{"url":"a","headers":{"A":true}}', 'expected=string, got=bool, field=headers, offset=31'],
    ['[]', 'expected=object, got=array, field=, offset=1'],
    ['7', 'expected=object, got=number, field=, offset=1'],
  ])('%s has a wrong type', async (body, expected) => {
    expect((await push(body)).json).toEqual({ status: 400, error: `Unmarshal type error: ${expected}` });
  });

  it('must be UTF-8', async () => {
    const body = Buffer.concat([Buffer.from('{"url":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]);
    const { status, json } = await push(body);
    expect([status, json['error']]).toEqual([400, expect.stringContaining('UTF-8')]);
  });

  it.each(['text/plain', 'application/xhtml+xml', 'multipart/mixed; boundary=x', 'nonsense'])('%s is 415', async (type) => {
    expect((await push('{"url":"a"}', type)).json).toEqual({ status: 415, error: 'Unsupported Media Type' });
  });

  it('without a type are 415', async () => {
    const socket = connect(server.port, '127.0.0.1');
    socket.write('POST /job HTTP/1.1\r\nHost: localhost\r\nContent-Length: 11\r\nConnection: close\r\n\r\n{"url":"a"}');
    let text = '';
    for await (const chunk of socket) text += String(chunk);
    expect(text).toContain('{"status":415,"error":"Unsupported Media Type"}');
  });

  it.each(['application/json', 'application/json; charset=utf-8', 'Application/JSON'])('may be %s', async (type) => {
    expect((await push('{"url":"a"}', type)).status).toBe(200);
  });

  it('match keys without regard to case, ignore unknown ones and take the last of equal ones', async () => {
    const { json } = await push('{"URL":"a","Name":"one","name":"two","what":1,"PayLoad":[1, 2],"__proto__":{"comment":"x"}}');
    expect(json).toMatchObject({ url: 'a', name: 'two', payload: [1, 2], comment: '' });
  });

  it.each(['{"url":"a"} and more', '{"url":"a"}{"url":"b"}', '{"url":"a"}]'])('end with the first value: %s', async (body) => {
    expect((await push(body)).json).toMatchObject({ url: 'a' });
  });

  it.each(['null', '{}', '{"url":""}', '{"url":null}'])('%s has no url', async (body) => {
    expect((await push(body)).json).toEqual({ status: 422, error: "'url' is required" });
  });

  it('that are JSON and came as a form, as curl sends them by itself, are told so', async () => {
    const answer = await server.ask('POST', '/job', { body: '{"url":"http://a/"}', headers: form });
    expect(answer.json).toEqual({
      status: 422,
      error: "'url' is required; the body was read as a form, as its Content-Type says. JSON needs Content-Type: application/json",
    });
    expect((await server.ask('POST', '/job', { body: 'name=x', headers: form })).json).toEqual({ status: 422, error: "'url' is required" });
  });

  it('may be forms', async () => {
    const body = 'url=http%3A%2F%2Fa%2F&name=n+m&comment=c&timeout=7&payload=ignored';
    const { json } = await server.ask('POST', '/job', { body, headers: form });
    expect(json).toMatchObject({ url: 'http://a/', name: 'n m', comment: 'c', timeout: 7, payload: null, headers: null });
    const wrong = await server.ask('POST', '/job', { body: 'url=a&timeout=soon', headers: form });
    expect(wrong.json).toEqual({ status: 400, error: 'strconv.ParseInt: parsing "soon": invalid syntax' });
  });

  it('may be multipart forms, whose files are ignored', async () => {
    const { body, type } = await multipart({ URL: 'http://a/', name: 'n & ü', comment: 'c', timeout: '7', payload: '{}', url: 'second' });
    const { json } = await push(body, type);
    expect(json).toMatchObject({ url: 'http://a/', name: 'n & ü', comment: 'c', timeout: 7, payload: null, headers: null });
    const wrong = await multipart({ url: 'a', timeout: 'soon' });
    expect((await push(wrong.body, wrong.type)).json).toEqual({
      status: 400,
      error: 'strconv.ParseInt: parsing "soon": invalid syntax',
    });
    const file = await multipart({ url: new File(['http://b/'], 'url.txt') });
    expect((await push(file.body, file.type)).json).toEqual({ status: 422, error: "'url' is required" });
  });

  it.each([
    ['multipart/form-data', '--x\r\n\r\n--x--\r\n'],
    ['multipart/form-data; boundary=y', '--x\r\nContent-Disposition: form-data; name="url"\r\n\r\na\r\n--x--\r\n'],
    ['multipart/form-data; boundary=x', '--x\r\nContent-Disposition: form-data; name="url"\r\n\r\na'],
    ['multipart/form-data; boundary=x', 'url=a'],
  ])('%s: %j is no form', async (type, body) => {
    const { status, json } = await push(body, type);
    expect([status, json['error']]).toEqual([400, expect.stringMatching(/^multipart: /)]);
  });

  it('nested ten thousand levels deep are refused, a thousand are not', async () => {
    const nested = (depth: number) => `{"url":"a","payload":${'['.repeat(depth)}${']'.repeat(depth)}}`;
    const { status, json } = await push(nested(10_000));
    expect([status, json['error']]).toEqual([400, expect.stringContaining('exceeded max depth')]);
    expect((await push(nested(999))).status).toBe(200);
    expect((await push('['.repeat(30_000))).status).toBe(400);
  });

  it('larger than the limit are refused', async () => {
    expect((await push({ url: 'a', payload: 'x'.repeat(64 * 1024) })).status).toBe(413);
    expect((await push({ url: 'a', payload: 'x'.repeat(64 * 1024 - 2) })).status).toBe(200);
    const { status, json } = await push({ url: 'a', payload: 'x'.repeat(1024 * 1024) });
    expect([status, json['status']]).toEqual([413, 413]);
  });

  it('that never end are cut off at the limit', async () => {
    const socket = connect(server.port, '127.0.0.1');
    socket.write('POST /job HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n');
    const chunk = `10000\r\n${' '.repeat(0x10000)}\r\n`;
    let text = '';
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      text += String(data);
    });
    const closed = new Promise((resolve) => socket.on('close', resolve));
    for (let sent = 0; sent < 8; sent++) socket.write(chunk);
    await closed;
    expect(text).toMatch(/^HTTP\/1\.1 413 /);
  });
});

describe('the mounts', () => {
  it('answer the version to any method', async () => {
    for (const path of ['/', '/ui/internal/', '/ui/internal']) {
      for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
        const { status, text } = await server.ask(
          method,
          path,
          method === 'POST' ? { body: 'anything', headers: { 'content-type': 'x/y' } } : {},
        );
        expect([status, text]).toEqual([200, '{"version":"1.2.3","commitHash":"abc"}\n']);
      }
    }
    expect((await server.ask('HEAD', '/')).status).toBe(200);
  });

  it('are the same API', async () => {
    const pushed = await server.ask('POST', '/ui/internal/job', { body: { url: 'a' } });
    const id = String(pushed.json['id']);
    expect((await server.ask('GET', `/job/${id}`)).json).toEqual((await server.ask('GET', `/ui/internal/job/${id}`)).json);
    expect((await server.ask('GET', '/ui/internal/nowhere')).json).toEqual({ status: 404, error: 'Not Found' });
    expect((await server.ask('POST', `/ui/internal/job/${id}/stop`)).json).toEqual({ id });
    expect((await server.ask('DELETE', `/ui/internal/job/${id}`)).json).toEqual({ id });
  });
});

describe('GET /stats', () => {
  it('counts HTTP jobs and bounds queueUsage by queues', async () => {
    const small = await openServer({ hq: { queues: 2, dispatchers: 4, maxWorkers: 5, listDefaultLimit: 0 } });
    const figures = { queues: 2, dispatchers: 4, maxWorkers: 5 };
    const none = { queueUsage: 0, numWaitingJobs: 0, numRunningJobs: 0, numWorkers: 0, numJobs: 0 };
    expect((await small.ask('GET', '/stats')).json).toEqual({ ...figures, ...none });
    for (let i = 0; i < 6; i++) await small.push();
    await small.settle(await small.start(), succeeded());
    await small.start();
    const stopping = await small.start();
    await small.ask('POST', `/job/${stopping.id}/stop`);
    expect((await small.ask('GET', '/stats')).json).toEqual({
      ...figures,
      ...{ queueUsage: 2, numWaitingJobs: 3, numRunningJobs: 2, numWorkers: 2, numJobs: 6 },
    });
    await small.close();
  });
});
