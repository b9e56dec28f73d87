import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newJob } from '../../../core/new-job.ts';
import { noRetry } from '../../../core/retry.ts';
import { kept } from '../../../stores/conformance/subject.ts';
import { failed, openServer, succeeded, type TestServer } from '../server.suite.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openServer();
});
afterAll(() => server.close());

const keys = [
  ...['canceled', 'comment', 'createdAt', 'err', 'failure', 'finishedAt', 'headers', 'id', 'name', 'output', 'payload'],
  ...['running', 'startedAt', 'status', 'statusCode', 'success', 'timeout', 'url', 'waiting'],
];
const get = async (id: string) => (await server.ask('GET', `/job/${id}`)).json;
const end = (verb: string, id: string) => server.ask('POST', `/job/${id}/${verb}`);

/** A job that is running, after those before it have been taken away. */
async function running() {
  const id = await server.push();
  for (;;) {
    const job = await server.start();
    if (job.id === id) return job;
    await server.settle(job, succeeded());
  }
}

describe('POST /job', () => {
  it('answers all 19 keys in alphabetical order, with the defaults', async () => {
    const { status, headers, json } = await server.ask('POST', '/job', { body: { url: 'http://a/b' } });
    expect([status, headers['x-hatstand-durability']]).toEqual([200, 'volatile']);
    expect(Object.keys(json)).toEqual(keys);
    expect(json).toMatchObject({
      ...{ canceled: false, comment: '', err: '', failure: false, finishedAt: null, headers: null, name: 'default', output: '' },
      ...{ payload: null, running: false, startedAt: null, status: 'unfinished', statusCode: null, success: false, timeout: 0 },
      ...{ url: 'http://a/b', waiting: false },
    });
    expect(json['id']).toMatch(/^\d{18,19}$/);
    const time = Number(BigInt(String(json['id'])) >> 22n) + 1_546_300_800_000;
    expect(Date.parse(String(json['createdAt']))).toBe(time);
    expect(Math.abs(time - Date.now())).toBeLessThan(60_000);
  });

  it('keeps what was given', async () => {
    const given = { url: 'a', name: 'n', comment: 'c', payload: { a: [1, null] }, headers: { 'X-B': '2', 'X-A': '1' }, timeout: 30 };
    const { json } = await server.ask('POST', '/job', { body: given });
    expect(json).toMatchObject(given);
    expect(await get(String(json['id']))).toMatchObject({ ...given, status: 'waiting', waiting: true });
    expect(await server.store.jobs.get(String(json['id']))).toMatchObject({
      ...{ worker: 'http', queue: 'default', domain: '', name: 'n', headers: given.headers },
      options: { timeout: 30_000, retry: { attempts: 1 }, onLost: 'retry', rules: 'hq' },
    });
  });

  it.each([
    ['name', ''],
    ['name', null],
  ])('takes %s %j for "default"', async (key, value) => {
    expect((await server.ask('POST', '/job', { body: { url: 'a', [key]: value } })).json['name']).toBe('default');
  });

  it.each([0, -5, null])('takes a timeout of %j for none', async (timeout) => {
    const id = await server.push({ timeout });
    expect((await server.store.jobs.get(id))?.options.timeout).toBeNull();
    expect((await get(id))['timeout']).toBe(0);
  });

  it('keeps headers that are an empty object, and takes null in one for an empty text', async () => {
    expect((await get(await server.push({ headers: {} })))['headers']).toEqual({});
    expect((await get(await server.push({ headers: null })))['headers']).toBeNull();
    expect((await get(await server.push({ headers: { 'X-A': null } })))['headers']).toEqual({ 'X-A': '' });
  });

  it.each([
    '{ "b": 1,\n  "a": [1.0, 12345678901234567890123, 1e2] }',
    '"text  with \\u00fc and \\" <&>"',
    '-0.10',
    'true',
    '[]',
    '{"a":1,"a":2,"__proto__":{}}',
  ])('keeps the payload %j byte for byte and shows it without blanks', async (payload) => {
    const { text, json } = await server.ask('POST', '/job', { body: `{ "payload" : ${payload} , "url":"a"}` });
    expect((await server.store.jobs.get(String(json['id'])))?.payload).toBe(payload);
    const shown = payload.replace(/"[^"\\]*(?:\\.[^"\\]*)*"|\s+/g, (part) => (part.trim() === '' ? '' : part));
    const escaped = shown.replace(/[<>&]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`);
    expect(text).toContain(`"payload":${escaped},"running"`);
  });

  it.each(['null', ' null '])('takes a payload of %j for none', async (payload) => {
    const { json } = await server.ask('POST', '/job', { body: `{"url":"a","payload":${payload}}` });
    expect((await server.store.jobs.get(String(json['id'])))?.payload).toBeNull();
  });

  it.each([
    { 'X-A': 'a\r\nX-Evil: 1' },
    { 'X-A': 'a\nb' },
    { 'X-A': 'a\u0000b' },
    { 'X A': 'a' },
    { 'X:A': 'a' },
    { '': 'a' },
    { 'X\r\nEvil': 'a' },
    { 'X-Ü': 'a' },
    Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`X-${i}`, '1'])),
    { 'X-Long': 'a'.repeat(20_000) },
  ])('refuses the headers %j', async (headers) => {
    const { status, json } = await server.ask('POST', '/job', { body: { url: 'a', headers } });
    expect([status, json['error']]).toEqual([400, expect.stringMatching(/^headers: /)]);
  });

  it.each(['nonsense', 'ftp://a/', 'http://', ' ', 'javascript:alert(1)'])(
    'takes the url %j, which fails when it is tried',
    async (url) => {
      expect((await server.ask('POST', '/job', { body: { url } })).json['url']).toBe(url);
    },
  );

  it.each([{ name: 'n'.repeat(2_000) }, { comment: 'c'.repeat(70_000) }, { url: `http://a/${'u'.repeat(9_000)}` }])(
    'refuses texts beyond their limits',
    async (fields) => {
      expect((await server.ask('POST', '/job', { body: { url: 'a', ...fields } })).status).toBe(400);
    },
  );

  it('makes one job of equal pushes with one Idempotency-Key, and refuses another job under it', async () => {
    const push = (body: string, key = 'k1') => server.ask('POST', '/job', { body, headers: { 'idempotency-key': key } });
    const first = await push('{"url":"a","payload":{"a":1}}');
    const again = await push('{"payload":{"a" : 1},"url":"a"}');
    expect([again.status, again.json['id']]).toEqual([200, first.json['id']]);
    for (const other of ['{"url":"b","payload":{"a":1}}', '{"url":"a","payload":{"a":"1"}}', '{"url":"a","payload":{"a":1},"timeout":1}']) {
      const { status, json } = await push(other);
      expect([status, json['status'], json['error']]).toEqual([422, 422, expect.stringContaining(String(first.json['id']))]);
    }
    const inOrder = await push('{"url":"a","headers":{"a":"1","b":"2"}}', 'k3');
    expect((await push('{"url":"a","headers":{"b":"2","a":"1"}}', 'k3')).json['id']).toBe(inOrder.json['id']);
    expect((await push('{"url":"b"}', 'k2')).status).toBe(200);
    expect((await push('{"url":"b"}', 'k'.repeat(300))).status).toBe(400);
  });
});

describe('the status', () => {
  it('of a success', async () => {
    const job = await running();
    expect(await get(job.id)).toMatchObject({ status: 'running', running: true, waiting: false, finishedAt: null });
    expect(String((await get(job.id))['startedAt'])).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,2}[1-9])?Z$/);
    await server.settle(job, succeeded('<ok>'));
    const ended = await get(job.id);
    expect(ended).toMatchObject({ status: 'success', success: true, failure: false, canceled: false, running: false });
    expect(ended).toMatchObject({ statusCode: 200, output: '<ok>', err: '' });
    expect(Date.parse(String(ended['finishedAt']))).toBeGreaterThanOrEqual(Date.parse(String(ended['startedAt'])));
  });

  it('of a failure', async () => {
    const job = await running();
    await server.settle(job, failed(404, 'Not Found'));
    expect(await get(job.id)).toMatchObject({ status: 'failure', failure: true, success: false, statusCode: 404, err: 'Not Found' });
  });

  it('of a scheduled job is waiting', async () => {
    const options = { timeout: 1, retry: noRetry, onLost: 'retry', rules: 'hq' } as const;
    const [pushed] = kept(await server.store.jobs.push([newJob({ worker: 'http', start: { delay: 60_000 }, options })]));
    expect(await get(pushed?.id ?? '')).toMatchObject({ status: 'waiting', waiting: true, timeout: 1, url: '' });
  });
});

