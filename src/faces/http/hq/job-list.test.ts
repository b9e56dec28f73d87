import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newJob } from '../../../core/new-job.ts';
import { noRetry } from '../../../core/retry.ts';
import type { JobPage, JobQuery } from '../../../ports/store/jobs.ts';
import { altered } from '../../../stores/conformance/altered.ts';
import { openMemory } from '../../../stores/memory/index.ts';
import { failed, openServer, succeeded, type TestServer } from '../server.suite.ts';
import { pagesOf } from './job-list.ts';
import { listQuery } from './job-query.ts';

const options = { timeout: null, retry: noRetry, onLost: 'retry', rules: 'hq' } as const;

/** Jobs named a0, b1, a2, …: a success, a failure, a running, a stopping, a canceled one, then waiting ones. */
let server: TestServer;
const ids: string[] = [];
beforeAll(async () => {
  server = await openServer();
  for (let i = 0; i < 10; i++) {
    ids.push(await server.push({ name: `${i % 2 ? 'b' : 'a'}${i}`, comment: i === 7 ? 'Seven\nth' : '', url: `http://host${i}/` }));
  }
  await server.settle(await server.start(), succeeded());
  await server.settle(await server.start(), failed(500, ''));
  await server.start();
  const stopping = await server.start();
  await server.ask('POST', `/job/${stopping.id}/stop`);
  await server.ask('POST', `/job/${ids[4]}/stop`);
});
afterAll(() => server.close());

interface Page {
  readonly jobs: readonly { readonly id: string; readonly name: string }[];
  readonly hasNext: boolean;
  readonly next?: string;
  readonly count: number;
}

const page = async (query: string, from: TestServer = server): Promise<Page> =>
  (await from.ask('GET', `/job${query}`)).json as unknown as Page;
const names = async (query: string): Promise<string> => (await page(query)).jobs.map((job) => job.name).join(' ');
const all = 'a0 b1 a2 b3 a4 b5 a6 b7 a8 b9';
const backwards = all.split(' ').reverse().join(' ');

describe('GET /job', () => {
  it('lists all jobs by id, without a next', async () => {
    const { jobs, ...rest } = await page('');
    expect(jobs.map((job) => job.id)).toEqual(ids);
    expect(rest).toEqual({ hasNext: false, count: 10 });
  });

  it('is an empty list where there is nothing', async () => {
    const empty = await openServer();
    expect((await empty.ask('GET', '/job')).text).toBe('{"jobs":[],"hasNext":false,"count":0}\n');
    expect((await empty.ask('GET', '/job?pretty')).text).toBe('{\n  "jobs": [],\n  "hasNext": false,\n  "count": 0\n}\n');
    await empty.close();
  });

  it('gives pages that follow one another in both directions', async () => {
    for (const reverse of ['', '&reverse=true']) {
      const seen: string[] = [];
      let begin = '';
      for (let more = true; more; ) {
        const { jobs, hasNext, next, count } = await page(`?limit=4${reverse}${begin}`);
        expect([count, next !== undefined]).toEqual([jobs.length, hasNext]);
        seen.push(...jobs.map((job) => job.id));
        begin = `&begin=${next}`;
        more = hasNext;
      }
      expect(seen).toEqual(reverse === '' ? ids : ids.toReversed());
    }
  });

  it('knows no next when the last page is full', async () => {
    expect(await page(`?limit=5&begin=${ids[5]}`)).toMatchObject({ hasNext: false, count: 5 });
  });

  it.each(['1', 't', 'T', 'true', 'TRUE', 'True'])('reverse=%s', async (word) => {
    expect(await names(`?reverse=${word}`)).toBe(backwards);
  });

  it.each(['0', 'f', 'F', 'false', 'FALSE', 'False', ''])('reverse=%s is forwards', async (word) => {
    expect(await names(`?reverse=${word}`)).toBe(all);
  });

  it('begins at the id or the nearest one behind it', async () => {
    const beside = (id: string | undefined, step: bigint) => (BigInt(id ?? 0) + step).toString();
    expect(await names(`?begin=${ids[8]}`)).toBe('a8 b9');
    expect(await names(`?begin=${ids[1]}&reverse=1`)).toBe('b1 a0');
    expect(await names(`?begin=${beside(ids[9], 1n)}`)).toBe('');
    expect(await names(`?begin=${beside(ids[9], 1n)}&reverse=1`)).toBe(backwards);
    expect(await names(`?begin=${beside(ids[0], -1n)}&reverse=1`)).toBe('');
    expect(await names('?begin=0')).toBe(all);
    expect(await names('?begin=0&reverse=1')).toBe('');
    expect(await names('?begin=18446744073709551615')).toBe('');
    expect(await names('?begin=18446744073709551615&reverse=1')).toBe(backwards);
  });

  it('has keys without regard to case, the first of equal ones', async () => {
    expect(await names('?LIMIT=1&Reverse=true')).toBe('b9');
    expect(await names('?limit=1&limit=5')).toBe('a0');
  });

  it.each([
    ['limit=abc', 'strconv.ParseInt: parsing "abc": invalid syntax'],
    ['limit=+1', 'strconv.ParseInt: parsing " 1": invalid syntax'],
    ['limit=1.5', 'strconv.ParseInt: parsing "1.5": invalid syntax'],
    ['limit=9223372036854775808', 'strconv.ParseInt: parsing "9223372036854775808": value out of range'],
    ['begin=-1', 'strconv.ParseUint: parsing "-1": invalid syntax'],
    ['begin=%2B1', 'strconv.ParseUint: parsing "+1": invalid syntax'],
    ['begin=18446744073709551616', 'strconv.ParseUint: parsing "18446744073709551616": value out of range'],
    ['reverse=maybe', 'strconv.ParseBool: parsing "maybe": invalid syntax'],
    ['reverse=constructor', 'strconv.ParseBool: parsing "constructor": invalid syntax'],
  ])('refuses %s', async (query, error) => {
    const { status, json } = await server.ask('GET', `/job?${query}`);
    expect([status, json]).toEqual([400, { status: 400, error }]);
  });

  it.each(['limit=0', 'limit=-1', 'limit=', 'limit=%2B99', 'limit=9223372036854775807'])('lists all with %s', async (query) => {
    expect(await names(`?${query}`)).toBe(all);
  });

  it('takes its default limit from the configuration', async () => {
    const few = await openServer({ hq: { queues: 1, dispatchers: 1, maxWorkers: 1, listDefaultLimit: 2 } });
    for (let i = 0; i < 3; i++) await few.push();
    expect((await page('', few)).count).toBe(2);
    expect((await page('?limit=0', few)).count).toBe(2);
    expect((await page('?limit=-1', few)).count).toBe(3);
    expect((await page('?limit=3', few)).count).toBe(3);
    await few.close();
  });
});

