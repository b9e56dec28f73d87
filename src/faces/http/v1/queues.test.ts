import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openServer, succeeded, type TestServer } from '../server.suite.ts';

let server: TestServer;
beforeEach(async () => {
  server = await openServer();
});
afterEach(() => server.close());

const push = (queue: string) => server.ask('POST', '/v1/jobs', { body: { url: 'http://127.0.0.1:9/', queue } });
const patch = (body: object) => server.ask('PATCH', '/v1/queues/mail', { body });

describe('/v1/queues', () => {
  it('lists queues with what is in them', async () => {
    await push('mail');
    await push('calls');
    await server.start();
    const { json } = await server.ask('GET', '/v1/queues');
    expect(json['queues']).toMatchObject([
      { name: 'calls', paused: false, concurrency: null, rate: null },
      { name: 'mail', paused: false },
    ]);
    const mail = await server.ask('GET', '/v1/queues/mail');
    expect(mail.json['jobs']).toMatchObject({ failed: 0, succeeded: 0 });
  });

  it('come in pages by name, each queue once, also when some appear or vanish meanwhile', async () => {
    const names = ['a', 'B', 'c-1', 'c.2', '.d', 'z'.repeat(128)];
    for (const name of names) await push(name);
    const seen: string[] = [];
    let next: unknown = '';
    let pages = 0;
    do {
      const { json } = await server.ask('GET', `/v1/queues?limit=2${next === '' ? '' : `&cursor=${next}`}`);
      seen.push(...(json['queues'] as { name: string }[]).map(({ name }) => name));
      next = json['next'];
      pages += 1;
      if (pages === 1) await push('b-new');
    } while (next !== null && pages < 10);
    expect([pages, seen]).toEqual([4, ['.d', 'B', 'a', 'b-new', 'c-1', 'c.2', 'z'.repeat(128)]]);
  });

  it('are 50 on a page, at most 500, and a cursor is one of theirs', async () => {
    for (let at = 0; at < 51; at++) await push(`q-${at}`);
    const { json } = await server.ask('GET', '/v1/queues');
    expect([(json['queues'] as object[]).length, json['next']]).toEqual([50, expect.any(String)]);
    expect((await server.ask('GET', '/v1/queues?limit=51')).json['next']).toBeNull();
    for (const limit of ['0', '-1', '501', '1e2', '1.5', '', '%205']) {
      const wrong = await server.ask('GET', `/v1/queues?limit=${limit}`);
      expect([wrong.status, wrong.json['detail']]).toEqual([400, expect.stringContaining('limit must be a whole number from 1 to 500')]);
    }
    const ofJobs = (await server.ask('GET', '/v1/jobs?limit=1')).json['next'];
    for (const cursor of [ofJobs, 'bm8', Buffer.from('queues:').toString('base64url')]) {
      expect((await server.ask('GET', `/v1/queues?cursor=${cursor}`)).json).toMatchObject({ code: 'invalid_cursor', status: 400 });
    }
  });

  it('pauses and resumes', async () => {
    await push('mail');
    expect((await server.ask('POST', '/v1/queues/mail/pause')).json).toMatchObject({ name: 'mail', paused: true });
    await expect(server.start()).rejects.toThrow('no job is ready');
    expect((await server.ask('POST', '/v1/queues/mail/resume')).json).toMatchObject({ paused: false });
    expect((await server.start()).queue).toBe('mail');
  });

  it('closes and opens: meanwhile pushes and restarts are refused, value by value where there are many', async () => {
    await push('mail');
    const job = await server.start();
    await server.settle(job, succeeded());
    expect((await server.ask('POST', '/v1/queues/mail/close')).json).toMatchObject({ name: 'mail', closed: true, paused: false });
    const one = { url: 'http://127.0.0.1:1/', queue: 'mail' };
    const refusal = { code: 'queue_closed', status: 409, queue: 'mail' };
    expect((await server.ask('POST', '/v1/jobs', { body: one })).json).toMatchObject(refusal);
    const many = await server.ask('POST', '/v1/jobs', { body: [one, { ...one, queue: 'calls' }] });
    expect(many.json).toMatchObject({ pushed: 1, failed: 1, jobs: [{ error: refusal }, { kind: 'pushed' }] });
    expect((await server.ask('POST', '/v1/jobs', { body: [one, one] })).json).toMatchObject({ code: 'queue_closed', status: 409 });
    expect((await server.ask('POST', `/v1/jobs/${job.id}/restart`, { body: {} })).json).toMatchObject(refusal);
    expect((await server.ask('POST', `/v1/jobs/${job.id}/restart`, { body: { copy: true } })).json).toMatchObject(refusal);
    expect((await server.ask('POST', '/v1/queues/mail/open')).json).toMatchObject({ closed: false });
    expect((await server.ask('POST', `/v1/jobs/${job.id}/restart`, { body: {} })).json).toMatchObject({ run: 2 });
    expect((await patch({ closed: true })).json).toMatchObject({ closed: true });
    expect((await server.ask('POST', '/v1/jobs', { body: one })).json).toMatchObject(refusal);
  });

  it('changes what is named, before the first job too', async () => {
    expect((await patch({ concurrency: 2, rate: { max: 10, per: '1m30s' } })).json).toMatchObject({
      paused: false,
      concurrency: 2,
      rate: { max: 10, per: '1m30s' },
      jobs: { queued: 0 },
      oldestWaiting: null,
    });
    expect((await patch({ paused: true })).json).toMatchObject({ paused: true, concurrency: 2 });
    expect((await patch({ concurrency: null, rate: null })).json).toMatchObject({ paused: true, concurrency: null, rate: null });
  });

  it.each([
    [{ concurrency: 0 }, 'concurrency'],
    [{ concurrency: '5' }, 'concurrency'],
    [{ rate: { max: 1 } }, 'rate.per'],
    [{ rate: { max: 1, per: '1x' } }, 'rate.per'],
    [{ rate: { max: 1, per: '2d' } }, 'rate.per'],
    [{ rate: 5 }, 'rate'],
    [{ pause: true }, 'pause'],
  ])('refuses %j', async (body, field) => {
    const { status, json } = await patch(body);
    expect([status, json['field']]).toEqual([400, field]);
  });

  it('refuses no change at all without a body', async () => {
    expect((await server.ask('PATCH', '/v1/queues/mail')).status).toBe(400);
  });
});

describe('/v1/stats', () => {
  it('counts jobs and tells what the server is', async () => {
    await push('mail');
    await push('calls');
    expect((await server.ask('GET', '/v1/stats')).json).toMatchObject({
      jobs: { queued: 2, running: 0 },
      lines: [
        { queue: 'calls', worker: 'http', jobs: { queued: 1, running: 0 } },
        { queue: 'mail', worker: 'http', jobs: { queued: 1, running: 0 } },
      ],
      total: 2,
      running: 0,
      queues: 2,
      durability: 'volatile',
      version: '1.2.3',
      commit: 'abc',
    });
  });

  it('counts the queues that have jobs', async () => {
    await push('calls');
    await patch({ paused: true });
    expect((await server.ask('GET', '/v1/stats')).json).toMatchObject({ queues: 1 });
  });
});