describe('POST /job/{id}/stop', () => {
  it('cancels a waiting job at once', async () => {
    const id = await server.push();
    expect((await end('stop', id)).text).toBe(`{"id":"${id}"}\n`);
    expect(await get(id)).toMatchObject({ status: 'canceled', canceled: true, success: false, failure: false, startedAt: null });
    expect((await get(id))['finishedAt']).not.toBeNull();
  });

  it('tells a running job to stop, again as often as one likes', async () => {
    const job = await running();
    for (const _ of [1, 2]) expect((await end('stop', job.id)).status).toBe(200);
    expect(await get(job.id)).toMatchObject({ status: 'canceling', canceled: true, running: true });
    await server.settle(job, failed(null, 'canceled'));
    expect(await get(job.id)).toMatchObject({ status: 'canceled', canceled: true, success: false, running: false, err: 'canceled' });
  });

  it('refuses a job that has ended', async () => {
    const id = await server.push();
    await end('stop', id);
    expect((await end('stop', id)).json).toEqual({ status: 422, error: `The job ${id} is not active` });
  });

  it('ignores whatever body comes', async () => {
    for (const type of ['application/json', 'text/plain', 'application/xml']) {
      const id = await server.push();
      expect((await server.ask('POST', `/job/${id}/stop`, { body: '{nonsense', headers: { 'content-type': type } })).status).toBe(200);
    }
  });
});