describe('filters', () => {
  it.each([
    ['success', 'a0'],
    ['failure', 'b1'],
    ['running', 'a2'],
    ['canceling', 'b3'],
    ['canceled', 'a4'],
    ['waiting', 'b5 a6 b7 a8 b9'],
    ['unfinished', ''],
    ['unknown', ''],
    ['Success', ''],
    ['queued', ''],
  ])('status=%s', async (status, expected) => {
    expect(await names(`?status=${status}`)).toBe(expected);
  });

  it.each([
    ['name=^b', 'b1 b3 b5 b7 b9'],
    ['name=b', 'b1 b3 b5 b7 b9'],
    ['name=B', ''],
    ['name=(?i)B[13]', 'b1 b3'],
    ['name=host', ''],
    ['term=host3', 'b3'],
    ['term=Seven', 'b7'],
    ['term=(?s)Seven.th', 'b7'],
    ['term=^cancel', 'b3 a4'],
    ['term=^a\\z', ''],
    ['term=\\Qhost5/\\E', 'b5'],
    ['name=[[:digit:]]$&status=waiting&term=host[67]', 'a6 b7'],
    ['name=&term=&status=', all],
  ])('%s', async (query, expected) => {
    expect(
      await names(
        `?${query
          .split('&')
          .map((pair) => pair.replace(/=(.*)/, (_, value: string) => `=${encodeURIComponent(value)}`))
          .join('&')}`,
      ),
    ).toBe(expected);
  });

  it('count matching jobs, and go on without regard to them', async () => {
    expect(await page('?name=b&limit=2')).toMatchObject({ count: 2, hasNext: true, next: ids[4] });
    expect(await page('?name=a0&limit=1')).toMatchObject({ count: 1, hasNext: true, next: ids[1] });
    expect(await page(`?name=a0&limit=1&begin=${ids[1]}`)).toEqual({ jobs: [], hasNext: false, count: 0 });
  });

  it.each(['(', '(?=a)', '(a)\\1', '[z-a]', 'a**'])('refuse the pattern %s', async (pattern) => {
    for (const key of ['name', 'term']) {
      const { status, json } = await server.ask('GET', `/job?${key}=${encodeURIComponent(pattern)}`);
      expect([status, json['status'], typeof json['error']]).toEqual([400, 400, 'string']);
    }
  });

  it('pass over jobs of other kinds', async () => {
    const mixed = await openServer();
    const id = await mixed.push();
    await mixed.store.jobs.push([newJob({ worker: 'mail', options })]);
    expect((await page('', mixed)).jobs.map((job) => job.id)).toEqual([id]);
    await mixed.close();
  });
});

