import { describe, expect, expectTypeOf, it } from 'vitest';
import { aboutOf } from '../core/about.ts';
import { newJob } from '../core/new-job.ts';
import { noRetry } from '../core/retry.ts';
import type { StandardSchema } from '../core/standard-schema.ts';
import { Abort, Final, Skip } from '../executors/function-fault.ts';
import { Hatstand } from '../hatstand.ts';
import { openMemory } from '../stores/memory/index.ts';
import { defineWorker } from './defined.ts';
import { hatstand, logged, store } from './hatstand.suite.ts';
import { makeContext } from './make-context.ts';
import { refusal, untyped } from './refusal.suite.ts';

/** A schema of a text that is a number, which becomes one. */
const count: StandardSchema<{ n: string }, { n: number }> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate(value) {
      const n = typeof value === 'object' && value !== null && 'n' in value ? value.n : undefined;
      if (typeof n === 'string' && /^\d+$/.test(n)) return { value: { n: Number(n) } };
      return { issues: [{ message: 'must be digits', path: ['n'] }] };
    },
  },
};
/** The same, which takes its time. */
const slowCount: typeof count = {
  '~standard': { ...count['~standard'], validate: async (value) => count['~standard'].validate(value) },
};
const ended = async (id: { readonly id: string }) => (await hatstand.wait(id)) ?? expect.unreachable('there is no such job');

describe('a message', () => {
  it.each([
    ['at once', count],
    ['in its own time', slowCount],
  ])('is checked in the push and before the run by a schema that answers %s, and kept as it was pushed', async (_, input) => {
    const add = defineWorker({ name: 'add', input, run: ({ message }) => message.n + 1 });
    expect(await refusal(() => hatstand.push(add, { n: 'x' }))).toMatchObject({
      code: 'message_invalid',
      message: 'The message is not what the worker "add" takes: $.n: must be digits',
      field: 'payload',
      details: { issues: [{ path: '$.n', message: 'must be digits' }] },
    });
    const handle = hatstand.worker(add);
    expectTypeOf(handle.push).toEqualTypeOf<typeof handle.push>();
    await hatstand.start();
    const job = await hatstand.push(add, { n: '41' });
    expect(job.payload).toEqual({ n: '41' });
    expect(await handle.wait(job)).toMatchObject({ state: 'succeeded', result: 42, payload: { n: '41' } });
    expect(await refusal(() => handle.push({ n: '-' }))).toMatchObject({ code: 'message_invalid' });
    expect(await refusal(() => handle.pushMany([{ n: '1' }, { n: '' }]))).toMatchObject({ field: 'payloads[1]' });
    expect((await handle.pushMany([{ n: '1' }, { n: '2' }])).map(({ payload }) => payload)).toEqual([{ n: '1' }, { n: '2' }]);
  });

  it('that is missing is refused, if the schema wants one', async () => {
    const add = defineWorker({ name: 'add', input: count, run: () => 1 });
    expect(await refusal(() => hatstand.push(add, undefined as never))).toMatchObject({ code: 'message_missing' });
    const any = defineWorker({ name: 'any', run: ({ message }) => message === undefined });
    const handle = hatstand.worker(any);
    await hatstand.start();
    expect(await ended(await handle.push())).toMatchObject({ state: 'succeeded', result: true });
  });

  it('that does not fit ends its job without another try, when nobody knew its worker in the push', async () => {
    const { id } = await hatstand.push('add', { n: 'x' }, { attempts: 5 });
    const none = await hatstand.push('add', undefined, { attempts: 5 });
    hatstand.worker(defineWorker({ name: 'add', input: count, run: () => 1 }));
    await hatstand.start();
    expect(await ended({ id })).toMatchObject({ state: 'failed', cause: 'message', attempt: 1 });
    expect(await ended(none)).toMatchObject({ state: 'failed', cause: 'message', error: expect.stringContaining('there is no message') });
  });

  it('may be in the envelope of cozy-stack', async () => {
    const data = Buffer.from('{"n":"7","s":"é"}').toString('base64');
    const add = hatstand.worker(defineWorker({ name: 'add', input: count, run: ({ message }) => message.n }));
    await hatstand.start();
    const old = { Data: data, Type: 'json' };
    const job = await hatstand.push('add', old);
    expect(job.payload).toEqual(old);
    expect(await add.wait(job)).toMatchObject({ result: 7 });
    const plain = hatstand.worker(defineWorker({ name: 'plain', run: ({ message }) => message }));
    expect(await plain.wait(await plain.push({ Data: '%', Type: 'json' }))).toMatchObject({ state: 'failed', cause: 'message' });
    expect(await plain.wait(await plain.push({ Data: data, Type: 'text' }))).toMatchObject({ result: { Type: 'text' } });
  });

  it('is what the output schema of a worker is for results', async () => {
    const output: StandardSchema<{ n: string }, { n: number }> = count;
    const worker = hatstand.worker(defineWorker({ name: 'w', output, run: () => ({ n: Math.random() < 2 ? '5' : '' }) }));
    const wrong = hatstand.worker(defineWorker({ name: 'v', output, run: () => ({ n: 'five' }) }));
    await hatstand.start();
    expectTypeOf(await worker.push())
      .toHaveProperty('result')
      .toEqualTypeOf<{ n: number } | undefined>();
    expect(await worker.wait(await worker.push())).toMatchObject({ result: { n: 5 } });
    expect(await wrong.wait(await wrong.push())).toMatchObject({ state: 'failed', error: expect.stringContaining('$.n: must be digits') });
  });
});

