import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { noResult } from '../../../core/job.ts';
import { openMemory } from '../../../stores/memory/index.ts';
import { type Answer, failed, openServer, succeeded, type TestServer } from '../server.suite.ts';

let server: TestServer;
/** How far the store's clock is ahead. */
let ahead = 0;
beforeEach(async () => {
  server = await openServer({}, openMemory({ clock: { now: () => Date.now() + ahead } }));
});
afterEach(() => server.close());

const url = 'http://127.0.0.1:9/mail';

async function push(fields: object = {}): Promise<string> {
  const { json, status } = await server.ask('POST', '/v1/jobs', { body: { url, ...fields } });
  expect(status).toBe(201);
  return String(json['id']);
}

async function ended(fields: object = {}): Promise<string> {
  const id = await push(fields);
  await server.settle(await server.start(), succeeded('done'));
  return id;
}

const idsOf = (answer: Answer): string[] => (answer.json['jobs'] as { id: string }[]).map((job) => job.id);

describe('GET /v1/jobs', () => {
  it('pages through all of them, newest or oldest first, without payload and output', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 5; i++) ids.push(await push({ name: `n${i}`, payload: i }));
    for (const [order, expected] of [
      ['newest', ids.toReversed()],
      ['oldest', ids],
    ] as const) {
      const found: string[] = [];
      let cursor = '';
      do {
        const page = await server.ask('GET', `/v1/jobs?limit=2&order=${order}${cursor}`);
        expect((page.json['jobs'] as object[])[0]).not.toHaveProperty('payload');
        found.push(...idsOf(page));
        cursor = page.json['next'] === null ? '' : `&cursor=${page.json['next']}`;
      } while (cursor !== '');
      expect(found).toEqual(expected);
    }
  });

  it('gives what meets the filter', async () => {
    const mail = await push({ queue: 'mail' });
    const done = await ended({ queue: 'other', name: 'send it' });
    expect(idsOf(await server.ask('GET', '/v1/jobs?q=queue:mail'))).toEqual([mail]);
    expect(idsOf(await server.ask('GET', '/v1/jobs?q=state:succeeded%20name:send*'))).toEqual([]);
    expect([mail, done]).toContain((await server.ask('GET', '/v1/jobs?q=-state:queued&limit=1')).text.match(/"id":"(\d+)"/)?.[1]);
    expect(idsOf(await server.ask('GET', '/v1/jobs?q=created:<1h'))).toHaveLength(2);
  });

  it('gives what failed for a cause, and refuses a cause that there is not', async () => {
    const late = await push({ retry: { attempts: 1 } });
    await server.settle(await server.start(), { kind: 'failed', result: { ...noResult, error: 'too late', cause: 'timeout' } });
    await ended();
    expect(idsOf(await server.ask('GET', '/v1/jobs?q=cause:timeout,refused'))).toEqual([late]);
    expect((await server.ask('GET', '/v1/jobs?q=cause:timout')).json).toMatchObject({
      ...{ code: 'invalid_filter', detail: expect.stringContaining('There is no cause "timout"; did you mean timeout?') },
    });
  });
});

