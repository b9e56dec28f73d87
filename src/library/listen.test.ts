import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StandardSchema } from '../core/standard-schema.ts';
import { Hatstand, HatstandError, type Listening } from '../index.ts';
import type { Logger } from '../ports/logger.ts';
import type { Store } from '../ports/store/store.ts';
import { openMemory } from '../stores/memory/index.ts';
import { silent } from '../system/silent.ts';
import { defineWorker } from './defined.ts';

let hatstand: Hatstand;
let store: Store;
const warned: string[] = [];
const log: Logger = { ...silent, warn: (name) => void warned.push(name) };

beforeEach(() => {
  warned.length = 0;
  store = openMemory();
  hatstand = new Hatstand({ store, log });
});
afterEach(() => hatstand.stop(0));

const ask = async ({ address }: Listening, path: string, init: RequestInit = {}) => {
  const answer = await fetch(`${address}${path}`, init);
  const text = await answer.text();
  return { status: answer.status, text, json: () => JSON.parse(text) as Record<string, unknown> };
};
const push = (body: object): RequestInit => ({
  method: 'POST',
  body: JSON.stringify(body),
  headers: { 'content-type': 'application/json' },
});
const codeOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => 'nothing',
    (error: unknown) => (error instanceof HatstandError ? error.code : error),
  );

