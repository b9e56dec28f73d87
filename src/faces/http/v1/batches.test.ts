import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decideBatch } from '../../../core/batch-decision.ts';
import { dueAt } from '../../../core/definition.ts';
import { cancelMoves } from '../../../core/transitions.ts';
import { openServer, type TestServer } from '../server.suite.ts';

let server: TestServer;
beforeEach(async () => {
  server = await openServer();
});
afterEach(() => server.close());

const post = (path: string, body: object | string | undefined = undefined) => server.ask('POST', path, body === undefined ? {} : { body });

/** As a node does it by itself. What is due is so from the next whole millisecond on. */
async function fireDue(): Promise<void> {
  const { definitions: store } = server.store;
  const due = () => store.due(['batch'], 10, 0);
  await expect.poll(async () => (await due()).definitions.length).toBeGreaterThan(0);
  const { now, definitions } = await due();
  await store.fire(
    definitions.map((each) => {
      const { kind, domain, key, version } = each;
      return { kind, domain, key, version, tick: dueAt(each) ?? now, knownPutOff: null, ...decideBatch(each, now, 60_000) };
    }),
  );
}

const jobs = [
  { worker: 'mail', payload: { to: 'a' }, name: 'first' },
  { worker: 'mail', payload: { to: 'b' } },
];
const asked = { id: 'letter', domain: 'acme', jobs, on: { ended: { worker: 'report', payload: { of: 1 } }, failed: { worker: 'report' } } };
const ended = { total: 2, live: 0, succeeded: 0, failed: 0, canceled: 2 };

