import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dueAt } from '../../../core/definition.ts';
import { decideTrigger } from '../../../core/trigger-decision.ts';
import { reader, statusesOf } from '../connections/client.suite.ts';
import { openServer, type TestServer } from '../server.suite.ts';

let server: TestServer;
beforeEach(async () => {
  server = await openServer();
});
afterEach(() => server.close());

const post = (path: string, body: object | undefined = undefined) => server.ask('POST', path, body === undefined ? {} : { body });

/** As a node does it by itself. */
async function fireDue(): Promise<void> {
  const { now, definitions } = await server.store.definitions.due(['trigger'], 10, 0);
  await server.store.definitions.fire(
    definitions.map((each) => {
      const { kind, domain, key, version } = each;
      return { kind, domain, key, version, tick: dueAt(each) ?? now, knownPutOff: null, ...decideTrigger(each, now) };
    }),
  );
}

const hourly = { type: '@cron', arguments: '0 0 * * * *', worker: 'report', message: { of: 'all' } };

describe('a trigger', () => {
  it('is added with an id of its own choosing, or with one that nobody guesses', async () => {
    const chosen = await post('/v1/triggers', { ...hourly, id: 'nightly' });
    expect([chosen.status, chosen.headers['location']]).toEqual([201, '/v1/triggers/nightly']);
    expect(chosen.json).toMatchObject({
      id: 'nightly',
      type: '@cron',
      worker: 'report',
      message: { of: 'all' },
      status: 'active',
      live: 0,
    });
    const made = await post('/v1/triggers', hourly);
    expect(made.json['id']).toMatch(/^[A-Za-z0-9_-]{16,}$/);
    expect(await post('/v1/triggers', { ...hourly, id: 'nightly' })).toMatchObject({ status: 409 });
  });

  it('is shown, listed page by page, changed and deleted', async () => {
    for (const id of ['a', 'b', 'c']) await post('/v1/triggers', { ...hourly, id });
    const page = await server.ask('GET', '/v1/triggers?limit=2');
    expect((page.json['triggers'] as { id: string }[]).map(({ id }) => id)).toEqual(['a', 'b']);
    const next = await server.ask('GET', `/v1/triggers?cursor=${page.json['next']}`);
    expect((next.json['triggers'] as { id: string }[]).map(({ id }) => id)).toEqual(['c']);
    const url = 'http://127.0.0.1:9/';
    const forWorker = await server.ask('PATCH', '/v1/triggers/a', { body: { url } });
    expect(forWorker).toMatchObject({ status: 409, json: { code: 'conflict', field: 'url' } });
    expect(forWorker.json['detail']).toContain('or say worker "http" with it');
    const changed = await server.ask('PATCH', '/v1/triggers/a', { body: { arguments: '@daily', options: { queue: 'slow' } } });
    expect(changed.json).toMatchObject({ id: 'a', arguments: '@daily', options: { queue: 'slow' }, message: { of: 'all' } });
    expect((await server.ask('DELETE', '/v1/triggers/a')).status).toBe(204);
    expect((await server.ask('GET', '/v1/triggers/a')).status).toBe(404);
  });

  it('that nobody can read is told as other such records are, and deleted as any other', async () => {
    for (const id of ['a', 'b']) await post('/v1/triggers', { ...hourly, id });
    const key = { kind: 'trigger', domain: '', key: 'a' } as const;
    const { definitions } = await server.store.definitions.list({ by: 'keys', keys: [key] });
    const body = definitions[0]?.body?.replace('"since"', '"sinse"') ?? '';
    await server.store.definitions.put([{ ...key, group: '', body, state: null, due: 'now', dueOnEnd: false, if: null }]);

    const listed = (await server.ask('GET', '/v1/triggers')).json['triggers'] as { id: string }[];
    expect(listed.map(({ id }) => id)).toEqual(['b']);
    expect((await server.ask('GET', '/readyz')).json).toMatchObject({ ready: true, unreadable: 1 });
    const id = 'definition:trigger//a';
    expect((await server.ask('GET', '/v1/unreadable')).json).toMatchObject({ total: 1, records: [{ id }] });
    const raw = await server.ask('GET', `/v1/unreadable/${encodeURIComponent(id)}`);
    expect(raw.json).toMatchObject({ id, raw: expect.stringContaining('sinse') });
    expect((await post('/v1/doctor')).text).toContain('trigger//a cannot be read');
    expect((await server.ask('GET', '/v1/export')).text).toContain('"kind":"unreadable"');
    expect((await server.ask('GET', '/v1/triggers/a')).json).toMatchObject({ code: 'unreadable', record: id });
    expect((await server.ask('DELETE', '/v1/triggers/a')).status).toBe(204);
    expect((await server.ask('GET', '/v1/triggers/a')).status).toBe(404);
    expect((await server.ask('GET', '/readyz')).json).not.toHaveProperty('unreadable');
  });

  it('is paused, resumed, made to skip, and launched', async () => {
    await post('/v1/triggers', { ...hourly, id: 'a' });
    expect((await post('/v1/triggers/a/pause')).json).toMatchObject({ status: 'paused', nextAt: null });
    const launched = await post('/v1/triggers/a/launch', { payload: { of: 'one' } });
    expect(launched.status).toBe(201);
    expect(launched.json).toMatchObject({ worker: 'report', manual: true, payload: { of: 'one' } });
    expect((await post('/v1/triggers/a/resume')).json).toMatchObject({ status: 'active', live: 1 });
    expect((await post('/v1/triggers/a/skip', { count: 3 })).json).toMatchObject({ skip: 3 });
  });

  it('tells what was decided about it, also when it is gone', async () => {
    await post('/v1/triggers', { type: '@at', arguments: '2026-01-01T00:00:00Z', worker: 'report', id: 'once' });
    await fireDue();
    expect((await server.ask('GET', '/v1/triggers/once')).status).toBe(404);
    const { json } = await server.ask('GET', '/v1/triggers/once/history');
    expect(json).toMatchObject({
      decisions: [
        { kind: 'decided', why: 'fired for 2026-01-01T00:00:00Z', overlap: false, jobs: [{ state: 'queued' }] },
        { kind: 'changed', version: 2, why: 'gone with its last tick' },
        { kind: 'changed', version: 1, why: 'made' },
      ],
      next: null,
      since: expect.stringMatching(/Z$/),
    });
    await post('/v1/triggers', { type: '@every', arguments: '1h', worker: 'report', id: 'told' });
    for (const [verb, body] of [
      ['pause', { until: '2099-01-01' }],
      ['resume', {}],
      ['skip', { count: 3 }],
    ] as const)
      await post(`/v1/triggers/told/${verb}`, body);
    await server.ask('PATCH', '/v1/triggers/told', { body: { arguments: '2h', overlap: 'skip' } });
    await server.ask('DELETE', '/v1/triggers/told');
    const { decisions } = (await server.ask('GET', '/v1/triggers/told/history')).json as { decisions: { kind: string; why: string }[] };
    expect(decisions.flatMap(({ kind, why }) => (kind === 'changed' ? why : []))).toEqual([
      'deleted',
      'changed: arguments, overlap',
      'to skip 3',
      'resumed',
      'paused until 2099-01-01T00:00:00Z',
      'made',
    ]);
    expect((await server.ask('GET', '/v1/triggers/once/history?limit=1')).json['next']).toEqual(expect.any(Number));
    expect(await server.ask('GET', '/v1/triggers/never/history')).toMatchObject({ status: 404, json: { code: 'not_found' } });
  });

  it('tells when it would fire', async () => {
    const asked = { type: '@cron', arguments: '0 30 2 * * *', timeZone: 'Europe/Berlin', from: '2026-03-28T00:00:00Z', count: 2 };
    const { status, json } = await post('/v1/triggers/preview', asked);
    expect([status, json['next']]).toEqual([200, ['2026-03-28T01:30:00.000Z', '2026-03-29T01:00:00.000Z']]);
    expect(json['notes']).toHaveLength(1);
  });

  it('says how long all attempts of a job may take, of functions alone', async () => {
    const made = await post('/v1/triggers', { type: '@hourly', worker: 'mail', options: { totalTimeout: '10m' }, id: 'a' });
    expect([made.status, made.json['options']]).toMatchObject([201, { totalTimeout: '10m' }]);
    const changed = await server.ask('PATCH', '/v1/triggers/a', { body: { options: { totalTimeout: '20m' } } });
    expect(changed.json['options']).toMatchObject({ totalTimeout: '20m' });
    const refused = await post('/v1/triggers', { type: '@hourly', url: 'http://127.0.0.1:1/', options: { totalTimeout: '10m' } });
    expect([refused.status, refused.json['code']]).toEqual([400, 'invalid_request']);
  });

  it('tells no time of what never fires, and why', async () => {
    for (const text of ['0 0 31 2 *', '0 0 0 30 2 *']) {
      const { status, json } = await post('/v1/triggers/preview', { type: '@cron', arguments: text });
      expect([status, json]).toEqual([200, { next: [], notes: [expect.stringContaining('never fires')] }]);
      expect((await post('/v1/triggers', { ...hourly, type: '@cron', arguments: text })).json['code']).toBe('malformed_trigger');
    }
  });

  it('tells when it fires next, as it stands', async () => {
    await post('/v1/triggers', { ...hourly, id: 'a', endsAt: '9999-01-01T00:00:00Z' });
    const next = async () => (await server.ask('GET', '/v1/triggers/a/next?count=2')).json['next'] as readonly string[];
    const [first, second] = await next();
    expect(Date.parse(second ?? '') - Date.parse(first ?? '')).toBe(3_600_000);
    await post('/v1/triggers/a/skip');
    expect((await next())[0]).toBe(second);
    await post('/v1/triggers/a/pause');
    expect(await next()).toEqual([]);
  });

  it('fills a span of the past, each tick once', async () => {
    await post('/v1/triggers', { ...hourly, id: 'a' });
    const span = { from: '2026-01-01T00:00:00Z', to: '2026-01-01T03:00:00Z' };
    const filled = await post('/v1/triggers/a/backfill', span);
    expect(filled.json).toMatchObject({ pushed: 4, replayed: 0 });
    expect((await post('/v1/triggers/a/backfill', { ...span, to: '2026-01-01T04:30:00Z' })).json).toMatchObject({ pushed: 1, replayed: 4 });
    expect((await post('/v1/triggers/a/backfill', { from: '2000-01-01T00:00:00Z' })).json).toMatchObject({
      code: 'invalid_request',
      field: 'to',
    });
    expect((await post('/v1/triggers/a/backfill', { since: 'ever' })).json).toMatchObject({ code: 'invalid_request' });
  });

  it.each([
    [{ type: '@cron', arguments: '0 0 * * * *', worker: 'http' }, 'url', 'needs the url of the web app'],
    [{ ...hourly, options: { headers: { 'X-A': 'b' } } }, 'options.headers', 'headers are for HTTP jobs'],
    [{ ...hourly, options: { rules: 'hq' } }, 'options.rules', 'rules are for HTTP jobs'],
    [{ type: '@client', arguments: '', options: { headers: {} } }, 'options.headers', 'headers are for HTTP jobs'],
  ])('%j is refused in words', async (asked, field, detail) => {
    const answer = await post('/v1/triggers', asked);
    expect(answer.json).toMatchObject({ code: 'invalid_request', field, detail: expect.stringContaining(detail) });
  });

  it('has rules of as many characters as an event may have, and a schedule of fewer', async () => {
    const rule = (characters: number): string => `io.files:CREATED:${'x'.repeat(characters - 17)}`;
    const ofEvents = (characters: number) => post('/v1/triggers', { type: '@event', worker: 'report', arguments: rule(characters) });
    expect([(await ofEvents(16_384)).status, (await ofEvents(16_385)).status]).toEqual([201, 400]);
    expect((await post('/v1/triggers', { ...hourly, arguments: '0'.repeat(1_025) })).json['code']).toBe('malformed_trigger');
  });

  it.each([
    [{ ...hourly, arguments: '0 0 25 * * *' }, 'malformed_trigger'],
    [{ ...hourly, type: '@nightly' }, 'unknown_trigger'],
    [{ type: '@cron', arguments: '* * * * *' }, 'invalid_request'],
    [{ ...hourly, debounce: '1s' }, 'invalid_request'],
    [{ ...hourly, timeZone: 'Europe/Atlantis' }, 'malformed_trigger'],
    [{ ...hourly, worker: 'http' }, 'invalid_request'],
    [{ ...hourly, missed: { policy: 'all', most: 100_000 } }, 'invalid_request'],
  ])('%j is refused', async (asked, code) => {
    const answer = await post('/v1/triggers', asked);
    expect([answer.status, answer.json['code']]).toEqual([400, code]);
    expect((await server.ask('GET', '/v1/triggers')).json['triggers']).toEqual([]);
  });
});

