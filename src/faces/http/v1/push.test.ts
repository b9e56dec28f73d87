import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openServer, type TestServer } from '../server.suite.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openServer();
});
afterAll(() => server.close());

const url = 'http://127.0.0.1:9/mail';
const ndjson = { 'content-type': 'application/x-ndjson' };

describe('POST /v1/jobs with one job', () => {
  it('keeps it with the defaults of an HTTP job', async () => {
    const { status, json, headers } = await server.ask('POST', '/v1/jobs', { body: { url } });
    expect(status).toBe(201);
    expect(headers['location']).toBe(`/v1/jobs/${json['id']}`);
    expect(headers['x-hatstand-durability']).toBe('volatile');
    expect(json).toMatchObject({
      state: 'queued',
      worker: 'http',
      queue: 'default',
      name: '',
      url,
      headers: {},
      payload: null,
      attempts: 20,
      timeout: '30s',
      retry: { attempts: 20, backoff: '1s', maxBackoff: '1h' },
      onLost: 'retry',
      rules: 'v1',
      run: 1,
      attempt: 0,
      fence: '0',
      startedAt: null,
      statusCode: null,
      output: '',
    });
    expect(json['createdAt']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it('lets the usual wait give way to the one that is given, and refuses two that contradict each other', async () => {
    const retryOf = async (retry: object) => (await server.ask('POST', '/v1/jobs', { body: { url, retry } })).json['retry'];
    expect(await retryOf({ backoff: '2h' })).toMatchObject({ backoff: '2h', maxBackoff: '2h' });
    expect(await retryOf({ maxBackoff: '500ms' })).toMatchObject({ backoff: '500ms', maxBackoff: '500ms' });
    const { status, json } = await server.ask('POST', '/v1/jobs', { body: { url, retry: { backoff: '2h', maxBackoff: '1h' } } });
    expect([status, json['code'], json['field']]).toEqual([400, 'invalid_request', 'retry.backoff']);
    expect(json['detail']).toMatch(/^retry\.backoff, the first wait, must not be longer than retry\.maxBackoff, .* 2h is longer than 1h\./);
  });

  it('takes every field', async () => {
    const asked = {
      url,
      queue: 'mail',
      domain: 'acme',
      name: 'welcome',
      comment: 'first',
      payload: { to: 'ada' },
      headers: { 'X-Tenant': 'acme', 'Content-Type': 'application/cloudevents+json' },
      manual: true,
      priority: -5,
      timeout: null,
      retry: { attempts: 7, backoff: '2s', maxBackoff: '1m30s' },
      onLost: 'fail',
    };
    const { json } = await server.ask('POST', '/v1/jobs', { body: asked });
    expect(json).toMatchObject({ ...asked, attempts: 7 });
  });

  it('keeps the payload exactly as it came', async () => {
    const payload = '{ "big": 12345678901234567890.10, "a":1,"a":2, "text":"\\u00e9 é 😀" ,"__proto__": {"x":1} }';
    const pushed = await server.ask('POST', '/v1/jobs', { body: `{"url":"${url}","payload":  ${payload} , "name":"exact"}` });
    expect(pushed.status).toBe(201);
    expect(pushed.text).toContain(`"payload":${payload}}`);
    const got = await server.ask('GET', `/v1/jobs/${pushed.json['id']}`);
    expect(got.text).toContain(`"payload":${payload},"history":[]`);
    const kept = await server.store.jobs.get(String(pushed.json['id']));
    expect(kept?.payload).toBe(payload);
  });

  it('tells a payload of null from none', async () => {
    const pushed = await server.ask('POST', '/v1/jobs', { body: { url, payload: null } });
    expect((await server.store.jobs.get(String(pushed.json['id'])))?.payload).toBe('null');
  });

  it('gives HQ’s defaults with HQ’s rules, and a function’s to a function', async () => {
    const hq = await server.ask('POST', '/v1/jobs', { body: { url, rules: 'hq' } });
    expect(hq.json).toMatchObject({ name: 'default', attempts: 1, timeout: null, rules: 'hq' });
    const job = await server.ask('POST', '/v1/jobs', { body: { worker: 'resize' } });
    expect(job.json).toMatchObject({ worker: 'resize', url: '', attempts: 1, timeout: '10s', retry: { backoff: '60ms' } });
  });

  it('schedules by delay and by time', async () => {
    const delayed = await server.ask('POST', '/v1/jobs', { body: { url, delay: '1h' } });
    expect(delayed.json['state']).toBe('scheduled');
    expect(Date.parse(String(delayed.json['dueAt'])) - Date.parse(String(delayed.json['createdAt']))).toBe(3_600_000);
    const at = await server.ask('POST', '/v1/jobs', { body: { url, at: '2099-01-31T13:00:00+01:00' } });
    expect(at.json).toMatchObject({ state: 'scheduled', dueAt: '2099-01-31T12:00:00.000Z' });
    for (const [text, dueAt] of [
      ['2099-01-31T12:00', '2099-01-31T12:00:00.000Z'],
      ['2099-01-31t12:00:00.0125z', '2099-01-31T12:00:00.012Z'],
      ['2099-01-31', '2099-01-31T00:00:00.000Z'],
    ]) {
      expect((await server.ask('POST', '/v1/jobs', { body: { url, at: text } })).json).toMatchObject({ state: 'scheduled', dueAt });
    }
  });

  it('answers the same job to the same key, from the body or the header, and refuses another job', async () => {
    const body = { url, payload: { n: 1 }, headers: { 'X-A': '1', 'X-B': '2' } };
    const first = await server.ask('POST', '/v1/jobs', { body, headers: { 'idempotency-key': 'order-1' } });
    const again = await server.ask('POST', '/v1/jobs', {
      body: { ...body, headers: { 'X-B': '2', 'X-A': '1' }, idempotencyKey: 'order-1' },
    });
    expect(again.status).toBe(200);
    expect(again.headers['idempotent-replayed']).toBe('true');
    expect(again.json['id']).toBe(first.json['id']);
    const other = await server.ask('POST', '/v1/jobs', { body: { ...body, payload: { n: 2 }, idempotencyKey: 'order-1' } });
    expect(other.status).toBe(422);
    expect(other.json).toMatchObject({ code: 'key_reused', job: first.json['id'] });
    const elsewhere = await server.ask('POST', '/v1/jobs', { body: { ...body, domain: 'acme', idempotencyKey: 'order-1' } });
    expect(elsewhere.status).toBe(201);
    const two = await server.ask('POST', '/v1/jobs', {
      body: { ...body, idempotencyKey: 'order-1' },
      headers: { 'idempotency-key': 'order-2' },
    });
    expect([two.status, two.json['field']]).toEqual([400, 'idempotencyKey']);
  });

  it('makes no second job for the key of one that is deleted, and says so', async () => {
    const body = { url, idempotencyKey: 'deleted-1' };
    const { id } = (await server.ask('POST', '/v1/jobs', { body })).json;
    await server.ask('POST', `/v1/jobs/${id}/cancel`);
    expect((await server.ask('DELETE', `/v1/jobs/${id}`)).status).toBe(204);
    const again = await server.ask('POST', '/v1/jobs', { body });
    expect(again.status).toBe(422);
    expect(again.json).toMatchObject({ code: 'key_reused', job: id, detail: expect.stringContaining('is deleted') });
  });
});

describe('POST /v1/jobs with many jobs', () => {
  it('keeps the good ones of an array and answers each bad one for itself', async () => {
    const body = `[{"url":"${url}","payload":1.50}, {"url":"ftp://x/"}, 7, {"url":"${url}","nonsense":1}, {"url":"${url}"}]`;
    const { status, json } = await server.ask('POST', '/v1/jobs', { body });
    expect(status).toBe(200);
    expect(json).toMatchObject({
      pushed: 2,
      failed: 3,
      jobs: [
        { kind: 'pushed', state: 'queued' },
        { error: { status: 400, code: 'invalid_request', field: 'url' } },
        { error: { code: 'invalid_request', detail: 'A job must be an object, not 7.' } },
        { error: { field: 'nonsense' } },
        { kind: 'pushed' },
      ],
    });
    const [first] = json['jobs'] as { id: string }[];
    expect((await server.store.jobs.get(first?.id ?? ''))?.payload).toBe('1.50');
  });

  it.each([
    [
      `[{"url":"ftp://x/"}, {"url":"${url}","nonsense":1}]`,
      {},
      400,
      'invalid_request',
      'All 2 jobs of this request are refused, and none is kept. The first one: url must',
    ],
    [
      '{"url":}\n',
      ndjson,
      400,
      'invalid_json',
      'The one job of this request is refused, and none is kept. The first one: Expected a value',
    ],
    [`{"url":}\n{"url":"${url}","nonsense":1}`, ndjson, 400, 'invalid_request', 'All 2 jobs'],
  ])('is no success when none of them is kept, and answers each: %s', async (body, headers, status, code, detail) => {
    const answer = await server.ask('POST', '/v1/jobs', { body, headers });
    expect([answer.status, answer.headers['content-type']]).toEqual([status, expect.stringMatching(/^application\/problem\+json/)]);
    expect(answer.json).toMatchObject({ code, status, detail: expect.stringContaining(detail), pushed: 0 });
    const jobs = answer.json['jobs'] as { error: object }[];
    expect(jobs).toHaveLength(Number(answer.json['failed']));
    for (const each of jobs) expect(each.error).toMatchObject({ status: 400 });
  });

  it('has the code of all refusals when none is kept', async () => {
    await server.ask('POST', '/v1/jobs', { body: { url, idempotencyKey: 'taken' } });
    const { status, json } = await server.ask('POST', '/v1/jobs', { body: [{ url, name: 'other', idempotencyKey: 'taken' }] });
    expect([status, json['code']]).toEqual([422, 'key_reused']);
  });

  it('keeps none of no jobs, which is no fault', async () => {
    expect(await server.ask('POST', '/v1/jobs', { body: '[]' })).toMatchObject({ status: 200, json: { jobs: [], pushed: 0, failed: 0 } });
  });

  it('reads NDJSON, blank lines and bad lines included', async () => {
    const body = `{"url":"${url}","payload":[ 1 ]}\r\n\n{"url":\n{"url":"${url}","idempotencyKey":"k"}\n{"url":"${url}","idempotencyKey":"k"}`;
    const { json } = await server.ask('POST', '/v1/jobs', { body, headers: ndjson });
    expect(json).toMatchObject({
      pushed: 3,
      failed: 1,
      jobs: [
        { kind: 'pushed' },
        { error: { code: 'invalid_json', line: 3, column: 8, position: 7 } },
        { kind: 'pushed' },
        { kind: 'replayed' },
      ],
    });
  });

  it('keeps 10,000 in one request, in order, and refuses one more', async () => {
    const line = (n: number): string => `{"url":"${url}","queue":"many","name":"n${n}"}`;
    const lines = Array.from({ length: 10_000 }, (_, n) => line(n));
    const { json } = await server.ask('POST', '/v1/jobs', { body: lines.join('\n'), headers: ndjson });
    expect(json).toMatchObject({ pushed: 10_000, failed: 0 });
    const jobs = json['jobs'] as { id: string }[];
    expect((await server.store.jobs.get(jobs[9_999]?.id ?? ''))?.name).toBe('n9999');
    const over = await server.ask('POST', '/v1/jobs', { body: `[${[...lines, line(1)].join(',')}]` });
    expect(over.status).toBe(413);
    expect(over.json).toMatchObject({ code: 'too_large', limit: 10_000 });
  });

  it('refuses one idempotency key for many', async () => {
    const { status, json } = await server.ask('POST', '/v1/jobs', { body: '[]', headers: { 'idempotency-key': 'k' } });
    expect([status, json['field']]).toEqual([400, 'Idempotency-Key']);
  });
});