describe('GET /v1/jobs/:id', () => {
  it('tells the whole life of a job, newest attempt first', async () => {
    const id = await push({ retry: { backoff: '1ms' } });
    const first = await server.start();
    await server.settle(first, failed(503, 'the worker answered 503'));
    ahead += 1_000;
    const second = await server.start();
    await server.settle(second, succeeded('hello'));
    const { json } = await server.ask('GET', `/v1/jobs/${id}`);
    expect(json).toMatchObject({
      state: 'succeeded',
      attempt: 2,
      statusCode: 200,
      output: 'hello',
      outputCut: false,
      error: '',
      holder: 'test',
    });
    expect(json['history']).toMatchObject([
      { run: 1, attempt: 2, fence: second.fence, end: 'succeeded', statusCode: 200, output: 'hello' },
      { run: 1, attempt: 1, fence: first.fence, holder: 'test', end: 'failed', statusCode: 503, error: 'the worker answered 503' },
    ]);
  });

  it('shows earlier attempts with the beginnings of their outputs, in pages', async () => {
    const id = await push({ retry: { attempts: 9, backoff: '1ms' } });
    const large = 'x'.repeat(1_000_000);
    for (let i = 1; i < 6; i++) {
      await server.settle(await server.start(), { kind: 'failed', result: { ...noResult, output: `${i}${large}` } });
      ahead += 1_000;
    }
    await server.settle(await server.start(), succeeded(`6${large}`));
    const { json } = await server.ask('GET', `/v1/jobs/${id}`);
    const shown = (attempts: unknown) =>
      (attempts as { attempt: number; output: string; outputCut: boolean }[]).map((each) => [
        each.attempt,
        each.output[0],
        each.output.length,
        each.outputCut,
      ]);
    const earlier = [5, 4, 3, 2, 1].map((n) => [n, String(n), 16_384, true]);
    expect(shown(json['history'])).toEqual([[6, '6', 1_000_001, false], ...earlier]);
    expect(json['historyNext']).toBeNull();

    const all: unknown[] = [];
    let pages = 0;
    for (let query: string | null = '?limit=2'; query !== null; pages++) {
      const page: Answer['json'] = (await server.ask('GET', `/v1/jobs/${id}/attempts${query}`)).json;
      all.push(...(page['attempts'] as unknown[]));
      query = page['next'] === null ? null : `?limit=2&cursor=${page['next']}`;
    }
    expect([all, pages]).toEqual([json['history'], 3]);
    expect((await server.ask('GET', `/v1/jobs/${id}/attempts`)).json).toEqual({ attempts: json['history'], next: null });
    const one = (await server.ask('GET', `/v1/jobs/${id}/attempts?limit=1`)).json;
    expect(shown(one['attempts'])).toEqual([[6, '6', 1_000_001, false]]);
    expect(one['next']).not.toBeNull();
    expect((await server.ask('GET', `/v1/jobs/${id}/attempts?cursor=abc`)).json['code']).toBe('invalid_cursor');
    expect((await server.ask('GET', `/v1/jobs/${id}/attempts?limit=101`)).status).toBe(400);
    expect((await server.ask('GET', '/v1/jobs/7/attempts')).status).toBe(404);
  });

  it('says that jobs are not kept for ever', async () => {
    expect((await server.ask('GET', '/v1/jobs/7')).json['detail']).toContain('job_lifetime');
  });
});

describe('GET /v1/jobs/:id/wait', () => {
  it('answers at once for a job that has ended, and at the end of one that has not', async () => {
    const id = await push();
    const waiting = server.ask('GET', `/v1/jobs/${id}/wait?timeout=20s`);
    await server.settle(await server.start(), succeeded());
    expect((await waiting).json['state']).toBe('succeeded');
    expect((await server.ask('GET', `/v1/jobs/${id}/wait`)).json['state']).toBe('succeeded');
  });

  it('answers with the job as it stands when the time is up', async () => {
    const id = await push();
    expect((await server.ask('GET', `/v1/jobs/${id}/wait?timeout=10ms`)).json['state']).toBe('queued');
  });

  it('reads the job only when it answers, as few at a time as other large answers are made', async () => {
    const id = await push();
    const { get } = server.store.jobs;
    let [inside, most, reads] = [0, 0, 0];
    server.store.jobs.get = async (asked) => {
      reads += 1;
      inside += 1;
      most = Math.max(most, inside);
      for (let n = 0; n < 20; n++) await new Promise(setImmediate);
      inside -= 1;
      return get(asked);
    };
    const waits = Array.from({ length: 30 }, () => server.ask('GET', `/v1/jobs/${id}/wait?timeout=300ms`));
    expect((await Promise.all(waits)).map(({ json }) => json['state'])).toEqual(waits.map(() => 'queued'));
    expect(reads).toBe(30);
    expect(most).toBeLessThanOrEqual(8);
  });

  it('does not hold up the end of the server', async () => {
    const other = await openServer();
    const pushed = await other.ask('POST', '/v1/jobs', { body: { url } });
    const asked = Promise.withResolvers<void>();
    const { list } = other.store.jobs;
    other.store.jobs.list = (query) => {
      asked.resolve();
      return list(query);
    };
    const waiting = other.ask('GET', `/v1/jobs/${pushed.json['id']}/wait?timeout=5m`);
    await asked.promise;
    await other.close();
    expect((await waiting).json['state']).toBe('queued');
  });
});

