/** Workers as users of cozy-stack's job package know them, on every store. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { defineWorker, Hatstand, openMemory, openRedis, openSqlite, type Store } from '../../src/index.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';

let redis: RedisServer;
let clusters = 0;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

/** Answers a function that opens the same store once more, for another process as it were. */
type OpenStore = () => Promise<{ readonly open: () => Promise<Store>; readonly remove: () => Promise<void> }>;

const stores: readonly (readonly [string, OpenStore])[] = [
  ['memory', async () => ({ open: async () => openMemory(), remove: async () => undefined })],
  [
    'SQLite',
    async () => {
      const path = await mkdtemp(join(tmpdir(), 'hatstand-workers-'));
      return { open: () => openSqlite({ path, synchronous: 'normal' }), remove: () => rm(path, { recursive: true }) };
    },
  ],
  [
    'Redis',
    async () => {
      clusters += 1;
      const cluster = `workers-${clusters}`;
      return { open: async () => openRedis({ url: redis.url, cluster }), remove: async () => undefined };
    },
  ],
];

describe.each(stores)('workers on %s', (_, makeStore) => {
  let place: Awaited<ReturnType<OpenStore>>;
  let hatstand: Hatstand;

  beforeEach(async () => {
    place = await makeStore();
    hatstand = new Hatstand({ store: await place.open(), log: null });
  });
  afterEach(async () => {
    await hatstand.stop();
    await place.remove();
  });

  it('a job that was claimed is read back as running', async () => {
    const begun = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    const worker = defineWorker({
      name: 'w',
      run() {
        begun.resolve();
        return goOn.promise;
      },
    });
    hatstand.worker(worker);
    await hatstand.start();
    const job = await hatstand.push(worker);
    await begun.promise;
    expect(await hatstand.get(job)).toMatchObject({ state: 'running', attempt: 1 });
    goOn.resolve();
    expect(await hatstand.wait(job)).toMatchObject({ state: 'succeeded' });
  });

  it('messages come as they were pushed, in an envelope or not, also to a worker that nobody knew in the push', async () => {
    const plain = { text: 'grüß dich', list: [1, null, { deep: true }] };
    const old = { Data: Buffer.from(JSON.stringify(plain)).toString('base64'), Type: 'json' };
    const jobs = await hatstand.pushMany('w', [plain, old]);
    hatstand.worker(defineWorker({ name: 'w', run: ({ message }) => message }));
    await hatstand.start();
    for (const [at, payload] of [plain, old].entries()) {
      const ended = await hatstand.wait(jobs[at] ?? '');
      expect(ended).toMatchObject({ state: 'succeeded', result: plain, payload });
    }
  });

  it('two nodes apart run ten jobs each, four at once, with their messages intact', async () => {
    const other = await makeStore();
    const second = new Hatstand({ store: await other.open(), log: null });
    const seen: string[] = [];
    for (const [at, node] of [hatstand, second].entries()) {
      node.worker(
        defineWorker({ name: 'w', concurrency: 4, run: ({ message }: { message: number }) => void seen.push(`${at}/${message}`) }),
      );
      await node.start();
    }
    const pushes = [hatstand, second].map((node) => Promise.all(Array.from({ length: 10 }, (__, n) => node.push('w', n))));
    const [mine = [], theirs = []] = await Promise.all(pushes);
    for (const job of mine) await hatstand.wait(job);
    for (const job of theirs) await second.wait(job);
    expect(seen).toHaveLength(20);
    expect(new Set(seen)).toEqual(new Set([0, 1].flatMap((at) => Array.from({ length: 10 }, (__, n) => `${at}/${n}`))));
    await second.stop();
    await other.remove();
  });

  it('a job of a worker that no node knows is kept, waits, and runs when one comes', async () => {
    await hatstand.start();
    const job = await hatstand.push('nobody', 1);
    expect(await hatstand.wait(job, 20)).toMatchObject({ state: 'queued' });
    hatstand.worker(defineWorker({ name: 'nobody', run: ({ message }) => message }));
    expect(await hatstand.wait(job)).toMatchObject({ state: 'succeeded', result: 1 });
  });

  it('a job without a message is taken, and its worker sees none', async () => {
    const worker = defineWorker({ name: 'w', run: ({ message }) => String(message) });
    hatstand.worker(worker);
    await hatstand.start();
    expect(await hatstand.wait(await hatstand.push(worker))).toMatchObject({ state: 'succeeded', result: 'undefined' });
  });

  it('a timeout aborts the signal, and ends the job', async () => {
    const aborted = Promise.withResolvers<unknown>();
    const worker = defineWorker({
      name: 'w',
      timeout: 1,
      run: ({ signal }) =>
        new Promise((resolve) => signal.addEventListener('abort', () => aborted.resolve(signal.reason) ?? resolve(undefined))),
    });
    hatstand.worker(worker);
    await hatstand.start();
    expect(await hatstand.wait(await hatstand.push(worker))).toMatchObject({ state: 'failed', cause: 'timeout' });
    expect(await aborted.promise).toBe('timeout');
  });

  it('three timeouts and a success are four calls', async () => {
    let calls = 0;
    const worker = defineWorker({
      name: 'w',
      attempts: 4,
      timeout: 5,
      backoff: 1,
      run: ({ attempt }) => {
        calls += 1;
        return attempt < 4 ? new Promise(() => undefined) : 'done';
      },
    });
    hatstand.worker(worker);
    await hatstand.start();
    expect(await hatstand.wait(await hatstand.push(worker))).toMatchObject({ state: 'succeeded', attempt: 4 });
    expect(calls).toBe(4);
  });

  it('what always throws is called as often as it may be, between others that run', async () => {
    let calls = 0;
    const worker = defineWorker({
      name: 'w',
      concurrency: 1,
      attempts: 4,
      backoff: 1,
      run({ message }: { message: string }) {
        if (message === 'good') return 'fine';
        calls += 1;
        throw message;
      },
    });
    hatstand.worker(worker);
    await hatstand.start();
    const jobs = await hatstand.pushMany(worker, ['bad', 'good', 'bad', 'good']);
    const ended = await Promise.all(jobs.map((job) => hatstand.wait(job)));
    expect(ended.map((job) => job?.state)).toEqual(['failed', 'succeeded', 'failed', 'succeeded']);
    expect(calls).toBe(8);
  });

  it('hooks, abort, refusal and the total timeout are told by the kept record', async () => {
    const worker = defineWorker({
      name: 'w',
      attempts: 9,
      backoff: '1h',
      totalTimeout: '1m',
      errorHook: (error, { message }) => error !== undefined || message !== 'refuse',
      run({ message }: { message: string }) {
        if (message === 'throw') throw new Error('late');
        return message;
      },
    });
    const aborting = defineWorker({ name: 'a', attempts: 9, run: ({ abort }) => abort() });
    hatstand.worker(worker);
    hatstand.worker(aborting);
    await hatstand.start();
    expect(await hatstand.wait(await hatstand.push(aborting))).toMatchObject({ state: 'succeeded', reason: 'aborted' });
    expect(await hatstand.wait(await hatstand.push(worker, 'refuse'))).toMatchObject({ state: 'succeeded', reason: 'refused' });
    expect(await hatstand.wait(await hatstand.push(worker, 'throw'))).toMatchObject({ state: 'failed', reason: 'timeout', error: 'late' });
  });
});