describe('a context', () => {
  it('tells of its attempt', async () => {
    const told = Promise.withResolvers<object>();
    const worker = defineWorker({
      name: 'w',
      run(context) {
        const { id, attempt, domain, manual, triggerId, event, payload, fence, isFinal } = context;
        told.resolve({ id, attempt, domain, manual, triggerId, event, payload, fence: BigInt(fence) > 0n, isFinal });
        context.logger.warn('test.line', { more: 1 });
      },
    });
    hatstand.worker(worker);
    await hatstand.start();
    const { id } = await hatstand.push(worker, undefined, { domain: 'd', manual: true });
    await ended({ id });
    const nothing = { triggerId: undefined, event: undefined, payload: undefined };
    expect(await told.promise).toEqual({ id, attempt: 1, domain: 'd', manual: true, fence: true, isFinal: true, ...nothing });
    expect(logged).toContainEqual(['test.line', { more: 1, job: id, worker: 'w', attempt: 1, domain: 'd' }]);
  });

  it('ends the job without an error, also when somebody catches that', async () => {
    const commits: unknown[] = [];
    const worker = defineWorker({
      name: 'w',
      attempts: 3,
      run(context: { message: string; abort(): never }) {
        if (context.message === 'throw') throw new Abort('enough');
        try {
          context.abort();
        } catch {
          if (context.message === 'fail') throw new Error('more');
          return 'caught';
        }
      },
      commit: (_, error) => commits.push(error),
    });
    hatstand.worker(worker);
    await hatstand.start();
    for (const how of ['throw', 'fail', 'catch']) {
      expect(await ended(await hatstand.push(worker, how))).toMatchObject({ state: 'succeeded', reason: 'aborted', attempt: 1, error: '' });
    }
    await hatstand.stop();
    expect(commits).toEqual([expect.any(Abort), expect.any(Abort), expect.any(Abort)]);
  });

  it('says that a failure is not tried again', async () => {
    const said: boolean[] = [];
    const worker = defineWorker({
      name: 'w',
      attempts: 5,
      run(context) {
        said.push(context.isFinal);
        context.noRetry();
        said.push(context.isFinal);
        throw new Error('no');
      },
    });
    hatstand.worker(worker);
    await hatstand.start();
    expect(await ended(await hatstand.push(worker))).toMatchObject({ state: 'failed', attempt: 1 });
    expect(said).toEqual([false, true]);
  });

  it('pushes with options that are checked as those of any push, whatever the domain', async () => {
    const refused: unknown[] = [];
    hatstand.worker('w', async (_, { push }) => {
      for (const options of [5, 'text', [], { domain: 5 }]) {
        refused.push(await refusal(() => push('child', 1, untyped(options))).then(({ code }) => code));
      }
      return (await push('child')).domain;
    });
    await hatstand.start();
    const jobs = [await hatstand.push('w'), await hatstand.push('w', 1, { domain: 'd' })];
    expect(await Promise.all(jobs.map(ended))).toMatchObject([{ result: '' }, { result: 'd' }]);
    expect(refused).toEqual(Array.from({ length: 8 }, () => 'invalid_request'));
  });

  it('pushes jobs that are as deep as its own', async () => {
    const abouts = ['{"depth":7}', '{"depth":"x"}', null, '[', '{"depth":-1}'];
    const children = abouts.map(() => Promise.withResolvers<Promise<{ readonly id: string }>>());
    hatstand.worker('w', async (at: number, { push }) => {
      const child = push('child');
      children[at]?.resolve(child);
      await child;
    });
    const options = { timeout: null, retry: noRetry, onLost: 'retry', rules: 'v1' } as const;
    await store.jobs.push(abouts.map((about, at) => newJob({ worker: 'w', options, about, payload: `${at}` })));
    await hatstand.start();
    const kept = await Promise.all(children.map(async ({ promise }) => store.jobs.get((await await promise).id)));
    expect(kept.map((child) => aboutOf(child ?? expect.fail('it is gone')).depth)).toEqual([7, undefined, undefined, undefined, undefined]);
  });

  it('may have a signal of its own that ends earlier', async () => {
    const worker = defineWorker({
      name: 'w',
      async run(context) {
        const { signal } = context.withTimeout('5ms');
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        return [signal.reason, context.signal.aborted];
      },
    });
    hatstand.worker(worker);
    await hatstand.start();
    expect(await ended(await hatstand.push(worker))).toMatchObject({ result: ['timeout', false] });
  });

  it('is made up for tests of a function alone', () => {
    const worker = defineWorker({ name: 'w', input: count, run: ({ message }) => message.n });
    const logger = { debug: () => 0, info: () => 0, warn: () => 0, error: () => 0 };
    const context = makeContext(worker, {
      message: { n: 5 },
      attempt: 2,
      triggerId: 't/1',
      payload: [1],
      event: { e: 1 },
      logger,
      cookie: 7,
    });
    expectTypeOf(context.message).toEqualTypeOf<{ n: number }>();
    expectTypeOf(context.cookie).toEqualTypeOf<number>();
    const { message, attempt, triggerId, payload, event, cookie, job } = context;
    expect({ message, attempt, triggerId, payload, event, cookie }).toEqual({
      message: { n: 5 },
      attempt: 2,
      triggerId: 't/1',
      payload: [1],
      event: { e: 1 },
      cookie: 7,
    });
    expect(job).toMatchObject({ worker: 'w', state: 'running', attempt: 2 });
    expect(() => context.abort()).toThrow(Abort);
    expect(makeContext(worker).message).toBeUndefined();
  });
});

