import { describe, expect, expectTypeOf, it } from 'vitest';
import {
  type Attempt,
  Hatstand,
  type HatstandOptions,
  type Job,
  type JobRef,
  type KeptJob,
  openMemory,
  type PushCutShort,
  type PushOptions,
} from './index.ts';
import { hatstand, store } from './library/hatstand.suite.ts';
import { refusal, untyped } from './library/refusal.suite.ts';

describe('a worker', () => {
  it('is a handle whose jobs are typed by its function', async () => {
    const greet = hatstand.worker('greet', ({ name, at }: { name: string; at?: string }) => ({ hello: name, at: new Date(0), was: at }));
    expect(greet.name).toBe('greet');
    await hatstand.start();
    const job = await greet.push({ name: 'Ada' });
    const ended = await greet.wait(job, '10s');
    expectTypeOf(job.payload).toEqualTypeOf<{ name: string; at?: string }>();
    expectTypeOf(ended?.result?.at).toEqualTypeOf<string | undefined>();
    // @ts-expect-error: a payload of another type
    expectTypeOf(greet.push).toBeCallableWith({ nmae: 'Ada' });
    expect(ended).toMatchObject({ state: 'succeeded', payload: { name: 'Ada' }, result: { hello: 'Ada', at: '1970-01-01T00:00:00.000Z' } });
    expect(ended?.result).not.toHaveProperty('was');
  });

  it('takes its options before its function, or none', async () => {
    const first = hatstand.worker('a', { attempts: 2 }, () => 1);
    const second = hatstand.worker('b', undefined, async (n: number) => n);
    expectTypeOf((await first.push()).result).toEqualTypeOf<number | undefined>();
    expectTypeOf((await second.push(1)).result).toEqualTypeOf<number | undefined>();
    expect(await first.push()).toMatchObject({ attempts: 2 });
    expect((await second.pushMany([1, 2])).map(({ payload }) => payload)).toEqual([1, 2]);
    expect(
      await refusal(() =>
        hatstand.worker(
          'c',
          untyped(() => 1),
          untyped({}),
        ),
      ),
    ).toMatchObject({
      code: 'invalid_request',
      message: 'worker takes its options before its function: worker(name, options, function).',
    });
  });

  it('waits for its own jobs only', async () => {
    const mine = hatstand.worker('mine', () => 1);
    const { id } = await hatstand.push('other');
    expect(await refusal(() => mine.wait(id, 0))).toMatchObject({ code: 'invalid_request', field: 'job' });
  });

  it.each<readonly [string, () => unknown, object]>([
    ['no function', () => hatstand.worker('w', untyped(undefined)), { field: 'function' }],
    ['a name that is no text', () => hatstand.worker(untyped(5), () => 1), { field: 'name' }],
    [
      'a name with a blank',
      () => hatstand.worker('a b', () => 1),
      { field: 'name', message: expect.stringMatching(/^name of worker must be 1 to 128 letters/) },
    ],
    ['a concurrency of 0', () => hatstand.worker('w', { concurrency: 0 }, () => 1), { field: 'concurrency' }],
    ['a queue with a blank', () => hatstand.worker('w', { queues: ['a b'] }, () => 1), { field: 'queues[0]' }],
    [
      'an unknown option',
      () => hatstand.worker('w', untyped({ concurency: 1 }), () => 1),
      { message: expect.stringContaining('Did you mean concurrency?') },
    ],
    [
      'an option of a push',
      () => hatstand.worker('w', untyped({ queue: 'q' }), () => 1),
      { message: expect.stringContaining('Did you mean queues?') },
    ],
    [
      'an option as other queues call it',
      () => hatstand.worker('w', untyped({ retries: 3 }), () => 1),
      { message: expect.stringContaining('Did you mean attempts?') },
    ],
    ['attempts as text', () => hatstand.worker('w', untyped({ attempts: '3' }), () => 1), { field: 'attempts' }],
  ])('is refused with %s', async (_, call, told) => {
    expect(await refusal(call)).toMatchObject({ code: 'invalid_request', ...told });
  });

  it('can be registered after it was refused', async () => {
    await refusal(() => hatstand.worker('w', { timeout: 'soon' }, () => 1));
    hatstand.worker('w', () => 1);
    expect(await refusal(() => hatstand.worker('w', () => 1))).toMatchObject({ code: 'conflict' });
  });
});

