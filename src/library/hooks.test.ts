/** What each hook does, and what it can do to its job and its process. */
import { describe, expect, it } from 'vitest';
import { HatstandError } from '../core/errors.ts';
import { Abort } from '../executors/function-fault.ts';
import { Hatstand } from '../hatstand.ts';
import { openMemory } from '../stores/memory/index.ts';
import type { WorkerDeclaration } from './define.ts';
import { defineWorker } from './defined.ts';
import { hatstand, store } from './hatstand.suite.ts';
import { refusal } from './refusal.suite.ts';

const told: (readonly unknown[])[] = [];
const tell = (...what: readonly unknown[]): void => void told.push(what);
const ended = async (job: { readonly id: string }) => (await hatstand.wait(job)) ?? expect.unreachable('there is no such job');
const never = new Promise<never>(() => undefined);
const failing = (): never => {
  throw new Error('hook');
};

type Hooks = Partial<Omit<WorkerDeclaration<unknown, unknown, unknown, unknown, unknown>, 'name' | 'input' | 'output'>>;

/** Serves a worker with these hooks, and runs one job of it to its end. */
async function ran(hooks: object, message: unknown = 1): Promise<Awaited<ReturnType<typeof ended>>> {
  told.length = 0;
  const worker = defineWorker({ name: 'w', run: () => tell('run'), ...(hooks as Hooks) });
  hatstand.worker(worker);
  await hatstand.start();
  const job = await ended(await hatstand.push('w', message));
  // A commit comes behind the end of its job, and before that of its node.
  await hatstand.stop();
  return job;
}

describe('init', () => {
  it('is called once before any job, also when several are served', async () => {
    const calls: string[] = [];
    const of = (name: string) =>
      defineWorker({ name, init: async () => void calls.push(`init ${name}`), run: () => void calls.push(`run ${name}`) });
    hatstand.worker(of('a'));
    hatstand.worker(of('b'));
    const jobs = [await hatstand.push('a'), await hatstand.push('b'), await hatstand.push('a')];
    expect(calls).toEqual([]);
    await Promise.all([hatstand.start(), hatstand.start()]);
    for (const job of jobs) await ended(job);
    expect(calls.slice(0, 2)).toEqual(['init a', 'init b']);
    expect(calls.filter((call) => call.startsWith('init'))).toHaveLength(2);
  });

  it('fails the start in words, which may be tried again', async () => {
    const key: { value: string | null } = { value: null };
    let calls = 0;
    hatstand.worker(defineWorker({ name: 'good', init: () => (calls += 1), run: () => 1 }));
    hatstand.worker(defineWorker({ name: 'bad', init: () => key.value ?? Promise.reject(new Error('no key')), run: () => 1 }));
    expect(await refusal(() => hatstand.start())).toMatchObject({
      code: 'init_failed',
      message: 'init of the worker "bad" failed: no key',
    });
    expect(hatstand.workers()).toMatchObject([{ state: 'waiting' }, { state: 'waiting' }]);
    key.value = 'k';
    await hatstand.start();
    expect(calls).toBe(1);
    expect(hatstand.workers()).toMatchObject([{ state: 'active' }, { state: 'active' }]);
  });

  it('of a worker that comes after the start is called before its jobs, which wait when it fails', async () => {
    await hatstand.start();
    const first = Promise.withResolvers<void>();
    const [late, broken] = [await hatstand.push('late'), await hatstand.push('broken')];
    hatstand.worker(defineWorker({ name: 'late', init: () => first.promise, run: () => 'ran' }));
    hatstand.worker(defineWorker({ name: 'broken', init: failing, run: () => 'ran' }));
    expect(await hatstand.wait(late, 20)).toMatchObject({ state: 'queued' });
    first.resolve();
    expect(await ended(late)).toMatchObject({ result: 'ran' });
    expect(await hatstand.wait(broken, 20)).toMatchObject({ state: 'queued' });
    expect(hatstand.workers()).toMatchObject([{ state: 'active' }, { state: 'failed' }]);
  });

  it('that never ends does not hold up a stop', async () => {
    const signals: AbortSignal[] = [];
    const init = ({ signal }: { readonly signal: AbortSignal }): Promise<never> => {
      signals.push(signal);
      return never;
    };
    hatstand.worker(defineWorker({ name: 'w', init, run: () => 1 }));
    const starting = hatstand.start();
    await hatstand.stop();
    await starting;
    expect(signals).toMatchObject([{ aborted: true }]);
  });
});

