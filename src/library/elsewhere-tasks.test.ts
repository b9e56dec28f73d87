/** Tasks that are run by workers elsewhere. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startProxy, type TcpProxy } from '../../test/support/tcp-proxy.ts';
import { until } from '../../test/support/until.ts';
import { type Client, makeClient, type RunningWorker } from '../client.ts';
import { defineTask, type TaskContext } from './define-task.ts';
import { hatstand } from './hatstand.suite.ts';

let server: string;
let proxy: TcpProxy;
let client: Client;
let running: RunningWorker[];
/** What tasks did. */
let did: unknown[];

beforeEach(async () => {
  [running, did] = [[], []];
  await hatstand.start();
  const { address } = await hatstand.listen({ port: 0 });
  server = address;
  proxy = await startProxy(Number(new URL(address).port));
  client = makeClient({ address: `http://127.0.0.1:${proxy.port}`, timeout: 2_000 });
});
afterEach(async () => {
  await Promise.all(running.map((worker) => worker.stop(0).catch(() => undefined)));
  await proxy.close();
});

/** A worker elsewhere, which is stopped after the test. */
function runs(run: (context: TaskContext<{ n: number }>) => unknown): RunningWorker {
  const worker = client.worker(defineTask({ name: 'count', run }), { log: null, attemptTtl: '3s' });
  running.push(worker);
  return worker;
}

const start = (id: string) => hatstand.tasks.start('count', { n: 1 }, { id, restart: { backoff: '1ms' } });
const status = (id: string, wanted: string): Promise<void> =>
  until(`${id} is ${wanted}`, async () => (await hatstand.tasks.get(id))?.status === wanted);
const ending = (signal: AbortSignal): Promise<unknown> =>
  new Promise((resolve) => {
    // It may have been told to end while it kept a checkpoint.
    if (signal.aborted) resolve(signal.reason);
    else signal.addEventListener('abort', () => resolve(signal.reason), { once: true });
  });

describe('a task that runs elsewhere', () => {
  it('keeps its checkpoints and its progress with the server, and goes on from them', async () => {
    runs(async ({ message, taskId, resumeFrom, checkpoint, update, end }) => {
      did.push([taskId, message, resumeFrom]);
      update({ half: true });
      await checkpoint({ at: did.length });
      if (did.length === 1) throw new Error('once more');
      end('done');
    });
    await start('k1');
    await status('k1', 'ended');
    expect(did).toEqual([
      ['k1', { n: 1 }, undefined],
      ['k1', { n: 1 }, { at: 1 }],
    ]);
    const task = await hatstand.tasks.get('k1');
    expect(task).toMatchObject({ end: 'succeeded', result: 'done', checkpoint: { at: 2 } });
    expect((await hatstand.progress(task?.job ?? ''))?.value).toEqual({ half: true });
  });

  it('is told control messages in their order, each once', async () => {
    runs(async ({ signal, onControl }) => {
      onControl(({ name, data }) => void did.push([name, data]));
      await ending(signal);
    });
    await start('k1');
    for (let n = 1; n <= 20; n++) await hatstand.tasks.tell('k1', 'number', n);
    await status('k1', 'running');
    await hatstand.tasks.tell('k1', 'none');
    await until('all are handled', async () => did.length > 20 && (await hatstand.tasks.controls('k1')).length === 0);
    expect(did).toEqual([...Array.from({ length: 20 }, (_, at) => ['number', at + 1]), ['none', undefined]]);
  });

  it('is stopped, begins anew, and is disabled at once', async () => {
    runs(async ({ signal }) => {
      did.push('begins');
      did.push(await ending(signal));
    });
    await start('k1');
    await until('it runs', () => did.length === 1);
    const began = performance.now();
    await hatstand.tasks.restart('k1');
    await until('it runs again', () => did.length === 3);
    await hatstand.tasks.disable('k1');
    await status('k1', 'stopped');
    expect(did).toEqual(['begins', 'canceled', 'begins', 'canceled']);
    // Reports would tell of it once in a second.
    expect(performance.now() - began).toBeLessThan(10_000);
  });

  it('is handed over by a worker that stops, to the next one', async () => {
    const run = async ({ signal, resumeFrom, checkpoint }: TaskContext<{ n: number }>): Promise<void> => {
      did.push(resumeFrom ?? 'new');
      await checkpoint(did.length);
      did.push(await ending(signal));
    };
    const first = runs(run);
    await start('k1');
    await until('it runs', () => did.length === 1);
    await first.stop('10s');
    expect(did).toEqual(['new', 'handover']);
    runs(run);
    await until('it goes on', () => did.length === 3);
    expect(did[2]).toBe(1);
    expect((await hatstand.tasks.get('k1'))?.crashes).toBe(0);
  });

  it('ends before its deadline while the server is away, unless it may do without', async () => {
    const begun = new Set<unknown>();
    runs(async ({ signal, taskId, message }) => {
      begun.add(taskId);
      did.push([taskId, message.n, await ending(signal)]);
    });
    await start('k1');
    await hatstand.tasks.start('count', { n: 2 }, { id: 'k2', stateOptional: true });
    await until('both run', () => begun.size === 2);
    await proxy.close();
    await until('the first ends', () => did.length > 0);
    expect(did).toEqual([['k1', 1, 'lost']]);
  });
});