describe('two waits that contradict each other', () => {
  const contradiction = {
    code: 'invalid_request',
    message: expect.stringMatching(/^backoff, the first wait, must not be longer than maxBackoff/),
  };

  it('are refused of a worker and of a push; the one that is given beats the usual one', async () => {
    expect(await refusal(() => hatstand.worker('w', { backoff: '2s', maxBackoff: '1s' }, () => 1))).toMatchObject(contradiction);
    expect(await refusal(() => hatstand.push('w', 1, { backoff: '2s', maxBackoff: '1s' }))).toMatchObject(contradiction);
    hatstand.worker('w', { attempts: 2, backoff: '2h' }, () => 1);
    const { id } = await hatstand.push('w', 1, { maxBackoff: '1m' });
    expect((await store.jobs.get(id))?.options.retry).toEqual({ attempts: 2, backoff: 60_000, maxBackoff: 60_000 });
  });
});

describe('an option that is undefined', () => {
  const undefinedRun = { attempts: undefined, backoff: undefined, maxBackoff: undefined, timeout: undefined, onLost: undefined };

  it('of a push leaves what its worker says', async () => {
    hatstand.worker('w', { attempts: 7, backoff: '2s', maxBackoff: '3s', timeout: null, onLost: 'fail' }, () => 1);
    const said = { timeout: null, retry: { attempts: 7, backoff: 2_000, maxBackoff: 3_000 }, onLost: 'fail' };
    const plain = await hatstand.push('w', 1);
    const silent = await hatstand.push('w', 1, {
      ...undefinedRun,
      queue: undefined,
      at: undefined,
      delay: undefined,
      idempotencyKey: undefined,
    });
    const partly = await hatstand.push('w', 1, { ...undefinedRun, backoff: '1s' });
    expect((await store.jobs.get(plain.id))?.options).toMatchObject(said);
    expect((await store.jobs.get(silent.id))?.options).toMatchObject(said);
    expect((await store.jobs.get(partly.id))?.options).toMatchObject({ ...said, retry: { ...said.retry, backoff: 1_000 } });
  });

  it('of a worker, a list, a limit or a node leaves the default', async () => {
    hatstand.worker('w', { concurrency: undefined, queues: undefined, ...undefinedRun }, () => 1);
    expect(await hatstand.push('w')).toMatchObject({ timeout: 10_000, attempts: 1 });
    expect((await hatstand.list(undefined, { order: undefined, limit: undefined, from: undefined, brief: undefined })).jobs).toHaveLength(
      1,
    );
    expect(await hatstand.limits('q', { concurrency: undefined, rate: undefined })).toEqual({
      paused: false,
      closed: false,
      concurrency: null,
      rate: null,
    });
    await new Hatstand({ store: openMemory({ serverId: undefined }), name: undefined, log: undefined, keepEnded: undefined }).stop(
      undefined,
    );
  });
});

