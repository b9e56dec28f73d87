import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Job } from '../../../core/job.ts';
import { checkpointKeyOf, taskKeyOf } from '../../../core/task.ts';
import { readTask } from '../../../core/task-record.ts';
import { node } from '../../../stores/conformance/subject.ts';
import { failed, openServer, succeeded, type TestServer } from '../server.suite.ts';
import { fireTasks } from './tasks.suite.ts';

let server: TestServer;
beforeEach(async () => {
  server = await openServer();
});
afterEach(() => server.close());

const post = (path: string, body: object | string | undefined = undefined) => server.ask('POST', path, body === undefined ? {} : { body });
const get = (path: string) => server.ask('GET', path);
const fire = () => fireTasks(server.store);
const tail = { worker: 'tail', id: 'a', message: { file: 'x' } };

/** As a node does it that serves the worker. */
async function claim(): Promise<Job> {
  const want = { worker: 'tail', queues: 'any', slots: 1 } as const;
  const { jobs } = await server.store.jobs.claim({ operation: 'o', holder: 'web-1', wants: () => [want], attemptTtl: 60_000 });
  return jobs[0] ?? expect.fail('no job is ready');
}

async function started(fields: object = {}): Promise<Job> {
  await post('/v1/tasks', { ...tail, ...fields });
  await fire();
  return claim();
}

const plain = { group: '', state: null, due: 'never', dueOnEnd: false, if: null } as const;

