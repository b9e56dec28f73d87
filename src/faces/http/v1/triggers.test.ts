import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openServer, type TestServer } from '../server.suite.ts';

let server: TestServer;
beforeEach(async () => {
  server = await openServer();
});
afterEach(() => server.close());

const post = (path: string, body: object | undefined = undefined) => server.ask('POST', path, body === undefined ? {} : { body });
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
    const changed = await server.ask('PATCH', '/v1/triggers/a', { body: { arguments: '@daily', options: { queue: 'slow' } } });
    expect(changed.json).toMatchObject({ id: 'a', arguments: '@daily', options: { queue: 'slow' }, message: { of: 'all' } });
    expect((await server.ask('DELETE', '/v1/triggers/a')).status).toBe(204);
    expect((await server.ask('GET', '/v1/triggers/a')).status).toBe(404);
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

  it('tells when it would fire', async () => {
    const asked = { type: '@cron', arguments: '0 30 2 * * *', timeZone: 'Europe/Berlin', from: '2026-03-28T00:00:00Z', count: 2 };
    const { status, json } = await post('/v1/triggers/preview', asked);
    expect([status, json['next']]).toEqual([200, ['2026-03-28T01:30:00.000Z', '2026-03-29T01:00:00.000Z']]);
    expect(json['notes']).toHaveLength(1);
  });

  it.each([
    [{ ...hourly, arguments: '0 0 25 * * *' }, 'malformed_trigger'],
    [{ ...hourly, type: '@nightly' }, 'invalid_request'],
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