describe('a push', () => {
  it.each<readonly [string, () => unknown, object]>([
    ['delay and at', () => hatstand.push('w', 1, { delay: '1s', at: new Date() }), { field: 'at' }],
    ['many jobs under one key', () => hatstand.pushMany('w', [1], untyped({ idempotencyKey: 'k' })), { field: 'idempotencyKey' }],
    [
      'an unknown option',
      () => hatstand.push('w', 1, untyped({ dealy: '1s' })),
      { field: 'dealy', message: expect.stringContaining('Did you mean delay?') },
    ],
    ['a null that means nothing', () => hatstand.push('w', 1, untyped({ delay: null })), { field: 'delay' }],
    ['a timeout of 0', () => hatstand.push('w', 1, { timeout: 0 }), { field: 'timeout' }],
    ['half a character in a name', () => hatstand.push('w', 1, { name: '\ud800' }), { field: 'name' }],
    ['a queue with a blank', () => hatstand.push('w', 1, { queue: 'a b' }), { field: 'queue' }],
    ['a worker that is no text', () => hatstand.push(untyped(undefined), 1), { field: 'worker' }],
    ['an HTTP job without a url', () => hatstand.push('http', 1), { field: 'worker', message: expect.stringContaining('hatstand/client') }],
    ['payloads that are no list', () => hatstand.pushMany('w', untyped('abc')), { field: 'payloads' }],
    [
      'a payload that is no JSON',
      () => hatstand.push('w', { items: [{ total: Number.NaN }] }),
      { field: 'payload', message: expect.stringContaining('$.items[0].total is NaN') },
    ],
    [
      'one such payload among many',
      () => hatstand.pushMany('w', [1, { a: 1n }]),
      { field: 'payloads[1]', message: expect.stringContaining('$.a is a BigInt') },
    ],
  ])('refuses %s', async (_, call, told) => {
    expect(await refusal(call)).toMatchObject({ code: 'invalid_request', ...told });
    expect(await hatstand.count()).toEqual([]);
  });

  it('gives the job back as it stands in the store', async () => {
    const at = new Date(Date.now() + 60_000);
    const pushed = await hatstand.push('w', { day: new Date(0), none: undefined }, { at, queue: 'q', priority: 3 });
    expect(pushed).toMatchObject({
      state: 'scheduled',
      queue: 'q',
      priority: 3,
      dueAt: at.getTime(),
      payload: { day: '1970-01-01T00:00:00.000Z' },
    });
    expect(pushed.payload).not.toHaveProperty('none');
    expect(await hatstand.get(pushed)).toEqual(pushed);
    expect({ ...pushed }).toEqual(pushed);
  });

  it('with a key that is known gives its job, or is refused', async () => {
    const first = await hatstand.push('w', 1, { idempotencyKey: 'k' });
    expect((await hatstand.push('w', 1, { idempotencyKey: 'k' })).id).toBe(first.id);
    expect(await refusal(() => hatstand.push('w', 2, { idempotencyKey: 'k' }))).toMatchObject({ code: 'key_reused' });
  });
});