describe('a node that listens', () => {
  it("serves the API, HQ's too, and the page, and shows where it is reached", async () => {
    await hatstand.start();
    const listening = await hatstand.listen({ port: 0 });
    const work = hatstand.worker('double', (n: number) => 2 * n);
    expect(listening.address).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const pushed = await ask(listening, '/v1/jobs', push({ worker: 'double', payload: 21 }));
    expect(pushed.status).toBe(201);
    expect(await work.wait(String(pushed.json()['id']), '10s')).toMatchObject({ state: 'succeeded', result: 42 });
    expect((await ask(listening, '/stats')).json()).toMatchObject({ queues: 8_192 });
    expect((await ask(listening, '/ui')).text).toContain('<html');
    await expect
      .poll(async () => (await ask(listening, '/v1/nodes')).json()['nodes'])
      .toMatchObject([{ address: listening.address, serves: [{ worker: 'http' }, { worker: 'double' }] }]);
  });

  it('takes one key and one job for the same push, whichever face it comes by', async () => {
    await hatstand.start();
    const listening = await hatstand.listen({ port: 0 });
    const ofLibrary = await hatstand.push('greet', { text: 'grüß dich', times: 2 }, { idempotencyKey: 'greeting', delay: '1h' });
    const text =
      '{"worker": "greet", "delay": "60m", "idempotencyKey": "greeting", "payload": { "text": "gr\\u00fc\\u00df dich", "times": 2 }}';
    const ofV1 = await ask(listening, '/v1/jobs', { ...push({}), body: text });
    expect([ofV1.status, ofV1.json()['id']]).toEqual([200, ofLibrary.id]);
    const other = await ask(listening, '/v1/jobs', { ...push({}), body: text.replace('2 }', '2.0 }') });
    expect([other.status, other.json()['code']]).toEqual([422, 'key_reused']);

    const first = await ask(listening, '/v1/jobs', push({ worker: 'rest', idempotencyKey: 'nothing', payload: null }));
    expect((await hatstand.push('rest', undefined, { idempotencyKey: 'nothing' })).id).toBe(first.json()['id']);

    const body = { url: 'http://127.0.0.1:9/', payload: { a: 1 }, timeout: 5 };
    const asked = push(body);
    const ofHq = await ask(listening, '/job', { ...asked, headers: { ...asked.headers, 'idempotency-key': 'hq' } });
    const same = push({ ...body, timeout: '5s', rules: 'hq', idempotencyKey: 'hq' });
    expect((await ask(listening, '/v1/jobs', same)).json()['id']).toBe(ofHq.json()['id']);
  });

  it('gives a job that is pushed over HTTP what its function says, where the push does not', async () => {
    const listening = await hatstand.listen({ port: 0 });
    hatstand.worker('rare', { attempts: 3, backoff: '5s', timeout: '20s' }, () => null);
    const pushed = async (more: object) => (await ask(listening, '/v1/jobs', push({ worker: 'rare', delay: '1h', ...more }))).json();
    expect(await pushed({})).toMatchObject({ timeout: '20s', retry: { attempts: 3, backoff: '5s' } });
    expect(await pushed({ timeout: '1s', retry: { attempts: 7 } })).toMatchObject({ timeout: '1s', retry: { attempts: 7, backoff: '5s' } });
    expect(await pushed({ worker: 'other' })).toMatchObject({ timeout: '10s', retry: { attempts: 1 } });
  });

  it('runs HTTP jobs', async () => {
    const app = createServer((request, response) => void request.resume().on('end', () => response.end('"done"'))).listen(0, '127.0.0.1');
    await new Promise((resolve) => app.once('listening', resolve));
    const listening = await hatstand.listen({ port: 0, httpConcurrency: 2 });
    await hatstand.listen({ port: 0 });
    await hatstand.start();
    const { json } = await ask(listening, '/v1/jobs', push({ url: `http://127.0.0.1:${(app.address() as AddressInfo).port}/` }));
    expect(await hatstand.wait(String(json()['id']), '10s')).toMatchObject({
      state: 'succeeded',
      statusCode: 200,
      output: '"done"',
      result: 'done',
    });
    app.close();
  });

  it('asks for its token, and leaves the page out when told so', async () => {
    const listening = await hatstand.listen({ port: 0, token: 'a-secret-that-is-long', ui: false });
    expect((await ask(listening, '/v1/stats')).status).toBe(401);
    expect((await ask(listening, '/v1/stats', { headers: { authorization: 'Bearer a-secret-that-is-long' } })).status).toBe(200);
    expect((await ask(listening, '/ui')).status).toBe(401);
    expect(warned).toEqual([]);
  });

  it('warns of a token that can be guessed', async () => {
    await hatstand.listen({ port: 0, token: 'guess' });
    expect(warned).toEqual(['http.at_risk']);
  });

  it('warns when others would need a token', async () => {
    await hatstand.listen({ port: 0, host: '0.0.0.0', token: undefined });
    expect(warned).toEqual(['http.has_no_token']);
  });

  it('answers until its jobs have ended, then closes with the node', async () => {
    const begun = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const work = hatstand.worker('w', () => {
      begun.resolve();
      return release.promise;
    });
    const listening = await hatstand.listen({ port: 0 });
    await hatstand.start();
    const { id } = await work.push();
    await begun.promise;
    const stopped = hatstand.stop();
    expect((await ask(listening, `/v1/jobs/${id}`)).json()).toMatchObject({ state: 'running' });
    release.resolve();
    await stopped;
    await expect(ask(listening, '/livez')).rejects.toThrow();
    expect(await codeOf(hatstand.listen({ port: 0 }))).toBe('shutting_down');
  });

  it.each([{}, { httpConcurrency: 0 }])('leaves nothing open when the node is stopped while it begins to listen: %o', async (options) => {
    await hatstand.start();
    const { address } = await hatstand.listen({ port: 0, httpConcurrency: 0 });
    const port = Number(new URL(address).port);
    const other = new Hatstand({ store: openMemory(), log });
    await other.start();
    await hatstand.stop(0);
    const code = codeOf(other.listen({ port, ...options }));
    await other.stop(0);
    expect(await code).toBe(options.httpConcurrency === 0 ? 'nothing' : 'shutting_down');
    const next = new Hatstand({ store: openMemory(), log });
    expect(await codeOf(next.listen({ port }))).toBe('nothing');
    await next.stop(0);
  });

  it('is refused a port that is taken, and options that are none', async () => {
    const { address } = await hatstand.listen({ port: 0 });
    expect(await codeOf(hatstand.listen({ port: Number(new URL(address).port) }))).toBe('address_in_use');
    const none = [{ port: 70_000 }, { port: '80' }, { tokn: 'x' }, { token: '' }, { host: 5 }, { host: '' }, { host: ' ' }];
    const names = ['a', ['x y'], ['http://'], [''], ['jobs.example.com', 'a/b']].map((allowedHosts) => ({ allowedHosts }));
    for (const options of [...none, ...names]) {
      expect([options, await codeOf(hatstand.listen(options as never))]).toEqual([options, 'invalid_request']);
    }
    await hatstand.listen({ port: 0, allowedHosts: ['jobs.example.com', 'https://jobs.example.com', '[::1]:8443'] });
  });

  it('serves as many addresses as it is asked to, each with its own token, and the first number of HTTP jobs counts', async () => {
    await hatstand.start();
    const inside = await hatstand.listen({ port: 0, httpConcurrency: 3 });
    const outside = await hatstand.listen({ port: 0, token: 'secret', httpConcurrency: 3 });
    expect([(await ask(inside, '/v1/stats')).status, (await ask(outside, '/v1/stats')).status]).toEqual([200, 401]);
    await expect(hatstand.listen({ port: 0, httpConcurrency: 4 })).rejects.toMatchObject({
      code: 'conflict',
      message: 'httpConcurrency of listen must be left out: this node runs 3 HTTP jobs at once already, as an earlier listen said.',
    });
    await inside.close();
    expect((await ask(outside, '/v1/stats')).status).toBe(401);
  });

  it.each([5, undefined])('is refused another number of HTTP jobs while an earlier listen has not ended: %s', async (first) => {
    await hatstand.start();
    const both = [hatstand.listen({ port: 0, httpConcurrency: first }), hatstand.listen({ port: 0, httpConcurrency: 7 })];
    expect(await Promise.all(both.map(codeOf))).toEqual(['nothing', 'conflict']);
  });

  it('follows no redirect to itself, also when one of two addresses with the same port is closed', async () => {
    await hatstand.start();
    const stays = await hatstand.listen({ port: 0 });
    const goes = await hatstand.listen({ port: Number(new URL(stays.address).port), host: '127.0.0.2' });
    const app = createServer((_, response) => response.writeHead(302, { location: `${stays.address}/stats` }).end());
    app.listen(0, '127.0.0.1');
    await once(app, 'listening');
    const url = `http://127.0.0.1:${(app.address() as AddressInfo).port}/`;
    await goes.close();
    await goes.close();
    const { json } = await ask(stays, '/v1/jobs', push({ url, rules: 'hq' }));
    expect(await hatstand.wait(String(json()['id']), '10s')).toMatchObject({
      state: 'failed',
      error: expect.stringContaining('the redirect leads back to this server'),
    });
    app.close();
  });

  it('is refused a number of HTTP jobs when a function runs them', async () => {
    hatstand.worker('http', () => 1);
    await expect(hatstand.listen({ port: 0, httpConcurrency: 4 })).rejects.toMatchObject({ code: 'conflict' });
    await hatstand.listen({ port: 0 });
  });
});

