import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startProxy, type TcpProxy } from '../../test/support/tcp-proxy.ts';
import { type Client, defineWorker, Final, makeClient, type RunningWorker, Skip } from '../client.ts';
import type { Logger } from '../ports/logger.ts';
import { silent } from '../system/silent.ts';
import { hatstand } from './hatstand.suite.ts';
import { untyped } from './refusal.suite.ts';

let proxy: TcpProxy;
let client: Client;
const running: RunningWorker[] = [];
const logged: string[] = [];
const log: Logger = { ...silent, warn: (name) => void logged.push(name), error: (name) => void logged.push(name) };

beforeEach(async () => {
  logged.length = 0;
  await hatstand.start();
  const { address } = await hatstand.listen({ port: 0 });
  proxy = await startProxy(Number(new URL(address).port));
  client = makeClient({ address: `http://127.0.0.1:${proxy.port}`, timeout: 2_000 });
});
afterEach(async () => {
  await Promise.all(running.map((worker) => worker.stop(0).catch(() => undefined)));
  running.length = 0;
  await proxy.close();
});

/** Stopped after the test. */
const runs = (worker: RunningWorker): RunningWorker => {
  running.push(worker);
  return worker;
};
const quiet = { log } as const;

describe('a client', () => {
  it('pushes to a definition as a Hatstand does, and waits for what comes of it', async () => {
    const double = defineWorker({ name: 'double', run: ({ message }: { message: number }) => 2 * message });
    runs(client.worker(double, quiet));
    const job = await client.push(double, 21, { name: 'half of it', delay: '10ms', idempotencyKey: 'k' });
    expect(job).toMatchObject({ worker: 'double', payload: 21, name: 'half of it' });
    expect((await client.push(double, 21, { name: 'half of it', delay: '10ms', idempotencyKey: 'k' })).id).toBe(job.id);
    expect(await client.wait(job, '10s')).toMatchObject({ state: 'succeeded', result: 42 });
    await expect(client.push('double', 22, { name: 'half of it', idempotencyKey: 'k' })).rejects.toMatchObject({ code: 'key_reused' });
  });
});

describe('a push of a client', () => {
  it('leaves to the server what it does not say itself', async () => {
    hatstand.worker('three', { attempts: 3, backoff: '7s', timeout: '42s', onLost: 'fail' }, () => 1);
    const plain = await client.push('three');
    expect(await client.jobs.get(plain.id)).toMatchObject({ timeout: '42s', retry: { attempts: 3, backoff: '7s' }, onLost: 'fail' });
    const all = await client.push('three', null, { totalTimeout: '5m' });
    expect(await client.jobs.get(all.id)).toMatchObject({ timeout: '42s', totalTimeout: '5m', retry: { attempts: 3 } });
    const said = await client.push('three', null, { attempts: 2 });
    expect(await client.jobs.get(said.id)).toMatchObject({ timeout: '42s', retry: { attempts: 2, backoff: '7s' }, onLost: 'fail' });
  });

  it('says what it is given, also what is usual, and what a definition says', async () => {
    hatstand.worker('three', { attempts: 3, backoff: '7s', timeout: '42s', onLost: 'fail' }, () => 1);
    const usual = await client.push('three', null, { attempts: 1, backoff: '60ms', timeout: '10s', onLost: 'retry' });
    expect(await client.jobs.get(usual.id)).toMatchObject({ timeout: '10s', retry: { attempts: 1, backoff: '60ms' }, onLost: 'retry' });
    const defined = await client.push(defineWorker({ name: 'three', attempts: 1, timeout: '10s', run: () => 1 }));
    expect(await client.jobs.get(defined.id)).toMatchObject({ timeout: '10s', retry: { attempts: 1, backoff: '7s' }, onLost: 'fail' });
  });

  it('takes back what its worker says otherwise', async () => {
    hatstand.worker('picky', { unique: { scope: 'worker' }, startBefore: '1h', totalTimeout: '1m', timeout: '5s' }, () => 1);
    const plain = await client.push('picky', 1, { delay: '1m' });
    expect(await client.jobs.get(plain.id)).toMatchObject({ unique: { scope: 'worker' }, totalTimeout: '1m', timeout: '5s' });
    const free = await client.push('picky', 2, { delay: '1m', unique: null, startBefore: null, totalTimeout: null, timeout: null });
    expect(await client.jobs.get(free.id)).toMatchObject({ unique: null, startBefore: null, totalTimeout: null, timeout: null });
  });

  it('names the key of its limit, and shows it, as does one of an attempt', async () => {
    const key = { limit: 'tenant:a' } as const;
    const job = await client.push('parent', 1, key);
    expect([job.limit, (await client.jobs.get(job.id)).limit]).toEqual(['tenant:a', 'tenant:a']);
    runs(client.worker('parent', quiet, async (_: unknown, { job: { limit }, push }) => [limit, (await push('child', 2, key)).id]));
    const ended = await client.wait<unknown, readonly [string, string]>(job.id, '20s');
    expect(ended.result?.[0]).toBe('tenant:a');
    expect(await hatstand.get(ended.result?.[1] ?? '')).toMatchObject({ worker: 'child', limit: 'tenant:a' });
  });
});