describe('a task', () => {
  it('is started with an id of its own choosing, or with one that nobody guesses', async () => {
    const chosen = await post('/v1/tasks', { ...tail, domain: 'acme' });
    expect([chosen.status, chosen.headers['location']]).toEqual([201, '/v1/tasks/a?domain=acme']);
    expect(chosen.headers['x-hatstand-durability']).toBeDefined();
    expect(chosen.json).toMatchObject({
      ...{ id: 'a', domain: 'acme', worker: 'tail', desired: 'enabled', status: 'queued', seedStatus: 'STOPPED', unserved: true },
      restart: { on: 'failure', backoff: '1s', maxBackoff: '1m', crashes: 10, healthyAfter: '1m' },
      ...{ pause: null, stalledAfter: null, cleanEnd: false, stateOptional: false, maxDetached: null, queue: 'default', priority: 0 },
      ...{ job: null, holder: '', crashes: 0, newestCrashes: [], end: null, result: null, checkpoint: null, version: 1 },
    });
    const made = await post('/v1/tasks', { worker: 'tail' });
    expect(made.json['id']).toMatch(/^[A-Za-z0-9_-]{16,}$/);
    expect(await post('/v1/tasks', { ...tail, domain: 'acme' })).toMatchObject({ status: 409, json: { code: 'conflict', task: 'a' } });
  });

  it('is started as it is said', async () => {
    const said = {
      restart: { on: 'always', backoff: '2s', maxBackoff: '1m30s', crashes: 3, healthyAfter: '5m' },
      ...{ pause: '10s', stalledAfter: '1m', cleanEnd: true, maxDetached: '30m' },
    };
    const options = { queue: 'slow', priority: 5, name: 'the tail', comment: 'of a file' };
    const { json } = await post('/v1/tasks', { ...tail, ...said, options });
    expect(json).toMatchObject({ ...said, ...options, stateOptional: true });
    await fire();
    expect(await claim()).toMatchObject({ owner: 'task//a', queue: 'slow', priority: 5, name: 'the tail', options: { timeout: null } });
  });

  it('keeps its message byte for byte, also a long one', async () => {
    const message = `{"n": 1.0, "text": "${'x'.repeat(10_000)}"}`;
    const { text } = await post('/v1/tasks', `{"id":"a","worker":"tail","message":${message}}`);
    expect(text).toContain(`"message":${message}`);
    await fire();
    expect((await claim()).payload).toBe(message);
    expect((await post('/v1/tasks/a/restart', '{"message": 2.0}')).text).toContain('"message":2.0');
  });

  it('tells who serves it as long as it waits', async () => {
    await post('/v1/tasks', tail);
    expect((await get('/v1/tasks')).json['tasks']).toMatchObject([{ unserved: true }]);
    await server.store.nodes.join(node('web-1', { serves: [{ worker: 'tail', queues: 'any' }] }), 60_000);
    await expect.poll(async () => (await get('/v1/tasks/a')).json['unserved']).toBe(false);
  });

  it('runs, keeps a checkpoint, tells its progress, ends with its result, and is collected once', async () => {
    const job = await started();
    await server.store.definitions.put([{ ...checkpointKeyOf({ domain: '', id: 'a' }), ...plain, body: '{"line": 7.0}' }], job);
    await server.store.jobs.report(job, { ttl: null, progress: '{"of": 1.0}', lines: [], push: [] });
    const running = await get('/v1/tasks/a');
    expect(running.json).toMatchObject({ status: 'running', seedStatus: 'RUNNING', job: job.id, holder: 'web-1', unserved: false });
    expect(running.text).toContain('"checkpoint":{"line": 7.0},"progress":{"of": 1.0}');
    expect(await post('/v1/tasks/a/collect')).toMatchObject({ status: 409, json: { code: 'conflict' } });
    await server.settle(job, succeeded('{"lines": 9.0}'));
    await fire();
    const collected = await post('/v1/tasks/a/collect');
    expect(collected.json).toMatchObject({ status: 'ended', seedStatus: 'END', end: 'succeeded', endedAt: expect.any(String) });
    expect(collected.text).toContain('"result":{"lines": 9.0},"checkpoint":{"line": 7.0}');
    expect((await post('/v1/tasks/a/collect')).status).toBe(404);
    expect((await server.store.definitions.list({ by: 'keys', keys: [checkpointKeyOf({ domain: '', id: 'a' })] })).definitions).toEqual([]);
  });

  it('shows no result that is no JSON, which an attempt elsewhere may give', async () => {
    await server.settle(await started(), succeeded('done, as it were'));
    await fire();
    expect((await get('/v1/tasks/a')).json).toMatchObject({ end: 'succeeded', result: null });
  });

  it('tells its crashes, and that it has crashed too often', async () => {
    await server.settle(await started({ restart: { backoff: '0s', maxBackoff: '0s', crashes: 2 } }), failed(null, 'the file is not there'));
    await fire();
    const crashed = (await get('/v1/tasks/a')).json;
    expect(crashed).toMatchObject({
      crashes: 1,
      newestCrashes: [{ at: expect.stringMatching(/Z$/), job: expect.any(String), error: 'the file is not there' }],
    });
    await server.settle(await claim(), failed(null, 'it is still not there'));
    await fire();
    expect((await get('/v1/tasks/a')).json).toMatchObject({ status: 'crashed', seedStatus: 'END', end: 'crashed', crashes: 2 });
    expect((await post('/v1/tasks/a/restart')).json).toMatchObject({ status: 'queued', end: null, endedAt: null });
  });

  it('is disabled, enabled and stopped, also while it waits', async () => {
    await post('/v1/tasks', tail);
    await fire();
    expect((await post('/v1/tasks/a/disable')).json).toMatchObject({ desired: 'disabled' });
    await fire();
    expect((await get('/v1/tasks/a')).json).toMatchObject({ desired: 'disabled', status: 'stopped', seedStatus: 'STOPPED' });
    expect((await post('/v1/tasks/a/enable')).json).toMatchObject({ desired: 'enabled', status: 'queued' });
    await fire();
    const job = await claim();
    expect((await post('/v1/tasks/a/stop')).json).toMatchObject({ desired: 'ended', status: 'running', job: job.id });
    await fire();
    expect((await get('/v1/tasks/a')).json).toMatchObject({ status: 'stopping', seedStatus: 'RUNNING' });
    await server.settle(job, succeeded());
    await fire();
    expect((await get('/v1/tasks/a')).json).toMatchObject({ status: 'ended', end: 'stopped' });
  });

  it('is restarted with what is named; what is not stays', async () => {
    await post('/v1/tasks', { ...tail, pause: '1s', options: { queue: 'slow', name: 'the tail' } });
    const asked = { message: 5, restart: { crashes: 2 }, options: { name: 'another' }, stateOptional: true };
    expect((await post('/v1/tasks/a/restart', asked)).json).toMatchObject({
      ...{ message: 5, pause: '1s', queue: 'slow', name: 'another', stateOptional: true, maxDetached: '1h' },
      restart: { on: 'failure', backoff: '1s', crashes: 2 },
    });
    const again = await post('/v1/tasks/a/restart', { pause: null, stateOptional: false });
    expect(again.json).toMatchObject({ message: 5, pause: null, stateOptional: false, maxDetached: null });
  });

  it('moves to a node that serves it, or away from one', async () => {
    await post('/v1/tasks', tail);
    expect(await post('/v1/tasks/a/move', { to: 'web-1' })).toMatchObject({ status: 409, json: { code: 'conflict', node: 'web-1' } });
    for (const name of ['web-1', 'web-2'])
      await server.store.nodes.join(node(name, { name, serves: [{ worker: 'tail', queues: 'any' }] }), 60_000);
    const placed = async (body: object) => {
      expect((await post('/v1/tasks/a/move', body)).json).toMatchObject({ id: 'a', desired: 'enabled' });
      const { definitions } = await server.store.definitions.list({ by: 'keys', keys: [taskKeyOf({ domain: '', id: 'a' })] });
      return readTask(definitions[0]?.body ?? null).place;
    };
    expect(await placed({ to: 'web-1' })).toMatchObject({ how: 'to', node: 'web-1' });
    expect(await placed({ from: 'web-1' })).toMatchObject({ how: 'from', node: 'web-1' });
  });

  it('is listed page by page, by tenant and by worker, without what is long, and deleted', async () => {
    for (const id of ['a', 'b', 'c']) await post('/v1/tasks', { ...tail, id });
    await post('/v1/tasks', { ...tail, worker: 'other', domain: 'acme' });
    const idsOf = async (query: string) => (await get(`/v1/tasks${query}`)).json;
    const page = await idsOf('?limit=2');
    expect(page['tasks']).toMatchObject([{ id: 'a' }, { id: 'b' }]);
    expect((page['tasks'] as object[])[0]).not.toHaveProperty('checkpoint');
    expect((await idsOf(`?worker=tail&cursor=${page['next']}`))['tasks']).toMatchObject([{ id: 'c', domain: '' }]);
    expect((await idsOf('?domain=acme'))['tasks']).toMatchObject([{ id: 'a', domain: 'acme', worker: 'other' }]);
    expect((await idsOf('?worker=nobody'))['tasks']).toEqual([]);
    expect((await server.ask('DELETE', '/v1/tasks/b')).status).toBe(204);
    expect((await idsOf('?domain='))['tasks']).toMatchObject([{ id: 'a' }, { id: 'c' }]);
    expect((await server.ask('DELETE', '/v1/tasks/b')).status).toBe(404);
  });

  it('that runs is deleted once it has returned', async () => {
    const job = await started();
    expect((await server.ask('DELETE', '/v1/tasks/a')).status).toBe(204);
    expect((await get('/v1/tasks/a')).json).toMatchObject({ desired: 'deleted' });
    await fire();
    await server.settle(job, succeeded());
    await fire();
    expect((await get('/v1/tasks/a')).status).toBe(404);
  });

  it('that nobody can read is told as other such records are, and deleted as any other', async () => {
    for (const id of ['a', 'b']) await post('/v1/tasks', { ...tail, id });
    await server.store.definitions.put([{ ...taskKeyOf({ domain: '', id: 'a' }), ...plain, body: '{}' }]);
    expect((await get('/v1/tasks')).json['tasks']).toMatchObject([{ id: 'b' }]);
    expect((await get('/v1/tasks/a')).json).toMatchObject({ code: 'unreadable', record: 'definition:task//a' });
    expect((await server.ask('DELETE', '/v1/tasks/a')).status).toBe(204);
    expect((await get('/v1/tasks/a')).status).toBe(404);
  });

  it('whose checkpoint nobody can read is shown without it', async () => {
    await post('/v1/tasks', tail);
    await server.store.definitions.put([{ ...checkpointKeyOf({ domain: '', id: 'a' }), ...plain, body: '{"line":' }]);
    expect((await get('/v1/tasks/a')).json).toMatchObject({ id: 'a', checkpoint: null });
    expect((await get('/v1/unreadable')).json).toMatchObject({ records: [{ id: 'definition:checkpoint//a' }] });
  });

  it('that is not there is told of, whatever is asked of it', async () => {
    for (const verb of ['restart', 'enable', 'disable', 'stop', 'collect'])
      expect(await post(`/v1/tasks/none/${verb}`), verb).toMatchObject({ status: 404, json: { code: 'not_found', task: 'none' } });
    expect((await post('/v1/tasks/none/move', { to: 'web-1' })).status).toBe(404);
    expect((await post('/v1/tasks/none/controls', { name: 'reload' })).status).toBe(404);
    expect((await get('/v1/tasks/none/controls?domain=acme')).json['detail']).toContain('There is no task "none" of the domain "acme"');
  });

  it('moves to another store, and begins there', async () => {
    await post('/v1/tasks', tail);
    const exported = (await get('/v1/export')).text;
    const other = await openServer();
    const imported = await other.ask('POST', '/v1/import', { body: exported, headers: { 'content-type': 'application/x-ndjson' } });
    expect(imported.json).toMatchObject({ definitions: 1, failed: 0 });
    await fireTasks(other.store);
    expect((await other.ask('GET', '/v1/tasks/a')).json).toMatchObject({
      status: 'queued',
      message: { file: 'x' },
      job: expect.any(String),
    });
    await other.close();
  });
});

