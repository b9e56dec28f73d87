import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openServer, type TestServer } from '../server.suite.ts';

let server: TestServer;

beforeEach(async () => {
  server = await openServer();
});
afterEach(() => server.close());

const job = { url: 'http://127.0.0.1:1/' };
const push = (body: object) => server.ask('POST', '/v1/jobs', { body });

describe('startBefore over /v1', () => {
  it('is a duration from the push or a time, and is shown as a time', async () => {
    const { json } = await push({ ...job, startBefore: '10m' });
    const [before, created] = [json['startBefore'], json['createdAt']].map((time) => Date.parse(String(time)));
    expect((before ?? 0) - (created ?? 0)).toBe(600_000);
    expect((await push({ ...job, startBefore: '2099-01-31T12:00:00Z' })).json).toMatchObject({ startBefore: '2099-01-31T12:00:00.000Z' });
    expect((await push({ ...job, startBefore: null })).json).toMatchObject({ startBefore: null });
  });

  it('that has passed ends the job as expired', async () => {
    const { json } = await push({ ...job, startBefore: '2001-01-01' });
    await server.store.jobs.promote(10);
    expect((await server.ask('GET', `/v1/jobs/${json['id']}`)).json).toMatchObject({
      state: 'canceled',
      reason: 'expired',
      startedAt: null,
    });
    const copy = await server.ask('POST', `/v1/jobs/${json['id']}/restart`, { body: { copy: true } });
    expect(copy).toMatchObject({ status: 201, json: { startBefore: null, state: 'queued' } });
  });

  it.each([
    { startBefore: 'soon' },
    { startBefore: '10 minutes' },
    { startBefore: '2026-13-01' },
    { startBefore: 5 },
    { startBefore: '5m', delay: '10m' },
    { startBefore: '2099-01-01', at: '2099-01-02' },
    { startBefore: '2099-01-01', at: '2099-01-01T02:00:00+02:00' },
    { startBefore: '10m', delay: '600s' },
    { startBefore: '0s' },
  ])('refuses %j', async (wrong) => {
    expect(await push({ ...job, ...wrong })).toMatchObject({ status: 400, json: { code: 'invalid_request', field: 'startBefore' } });
  });

  it('belongs to triggers as it was given', async () => {
    const trigger = { type: '@every', arguments: '1h', url: job.url, options: { startBefore: '10m' } };
    expect(await server.ask('POST', '/v1/triggers', { body: trigger })).toMatchObject({
      status: 201,
      json: { options: { startBefore: '10m' } },
    });
  });
});