it('what an attempt elsewhere tells is heard by those who watch at its server, in its order, until it ends', async () => {
  const [gate, heard] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  runs(async ({ emit, update, logger, end }) => {
    await gate.promise;
    update({ at: 1 });
    logger.info('a line');
    emit('scanned', [1]);
    emit('scanned');
    await heard.promise;
    emit('last', 2);
    end();
  });
  await start('k1');
  await status('k1', 'running');
  const watched: unknown[] = [];
  const watching = (async () => {
    for await (const told of hatstand.watch({ task: 'k1' })) {
      if (told.kind === 'event') watched.push([told.name, told.data]);
      if (told.kind === 'line') watched.push(told.text);
      if (told.kind === 'progress') watched.push(told.progress);
      if (told.kind === 'missed') watched.push('missed');
    }
  })();
  await until('it is watched', async () => (await hatstand.tasks.get('k1'))?.status === 'running');
  gate.resolve();
  await until('what it has told is heard while it runs', () => watched.length === 4);
  heard.resolve();
  await watching;
  expect(watched).toEqual([{ at: 1 }, 'a line', ['scanned', [1]], ['scanned', null], ['last', 2]]);
});

it('is no task of others: its proof and its messages are its own', async () => {
  // Who is refused is closed, which the proxy may do before the answer is through.
  client = makeClient({ address: server });
  await hatstand.tasks.start('other', null, { id: 'other' });
  await hatstand.tasks.tell('other', 'hello', 1);
  await hatstand.push('plain', null);
  const claim = (worker: string) => client.attempts.claim({ holder: 'me', operation: worker, workers: [worker], wait: 10_000 });
  const [[task], [job]] = [await claim('other'), await claim('plain')];
  if (task === undefined || job === undefined) throw new Error('both are there');
  await expect(client.attempts.task(job.job.id, job.proof)).rejects.toMatchObject({ code: 'conflict' });
  await expect(client.attempts.task(task.job.id, job.proof)).rejects.toMatchObject({ code: 'forbidden' });
  await expect(client.attempts.task(task.job.id, task.proof, { handled: ['another/1'] })).rejects.toMatchObject({
    code: 'invalid_request',
  });
  const { controls, ends } = await client.attempts.task(task.job.id, task.proof, { wait: 1_000 });
  expect([controls.map(({ name, data }) => [name, data]), ends]).toEqual([[['hello', 1]], null]);
  await client.attempts.settle(task.job.id, task.proof, { outcome: 'released' });
  await expect(client.attempts.task(task.job.id, task.proof, { checkpointText: '1' })).rejects.toMatchObject({ code: 'conflict' });
});