describe('the options of a push', () => {
  const worker = defineWorker({ name: 'w', attempts: 3, timeout: '5s', totalTimeout: '1m', run: () => 1 });

  it('lower the limits of a defined worker', async () => {
    expect(await hatstand.push(worker, 0, { attempts: 2, timeout: '1s' })).toMatchObject({ attempts: 2, timeout: 1_000 });
    expect(await hatstand.push(worker, 0, { attempts: 9, timeout: null })).toMatchObject({ attempts: 3, timeout: 5_000 });
    hatstand.worker(worker);
    expect(await hatstand.push('w', 0, { attempts: 9, timeout: '1h' })).toMatchObject({ attempts: 3, timeout: 5_000 });
  });

  it('raise them for an administrator', async () => {
    expect(await hatstand.push(worker, 0, { attempts: 9, timeout: null, admin: true })).toMatchObject({ attempts: 9, timeout: null });
  });

  it('are free where the worker sets none', async () => {
    const free = defineWorker({ name: 'free', run: () => 1 });
    expect(await hatstand.push(free, 0, { attempts: 9, timeout: null })).toMatchObject({ attempts: 9, timeout: null });
  });
});

describe('all attempts together', () => {
  it('take no longer than the totalTimeout', async () => {
    const worker = defineWorker({ name: 'w', totalTimeout: 30, attempts: 5, timeout: null, run: () => new Promise(() => undefined) });
    hatstand.worker(worker);
    await hatstand.start();
    expect(await ended(await hatstand.push(worker))).toMatchObject({
      state: 'failed',
      reason: 'timeout',
      cause: 'timeout',
      attempt: 1,
      error: 'the job did not end within its totalTimeout of 30 ms',
    });
  });

  it('are followed by none that would begin after it', async () => {
    const worker = defineWorker({
      name: 'w',
      totalTimeout: '10s',
      attempts: 5,
      backoff: '20s',
      run: () => Promise.reject(new Error('no')),
    });
    hatstand.worker(worker);
    await hatstand.start();
    expect(await ended(await hatstand.push(worker))).toMatchObject({
      state: 'failed',
      reason: 'timeout',
      cause: 'thrown',
      attempt: 1,
      error: 'no',
    });
  });

  it('count from the start of the first one', async () => {
    const begun: number[] = [];
    const worker = defineWorker({
      name: 'w',
      totalTimeout: 120,
      attempts: 100,
      backoff: 1,
      maxBackoff: 5,
      run() {
        begun.push(Date.now());
        throw new Error('again');
      },
    });
    hatstand.worker(worker);
    await hatstand.start();
    expect(await ended(await hatstand.push(worker))).toMatchObject({ state: 'failed', reason: 'timeout' });
    expect(begun.length).toBeGreaterThan(2);
    expect((begun.at(-1) ?? 0) - (begun[0] ?? 0)).toBeLessThan(130);
  });
});