describe('changing a job', () => {
  it('cancels at once what waits, and stops what runs', async () => {
    const waiting = await push();
    const { status, json } = await server.ask('POST', `/v1/jobs/${waiting}/cancel`);
    expect([status, json['state']]).toEqual([200, 'canceled']);
    const running = await push();
    await server.start();
    expect((await server.ask('POST', `/v1/jobs/${running}/cancel`)).json['state']).toBe('stopping');
  });

  it('restarts the same record', async () => {
    const id = await ended();
    const { status, json } = await server.ask('POST', `/v1/jobs/${id}/restart`);
    expect(status).toBe(200);
    expect(json).toMatchObject({ id, state: 'queued', run: 2, attempt: 0, output: '' });
  });

  it('copies in any state, with what is changed', async () => {
    const id = await push({ name: 'a', payload: { n: 1 }, retry: { attempts: 5, backoff: '9s' }, headers: { 'X-A': '1' } });
    const plain = await server.ask('POST', `/v1/jobs/${id}/restart`, { body: { copy: true } });
    expect(plain.status).toBe(201);
    expect(plain.json).toMatchObject({ name: 'a', payload: { n: 1 }, attempts: 5, headers: { 'X-A': '1' }, run: 1 });
    expect(plain.headers['location']).toBe(`/v1/jobs/${plain.json['id']}`);
    const body = '{"payload":[ 1.0 ],"retry":{"attempts":2},"timeout":null}';
    const changed = await server.ask('POST', `/v1/jobs/${id}/restart`, { body });
    expect(changed.text).toContain('"payload":[ 1.0 ]}');
    expect(changed.json).toMatchObject({ name: 'a', retry: { attempts: 2, backoff: '9s' }, timeout: null });
    expect(changed.json['id']).not.toBe(id);
    const asFunction = await server.ask('POST', `/v1/jobs/${id}/restart`, { body: { worker: 'resize' } });
    expect(asFunction.json).toMatchObject({ worker: 'resize', url: '', headers: {} });
  });

  it('deletes what has ended', async () => {
    const id = await ended();
    const gone = await server.ask('DELETE', `/v1/jobs/${id}`);
    expect([gone.status, gone.text]).toEqual([204, '']);
    expect((await server.ask('GET', `/v1/jobs/${id}`)).status).toBe(404);
  });

  it('refuses what the state does not allow and says what to do', async () => {
    const id = await push();
    const restart = await server.ask('POST', `/v1/jobs/${id}/restart`, { body: {} });
    expect(restart.status).toBe(409);
    expect(restart.json).toMatchObject({ code: 'conflict', state: 'queued', job: id });
    expect(restart.json['detail']).toContain('"copy":true');
    expect((await server.ask('DELETE', `/v1/jobs/${id}`)).json['detail']).toContain('cancel it');
    await server.settle(await server.start(), succeeded());
    expect((await server.ask('POST', `/v1/jobs/${id}/cancel`)).json['detail']).toContain('nothing to cancel');
  });

  it('refuses senseless restarts', async () => {
    const id = await ended();
    for (const body of [{ copy: false, name: 'x' }, { delay: '1s' }, { url: 'x' }, { copy: 'yes' }, []]) {
      expect((await server.ask('POST', `/v1/jobs/${id}/restart`, { body })).status).toBe(400);
    }
    expect((await server.store.jobs.get(id))?.state).toBe('succeeded');
  });
});