describe('beforeHook', () => {
  const declare = (beforeHook: Hooks['beforeHook']) =>
    defineWorker({ name: 'w', beforeHook: beforeHook as never, run: ({ message }: { message: unknown }) => message });

  it('may skip a push, which says so and keeps nothing', async () => {
    const worker = declare(({ message }) => message !== 'no');
    hatstand.worker(worker);
    const skipped = await hatstand.push('w', 'no', { idempotencyKey: 'k' });
    expect(skipped).toMatchObject({ id: '', state: 'canceled', reason: 'skipped', payload: 'no' });
    const all = await hatstand.pushMany(worker, ['yes', 'no', 'yes', 'no']);
    expect(all.map(({ reason, id }) => (id === '' ? reason : 'kept'))).toEqual(['kept', 'skipped', 'kept', 'skipped']);
    expect((await hatstand.list()).jobs).toHaveLength(2);
  });

  it('may change the job, of which the idempotency key stands for what was asked for', async () => {
    let queue = 'one';
    const worker = declare(({ message, queue: asked }) => ({ message: [message, asked], queue, priority: 5 }));
    const first = await hatstand.push(worker, 'x', { idempotencyKey: 'k' });
    expect(first).toMatchObject({ payload: ['x', 'default'], queue: 'one', priority: 5 });
    queue = 'two';
    expect((await hatstand.push(worker, 'x', { idempotencyKey: 'k' })).id).toBe(first.id);
    expect(await refusal(() => hatstand.push(worker, 'y', { idempotencyKey: 'k' }))).toMatchObject({ code: 'key_reused' });
  });

  it('is asked once for a job that it was asked for in the push', async () => {
    let asked = 0;
    const worker = declare(async () => {
      asked += 1;
      return true;
    });
    hatstand.worker(worker);
    await hatstand.start();
    const job = await hatstand.push(worker, 'x');
    expect(await ended(job)).toMatchObject({ state: 'succeeded', result: 'x' });
    expect(asked).toBe(1);
    await hatstand.restart(job);
    await ended(job);
    expect(asked).toBe(1);
  });

  it('is asked before the run of a job that was pushed where nobody knew the worker', async () => {
    const elsewhere = [await hatstand.push('w', 'no'), await hatstand.push('w', 'change'), await hatstand.push('w', 'yes')];
    const ids: unknown[] = [];
    hatstand.worker(
      declare(({ message, id }) => {
        ids.push(id);
        return message === 'no' ? false : message === 'change' ? { message: 'changed' } : undefined;
      }),
    );
    await hatstand.start();
    const [no, change, yes] = await Promise.all(elsewhere.map(ended));
    expect(no).toMatchObject({ state: 'canceled', reason: 'skipped' });
    expect(change).toMatchObject({ state: 'succeeded', result: 'changed', payload: 'change' });
    expect(yes).toMatchObject({ state: 'succeeded', result: 'yes' });
    expect(new Set(ids)).toEqual(new Set(elsewhere.map(({ id }) => id)));
  });

  it.each<readonly [string, () => unknown, object]>([
    ['throws', failing, { message: 'hook' }],
    ['rejects', () => Promise.reject(new Error('later')), { message: 'later' }],
    ['answers null', () => null, { code: 'invalid_request', message: expect.stringContaining('not null') }],
    ['answers a text', () => 'no', { code: 'invalid_request' }],
    ['changes what there is not', () => ({ worker: 'x' }), { code: 'invalid_request', message: expect.stringContaining('worker') }],
    ['changes the message to what is no JSON', () => ({ message: 1n }), { code: 'invalid_request' }],
  ])('that %s fails the push, or the attempt', async (_, hook, told) => {
    const worker = declare(hook as never);
    await expect(hatstand.push(worker, 1)).rejects.toMatchObject(told);
    const job = await hatstand.push('w', 1);
    hatstand.worker(worker);
    await hatstand.start();
    if (_ !== 'changes the message to what is no JSON') expect(await ended(job)).toMatchObject({ state: 'failed', cause: 'thrown' });
  });
});

