import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openServer, type TestServer } from '../server.suite.ts';

let server: TestServer;

beforeEach(async () => {
  server = await openServer();
  await server.ask('POST', '/v1/queues/default/pause');
});
afterEach(() => server.close());

const job = { url: 'http://127.0.0.1:1/', unique: { scope: 'worker' } };
const push = (body: object) => server.ask('POST', '/v1/jobs', { body });

describe('a unique job over /v1', () => {
  it('is there once: another push is answered with it by a 200 of its kind', async () => {
    const first = await push({ ...job, payload: 1 });
    expect(first).toMatchObject({ status: 201, json: { kind: 'pushed', unique: { scope: 'worker', until: 'ended' } } });
    const second = await push({ ...job, payload: 2 });
    expect(second).toMatchObject({ status: 200, json: { id: first.json['id'], kind: 'duplicate', payload: 1 } });
    expect(second.headers['idempotent-replayed']).toBeUndefined();
    expect((await server.ask('GET', `/v1/jobs/${first.json['id']}`)).json).toMatchObject({ unique: { scope: 'worker', until: 'ended' } });
  });

  it('is told among many, and takes a null as a word for none', async () => {
    const many = [job, { ...job, unique: null }, { ...job, unique: { scope: 'key:a', until: '1d' } }, job];
    expect((await push(many)).json).toMatchObject({
      jobs: [{ kind: 'pushed' }, { kind: 'pushed' }, { kind: 'pushed' }, { kind: 'duplicate' }],
      pushed: 4,
      failed: 0,
    });
  });

  it.each([
    [{ scope: 'queue' }, 'unique.scope'],
    [{ scope: 'key:' }, 'unique.scope'],
    [{ scope: 'worker', until: 'forever' }, 'unique.until'],
    [{ scope: 'worker', until: '0ms' }, 'unique.until'],
    [{ until: 'ended' }, 'unique.scope'],
    [{ scope: 'worker', key: 'a' }, 'unique.key'],
    ['worker', 'unique'],
  ])('refuses %j and names the field', async (unique, field) => {
    const answer = await push({ ...job, unique });
    expect(answer).toMatchObject({ status: 400, json: { code: 'invalid_request', field } });
  });

  it('is copied as one of any number, and belongs to triggers', async () => {
    const { id } = (await push(job)).json;
    const copy = await server.ask('POST', `/v1/jobs/${id}/restart`, { body: { copy: true } });
    expect(copy).toMatchObject({ status: 201, json: { unique: null } });
    const trigger = { type: '@every', arguments: '1h', url: job.url, options: { unique: { scope: 'key:hourly', until: 'started' } } };
    const made = await server.ask('POST', '/v1/triggers', { body: trigger });
    expect(made).toMatchObject({ status: 201, json: { options: { unique: { scope: 'key:hourly', until: 'started' } } } });
    expect((await server.ask('PATCH', `/v1/triggers/${made.json['id']}`, { body: { options: { unique: null } } })).json).toMatchObject({
      options: { unique: null },
    });
  });

  it('comes over with an export', async () => {
    const { id } = (await push({ ...job, unique: { scope: 'worker', until: '1d' } })).json;
    const exported = (await server.ask('GET', '/v1/export')).text;
    const other = await openServer();
    try {
      await other.ask('POST', '/v1/import', { body: exported, headers: { 'content-type': 'application/x-ndjson' } });
      expect((await other.ask('POST', '/v1/jobs', { body: job })).json).toMatchObject({ id, kind: 'duplicate' });
    } finally {
      await other.close();
    }
  });
});