describe('a list of any length', () => {
  const store = openMemory();
  const asked: JobQuery[] = [];
  let many: TestServer;
  beforeAll(async () => {
    const watched = altered(store, { jobs: { list: (query: JobQuery) => store.jobs.list(asked[asked.push(query) - 1] ?? query) } });
    many = await openServer({}, watched);
    for (let i = 0; i < 2_000; i += 100) {
      await store.jobs.push(
        Array.from({ length: 100 }, (_, j) => newJob({ worker: 'http', name: `n${i + j}`, payload: '[1, 2]', options })),
      );
    }
  });
  afterAll(() => many.close());

  it('is written page by page, and is the same JSON', async () => {
    asked.length = 0;
    const { text, headers } = await many.ask('GET', '/job');
    expect(headers['transfer-encoding']).toBe('chunked');
    expect(headers['content-type']).toBe('application/json; charset=UTF-8');
    const list = JSON.parse(text) as Page;
    expect(text).toBe(`${JSON.stringify(list)}\n`);
    expect(list.jobs.map((job) => job.name)).toEqual(Array.from({ length: 2_000 }, (_, i) => `n${i}`));
    expect(list).toMatchObject({ hasNext: false, count: 2_000 });
    expect(asked.length).toBeGreaterThan(3);
    expect(Math.max(...asked.map((query) => query.limit))).toBeLessThanOrEqual(500);
  });

  it('is indented the same way', async () => {
    const { text } = await many.ask('GET', '/job?pretty');
    expect(text).toBe(`${JSON.stringify(JSON.parse(text), null, 2)}\n`);
  });

  it.each([100, 101, 777, 1_999])('stops at a limit of %i', async (limit) => {
    const list = await page(`?limit=${limit}`, many);
    expect([list.count, list.jobs.length, list.hasNext]).toEqual([limit, limit, true]);
    expect((await page(`?limit=1&begin=${list.next}`, many)).jobs[0]?.name).toBe(`n${limit}`);
  });

  it('asks the store for no more than the reader takes', async () => {
    const big = 'x'.repeat(200_000);
    const slow = await openServer({ payloadBytes: 1024 * 1024 }, openMemory());
    for (let i = 0; i < 300; i++) await slow.store.jobs.push([newJob({ worker: 'http', payload: JSON.stringify(big), options })]);
    let listed = 0;
    const { list } = slow.store.jobs;
    Object.assign(slow.store.jobs, { list: (query: JobQuery) => list(query).finally(() => (listed += 1)) });
    const socket = connect(slow.port, '127.0.0.1');
    socket.write('GET /job HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    socket.pause();
    // Were more to be asked for, it would be between two other answers: nothing but the reader is waited for.
    for (let quiet = 0; quiet < 20; ) {
      const before = listed;
      await slow.ask('GET', '/stats');
      quiet = listed > 0 && listed === before ? quiet + 1 : 0;
    }
    expect(listed).toBeLessThan(10);
    let length = 0;
    socket.on('data', (data) => {
      length += data.length;
    });
    socket.resume();
    await once(socket, 'close');
    expect(length).toBeGreaterThan(300 * 200_000);
    expect(listed).toBeGreaterThan(10);
    await slow.close();
  });

  it('breaks the answer off when the store fails in the middle', async () => {
    let calls = 0;
    const list = (query: JobQuery) => (++calls > 5 ? Promise.reject(new Error('gone')) : store.jobs.list(query));
    const broken = await openServer({}, altered(store, { jobs: { list }, close: () => Promise.resolve() }));
    await expect(broken.ask('GET', '/job')).rejects.toThrow();
    expect((await broken.ask('GET', '/stats')).status).toBe(200);
    await broken.close();
  });

  it('ends its search with its client', async () => {
    const searching = Promise.withResolvers<AbortSignal>();
    const list = (query: JobQuery, signal?: AbortSignal) => {
      if (signal === undefined) return store.jobs.list(query);
      searching.resolve(signal);
      return new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    };
    const waiting = await openServer({}, altered(store, { jobs: { list }, close: () => Promise.resolve() }));
    const socket = connect(waiting.port, '127.0.0.1');
    socket.write('GET /job?name=a.b HTTP/1.1\r\nHost: localhost\r\n\r\n');
    const signal = await searching.promise;
    expect(signal.aborted).toBe(false);
    socket.destroy();
    await once(signal, 'abort');
    await waiting.close();
  });

  it('ends its search when the server stops', async () => {
    const searching = Promise.withResolvers<void>();
    const list = (_: JobQuery, signal?: AbortSignal) => {
      searching.resolve();
      return new Promise<never>((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
    };
    const stopping = await openServer({}, altered(store, { jobs: { list }, close: () => Promise.resolve() }));
    const answered = stopping.ask('GET', '/job?name=a.b');
    await searching.promise;
    await stopping.close();
    expect(await answered).toMatchObject({ status: 503, json: { error: expect.stringContaining('shutting down') } });
  });

  it('ends with a next when its expressions have taken their time', async () => {
    const asked = listQuery(new Map([['name', 'a.b']]), 0);
    if (asked === null) throw new Error('it may match');
    const pages = async (time: number): Promise<number> => {
      let count = 0;
      const list = async (): Promise<JobPage> => ({ jobs: [], next: count === 4 ? null : '7' });
      for await (const _ of pagesOf({ list }, { ...asked, signal: new AbortController().signal }, time)) count += 1;
      return count;
    };
    expect([await pages(0), await pages(60_000)]).toEqual([1, 5]);
  });
});