describe('start', () => {
  it('hands a cookie to run and commit, in each attempt', async () => {
    const job = await ran({
      attempts: 2,
      backoff: 1,
      start: (context: { withCookie(cookie: unknown): unknown; attempt: number }) => context.withCookie(`cookie ${context.attempt}`),
      run(context: { cookie: unknown; attempt: number }) {
        tell('run', context.cookie);
        if (context.attempt === 1) failing();
      },
      commit: (context: { cookie: unknown }, error: unknown) => tell('commit', context.cookie, error),
    });
    expect(job).toMatchObject({ state: 'succeeded', attempt: 2 });
    expect(told).toEqual([
      ['run', 'cookie 1'],
      ['run', 'cookie 2'],
      ['commit', 'cookie 2', null],
    ]);
  });

  it.each<readonly [string, () => unknown, string]>([
    ['throws', failing, 'hook'],
    ['rejects with a text', () => Promise.reject('text'), 'text'],
    ['answers another context', () => ({ cookie: 1 }), 'start must answer the context'],
    ['answers null', () => null, 'start must answer the context'],
  ])('that %s fails the job without another try, without run and without commit', async (_, start, error) => {
    const job = await ran({ attempts: 5, start, commit: () => tell('commit') });
    expect(job).toMatchObject({ state: 'failed', attempt: 1, cause: 'thrown', error: expect.stringContaining(error) });
    expect(told).toEqual([]);
  });

  it('may abort the job', async () => {
    const job = await ran({ start: (context: { abort(): never }) => context.abort(), commit: () => tell('commit') });
    expect(job).toMatchObject({ state: 'succeeded', reason: 'aborted' });
    expect(told).toEqual([]);
  });

  it('that ends after the timeout of its attempt begins nothing', async () => {
    const late = Promise.withResolvers<void>();
    const job = await ran({ attempts: 3, timeout: 5, start: () => late.promise, commit: () => tell('commit') });
    expect(job).toMatchObject({ state: 'failed', cause: 'timeout', attempt: 1 });
    late.resolve();
    await late.promise;
    expect(told).toEqual([]);
  });
});

describe('errorHook', () => {
  it('is asked before the first attempt, with no error, and after each failure that is to be tried again', async () => {
    const job = await ran({
      attempts: 3,
      backoff: 1,
      errorHook(error: unknown) {
        tell('ask', error instanceof Error ? error.message : error);
        return true;
      },
      run(context: { attempt: number }) {
        tell('run', context.attempt);
        throw new Error(`no ${context.attempt}`);
      },
    });
    expect(job).toMatchObject({ state: 'failed', attempt: 3, error: 'no 3' });
    expect(told).toEqual([
      ['ask', undefined],
      ['run', 1],
      ['ask', 'no 1'],
      ['run', 2],
      ['ask', 'no 2'],
      ['run', 3],
    ]);
  });

  it('that refuses the first attempt ends the job as succeeded', async () => {
    const job = await ran({ attempts: 3, errorHook: () => false, commit: (_: unknown, error: unknown) => tell('commit', error) });
    expect(job).toMatchObject({ state: 'succeeded', reason: 'refused', error: '', result: undefined });
    expect(told).toEqual([['commit', null]]);
  });

  it('that refuses a later attempt ends the job as failed with the error before', async () => {
    const job = await ran({
      attempts: 5,
      backoff: '1h',
      errorHook: async (error: unknown) => error === undefined,
      run: failing,
      commit: (_: unknown, error: Error) => tell('commit', error.message),
    });
    expect(job).toMatchObject({ state: 'failed', attempt: 1, error: 'hook', cause: 'thrown' });
    expect(told).toEqual([['commit', 'hook']]);
  });

  it.each<readonly [string, () => unknown]>([
    ['throws', failing],
    ['rejects', () => Promise.reject(null)],
    ['answers nothing', () => undefined],
    ['answers a promise in a list', () => [Promise.reject(new Error('unheard'))]],
  ])('that %s before the first attempt fails it, and afterwards leaves it to the retry policy', async (_, errorHook) => {
    const job = await ran({ attempts: 2, backoff: 1, errorHook });
    expect(job).toMatchObject({ attempt: 2 });
    expect(told).toEqual([['run']]);
  });

  it('that never ends is not waited for longer than a timeout', async () => {
    const job = await ran({
      attempts: 2,
      backoff: 1,
      timeout: 20,
      errorHook: (error: unknown) => error === undefined || never,
      run: failing,
    });
    expect(job).toMatchObject({ state: 'failed', attempt: 2 });
  });
});

