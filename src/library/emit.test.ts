/** What functions emit to be kept, here and elsewhere. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startProxy, type TcpProxy } from '../../test/support/tcp-proxy.ts';
import { until } from '../../test/support/until.ts';
import { type Client, makeClient, type RunningWorker } from '../client.ts';
import { silent } from '../system/silent.ts';
import { defineTask } from './define-task.ts';
import { hatstand } from './hatstand.suite.ts';

let proxy: TcpProxy;
let client: Client;
let running: RunningWorker[];
/** What was kept, as the events of jobs tell it. */
let kept: Readonly<Record<string, unknown>>[];
let end: () => void;

beforeEach(async () => {
  [running, kept] = [[], []];
  await hatstand.start();
  const { address } = await hatstand.listen({ port: 0 });
  proxy = await startProxy(Number(new URL(address).port));
  client = makeClient({ address: `http://127.0.0.1:${proxy.port}`, timeout: 2_000 });
  end = hatstand.listenTo('hatstand.jobs', ({ doc, verb, type }) => {
    const { move } = doc as Record<string, unknown>;
    if (move === 'emit') kept.push({ ...(doc as Record<string, unknown>), verb, type });
  });
});
afterEach(async () => {
  end();
  await Promise.all(running.map((worker) => worker.stop(0).catch(() => undefined)));
  await proxy.close();
});

const keptSoon = (count: number): Promise<void> => until(`${count} are kept`, () => kept.length >= count);

describe('emit with { durable: true }', () => {
  it('is an event of the job for whoever comes later, and is heard by who watches now', async () => {
    const gate = Promise.withResolvers<void>();
    hatstand.worker('scan', async (_, { emit }) => {
      await gate.promise;
      await emit('scanned', { files: 3 }, { durable: true });
      emit('passing', 1, { durable: false });
      await emit('done', undefined, { durable: true });
    });
    const job = await hatstand.push('scan', null, { domain: 'a' });
    const watched: unknown[] = [];
    const watching = (async () => {
      for await (const told of hatstand.watch(job)) if (told.kind === 'event') watched.push([told.name, told.data]);
    })();
    await until('it runs', async () => (await hatstand.get(job))?.state === 'running');
    gate.resolve();
    await watching;
    await keptSoon(2);
    const common = {
      id: job.id,
      move: 'emit',
      attempt: 1,
      fence: expect.any(String),
      late: false,
      verb: 'NOTIFIED',
      type: 'hatstand.jobs',
    };
    expect(kept).toEqual([
      { ...common, name: 'scanned', data: { files: 3 }, at: expect.any(String) },
      { ...common, name: 'done', at: expect.any(String) },
    ]);
    expect(watched).toEqual([
      ['scanned', { files: 3 }],
      ['passing', 1],
      ['done', null],
    ]);
  });

  it('tells of which task it is, and each attempt counts for itself', async () => {
    const task = defineTask({
      name: 'count',
      restart: { backoff: '1ms' },
      async run({ emit, end: endTask, resumeFrom, checkpoint }) {
        await emit('begins', 1, { durable: true });
        if (resumeFrom === undefined) {
          await checkpoint(1);
          throw new Error('once more');
        }
        endTask();
      },
    });
    hatstand.worker(task);
    await hatstand.tasks.start(task, null, { id: 'k1' });
    await keptSoon(2);
    expect(kept.map((each) => [each['task'], each['name']])).toEqual([
      ['k1', 'begins'],
      ['k1', 'begins'],
    ]);
    expect(new Set(kept.map((each) => each['fence'])).size).toBe(2);
  });

  it.each([
    ['no name', 1, { durable: true }, 'invalid_request'],
    ['long', 'x'.repeat(70_000), { durable: true }, 'too_large'],
    ['n', () => 1, { durable: true }, 'invalid_request'],
    ['n', 1, { durabel: true }, 'invalid_request'],
    ['n', 1, { durable: 'yes' }, 'invalid_request'],
    ['n', 1, true, 'invalid_request'],
    ['n', 1, null, 'invalid_request'],
    ['n', 1, [], 'invalid_request'],
  ])('refuses %j of %o with %j', async (name, data, options, code) => {
    hatstand.worker('scan', async (_, { emit }) => {
      const thrown = await (async () => (emit as (...given: unknown[]) => unknown)(name, data, options))().catch((error: unknown) => error);
      return (thrown as { code: string }).code;
    });
    expect(await hatstand.wait(await hatstand.push('scan'))).toMatchObject({ result: code });
    expect(kept).toEqual([]);
  });
});

describe('elsewhere, emit with { durable: true }', () => {
  it('is kept by the server, late when that was away, and once when its answer was lost', async () => {
    let gone = Promise.withResolvers<void>();
    const log = { ...silent, warn: (name: string) => void (name === 'server.away' && gone.resolve()) };
    const emits = async (emitted: () => Promise<void>, how: () => void): Promise<void> => {
      gone = Promise.withResolvers();
      how();
      const keeping = emitted();
      await gone.promise;
      proxy.restore();
      proxy.cut();
      await keeping;
    };
    running.push(
      client.worker('scan', { log }, async (_: unknown, { emit }) => {
        emit('passing', 0);
        await emit('first', { n: 1 }, { durable: true });
        await emits(() => emit('second', 2, { durable: true }), proxy.silence);
        await emits(() => emit('third', 3, { durable: true }), proxy.swallowReplies);
      }),
    );
    const job = await hatstand.push('scan', null, { timeout: null });
    expect(await hatstand.wait(job, '30s')).toMatchObject({ state: 'succeeded' });
    await keptSoon(3);
    expect(kept.map(({ name, data, late, id }) => [name, data, late, id])).toEqual([
      ['first', { n: 1 }, false, job.id],
      ['second', 2, true, job.id],
      ['third', 3, false, job.id],
    ]);
  });

  it('throws once the attempt is not held any more', async () => {
    const thrown = Promise.withResolvers<unknown>();
    const [begun, lost] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    running.push(
      client.worker('scan', { log: null, attemptTtl: '1s' }, async (_: unknown, { emit, signal }) => {
        begun.resolve();
        signal.addEventListener('abort', () => lost.resolve(), { once: true });
        await lost.promise;
        await emit('late', 1, { durable: true }).then(thrown.resolve, thrown.resolve);
      }),
    );
    const job = await hatstand.push('scan', null, { timeout: null, onLost: 'fail' });
    await begun.promise;
    proxy.silence();
    proxy.cut();
    expect(await hatstand.wait(job, '20s')).toMatchObject({ state: 'failed' });
    proxy.restore();
    proxy.cut();
    expect(await thrown.promise).toMatchObject({ code: 'conflict' });
    expect(kept).toEqual([]);
  });
});