describe('a defined worker over HTTP', () => {
  const digits: StandardSchema<string> = {
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: (value) => (typeof value === 'string' && /^\d+$/.test(value) ? { value } : { issues: [{ message: 'must be digits' }] }),
    },
  };
  const worker = defineWorker({ name: 'sum', input: digits, attempts: 3, adminOnly: true, run: () => 1 });
  const asked = (body: object, token = 'none'): RequestInit => ({
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  });

  it('for administrators alone is unknown to others', async () => {
    hatstand.worker(worker);
    const [open, guarded] = [await hatstand.listen({ port: 0 }), await hatstand.listen({ port: 0, token: 'a-token-of-some-length' })];
    const refused = await ask(open, '/v1/jobs', asked({ worker: 'sum', payload: '1' }));
    expect([refused.status, refused.json()['code']]).toEqual([404, 'unknown_worker']);
    const token = 'a-token-of-some-length';
    const taken = await ask(guarded, '/v1/jobs', asked({ worker: 'sum', payload: '1', retry: { attempts: 9 } }, token));
    expect([taken.status, taken.json()['retry']]).toEqual([201, expect.objectContaining({ attempts: 9 })]);
    expect(await hatstand.push(worker, '5')).toMatchObject({ state: 'queued' });
  });

  it('says to other nodes, too, who may push to it, and how', async () => {
    hatstand.worker(worker);
    hatstand.worker(defineWorker({ name: 'bounded', attempts: 2, timeout: '1s', run: () => 1 }));
    await hatstand.start();
    const other = new Hatstand({ store, log });
    try {
      const [open, guarded] = [await other.listen({ port: 0 }), await other.listen({ port: 0, token: 'a-token-of-some-length' })];
      const wide = { retry: { attempts: 500 }, timeout: '1h' };
      const refused = await ask(open, '/v1/jobs', asked({ worker: 'sum', payload: '1' }));
      expect([refused.status, refused.json()['code']]).toEqual([404, 'unknown_worker']);
      expect((await ask(open, '/v1/triggers', asked({ type: '@hourly', worker: 'sum', message: '1' }))).status).toBe(404);
      const bounded = await ask(open, '/v1/jobs', asked({ worker: 'bounded', ...wide }));
      expect([bounded.status, bounded.json()]).toMatchObject([201, { timeout: '1s', retry: { attempts: 2 } }]);
      const byAdmin = await ask(guarded, '/v1/jobs', asked({ worker: 'bounded', ...wide }, 'a-token-of-some-length'));
      expect([byAdmin.status, byAdmin.json()]).toMatchObject([201, { timeout: '1h', retry: { attempts: 500 } }]);
    } finally {
      await other.stop(0);
    }
  });

  it('for administrators alone is unknown to triggers and imports of others, too', async () => {
    hatstand.worker(worker);
    hatstand.worker(defineWorker({ name: 'free', input: digits, run: () => 1 }));
    const [open, guarded] = [await hatstand.listen({ port: 0 }), await hatstand.listen({ port: 0, token: 'a-token-of-some-length' })];
    const trigger = { id: 'a', type: '@hourly', worker: 'sum', message: '1' };
    const code = async (path: string, body: object) => {
      const { status, json } = await ask(open, path, asked(body));
      return [status, json()['code']];
    };
    expect(await code('/v1/triggers', trigger)).toEqual([404, 'unknown_worker']);
    expect((await ask(guarded, '/v1/triggers', asked(trigger, 'a-token-of-some-length'))).status).toBe(201);
    expect(await code('/v1/triggers/a/launch', {})).toEqual([404, 'unknown_worker']);
    expect(await code('/v1/triggers/a/backfill', { from: '2026-01-01T00:00:00Z', to: '2026-01-01T01:00:00Z' })).toEqual([
      404,
      'unknown_worker',
    ]);
    expect((await ask(open, '/v1/triggers', asked({ ...trigger, id: 'b', worker: 'free' }))).status).toBe(201);
    const changed = await ask(open, '/v1/triggers/b', { ...asked({ worker: 'sum' }), method: 'PATCH' });
    expect([changed.status, changed.json()['code']]).toEqual([404, 'unknown_worker']);
    await hatstand.push(worker, '5');
    const token = { authorization: 'Bearer a-token-of-some-length' };
    const lines = await (await fetch(`${guarded.address}/v1/export`, { headers: token })).text();
    const imported = { method: 'POST', headers: { 'content-type': 'application/x-ndjson' }, body: lines };
    const { faults } = (await ask(open, '/v1/import', imported)).json() as { readonly faults?: readonly { readonly code: string }[] };
    expect(faults?.map((fault) => fault.code)).toEqual(['unknown_worker', 'unknown_worker']);
  });

  it('takes from a trigger what fits its schema, once it is known', async () => {
    hatstand.worker(defineWorker({ name: 'free', input: digits, attempts: 3, run: () => 1 }));
    const listening = await hatstand.listen({ port: 0 });
    const added = async (body: object) => {
      const { status, json } = await ask(listening, '/v1/triggers', asked({ worker: 'free', ...body }));
      return [status, json()['code']];
    };
    expect(await added({ type: '@hourly', message: 'x' })).toEqual([422, 'message_invalid']);
    expect(await added({ type: '@hourly' })).toEqual([422, 'message_missing']);
    expect(await added({ type: '@webhook' })).toEqual([201, undefined]);
    expect(await added({ id: 'a', type: '@hourly', message: '1' })).toEqual([201, undefined]);
    const launched = await ask(listening, '/v1/triggers/a/launch', asked({ payload: 'x' }));
    expect(launched.json()['code']).toBe('message_invalid');
  });

  it('takes what fits its schema, of many each for itself, within its limits', async () => {
    hatstand.worker(defineWorker({ name: 'free', input: digits, attempts: 3, run: () => 1 }));
    const listening = await hatstand.listen({ port: 0 });
    const bad = await ask(listening, '/v1/jobs', asked({ worker: 'free', payload: 'x' }));
    expect([bad.status, bad.json()['code']]).toEqual([422, 'message_invalid']);
    const none = await ask(listening, '/v1/jobs', asked({ worker: 'free' }));
    expect([none.status, none.json()['code']]).toEqual([422, 'message_missing']);
    const lowered = await ask(listening, '/v1/jobs', asked({ worker: 'free', payload: '1', retry: { attempts: 9 } }));
    expect(lowered.json()['retry']).toMatchObject({ attempts: 3 });
    const many = await ask(
      listening,
      '/v1/jobs',
      asked([
        { worker: 'free', payload: 'x' },
        { worker: 'free', payload: '2' },
      ]),
    );
    expect(many.json()).toMatchObject({ pushed: 1, failed: 1, jobs: [{ error: { code: 'message_invalid' } }, { kind: 'pushed' }] });
  });
});