describe('a control message', () => {
  it('waits, byte for byte and in its order, until it is handled', async () => {
    await post('/v1/tasks', { ...tail, domain: 'acme' });
    const path = '/v1/tasks/a/controls?domain=acme';
    const data = `[1.0, "${'x'.repeat(10_000)}"]`;
    const told = await post(path, `{"name":"rewind","data":${data}}`);
    expect([told.status, told.json]).toEqual([202, { id: expect.stringMatching(/^a\/./) }]);
    await post(path, { name: 'reload' });
    const { text, json } = await get(path);
    expect(json['controls']).toMatchObject([
      { id: told.json['id'], name: 'rewind' },
      { name: 'reload', data: null, at: expect.stringMatching(/Z$/) },
    ]);
    expect(text).toContain(`"data":${data}`);
  });

  it('is refused when it is too long, or has no name', async () => {
    await post('/v1/tasks', tail);
    expect(await post('/v1/tasks/a/controls', { name: 'reload', data: 'x'.repeat(16_384) })).toMatchObject({
      status: 413,
      json: { code: 'too_large', field: 'data' },
    });
    for (const [body, field] of [
      [{ data: 1 }, 'name'],
      [{ name: 'two words' }, 'name'],
      [{ name: 'reload', payload: 1 }, 'payload'],
      ['{"name":"a","name":"b"}', 'name'],
    ] as const)
      expect((await post('/v1/tasks/a/controls', body)).json, JSON.stringify(body)).toMatchObject({ code: 'invalid_request', field });
    expect((await get('/v1/tasks/a/controls')).json).toEqual({ controls: [], next: null });
  });

  it('is listed page by page, no more of them than may be in memory at once', async () => {
    await post('/v1/tasks', tail);
    for (let n = 0; n < 150; n++) await post('/v1/tasks/a/controls', { name: `n${n}`, data: 'x'.repeat(16_000) });
    const page = async (query: string) => {
      const { json } = await get(`/v1/tasks/a/controls${query}`);
      return { names: (json['controls'] as { name: string }[]).map(({ name }) => name), next: json['next'] };
    };
    const names = Array.from({ length: 150 }, (_, n) => `n${n}`);
    const few = await page('?limit=3');
    expect(few.names).toEqual(names.slice(0, 3));
    const first = await page('?limit=1000');
    expect(first.names.length).toBeLessThan(150);
    const rest = await page(`?after=${first.next}&limit=1000`);
    expect([...first.names, ...rest.names]).toEqual(names);
    expect(await page(`?after=${few.next}&limit=1`)).toMatchObject({ names: ['n3'], next: expect.any(Number) });
    expect(rest.next).toBe(null);
  });
});