describe('a definition', () => {
  it.each<readonly [string, unknown, object]>([
    ['no name', { run: () => 1 }, { field: 'name' }],
    ['no function', { name: 'w' }, { field: 'run' }],
    ['an option that there is not', { name: 'w', run: () => 1, maxExecCount: 3 }, { message: expect.stringContaining('attempts') }],
    ['an input that is no schema', { name: 'w', run: () => 1, input: {} }, { field: 'input' }],
    ['two waits that contradict each other', { name: 'w', run: () => 1, backoff: '2h', maxBackoff: 1 }, { field: 'backoff' }],
  ])('is refused with %s', async (_, given, told) => {
    expect(await refusal(() => defineWorker(given as never))).toMatchObject({ code: 'invalid_request', ...told });
  });

  it('is pushed to whoever serves it', async () => {
    const worker = defineWorker({ name: 'far', input: count, attempts: 2, queues: ['q'], run: () => 1 });
    const job = await hatstand.push(worker, { n: '1' });
    expect(await store.jobs.get(job.id)).toMatchObject({ worker: 'far', options: { retry: { attempts: 2 } }, about: null });
    expect(hatstand.workers()).toEqual([]);
  });

  it('is served once', async () => {
    const worker = defineWorker({ name: 'w', run: () => 1 });
    hatstand.worker(worker);
    expect(await refusal(() => hatstand.worker(worker))).toMatchObject({ code: 'conflict' });
  });

  it('may throw as functions may', async () => {
    const worker = defineWorker({
      name: 'w',
      attempts: 3,
      run(context: { message: string }) {
        if (context.message === 'skip') throw new Skip('nothing');
        throw new Final('never');
      },
    });
    hatstand.worker(worker);
    await hatstand.start();
    expect(await ended(await hatstand.push(worker, 'skip'))).toMatchObject({ state: 'canceled', reason: 'skipped' });
    expect(await ended(await hatstand.push(worker, 'final'))).toMatchObject({ state: 'failed', attempt: 1 });
  });
});

describe('the workers of a node', () => {
  const log = null;

  it('are those that it registers and configures, of which only some may run', async () => {
    const node = new Hatstand({
      store: openMemory(),
      log,
      workers: { off: false, few: { concurrency: 2, attempts: 7 }, gone: { concurrency: 1 } },
    });
    const few = defineWorker({ name: 'few', attempts: 3, run: () => 1 });
    node.worker('off', () => 1);
    node.worker(few);
    expect(node.workers()).toEqual([
      { name: 'off', concurrency: 8, state: 'off' },
      { name: 'few', concurrency: 2, state: 'active' },
      { name: 'gone', concurrency: 0, state: 'missing' },
    ]);
    expect(await node.push(few, undefined)).toMatchObject({ attempts: 7 });
    await node.start();
    const job = await node.push('off');
    expect(await node.wait(job, 20)).toMatchObject({ state: 'queued' });
    await node.stop();
  });

  it('run nowhere with false, and are those of a list with onlyWorkers', async () => {
    const none = new Hatstand({ store: openMemory(), log, workers: false });
    none.worker('a', () => 1);
    expect(none.workers()).toMatchObject([{ state: 'off' }]);
    const only = new Hatstand({ store: openMemory(), log, onlyWorkers: ['b'] });
    only.worker('a', () => 1);
    only.worker('b', () => 1);
    expect(only.workers()).toMatchObject([{ state: 'off' }, { state: 'active' }]);
    await Promise.all([none.stop(), only.stop()]);
  });
});
