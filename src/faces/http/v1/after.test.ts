import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cancelMoves } from '../../../core/transitions.ts';
import { openServer, type TestServer } from '../server.suite.ts';

let server: TestServer;

beforeEach(async () => {
  server = await openServer();
});
afterEach(() => server.close());

const job = { worker: 'nobody' };
const push = (body: object) => server.ask('POST', '/v1/jobs', { body: { ...job, ...body } });
const pushed = async (body: object = {}): Promise<string> => String((await push(body)).json['id']);
const shown = async (id: string) => (await server.ask('GET', `/v1/jobs/${id}`)).json;
const end = (id: string) => server.store.jobs.change(id, cancelMoves);

describe('after over /v1', () => {
  it('is answered and shown with how many are left', async () => {
    const [a, b] = [await pushed(), await pushed()];
    const answer = await push({ after: { jobs: [a, b, a], onFailure: 'start' } });
    expect(answer).toMatchObject({
      status: 201,
      json: { state: 'scheduled', reason: 'after 2 left', after: { jobs: [a, b], onFailure: 'start', left: 2 } },
    });
    const id = String(answer.json['id']);
    await end(a);
    await server.store.jobs.promote(10);
    expect(await shown(id)).toMatchObject({ state: 'scheduled', after: { left: 1 } });
    await end(b);
    await server.store.jobs.promote(10);
    expect(await shown(id)).toMatchObject({ state: 'queued', reason: '', after: { jobs: [a, b], left: 0 } });
    expect(await shown(a)).toMatchObject({ after: null });
  });

  it('names the job whose end has canceled it, and copies and restarts wait for none', async () => {
    const a = await pushed();
    const id = await pushed({ after: { jobs: [a] } });
    await end(a);
    await server.store.jobs.promote(10);
    expect(await shown(id)).toMatchObject({ state: 'canceled', reason: `after ${a}`, after: { onFailure: 'cancel', left: 0 } });
    const copy = await server.ask('POST', `/v1/jobs/${id}/restart`, { body: { copy: true } });
    expect(copy).toMatchObject({ status: 201, json: { state: 'queued', after: null } });
    expect(await server.ask('POST', `/v1/jobs/${id}/restart`)).toMatchObject({ status: 200, json: { state: 'queued', id } });
  });

  it.each(['7', '9999999999999999999'])('is refused for a job that is not there: %s', async (id) => {
    expect(await push({ after: { jobs: [id] } })).toMatchObject({
      status: 422,
      json: { code: 'awaited_missing', field: 'after.jobs', job: id, detail: expect.stringContaining(`There is no job ${id} to wait for`) },
    });
    const many = await server.ask('POST', '/v1/jobs', { body: [job, { ...job, after: { jobs: [id] } }] });
    expect(many.json).toMatchObject({ pushed: 1, failed: 1, jobs: [{ kind: 'pushed' }, { error: { code: 'awaited_missing' } }] });
  });

  it('is told of jobs that an attempt elsewhere pushes', async () => {
    const attempted = await pushed();
    const claim = { holder: 'h', operation: '1', workers: ['nobody'] };
    const claimed = await server.ask('POST', '/v1/jobs/claim', { body: claim });
    const [{ proof }] = claimed.json['attempts'] as readonly [{ readonly proof: object }];
    const report = (...push: readonly object[]) => server.ask('POST', `/v1/jobs/${attempted}/report`, { body: { proof, push } });
    const id = expect.any(String);
    expect((await report(job, { ...job, after: { jobs: [attempted] } })).json['pushed']).toEqual([
      { id, kind: 'pushed' },
      { id, kind: 'pushed', left: 1 },
    ]);
    const never = await report({ ...job, after: { jobs: ['9999999999999999999'] } });
    expect(never.json).toMatchObject({ status: 422, code: 'awaited_missing', push: 0 });
  });

  it('of another tenant is none', async () => {
    const elsewhere = await pushed({ domain: 'd' });
    expect(await push({ after: { jobs: [elsewhere] } })).toMatchObject({ status: 422, json: { code: 'awaited_missing' } });
    expect(await push({ after: { jobs: [elsewhere] }, domain: 'd' })).toMatchObject({ status: 201 });
  });

  it.each([
    { after: [] },
    { after: { jobs: [] } },
    { after: { jobs: ['x'] } },
    { after: { jobs: [7] } },
    { after: { jobs: ['7'], onFailure: 'wait' } },
    { after: { jobs: ['7'], other: 1 } },
    { after: { jobs: Array.from({ length: 101 }, (_, at) => String(at + 1)) } },
  ])('refuses %j', async (wrong) => {
    expect(await push(wrong)).toMatchObject({ status: 400, json: { code: 'invalid_request' } });
  });

  it('is left out with null, and no trigger has it', async () => {
    expect(await push({ after: null })).toMatchObject({ status: 201, json: { after: null, state: 'queued' } });
    const trigger = { type: '@every', arguments: '1h', worker: 'nobody', options: { after: { jobs: ['7'] } } };
    expect(await server.ask('POST', '/v1/triggers', { body: trigger })).toMatchObject({ status: 400 });
  });

  it('comes back with an export and an import', async () => {
    const a = await pushed();
    const id = await pushed({ after: { jobs: [a] } });
    const text = await (await fetch(new URL('/v1/export?secrets=shown', server.url))).text();
    const other = await openServer();
    try {
      const taken = await fetch(new URL('/v1/import', other.url), {
        method: 'POST',
        headers: { 'content-type': 'application/x-ndjson' },
        body: text,
      });
      expect(await taken.json()).toMatchObject({ restored: 2, failed: 0 });
      expect((await other.ask('GET', `/v1/jobs/${id}`)).json).toMatchObject({ state: 'scheduled', after: { jobs: [a], left: 1 } });
    } finally {
      await other.close();
    }
  });
});
