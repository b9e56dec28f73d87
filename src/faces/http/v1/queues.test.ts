import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openServer, type TestServer } from '../server.suite.ts';

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

  it('pauses and resumes', async () => {
    await push('mail');
    expect((await server.ask('POST', '/v1/queues/mail/pause')).json).toMatchObject({ name: 'mail', paused: true });
    await expect(server.start()).rejects.toThrow('no job is ready');
    expect((await server.ask('POST', '/v1/queues/mail/resume')).json).toMatchObject({ paused: false });
    expect((await server.start()).queue).toBe('mail');
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