describe('POST /job/{id}/restart', () => {
  it('runs the same record again, its result cleared', async () => {
    const job = await running();
    await server.settle(job, failed(500, 'Internal Server Error'));
    const before = await get(job.id);
    const { status, json } = await server.ask('POST', `/job/${job.id}/restart`, { body: {} });
    expect(status).toBe(200);
    expect(json).toEqual({
      ...before,
      ...{ status: 'unfinished', waiting: false, running: false, failure: false, startedAt: null, finishedAt: null },
      ...{ statusCode: null, err: '', output: '' },
    });
    expect(await get(job.id)).toMatchObject({ status: 'waiting', waiting: true });
  });

  it('copies when told to and leaves the original alone', async () => {
    const id = await server.push({ name: 'n', comment: 'c', payload: { a: 1 }, headers: { 'X-A': '1' }, timeout: 9 });
    await end('stop', id);
    const before = await get(id);
    const { json } = await server.ask('POST', `/job/${id}/restart`, { body: { copy: true } });
    expect(json['id']).not.toBe(id);
    const { name, comment, payload, headers, timeout, url } = before;
    expect(json).toMatchObject({ name, comment, payload, headers, timeout, url, status: 'unfinished', canceled: false, finishedAt: null });
    expect(await get(id)).toEqual(before);
  });

  it.each([
    ['nothing', undefined, {}],
    ['null', 'null', {}],
    ['a form', 'copy=false', { 'content-type': 'application/x-www-form-urlencoded' }],
  ])('takes %s for its body; a copy in the query counts for nothing', async (_, body, headers) => {
    const id = await server.push();
    await end('stop', id);
    const asked = body === undefined ? {} : { body, headers };
    expect((await server.ask('POST', `/job/${id}/restart?copy=true`, asked)).json['id']).toBe(id);
  });

  it('refuses senseless bodies', async () => {
    const id = await server.push();
    const status = async (body: string, type = 'application/json') =>
      (await server.ask('POST', `/job/${id}/restart`, { body, headers: { 'content-type': type } })).status;
    expect(await status('{"copy":"yes"}')).toBe(400);
    expect(await status('copy=maybe', 'application/x-www-form-urlencoded')).toBe(400);
    expect(await status('copy', 'text/plain')).toBe(415);
  });
});

describe('restart, copy and delete', () => {
  const asks = [
    ['POST', '/restart', { body: {} }],
    ['POST', '/restart', { body: { copy: true } }],
    ['DELETE', '', {}],
  ] as const;

  it.each(asks)('%s /job/{id}%s refuses a job that has not ended', async (method, verb, asked) => {
    const waiting = await server.push();
    expect((await server.ask(method, `/job/${waiting}${verb}`, asked)).json).toEqual({
      ...{ status: 422, error: `The job ${waiting} is waiting now` },
    });
    const { id } = await running();
    const refusal = { status: 422, error: `The job ${id} is running now` };
    expect((await server.ask(method, `/job/${id}${verb}`, asked)).json).toEqual(refusal);
    await end('stop', id);
    expect((await server.ask(method, `/job/${id}${verb}`, asked)).json).toEqual(refusal);
  });

  it('deletes once', async () => {
    const id = await server.push();
    await end('stop', id);
    expect((await server.ask('DELETE', `/job/${id}`)).text).toBe(`{"id":"${id}"}\n`);
    expect((await server.ask('DELETE', `/job/${id}`)).json).toEqual({ status: 422, error: `Job '${id}' is not found` });
  });
});

describe('jobs of other kinds', () => {
  it('are unknown here', async () => {
    const options = { timeout: null, retry: noRetry, onLost: 'retry', rules: 'v1' } as const;
    const [pushed] = kept(await server.store.jobs.push([newJob({ worker: 'mail', options })]));
    const unknown = { status: 422, error: `Job '${pushed?.id}' is not found` };
    expect(await get(pushed?.id ?? '')).toEqual(unknown);
    expect((await end('stop', pushed?.id ?? '')).json).toEqual(unknown);
    expect((await end('restart', pushed?.id ?? '')).json).toEqual(unknown);
    expect((await server.ask('DELETE', `/job/${pushed?.id}`)).json).toEqual(unknown);
    expect((await server.store.jobs.get(pushed?.id ?? ''))?.state).toBe('queued');
  });
});