describe('a job', () => {
  it('has values, and the text that was kept', async () => {
    const nothing = hatstand.worker('nothing', () => undefined);
    const value = hatstand.worker('value', () => ({ n: [1] }));
    const long = hatstand.worker('long', () => 'x'.repeat(1_100_000));
    const odd = hatstand.worker('odd', () => new Map());
    await hatstand.start();
    expect(await nothing.wait(await nothing.push(), '10s')).toMatchObject({ payload: undefined, result: undefined, output: '', error: '' });
    expect(await value.wait(await value.push(null), '10s')).toMatchObject({ payload: null, result: { n: [1] }, output: '{"n":[1]}' });
    expect(await long.wait(await long.push(), '10s')).toMatchObject({ result: undefined, outputCut: true });
    const failed = await odd.wait(await odd.push(), '10s');
    expect(failed).toMatchObject({
      state: 'failed',
      error: 'the result of the function must be JSON, but $ is a Map, of which JSON keeps nothing. Send Object.fromEntries(map).',
    });
  });

  it('is seen by its function as a job with values', async () => {
    const seen: unknown[] = [];
    const look = hatstand.worker('look', (payload: { a: number }, { job, fence, signal }) => {
      expectTypeOf(job.payload).toEqualTypeOf<{ a: number }>();
      seen.push(payload, job.payload, job.state, job.attempt, job.fence === fence, signal.aborted);
    });
    await hatstand.start();
    await look.wait(await look.push({ a: 1 }), '10s');
    expect(seen).toEqual([{ a: 1 }, { a: 1 }, 'running', 1, true, false]);
  });

  it('has a history of attempts with values', async () => {
    const flaky = hatstand.worker('flaky', { attempts: 2, backoff: 0 }, (_, { job }) => {
      if (job.attempt === 1) throw new Error('not yet');
      return [job.attempt];
    });
    await hatstand.start();
    const job = await flaky.push();
    await flaky.wait(job, '10s');
    expect(await hatstand.history(job)).toMatchObject([
      { attempt: 2, end: 'succeeded', result: [2], error: '' },
      { attempt: 1, end: 'failed', result: undefined, error: 'not yet' },
    ]);
    expect(await hatstand.history('1')).toEqual([]);
  });

  it('is canceled, restarted and deleted by its id or by itself', async () => {
    const job = await hatstand.push('w', { a: 1 });
    expect(await hatstand.delete(job)).toEqual({ kind: 'refused', state: 'queued' });
    expect(await hatstand.cancel(job.id)).toMatchObject({ kind: 'changed', job: { state: 'canceled', payload: { a: 1 } } });
    expect(await hatstand.restart(job)).toMatchObject({ kind: 'changed', job: { state: 'queued', run: 2 } });
    await hatstand.cancel(job);
    expect(await hatstand.delete(job.id)).toMatchObject({ kind: 'changed', job: { id: job.id } });
    expect(await hatstand.delete(job.id)).toEqual({ kind: 'missing' });
    expect(await hatstand.get(job)).toBeNull();
    for (const id of [5, null, undefined, {}, 'x']) {
      expect(await refusal(() => hatstand.get(untyped(id)))).toMatchObject({ code: 'invalid_request', field: 'id' });
    }
  });
});

describe('lists', () => {
  it('take a filter, and everything else is optional', async () => {
    const [first] = await hatstand.pushMany('w', [1, 2, 3], { queue: 'mail' });
    await hatstand.push('w', 4, { queue: 'other' });
    if (first === undefined) throw new Error('it was pushed');
    await hatstand.cancel(first);
    const payloads = async (...given: Parameters<Hatstand['list']>) => (await hatstand.list(...given)).jobs.map(({ payload }) => payload);
    expect(await payloads()).toEqual([4, 3, 2, 1]);
    expect(await payloads('queue:mail state:queued')).toEqual([3, 2]);
    expect(await payloads('queue:mail', { order: 'oldest', limit: 2 })).toEqual([1, 2]);
    expect(await payloads('-cause:thrown,timeout', { limit: 2 })).toEqual([4, 3]);
    expect(await payloads('cause:thrown,timeout')).toEqual([]);
    expect(await payloads('', { brief: true, limit: 1 })).toEqual([undefined]);
  });

  it('go on from page to page', async () => {
    await hatstand.pushMany('w', [1, 2, 3, 4, 5]);
    const page = await hatstand.list('', { limit: 2 });
    expect((await hatstand.list('', { limit: 2, from: page.next ?? '' })).jobs.map(({ payload }) => payload)).toEqual([3, 2]);
    const found: unknown[] = [];
    for await (const { jobs } of hatstand.pages('worker:w', { order: 'oldest', limit: 2 })) found.push(jobs.map(({ payload }) => payload));
    expect(found).toEqual([[1, 2], [3, 4], [5]]);
    for await (const { jobs } of hatstand.pages('worker:x')) expect(jobs).toEqual([]);
  });

  it.each<readonly [string, () => unknown, object]>([
    ['a filter that is none', () => hatstand.list('stat:failed'), { code: 'invalid_filter' }],
    ['the same, of all pages, at once', () => hatstand.pages('stat:failed'), { code: 'invalid_filter' }],
    ['a cause that there is not', () => hatstand.list('cause:throw'), { code: 'invalid_filter' }],
    ['a filter that is no text', () => hatstand.list(untyped({ state: 'failed' })), { code: 'invalid_request' }],
    ['a limit of 0', () => hatstand.list('', { limit: 0 }), { field: 'limit' }],
    ['a from that is no id', () => hatstand.list('', { from: 'x' }), { field: 'from' }],
  ])('refuse %s', async (_, call, told) => {
    expect(await refusal(call)).toMatchObject(told);
  });
});