describe('a batch', () => {
  it('is added with its jobs, and is the same when it is asked for again', async () => {
    const added = await post('/v1/batches', asked);
    expect([added.status, added.headers['location']]).toEqual([201, '/v1/batches/letter?domain=acme']);
    expect(added.json).toMatchObject({
      ...{ id: 'letter', domain: 'acme', status: 'sealed', total: 2, live: 2, endedAt: null, callbacks: [], unserved: ['mail'] },
      on: { ended: { worker: 'report' }, failed: { worker: 'report' } },
    });
    const again = await post('/v1/batches', asked);
    expect([again.status, again.json['jobs']]).toEqual([200, added.json['jobs']]);
    const other = await post('/v1/batches', { ...asked, jobs: jobs.slice(1) });
    expect(other).toMatchObject({ status: 409, json: { code: 'conflict' } });
    const found = await server.ask('GET', `/v1/jobs?order=oldest&q=${encodeURIComponent('owner:"batch/acme/letter"')}`);
    expect((found.json['jobs'] as { id: string }[]).map(({ id }) => id)).toEqual(added.json['jobs']);
  });

  it('is the same in another order of what has none', async () => {
    const url = 'http://localhost:1/';
    const retry = { attempts: 3, backoff: '1s' };
    const one = { url, headers: { a: '1', b: '2' }, payload: { of: 1 }, retry };
    const other = { retry: { backoff: '1s', attempts: 3 }, payload: { of: 1 }, headers: { b: '2', a: '1' }, url };
    const total = [{ worker: 'mail', timeout: '5s', totalTimeout: '1m' }];
    const first = await post('/v1/batches', { id: 'letter', jobs: total, on: { ended: one, failed: { worker: 'report' } } });
    const again = await post('/v1/batches', { on: { failed: { worker: 'report' }, ended: other }, jobs: total, id: 'letter' });
    expect([first.status, again.status, again.json['jobs']]).toEqual([201, 200, first.json['jobs']]);
    const different = await post('/v1/batches', { id: 'letter', jobs: total, on: { ended: one, failed: { worker: 'reports' } } });
    expect(different.status).toBe(409);
  });

  it('keeps payloads byte for byte, also of a long body', async () => {
    const payload = `{"n": 1.0, "text": "${'x'.repeat(40_000)}"}`;
    const text = `{"jobs":[{"worker":"mail","payload":${payload}}],"on":{"ended":{"worker":"report","payload":${payload}}}}`;
    const added = await post('/v1/batches', text);
    const [id = ''] = added.json['jobs'] as string[];
    expect((await server.store.jobs.get(id))?.payload).toBe(payload);
    await server.store.jobs.change(id, cancelMoves);
    await fireDue();
    const shown = await server.ask('GET', `/v1/batches/${added.json['id']}`);
    const [callback] = shown.json['callbacks'] as { job: string }[];
    expect((await server.store.jobs.get(callback?.job ?? ''))?.payload).toBe(payload);
  });

  it('tells how it ended, and what was pushed for that', async () => {
    const added = await post('/v1/batches', asked);
    for (const id of added.json['jobs'] as string[]) await server.store.jobs.change(id, cancelMoves);
    await fireDue();
    const shown = await server.ask('GET', '/v1/batches/letter?domain=acme');
    expect(shown.json).toMatchObject({
      ...ended,
      status: 'ended',
      endedAt: expect.any(String),
      callbacks: [{ on: 'ended', state: 'queued' }],
    });
    const [callback] = shown.json['callbacks'] as { job: string }[];
    expect((await server.ask('GET', `/v1/jobs/${callback?.job}`)).json).toMatchObject({
      worker: 'report',
      domain: 'acme',
      payload: { of: 1 },
    });
    expect(await post('/v1/batches/letter/jobs?domain=acme', { jobs })).toMatchObject({ status: 409 });
  });

  it('that is open takes further jobs, once for each key, until it is sealed', async () => {
    const { json } = await post('/v1/batches', { open: true, on: { ended: { worker: 'report' } } });
    const path = `/v1/batches/${json['id']}`;
    const more = { jobs, idempotencyKey: 'more' };
    const first = await post(`${path}/jobs`, more);
    expect(first.json).toMatchObject({ status: 'open', total: 2, live: 2 });
    expect((await post(`${path}/jobs`, more)).json['jobs']).toEqual(first.json['jobs']);
    expect(await post(`${path}/jobs`, { ...more, jobs: jobs.toReversed() })).toMatchObject({ json: { code: 'key_reused' } });
    expect((await post(`${path}/jobs`, { jobs })).json).toMatchObject({ total: 4 });
    expect((await post(`${path}/seal`)).json).toMatchObject({ status: 'sealed', total: 4 });
    expect((await post(`${path}/cancel`)).json).toMatchObject({ live: 0, canceled: 4 });
    await fireDue();
    expect((await server.ask('GET', path)).json).toMatchObject({ status: 'ended', callbacks: [{ on: 'ended' }] });
  });

  it('is listed page by page, and deleted', async () => {
    for (const id of ['a', 'b', 'c']) await post('/v1/batches', { id, jobs });
    const page = await server.ask('GET', '/v1/batches?limit=2');
    expect((page.json['batches'] as { id: string }[]).map(({ id }) => id)).toEqual(['a', 'b']);
    const next = await server.ask('GET', `/v1/batches?cursor=${page.json['next']}`);
    expect((next.json['batches'] as { id: string }[]).map(({ id }) => id)).toEqual(['c']);
    expect((await server.ask('DELETE', '/v1/batches/a')).status).toBe(204);
    expect((await server.ask('GET', '/v1/batches/a')).status).toBe(404);
    expect((await server.ask('DELETE', '/v1/batches/a')).status).toBe(404);
  });

  it('of which something is wrong keeps nothing, and says what', async () => {
    const wrong: readonly (readonly [object | string, string])[] = [
      [{ jobs: [...jobs, { worker: 'mail', prio: 1 }] }, 'jobs[2].prio'],
      [{ jobs: [{ worker: 'mail', idempotencyKey: 'k' }] }, 'jobs[0].idempotencyKey'],
      [{ jobs: [{ worker: 'mail', domain: 'd' }] }, 'jobs[0].domain'],
      [{ jobs: {} }, 'jobs'],
      [{ on: [] }, 'on'],
      [{ on: { done: { worker: 'a' } } }, 'on'],
      [{ on: { ended: { worker: 'a', delay: '1s' } } }, 'on.ended.delay'],
      [{ on: { ended: {} } }, 'on.ended.url'],
      [{ id: '..' }, 'id'],
      ['{"jobs":[],"jobs":[]}', 'jobs'],
      ['{"on":{"ended":{"worker":"a"},"ended":{"worker":"b"}}}', 'ended'],
    ];
    for (const [body, field] of wrong) {
      const answer = await post('/v1/batches', body);
      expect({ status: answer.status, field: answer.json['field'] }, answer.text).toEqual({ status: 400, field });
    }
    expect((await server.ask('GET', '/v1/batches')).json['batches']).toEqual([]);
    expect((await server.ask('GET', '/v1/jobs')).json['jobs']).toEqual([]);
    expect(await post('/v1/batches', '[]')).toMatchObject({ status: 400 });
  });

  it('moves to another store with its jobs, and ends there', async () => {
    const secret = { url: 'http://user:secret@127.0.0.1:1/', headers: { Authorization: 'secret' } };
    await post('/v1/batches', { ...asked, on: { ended: secret } });
    const exported = (await server.ask('GET', '/v1/export')).text;
    const shown = (await server.ask('GET', '/v1/export?secrets=hidden')).text;
    expect([exported.includes(':secret@'), shown.includes('secret\\"'), shown.includes(':secret@')]).toEqual([true, false, false]);
    const other = await openServer();
    const imported = await other.ask('POST', '/v1/import', { body: exported, headers: { 'content-type': 'application/x-ndjson' } });
    expect(imported.json).toMatchObject({ definitions: 1, restored: 2, failed: 0 });
    expect((await other.ask('GET', '/v1/batches/letter?domain=acme')).json).toMatchObject({ status: 'sealed', total: 2, live: 2 });
    await other.close();
  });
});
