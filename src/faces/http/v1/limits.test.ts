import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openServer, succeeded, type TestServer } from '../server.suite.ts';

let server: TestServer;

beforeEach(async () => {
  server = await openServer();
});
afterEach(() => server.close());

const job = { url: 'http://127.0.0.1:1/' };
const put = (name: string, body: object) => server.ask('PUT', `/v1/limits/${encodeURIComponent(name)}`, { body });
const push = (body: object) => server.ask('POST', '/v1/jobs', { body });

describe('/v1/limits', () => {
  it('sets, lists and removes', async () => {
    expect((await server.ask('GET', '/v1/limits')).json).toEqual({ limits: [] });
    const rate = { max: 2, per: '1h' };
    expect((await put('worker:http', { rate })).json).toEqual({
      name: 'worker:http',
      concurrency: null,
      rate,
      pausedUntil: null,
      left: 2,
      held: null,
      parked: 0,
    });
    expect((await put('tenant:*', { rate })).json).toEqual({
      name: 'tenant:*',
      concurrency: null,
      rate,
      pausedUntil: null,
      left: null,
      held: null,
      parked: null,
    });
    expect((await put('*', { rate })).json).toMatchObject({ name: '*' });
    expect((await server.ask('GET', '/v1/limits')).json).toMatchObject({
      limits: [{ name: '*' }, { name: 'tenant:*' }, { name: 'worker:http' }],
    });
    for (const name of ['*', 'tenant:*', 'worker:http'])
      expect((await server.ask('DELETE', `/v1/limits/${encodeURIComponent(name)}`)).status).toBe(204);
    expect((await server.ask('DELETE', '/v1/limits/worker:http')).json).toMatchObject({ code: 'not_found', limit: 'worker:http' });
  });

  it('refuses pushes beyond them, and says when to come again', async () => {
    await put('tenant:*', { rate: { max: 2, per: '1m' } });
    const mine = { ...job, limit: 'tenant:a' };
    expect((await push(mine)).json).toMatchObject({ state: 'queued', limit: 'tenant:a' });
    const many = await push([mine, mine, { ...job, limit: 'tenant:b' }, job]);
    expect(many.json).toMatchObject({
      pushed: 3,
      failed: 1,
      jobs: [{ kind: 'pushed' }, { error: { code: 'limit_reached', limit: 'tenant:a' } }, {}, {}],
    });
    const refused = await push(mine);
    expect([refused.status, refused.headers['retry-after']]).toEqual([429, '30']);
    expect(refused.json).toMatchObject({ code: 'limit_reached', limit: 'tenant:a', retryAfter: 30 });
    const none = await push([mine, mine]);
    expect([none.status, none.headers['retry-after'], none.json['failed']]).toEqual([429, '30', 2]);
  });

  it('shows what waits for a key', async () => {
    expect((await put('tenant:a', { concurrency: 1 })).json).toMatchObject({ concurrency: 1, rate: null, left: null, held: 0 });
    const [first, second] = [await push({ ...job, limit: 'tenant:a' }), await push({ ...job, limit: 'tenant:a' })];
    const begun = await server.start();
    expect(begun.id).toBe(first.json['id']);
    await expect(server.start()).rejects.toThrow('no job is ready');
    expect((await server.ask('GET', `/v1/jobs/${second.json['id']}`)).json).toMatchObject({ state: 'queued', reason: 'limit tenant:a' });
    expect((await server.ask('GET', '/v1/limits')).json).toMatchObject({ limits: [{ held: 1, parked: 1 }] });
    expect((await server.ask('GET', '/v1/jobs?q=state:queued')).json).toMatchObject({ jobs: [{ id: second.json['id'] }] });
    await server.settle(begun, succeeded());
    expect((await server.start()).id).toBe(second.json['id']);
  });

  it.each([
    [{ concurrency: 0 }, 'concurrency'],
    [{ pausedUntil: 'soon' }, 'pausedUntil'],
    [{ rate: { max: 0, per: '1s' } }, 'rate.max'],
    [{ rate: { max: 1, per: '2d' } }, 'rate.per'],
    [{ rate: { max: 1, per: '1s' }, most: 1 }, 'most'],
  ])('refuses %j', async (body, field) => {
    const { status, json } = await put('k', body);
    expect([status, json['field']]).toEqual([400, field]);
  });

  it.each(['a*', 'a:*:b', ':*', 'a b', '**', 'x'.repeat(257), `${'a:'.repeat(9)}a`])('refuses the name %j', async (name) => {
    expect((await put(name, { rate: { max: 1, per: '1s' } })).status).toBe(400);
  });

  it.each(['*', 'a b', ':a', 'x'.repeat(257)])('refuses %j as the key of a push', async (limit) => {
    expect((await push({ ...job, limit })).json).toMatchObject({ code: 'invalid_request', field: 'limit' });
  });
});

describe('work elsewhere', () => {
  const claim = async (): Promise<{ readonly proof: object; readonly job: { readonly id: string } }> => {
    const asked = { holder: 'py', operation: 'one', workers: ['resize'], wait: '0s' };
    const { json } = await server.ask('POST', '/v1/jobs/claim', { body: asked });
    return (json['attempts'] as readonly [{ readonly proof: object; readonly job: { readonly id: string } }])[0];
  };

  it('is told which of its jobs a limit and a queue do not take', async () => {
    await push({ worker: 'resize' });
    const { proof, job: parent } = await claim();
    await put('worker:child', { rate: { max: 1, per: '1h' } });
    await server.ask('POST', '/v1/queues/shut/close');
    const children = [{ worker: 'child' }, { worker: 'child' }, { worker: 'other', queue: 'shut' }];
    const { json } = await server.ask('POST', `/v1/jobs/${parent.id}/report`, { body: { proof, push: children } });
    expect(json).toMatchObject({
      state: 'running',
      pushed: [
        { kind: 'pushed' },
        { error: { code: 'limit_reached', status: 429, limit: 'worker:child', retryAfter: 3_600 } },
        { error: { code: 'queue_closed', status: 409, queue: 'shut' } },
      ],
    });
  });

  it('that a trigger of a client begins is refused as a push is', async () => {
    await server.ask('POST', '/v1/triggers', { body: { type: '@client', id: 'mine', message: 1 } });
    const launch = async () => (await server.ask('POST', '/v1/triggers/mine/launch', { body: { holder: 'laptop' } })).json;
    await put('worker:client', { concurrency: 1, rate: { max: 2, per: '1h' } });
    expect(await launch()).toMatchObject({ state: 'running' });
    expect(await launch()).toMatchObject({ code: 'conflict', status: 409 });
    expect(await launch()).toMatchObject({ code: 'limit_reached', status: 429 });
    await server.ask('POST', '/v1/queues/default/close');
    expect(await launch()).toMatchObject({ code: 'queue_closed', status: 409 });
    expect(await server.store.jobs.count()).toMatchObject([{ counts: { queued: 0, running: 1, canceled: 1 } }]);
  });
});