describe('queues', () => {
  it('are paused, resumed, limited and shown', async () => {
    await hatstand.push('w', 1, { queue: 'mail' });
    expect(await hatstand.pause('mail')).toMatchObject({ paused: true });
    expect(await hatstand.limits('mail', { concurrency: 2, rate: { max: 5, per: '1s' } })).toEqual({
      paused: true,
      closed: false,
      concurrency: 2,
      rate: { max: 5, per: 1_000 },
    });
    expect(await hatstand.resume('mail')).toMatchObject({ paused: false });
    expect(await hatstand.limits('mail', { rate: null })).toMatchObject({ concurrency: 2, rate: null });
    expect(await hatstand.queues()).toMatchObject([{ name: 'mail', concurrency: 2, counts: { queued: 1 } }]);
    expect(await refusal(() => hatstand.limits('mail', { rate: { max: 1, per: '2d' } }))).toMatchObject({ field: 'rate.per' });
    expect(await refusal(() => hatstand.pause(untyped(undefined)))).toMatchObject({ field: 'queue' });
  });
});

describe('the types', () => {
  it('of a store are what a caller may do with it', () => {
    expectTypeOf(openMemory()).toHaveProperty('close');
    expectTypeOf(openMemory()).not.toHaveProperty('jobs');
    expectTypeOf<HatstandOptions['store']>().toEqualTypeOf<ReturnType<typeof openMemory>>();
  });

  it('name all that a caller writes and gets', () => {
    expectTypeOf<JobRef>().toExtend<Parameters<Hatstand['get']>[0]>();
    expectTypeOf<Parameters<Hatstand['push']>[2]>().toEqualTypeOf<PushOptions | undefined>();
    expectTypeOf<PushCutShort['kept']>().toEqualTypeOf<readonly KeptJob[]>();
    expectTypeOf<Extract<KeptJob, { kind: 'pushed' | 'replayed' | 'duplicate' }>['job']>().toEqualTypeOf<Job>();
    expectTypeOf<Awaited<ReturnType<Hatstand['history']>>>().toEqualTypeOf<readonly Attempt[]>();
  });
});

describe('a node', () => {
  it.each<readonly [string, () => unknown, object]>([
    ['no options', () => new Hatstand(untyped(undefined)), { field: 'store' }],
    ['no store', () => new Hatstand(untyped({})), { field: 'store', message: expect.stringContaining('await openSqlite') }],
    [
      'a store that is still opening',
      () => new Hatstand({ store: untyped(Promise.resolve(openMemory())) }),
      {
        field: 'store',
        message: 'store of Hatstand must be an open store, such as `await openSqlite({ path })` gives, not a promise: await it.',
      },
    ],
    ['an unknown option', () => new Hatstand(untyped({ store: openMemory(), nmae: 'x' })), { field: 'nmae' }],
    ['a log that is none', () => new Hatstand({ store: openMemory(), log: untyped({}) } satisfies HatstandOptions), { field: 'log' }],
    [
      'a promise in the place of a job',
      () => hatstand.get(untyped(hatstand.push('w'))),
      { message: expect.stringContaining('a promise: await it') },
    ],
    ['a grace that is none', () => hatstand.stop('soon'), { field: 'grace' }],
    ['a wait without end', () => hatstand.wait('1', Number.POSITIVE_INFINITY), { field: 'timeout' }],
  ])('is refused with %s', async (_, call, told) => {
    expect(await refusal(call)).toMatchObject({ code: 'invalid_request', ...told });
  });
});
