import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../../../test/support/until.ts';
import { makeClient, type Watched } from '../../client/client.ts';
import { openServer, succeeded, type TestServer } from '../server.suite.ts';

let server: TestServer;
beforeEach(async () => {
  server = await openServer();
});
afterEach(() => server.close());

const clientOf = () => makeClient({ address: server.url });

async function pushed(): Promise<string> {
  const { json } = await server.ask('POST', '/v1/jobs', { body: { url: 'http://127.0.0.1:9/' } });
  return String(json['id']);
}

describe('GET /v1/jobs/{id}/watch', () => {
  it('tells from the store what no node that is linked tells, without what stood there before', async () => {
    const id = await pushed();
    const job = await server.start();
    const line = (number: number, text: string) => ({ number, ago: 0, level: 'info' as const, text, fields: null });
    await server.store.jobs.report(job, { ttl: null, progress: '0.5', lines: [line(1, 'before')], push: [] });
    const seen: Watched[] = [];
    const done = (async () => {
      for await (const each of clientOf().watch(id)) seen.push(each);
    })();
    await until('it is seen', () => seen.length > 1);
    await server.store.jobs.report(job, { ttl: null, progress: '0.75', lines: [line(2, 'then')], push: [] });
    await until('it is told', () => seen.length > 3);
    await server.settle(job, succeeded());
    await done;
    expect(seen).toEqual([
      {
        kind: 'job',
        id,
        state: 'running',
        unserved: false,
        attempt: 1,
        run: 1,
        holder: job.holder,
        fence: job.fence,
        reason: '',
        error: '',
      },
      { kind: 'progress', at: expect.any(String), progress: 0.5, place: null },
      { kind: 'line', at: expect.any(String), level: 'info', text: 'then', fields: null, place: null },
      { kind: 'progress', at: expect.any(String), progress: 0.75, place: null },
      expect.objectContaining({ kind: 'job', state: 'succeeded' }),
    ]);
  });

  it('ends with a word, which a stop of the server does not say', async () => {
    const id = await pushed();
    await server.settle(await server.start(), succeeded());
    const text = (await server.app.inject({ method: 'GET', url: `/v1/jobs/${id}/watch` })).body;
    expect(text).toMatch(/^retry: 2000\n\nevent: job\ndata: \{"id":"\d+","state":"succeeded".*\}\n\nevent: end\ndata: \{\}\n\n$/);
    const waits = await pushed();
    const cut = server.app.inject({ method: 'GET', url: `/v1/jobs/${waits}/watch` });
    await until('it is followed', () => server.app.server.listening);
    await server.close();
    expect((await cut).body).not.toContain('event: end');
  });

  it('refuses what is not there, and what is no place', async () => {
    expect(await server.ask('GET', '/v1/jobs/7/watch')).toMatchObject({ status: 404, json: { code: 'not_found' } });
    expect(await server.ask('GET', '/v1/tasks/none/watch')).toMatchObject({ status: 404, json: { code: 'not_found' } });
    expect(await server.ask('GET', `/v1/jobs/7/watch?after=x`)).toMatchObject({ status: 400, json: { field: 'after' } });
    expect(await server.ask('GET', `/v1/jobs/7/watch?event=`)).toMatchObject({ status: 400 });
    const answer = await server.app.inject({ method: 'GET', url: '/v1/jobs/7/watch', headers: { 'last-event-id': 'bogus' } });
    expect([answer.statusCode, answer.json()]).toEqual([400, expect.objectContaining({ code: 'invalid_cursor', field: 'Last-Event-ID' })]);
  });

  it('tells that nobody serves a job, until somebody does', async () => {
    const { json } = await server.ask('POST', '/v1/jobs', { body: { worker: 'report' } });
    const id = String(json['id']);
    const seen: Watched[] = [];
    const done = (async () => {
      for await (const each of clientOf().watch(id)) seen.push(each);
    })();
    await until('it is seen', () => seen.length === 1);
    const [attempt] = await clientOf().attempts.claim({ holder: 'me', operation: '1', workers: ['report'] });
    await until('it is seen to run', () => seen.length === 2);
    await clientOf().attempts.settle(id, attempt?.proof ?? expect.fail('it is claimed'), { outcome: 'succeeded' });
    await done;
    expect(seen.map((each) => each.kind === 'job' && [each.state, each.unserved])).toEqual([
      ['queued', true],
      ['running', false],
      ['succeeded', false],
    ]);
  });
});