describe('a worker elsewhere', () => {
  it('is shown for how many others a job waits that it pushes', async () => {
    runs(
      client.worker('parent', quiet, async (_: unknown, { id, push }) => {
        const { state, reason, after } = await push('nobody', 1, { after: { jobs: [id] } });
        return [state, reason, after?.left];
      }),
    );
    expect(await client.wait(await client.push('parent'), '20s')).toMatchObject({ result: ['scheduled', 'after 1 left', 1] });
  });

  it('is told null where null was pushed, and nothing where nothing was, and pushes likewise', async () => {
    const told: unknown[] = [];
    runs(client.worker('told', quiet, (payload: unknown) => void told.push(payload === undefined ? 'none' : payload)));
    runs(
      client.worker('pushes', quiet, async (_: unknown, { push }) => {
        await push('told', null);
        await push('told', 'x'.repeat(1_500_000));
      }),
    );
    for (const job of [await client.push('told', null), await client.push('told'), await hatstand.push('told', null)])
      await hatstand.wait(job, '20s');
    expect(told).toEqual([null, 'none', null]);
    expect(await hatstand.wait(await hatstand.push('pushes'), '20s')).toMatchObject({ state: 'succeeded' });
    for (const job of (await hatstand.list('worker:told', { order: 'oldest' })).jobs) await hatstand.wait(job, '20s');
    expect(new Set(told.slice(3).map((each) => (typeof each === 'string' ? each.length : each)))).toEqual(new Set([1_500_000, null]));
  });

  it.each(['attempts', 'backoff', 'maxBackoff', 'timeout', 'totalTimeout', 'onLost', 'unique', 'startBefore'])(
    'says where %s is said, which would change no job here',
    (name) => {
      const call = (): RunningWorker => client.worker('w', untyped({ [name]: null }), () => 1);
      expect(call).toThrow(`worker of a client has no option "${name}": how a job runs is kept with it`);
    },
  );

  it('asks the hook of its definition once, in the push', async () => {
    let asked = 0;
    const hooked = defineWorker({
      name: 'hooked',
      beforeHook: () => {
        asked += 1;
        return undefined;
      },
      run: () => 'ran',
    });
    runs(client.worker(hooked, quiet));
    expect(await client.wait(await client.push(hooked), '20s')).toMatchObject({ state: 'succeeded', result: 'ran' });
    expect(asked).toBe(1);
  });

  it('runs jobs as one of a Hatstand does, and tells of them', async () => {
    runs(
      client.worker('resize', quiet, async ({ url }: { url: string }, { progress, logger, fence, job, push, signal }) => {
        progress({ done: 1 });
        logger.info('resized', { url });
        const child = await push('thumbnail', { of: url }, { idempotencyKey: url });
        return { url, attempt: job.attempt, fence, child: child.id, aborted: signal.aborted };
      }),
    );
    const job = await hatstand.push('resize', { url: 'a.png' }, { domain: 'acme' });
    const ended = await hatstand.wait(job, '10s');
    expect(ended).toMatchObject({ state: 'succeeded', result: { url: 'a.png', attempt: 1, aborted: false } });
    expect(await hatstand.lines(job)).toMatchObject({ lines: [{ text: 'resized', fields: { url: 'a.png' } }] });
    expect(await hatstand.progress(job)).toMatchObject({ value: { done: 1 } });
    const { child } = { ...(ended?.result as { readonly child: string }) };
    expect(await hatstand.get(child)).toMatchObject({ worker: 'thumbnail', domain: 'acme', payload: { of: 'a.png' } });
  });

  it('is told what a limit and a queue do not take of what it pushes', async () => {
    await hatstand.setLimit('worker:thumbnail', { rate: { max: 1, per: '1h' } });
    await hatstand.close('shut');
    runs(
      client.worker('resize', quiet, async (_: unknown, { push }) => {
        await push('thumbnail', 1);
        const refused = await Promise.allSettled([push('thumbnail', 2), push('other', 3, { queue: 'shut' })]);
        return refused.map((each) => (each.status === 'rejected' ? (each.reason as { readonly code: string }).code : each.status));
      }),
    );
    const ended = await hatstand.wait(await hatstand.push('resize', null), '10s');
    expect(ended).toMatchObject({ state: 'succeeded', result: ['limit_reached', 'queue_closed'] });
  });

  it('fails, skips and tries again as one of a Hatstand does', async () => {
    runs(
      client.worker('work', quiet, (how: string, { job }) => {
        if (how === 'skip') throw new Skip('nothing to do');
        if (how === 'final') throw new Final('never');
        if (job.attempt === 1) throw new Error('not yet');
        return (how === 'long' ? '"' : 'x').repeat(how === 'long' ? 2 * 1024 * 1024 : 1);
      }),
    );
    const jobs = await hatstand.pushMany('work', ['skip', 'final', 'retry', 'long'], { attempts: 3, backoff: '10ms' });
    const [skipped, final, retried, long] = await Promise.all(jobs.map((job) => hatstand.wait(job, '20s')));
    expect(skipped).toMatchObject({ state: 'canceled', reason: 'skipped', error: 'nothing to do' });
    expect(final).toMatchObject({ state: 'failed', error: 'never', cause: 'thrown', attempt: 1 });
    expect(retried).toMatchObject({ state: 'succeeded', attempt: 2, result: 'x' });
    expect([long?.state, long?.outputCut, long?.output.length]).toEqual(['succeeded', true, 1024 * 1024]);
  });

  it('that is defined has its schema, its hooks and its limits', async () => {
    const order: string[] = [];
    const greet = defineWorker({
      name: 'greet',
      init: () => void order.push('init'),
      start: (context) => {
        order.push('start');
        return context.withCookie('c');
      },
      run({ message, cookie }: { message: unknown; cookie: unknown }) {
        order.push('run');
        return { message, cookie };
      },
      commit: (_, error) => void order.push(`commit ${String(error)}`),
    });
    const worker = runs(client.worker(greet, { concurrency: 1, ...quiet }));
    const ended = await hatstand.wait(await hatstand.push(greet, 'Ada'), '10s');
    expect(ended).toMatchObject({ state: 'succeeded', result: { message: 'Ada', cookie: 'c' } });
    await worker.stop();
    expect(order).toEqual(['init', 'start', 'run', 'commit null']);
    await expect(worker.ended).resolves.toBeUndefined();
  });

  it('runs no more jobs at once than it was told, and is never unserved while it runs', async () => {
    let [now, most] = [0, 0];
    const gate = Promise.withResolvers<void>();
    runs(
      client.worker('work', { concurrency: 3, ...quiet }, async () => {
        now += 1;
        most = Math.max(most, now);
        await gate.promise;
        now -= 1;
      }),
    );
    const jobs = await hatstand.pushMany('work', [1, 2, 3, 4, 5, 6, 7]);
    await expect.poll(() => now).toBe(3);
    const waiting = await client.jobs.list({ q: 'state:queued' });
    expect(waiting.jobs.map(({ unserved }) => unserved)).toEqual([false, false, false, false]);
    gate.resolve();
    const ended = await Promise.all(jobs.map((job) => hatstand.wait(job, '20s')));
    expect(ended.every((job) => job?.state === 'succeeded')).toBe(true);
    expect(most).toBe(3);
  });

  it.each(['3001ms', '20s', '1d'])('tells what its job tells, whatever its ttl: %s', async (attemptTtl) => {
    const gate = Promise.withResolvers<void>();
    runs(
      client.worker('work', { attemptTtl, ...quiet }, (_, { progress }) => {
        progress('half');
        return gate.promise;
      }),
    );
    const job = await hatstand.push('work', null, { timeout: null });
    await expect.poll(async () => (await hatstand.progress(job.id))?.value, { timeout: 5_000 }).toBe('half');
    gate.resolve();
    expect(await hatstand.wait(job, '10s')).toMatchObject({ state: 'succeeded' });
    expect(logged).toEqual([]);
  });

  it('learns that its job is canceled', async () => {
    runs(
      client.worker('work', { attemptTtl: '1s', ...quiet }, (_, { signal }) => {
        return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error(String(signal.reason)))));
      }),
    );
    const job = await hatstand.push('work', null, { timeout: null });
    await expect.poll(async () => (await hatstand.get(job))?.state, { timeout: 5_000 }).toBe('running');
    await hatstand.cancel(job);
    expect(await hatstand.wait(job, '10s')).toMatchObject({ state: 'canceled', error: 'canceled' });
  });

  it('goes on through an outage, and its result is kept once', async () => {
    const begun = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    let runsOfIt = 0;
    runs(
      client.worker('work', quiet, async () => {
        runsOfIt += 1;
        begun.resolve();
        await gate.promise;
        return 'kept';
      }),
    );
    const job = await hatstand.push('work', null, { timeout: null });
    await begun.promise;
    proxy.silence();
    proxy.cut();
    gate.resolve();
    await expect.poll(() => logged, { timeout: 10_000 }).toContain('server.away');
    proxy.restore();
    proxy.cut();
    expect(await hatstand.wait(job, '20s')).toMatchObject({ state: 'succeeded', result: 'kept', attempt: 1 });
    expect(runsOfIt).toBe(1);
  });

  it('gets the jobs that were claimed when the answer was lost', async () => {
    proxy.swallowReplies();
    runs(client.worker('work', quiet, () => 'done'));
    const job = await hatstand.push('work', null);
    await expect.poll(async () => (await hatstand.get(job))?.state, { timeout: 5_000 }).toBe('running');
    proxy.restore();
    proxy.cut();
    expect(await hatstand.wait(job, '20s')).toMatchObject({ state: 'succeeded', attempt: 1 });
  });

  it('hands back what runs at a stop, without burning an attempt', async () => {
    const begun = Promise.withResolvers<void>();
    const worker = runs(
      client.worker('work', quiet, (_, { signal }) => {
        begun.resolve();
        return new Promise((resolve) => signal.addEventListener('abort', resolve));
      }),
    );
    const job = await hatstand.push('work', null, { timeout: null });
    await begun.promise;
    await worker.stop(0);
    expect(await hatstand.get(job)).toMatchObject({ state: 'queued', attempt: 0, lost: 0 });
    await expect(worker.ended).resolves.toBeUndefined();
  });

  it('ends with what the server refuses for good, and says what it does not take', async () => {
    const { address } = await hatstand.listen({ port: 0, token: 'right' });
    const worker = runs(makeClient({ address, token: 'wrong' }).worker('work', quiet, () => 1));
    await expect(worker.ended).rejects.toMatchObject({ code: 'unauthorized' });
    expect(() => client.worker('http', () => 1)).toThrow(/not run elsewhere/);
    expect(() => client.worker('a b', () => 1)).toThrow(/name/);
    // @ts-expect-error: it is no option
    expect(() => client.worker('a', { concurency: 1 }, () => 1)).toThrow(/concurrency/);
    const broken = runs(
      client.worker(
        defineWorker({
          name: 'broken',
          init() {
            throw new Error('no');
          },
          run: () => 1,
        }),
        quiet,
      ),
    );
    await expect(broken.ended).rejects.toMatchObject({ code: 'init_failed' });
  });
});
