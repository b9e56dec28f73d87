import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { node } from '../../../stores/conformance/subject.ts';
import { openServer, type TestServer } from '../server.suite.ts';

let server: TestServer;
beforeEach(async () => {
  server = await openServer();
});
afterEach(() => server.close());

const push = (body: object) => server.ask('POST', '/v1/jobs', { body });
const url = 'http://127.0.0.1:9/';
const serve = (worker: string, queues: 'any' | readonly string[] = 'any') =>
  server.store.nodes.join(node(`of-${worker}`, { serves: [{ worker, queues }] }), 60_000);

describe('a job of a worker that no live node serves', () => {
  it('is told at its push, alone or among others', async () => {
    await serve('mail', ['default']);
    expect((await push({ worker: 'mail' })).json).toMatchObject({ state: 'queued', unserved: false });
    expect((await push({ worker: 'mail', queue: 'other' })).json).toMatchObject({ state: 'queued', unserved: true });
    expect((await push({ url })).json).toMatchObject({ unserved: false });
    const many = await server.ask('POST', '/v1/jobs', { body: [{ url }, { worker: 'mial', delay: '1h' }, { worker: 'mail' }] });
    expect(many.json['jobs']).toMatchObject([{ unserved: false }, { state: 'scheduled', unserved: true }, { unserved: false }]);
  });

  it('is told wherever the job is shown, as long as it waits', async () => {
    const id = String((await push({ worker: 'mial', queue: 'letters' })).json['id']);
    expect((await server.ask('GET', `/v1/jobs/${id}`)).json).toMatchObject({ unserved: true });
    expect((await server.ask('GET', '/v1/jobs')).json['jobs']).toMatchObject([{ id, unserved: true }]);
    expect((await server.ask('GET', `/v1/jobs/${id}/wait?timeout=1ms`)).json).toMatchObject({ unserved: true });
    expect((await server.ask('POST', `/v1/jobs/${id}/cancel`)).json).toMatchObject({ state: 'canceled', unserved: false });
    expect((await server.ask('POST', `/v1/jobs/${id}/restart`)).json).toMatchObject({ state: 'queued', unserved: true });
  });

  it('is counted, for its queue and in all', async () => {
    await push({ worker: 'mial', queue: 'letters' });
    await push({ worker: 'mial', queue: 'letters', delay: '1h' });
    await push({ url, queue: 'letters' });
    expect((await server.ask('GET', '/v1/stats')).json).toMatchObject({ total: 3, unserved: 2 });
    expect((await server.ask('GET', '/v1/queues')).json['queues']).toMatchObject([{ name: 'letters', unserved: 2 }]);
    expect((await server.ask('GET', '/v1/queues/letters')).json).toMatchObject({ unserved: 2 });
    expect((await server.ask('POST', '/v1/queues/empty/pause')).json).toMatchObject({ unserved: 0 });
  });

  it('is served by a node that drains, and by one that does not tell all it serves', async () => {
    await serve('mail');
    await server.store.nodes.steer('of-mail', 'draining');
    expect((await push({ worker: 'mail' })).json).toMatchObject({ unserved: false });
    await server.store.nodes.join(node('many', { serves: null }), 60_000);
    const { json } = await server.ask('GET', '/v1/nodes');
    expect(json['nodes']).toMatchObject([{ mode: 'draining', serves: [{ worker: 'mail', queues: 'any' }] }, { serves: null }]);
  });
});