describe('a webhook', () => {
  const hook = { type: '@webhook', worker: 'report', message: { of: 'all' }, id: 'hook' };
  const added = async (asked: object = hook): Promise<string> => String((await post('/v1/triggers', asked)).json['webhook']);

  it('pushes what it is called with, as it came', async () => {
    const path = await added();
    const called = await server.ask('POST', path, { body: '{"n": 1}' });
    expect([called.status, called.json['kind']]).toEqual([202, 'pushed']);
    const job = await server.ask('GET', `/v1/jobs/${called.json['job']}`);
    expect(job.text).toContain('"payload":{"n": 1}');
    expect(await server.ask('POST', `${path}?Manual=true`)).toMatchObject({ status: 202 });
  });

  it('takes long bodies with many members, and refuses one that nests too deep', async () => {
    const path = await added();
    const long = JSON.stringify(Object.fromEntries(Array.from({ length: 3_000 }, (_, n) => [`key${n}`, n])));
    expect((await server.ask('POST', path, { body: long })).status).toBe(202);
    const deep = `${'['.repeat(65)}${']'.repeat(65)}`;
    expect((await server.ask('POST', path, { body: deep })).json['code']).toBe('invalid_request');
  });

  it('is unknown to whoever does not know its whole address', async () => {
    const path = await added();
    for (const other of ['/v1/webhooks/hook/x', `${path}x`, '/v1/webhooks/none/x'])
      expect((await server.ask('POST', other)).status).toBe(404);
  });

  it('is looked up before its body comes', async () => {
    const rest = 'Host: localhost\r\nContent-Length: 60000\r\n\r\n';
    const path = await added();
    const { socket, all } = reader(server.port);
    socket.write(`POST ${path}x HTTP/1.1\r\n${rest}`);
    expect(statusesOf(await all)).toEqual([404]);
    const wrong = reader(server.port);
    wrong.socket.write(`POST ${path}?domain=a&domain=b HTTP/1.1\r\n${rest}`);
    expect(statusesOf(await wrong.all)).toEqual([400]);
  });

  it('that cannot be read is unknown, as if there were none', async () => {
    const path = await added();
    const { definitions } = await server.store.definitions.list({ by: 'keys', keys: [{ kind: 'trigger', domain: '', key: 'hook' }] });
    const { kind, domain, key, version } = definitions[0] ?? expect.unreachable();
    const damaged = { kind, domain, key, group: '', body: '{', state: null, due: 'never', dueOnEnd: false, if: version } as const;
    expect(await server.store.definitions.put([damaged])).toMatchObject({ kind: 'put' });
    const answers = await Promise.all([path, '/v1/webhooks/hook/x', '/v1/webhooks/none/x'].map((each) => server.ask('POST', each)));
    expect(answers.map(({ json: { status, code, detail } }) => [status, code, detail])).toEqual(
      Array.from({ length: 3 }, () => [404, 'not_found', answers[2]?.json['detail']]),
    );
  });

  it('takes an empty id as none', async () => {
    const path = await added();
    const call = (headers: Record<string, string>) => server.ask('POST', path, { body: '1', headers: { 'webhook-id': '', ...headers } });
    expect([(await call({})).json['kind'], (await call({})).json['kind']]).toEqual(['pushed', 'pushed']);
    const keyed = { 'idempotency-key': 'a' };
    expect([(await call(keyed)).json['kind'], (await call(keyed)).json['kind']]).toEqual(['pushed', 'replayed']);
  });

  it('refuses what is no JSON, and keeps nothing of it', async () => {
    const path = await added();
    expect((await server.ask('POST', path, { body: '{"n":' })).json['code']).toBe('invalid_json');
    expect((await server.ask('GET', '/v1/jobs')).json['jobs']).toEqual([]);
  });

  it('takes a call that comes again with its id once', async () => {
    const path = await added();
    const call = (body: string) => server.ask('POST', path, { body, headers: { 'webhook-id': 'msg_1' } });
    expect([(await call('1')).json['kind'], (await call('1')).json['kind'], (await call('2')).status]).toEqual(['pushed', 'replayed', 422]);
  });

  it('takes an id of any length once', async () => {
    const path = await added();
    const call = () => server.ask('POST', path, { body: '1', headers: { 'webhook-id': 'm'.repeat(4_000) } });
    expect([(await call()).json['kind'], (await call()).json['kind']]).toEqual(['pushed', 'replayed']);
  });

  it('does not show a secret that it refuses', async () => {
    const { status, text } = await post('/v1/triggers', { ...hook, secret: 'tooshort' });
    expect([status, text]).toEqual([400, expect.stringContaining('secret must be a text of 16 to 512 characters, or null, not one of 8.')]);
    expect(text).not.toContain('tooshort');
  });

  it('takes no secret that Standard Webhooks would not read', async () => {
    const answer = await post('/v1/triggers', { ...hook, secret: 'whsec_tooshort' });
    expect([answer.status, answer.json['field']]).toEqual([400, 'secret']);
    expect((await post('/v1/triggers', { ...hook, secret: `whsec_${Buffer.alloc(24).toString('base64')}` })).status).toBe(201);
  });

  it('with a secret takes signed calls alone, and shows it nobody', async () => {
    const secret = 'a secret of some length';
    const shown = await post('/v1/triggers', { ...hook, secret });
    expect(shown.json['signed']).toBe(true);
    expect(shown.text).not.toContain(secret);
    const path = String(shown.json['webhook']);
    const body = '{"n":1}';
    expect((await server.ask('POST', path, { body })).status).toBe(401);
    const github = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
    expect((await server.ask('POST', path, { body, headers: { 'x-hub-signature-256': github } })).status).toBe(202);
    expect((await server.ask('POST', path, { body: '{"n":2}', headers: { 'x-hub-signature-256': github } })).status).toBe(401);
    const at = String(Math.floor(Date.now() / 1_000));
    const signature = (time: string) => createHmac('sha256', secret).update(`msg_1.${time}.${body}`).digest('base64');
    const standard = (time: string) => ({ 'webhook-id': 'msg_1', 'webhook-timestamp': time, 'webhook-signature': `v1,${signature(time)}` });
    expect((await server.ask('POST', path, { body, headers: standard(at) })).status).toBe(202);
    expect((await server.ask('POST', path, { body, headers: standard('1000') })).status).toBe(401);
  });

  it('that is debounced gathers calls, but for one that a person makes', async () => {
    const path = await added({ ...hook, debounce: { wait: '10s', maxWait: '1m' } });
    for (const body of ['1', '2']) expect((await server.ask('POST', path, { body })).json).toEqual({ kind: 'gathered', job: null });
    expect((await server.ask('POST', `${path}?manual=true`, { body: '3' })).json['kind']).toBe('pushed');
    expect((await server.ask('GET', '/v1/triggers/hook')).json).toMatchObject({ window: { count: 2, dropped: 0 } });
  });

  it('that is paused takes nothing', async () => {
    const path = await added();
    await post('/v1/triggers/hook/pause');
    expect((await server.ask('POST', path, { body: '1' })).status).toBe(409);
  });

  it('is called without the token of the server, which everything else wants', async () => {
    const guarded = await openServer({ token: 'a-token-of-some-length' });
    const headers = { authorization: 'Bearer a-token-of-some-length' };
    const { json } = await guarded.ask('POST', '/v1/triggers', { body: hook, headers });
    expect((await guarded.ask('POST', String(json['webhook']), { body: '1' })).status).toBe(202);
    expect((await guarded.ask('POST', '/v1/triggers', { body: hook })).status).toBe(401);
    await guarded.close();
  });
});