describe('commit', () => {
  const commit = (_: unknown, error: unknown): void => tell('commit', error instanceof Error ? error.message : error);

  it.each<readonly [string, object, string, unknown]>([
    ['a success', {}, 'succeeded', null],
    ['a failure', { run: failing }, 'failed', 'hook'],
    ['a text that was thrown', { run: () => Promise.reject('text') }, 'failed', 'text'],
    ['a result that is no JSON', { run: () => 1n }, 'failed', expect.stringContaining('BigInt')],
    ['a timeout', { run: () => never, timeout: 5 }, 'failed', 'the function did not end within its timeout of 5 ms'],
  ])('comes once behind %s', async (_, hooks, state, error) => {
    expect(await ran({ ...hooks, commit })).toMatchObject({ state });
    expect(told.filter(([what]) => what === 'commit')).toEqual([['commit', error]]);
  });

  it('is told that the job was aborted', async () => {
    const errors: unknown[] = [];
    await ran({ run: (context: { abort(): never }) => context.abort(), commit: (_: unknown, error: unknown) => errors.push(error) });
    expect(errors).toEqual([expect.any(Abort)]);
  });

  it('sees the end of its job in the store', async () => {
    const states: unknown[] = [];
    await ran({ commit: async ({ id }: { id: string }) => states.push((await store.jobs.get(id))?.state) });
    expect(states).toEqual(['succeeded']);
  });

  it.each<readonly [string, () => unknown]>([
    ['throws', failing],
    ['rejects', () => Promise.reject(undefined)],
    ['never ends', () => never],
  ])('that %s changes nothing', async (_, broken) => {
    expect(await ran({ timeout: 20, commit: broken })).toMatchObject({ state: 'succeeded' });
  });

  it('comes when a job is canceled between the failure of an attempt and what was to follow it', async () => {
    const begun = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    const worker = defineWorker({
      name: 'w',
      attempts: 3,
      async run() {
        begun.resolve();
        await goOn.promise;
        failing();
      },
      commit,
    });
    told.length = 0;
    hatstand.worker(worker);
    await hatstand.start();
    const job = await hatstand.push(worker);
    await begun.promise;
    await hatstand.cancel(job);
    goOn.resolve();
    expect(await ended(job)).toMatchObject({ state: 'canceled' });
    await hatstand.stop();
    expect(told).toEqual([['commit', 'hook']]);
  });

  it('does not come when the job was taken from its node, nor when nobody knows whether its result counted', async () => {
    told.length = 0;
    const memory = openMemory();
    const { jobs } = memory;
    const refs = new Map<string, number>();
    const settle: typeof jobs.settle = async (ref, moves) => {
      const times = (refs.get(ref.id) ?? 0) + 1;
      refs.set(ref.id, times);
      const { worker } = (await jobs.get(ref.id)) ?? { worker: '' };
      if (worker === 'taken') return 'lost';
      const answer = await jobs.settle(ref, moves);
      if (times === 1) throw new HatstandError('unconfirmed', 'the reply is lost');
      return answer;
    };
    const node = new Hatstand({ store: Object.assign(Object.create(memory), { jobs: { ...jobs, settle } }), log: null });
    for (const name of ['taken', 'unanswered']) node.worker(defineWorker({ name, run: () => 1, commit }));
    await node.start();
    const [, unanswered] = [await node.push('taken'), await node.push('unanswered')];
    expect(await node.wait(unanswered)).toMatchObject({ state: 'succeeded' });
    await node.stop();
    expect([...refs.values()].sort((a, b) => a - b)).toEqual([1, 2]);
    expect(told).toEqual([]);
  });
});