const ofHttp = 'a function that nodes keep running';

describe('what is wrong with a task', () => {
  it.each<readonly [object | string, string, string]>([
    [{}, 'worker', 'worker is required'],
    [{ worker: 'two words' }, 'worker', 'letters, digits'],
    [{ worker: 'http' }, 'worker', ofHttp],
    [{ worker: 'client' }, 'worker', ofHttp],
    [{ url: 'http://127.0.0.1:9/' }, 'url', ofHttp],
    [{ worker: 'tail', url: 'http://127.0.0.1:9/' }, 'url', ofHttp],
    [{ worker: 'tail', id: '..' }, 'id', 'letters, digits'],
    [{ worker: 'tail', domain: 'a b' }, 'domain', 'letters, digits'],
    [{ worker: 'tail', paus: '1s' }, 'paus', 'did you mean pause?'],
    [{ worker: 'tail', pause: 5 }, 'pause', 'a duration'],
    [{ worker: 'tail', pause: '5 minutes' }, 'pause', 'a duration'],
    [{ worker: 'tail', stalledAfter: '999ms' }, 'stalledAfter', 'at least 1s'],
    [{ worker: 'tail', stalledAfter: '4000d' }, 'stalledAfter', 'stalledAfter must be'],
    [{ worker: 'tail', cleanEnd: 'yes' }, 'cleanEnd', 'true or false'],
    [{ worker: 'tail', stateOptional: 1 }, 'stateOptional', 'true or false'],
    [{ worker: 'tail', maxDetached: null }, 'maxDetached', 'a duration'],
    [{ worker: 'tail', stateOptional: false, maxDetached: '1m' }, 'maxDetached', 'for tasks that are stateOptional'],
    [{ worker: 'tail', restart: 'always' }, 'restart', 'an object'],
    [{ worker: 'tail', restart: { on: 'allways' } }, 'restart.on', 'did you mean always?'],
    [{ worker: 'tail', restart: { backoff: '-1s' } }, 'restart.backoff', 'a duration'],
    [{ worker: 'tail', restart: { backoff: '2m', maxBackoff: '1m' } }, 'restart.backoff', 'must not be longer'],
    [{ worker: 'tail', restart: { crashes: 0 } }, 'restart.crashes', 'a whole number from 1'],
    [{ worker: 'tail', restart: { healthyAfter: '' } }, 'restart.healthyAfter', 'a duration'],
    [{ worker: 'tail', restart: { retries: 1 } }, 'restart.retries', 'has no field'],
    [{ worker: 'tail', options: { queue: '' } }, 'options.queue', 'letters, digits'],
    [{ worker: 'tail', options: { priority: 1.5 } }, 'options.priority', 'a whole number'],
    [{ worker: 'tail', options: { timeout: '1s' } }, 'options.timeout', 'has no field'],
    ['{"worker":"tail","message":1,"message":2}', 'message', 'stands more than once'],
    ['{"worker":"tail","restart":{"crashes":1,"crashes":2}}', 'crashes', 'stands more than once'],
    ['{"worker":"tail","options":{"queue":"a","queue":"b"}}', 'queue', 'stands more than once'],
  ])('%j is told, and nothing is kept', async (body, field, detail) => {
    const answer = await post('/v1/tasks', body);
    expect(answer.json, answer.text).toMatchObject({ status: 400, code: 'invalid_request', field });
    expect(answer.json['detail']).toContain(detail);
    expect((await get('/v1/tasks')).json['tasks']).toEqual([]);
  });

  it.each<readonly [string, object | string, string]>([
    ['restart', { worker: 'other' }, 'worker'],
    ['restart', { restart: { on: 'no' } }, 'restart.on'],
    ['restart', { stateOptional: false, maxDetached: '1m' }, 'maxDetached'],
    ['restart', { stalledAfter: '1ms' }, 'stalledAfter'],
    ['restart', '{"message":1,"message":2}', 'message'],
    ['move', {}, 'to'],
    ['move', { to: 'a', from: 'b' }, 'to'],
    ['move', { to: '' }, 'to'],
    ['move', { node: 'a' }, 'node'],
  ])('%s by %j is told, and nothing changes', async (verb, body, field) => {
    await post('/v1/tasks', tail);
    const before = (await get('/v1/tasks/a')).json;
    expect((await post(`/v1/tasks/a/${verb}`, body)).json).toMatchObject({ status: 400, code: 'invalid_request', field });
    expect((await get('/v1/tasks/a')).json).toEqual(before);
  });

  it('in a query is told', async () => {
    for (const [query, field] of [
      ['limit=0', 'limit'],
      ['limit=501', 'limit'],
      ['worker=', 'worker'],
      ['status=running', 'status'],
      ['cursor=x', 'cursor'],
    ] as const)
      expect((await get(`/v1/tasks?${query}`)).json).toMatchObject({ status: 400, field });
    expect((await post('/v1/tasks/a/stop', { now: true })).status).toBe(400);
    expect((await post('/v1/tasks')).json['detail']).toContain('A task is described by a JSON object');
    expect((await post('/v1/tasks', '[]')).status).toBe(400);
  });
});
