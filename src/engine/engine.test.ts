import { describe, expect, it } from 'vitest';
import { HatstandError } from '../core/errors.ts';
import { noResult } from '../core/job.ts';
import type { Clock } from '../ports/clock.ts';
import type { Executor } from '../ports/executor.ts';
import type { Store } from '../ports/store/store.ts';
import { altered } from '../stores/conformance/altered.ts';
import { openMemory } from '../stores/memory/index.ts';
import { systemClock } from '../system/clock.ts';
import { silent } from '../system/silent.ts';
import { ask, controlled, duty, ended, inboxHints, liveNodes, node, push } from './engine.suite.ts';

describe('engine', () => {
  it('runs a pushed job and keeps its result', async () => {
    const work = controlled();
    const engine = node(openMemory(), work.executor);
    await engine.start();
    const job = await push(engine);
    expect(job.state).toBe('queued');
    (await work.attempt(0)).succeed();
    expect(await ended(engine, job)).toMatchObject({ state: 'succeeded', attempt: 1, result: { output: 'ok' } });
  });

  it('claims exactly what has a free slot', async () => {
    const work = controlled();
    const engine = node(openMemory(), work.executor, 2);
    await engine.start();
    await engine.jobs.push([ask(), ask(), ask()]);
    await work.attempt(1);
    await duty(engine, 'dispatch').tick();
    expect(work.running).toHaveLength(2);
    (await work.attempt(0)).succeed();
    await work.attempt(2);
    expect(work.running).toHaveLength(3);
  });

  it('tries again after the backoff and keeps the earlier attempt', async () => {
    const work = controlled();
    const engine = node(openMemory(), work.executor);
    await engine.start();
    const job = await push(engine, { retry: { attempts: 2, backoff: 20, maxBackoff: 20 } });
    (await work.attempt(0)).fail();
    (await work.attempt(1)).succeed();
    const end = await ended(engine, job);
    expect(end).toMatchObject({ state: 'succeeded', attempt: 2 });
    expect((await engine.jobs.history(end, 10)).map((attempt) => attempt.end)).toEqual(['succeeded', 'failed']);
  });

  it('tells a running attempt that it is canceled', async () => {
    const work = controlled();
    const engine = node(openMemory(), work.executor);
    await engine.start();
    const job = await push(engine);
    const attempt = await work.attempt(0);
    const told = new Promise<void>((resolve) => attempt.signal.addEventListener('abort', () => resolve()));
    expect(await engine.jobs.cancel(job.id)).toMatchObject({ kind: 'changed', job: { state: 'stopping' } });
    await told;
    expect(attempt.signal.reason).toBe('canceled');
    attempt.fail();
    expect(await ended(engine, job)).toMatchObject({ state: 'canceled', reason: 'stopped' });
  });

  it('lets a success win that arrives while stopping', async () => {
    const work = controlled();
    const engine = node(openMemory(), work.executor);
    await engine.start();
    const job = await push(engine);
    const attempt = await work.attempt(0);
    await engine.jobs.cancel(job.id);
    attempt.succeed();
    expect((await ended(engine, job)).state).toBe('succeeded');
  });

  it('needs no hints: polling finds the work', async () => {
    const store: Store = { ...openMemory(), onHint: () => () => undefined };
    const work = controlled();
    const engine = node(store, work.executor);
    await engine.start();
    await store.jobs.push([ask()]);
    (await work.attempt(0)).succeed();
    expect(work.running).toHaveLength(1);
  });

  it('fills all slots of one worker while another has nothing to do, without being told of anything', async () => {
    const store: Store = { ...openMemory(), onHint: () => () => {} };
    const clock: Clock = { ...systemClock, after: (delay, then) => (delay < 500 ? systemClock.after(delay, then) : () => {}) };
    const work = controlled();
    const engine = node(store, work.executor, 10, { clock });
    engine.addWorker({ name: 'idle', executor: work.executor, concurrency: 10, queues: 'any' });
    await engine.jobs.push(Array.from({ length: 8 }, () => ask()));
    await engine.start();
    await work.attempt(7);
    expect(work.running).toHaveLength(8);
  });

  it('hands running attempts back when it stops, without burning them', async () => {
    const store = openMemory();
    const work = controlled();
    const engine = node(store, work.executor);
    await engine.start();
    const job = await push(engine);
    await work.attempt(0);
    await engine.stop(0);
    const back = await store.jobs.get(job.id);
    expect(back).toMatchObject({ state: 'queued', attempt: 0, lost: 0 });
  });

  it('waits for running attempts as long as the grace allows', async () => {
    const store = openMemory();
    const work = controlled();
    const engine = node(store, work.executor);
    await engine.start();
    const job = await push(engine);
    const attempt = await work.attempt(0);
    const drained = inboxHints(store, 1);
    const stopped = engine.stop(10_000);
    await drained;
    expect(await liveNodes(store)).toMatchObject([{ mode: 'draining' }]);
    attempt.succeed();
    await stopped;
    expect((await store.jobs.get(job.id))?.state).toBe('succeeded');
  });

  it('goes back to draining when it is resumed while it stops, and keeps what runs', async () => {
    const complaints: string[] = [];
    const complain = (name: string): void => void complaints.push(name);
    const store = openMemory();
    const work = controlled();
    const engine = node(store, work.executor, 2, { log: { ...silent, warn: complain, error: complain } });
    await engine.start();
    await push(engine);
    const attempt = await work.attempt(0);
    const drained = inboxHints(store, 1);
    const stopped = engine.stop(10_000);
    await drained;
    await store.jobs.push([ask()]);
    const resumedAndDrained = inboxHints(store, 2);
    expect(await engine.nodes.steer('n', 'active')).toHaveLength(1);
    await resumedAndDrained;
    expect(await liveNodes(store)).toMatchObject([{ mode: 'draining' }]);
    expect([work.running.length, attempt.signal.aborted, complaints]).toEqual([1, false, []]);
    attempt.succeed();
    await stopped;
  });

  it('tells of an attempt that is tried again, and of one that is not, as two things', async () => {
    const told: (readonly [level: string, name: string, fields: Readonly<Record<string, unknown>>])[] = [];
    const tell =
      (level: string) =>
      (name: string, fields: Readonly<Record<string, unknown>> = {}): void =>
        void told.push([level, name, fields]);
    const work = controlled();
    const engine = node(openMemory(), work.executor, 2, { log: { ...silent, warn: tell('warn'), error: tell('error') } });
    await engine.start();
    const before = Date.now();
    const job = await push(engine, { retry: { attempts: 2, backoff: 1, maxBackoff: 1 } });
    (await work.attempt(0)).fail();
    (await work.attempt(1)).fail();
    expect((await ended(engine, job)).state).toBe('failed');
    await engine.stop(0);
    const facts = { job: job.id, worker: 'work', queue: 'default', attempts: 2, error: 'failed', cause: null, statusCode: null };
    expect(told).toEqual([
      ['warn', 'job.retrying', { ...facts, attempt: 1, dueAt: expect.any(String) }],
      ['error', 'job.failed', { ...facts, attempt: 2 }],
    ]);
    expect(Date.parse(String(told[0]?.[2]['dueAt']))).toBeGreaterThanOrEqual(before);
  });

  it('says nothing of a job that was canceled', async () => {
    const complaints: string[] = [];
    const complain = (name: string): void => void complaints.push(name);
    const store = openMemory();
    const canceled: Executor = {
      run: (_, signal) =>
        new Promise((resolve) => {
          const end = (): void => resolve({ kind: 'failed', result: { ...noResult, error: 'canceled', cause: 'canceled' } });
          signal.addEventListener('abort', end);
        }),
      close: () => Promise.resolve(),
    };
    const engine = node(store, canceled, 2, { log: { ...silent, warn: complain, error: complain } });
    await engine.start();
    const job = await push(engine, { retry: { attempts: 2, backoff: 1, maxBackoff: 1 } });
    await engine.jobs.cancel(job.id);
    expect((await ended(engine, job)).state).toBe('canceled');
    await engine.stop(0);
    expect(complaints).toEqual([]);
  });

  it('starts again after a start that failed', async () => {
    const memory = openMemory();
    let refusals = 1;
    const store = altered(memory, {
      nodes: {
        join: (who, ttl) => (refusals-- > 0 ? Promise.reject(new HatstandError('store_full', 'full')) : memory.nodes.join(who, ttl)),
      },
    });
    const work = controlled();
    const engine = node(store, work.executor);
    await expect(engine.start()).rejects.toThrow('full');
    await engine.start();
    const job = await push(engine);
    (await work.attempt(0)).succeed();
    expect((await ended(engine, job)).state).toBe('succeeded');
  });

  it('leaves nothing behind when it is stopped while it starts', async () => {
    const memory = openMemory();
    const joined = Promise.withResolvers<void>();
    const store = altered(memory, {
      nodes: {
        join: (who, ttl) =>
          memory.nodes.join(who, ttl).then(async (answer) => {
            await joined.promise;
            return answer;
          }),
      },
    });
    const timers = new Set<object>();
    const after: Clock['after'] = (delay, call) => {
      const forget = systemClock.after(delay, call);
      timers.add(forget);
      return () => {
        timers.delete(forget);
        forget();
      };
    };
    const engine = node(store, controlled().executor, 2, { clock: { ...systemClock, after } });
    const started = engine.start();
    await engine.stop(0);
    joined.resolve();
    await started;
    expect(timers.size).toBe(0);
    expect(await liveNodes(store)).toEqual([]);
  });

  it('does not start again once it was stopped, whether it had started or not', async () => {
    for (const starts of [true, false]) {
      const engine = node(openMemory(), controlled().executor);
      if (starts) await engine.start();
      await engine.stop(0);
      await expect(engine.start()).rejects.toMatchObject({ code: 'shutting_down' });
    }
  });

  it('joins once more when two renewals learn that it was buried', async () => {
    const store = openMemory();
    const engine = node(store, controlled().executor);
    await engine.start();
    for (const { incarnation } of await store.nodes.list()) await store.nodes.leave(incarnation);
    await Promise.all([duty(engine, 'renew').tick(), duty(engine, 'renew').tick()]);
    expect(await liveNodes(store)).toHaveLength(1);
  });

  it('repeats a claim whose reply was lost, and gets the same attempts', async () => {
    const memory = openMemory();
    let lose = true;
    const store = altered(memory, {
      jobs: {
        async claim(request) {
          const reply = await memory.jobs.claim(request);
          if (!lose || reply.jobs.length === 0) return reply;
          lose = false;
          throw new HatstandError('unconfirmed', 'the reply was lost');
        },
      },
    });
    const work = controlled();
    const engine = node(store, work.executor);
    await engine.start();
    const job = await push(engine);
    (await work.attempt(0)).succeed();
    expect(await ended(engine, job)).toMatchObject({ state: 'succeeded', attempt: 1 });
  });

  it('repeats all claims whose replies were lost, also while it drains', async () => {
    const memory = openMemory();
    const bothBegan = Promise.withResolvers<void>();
    let began = 0;
    const store = altered(memory, {
      jobs: {
        async claim(request) {
          const reply = await memory.jobs.claim(request);
          if (began === 2 || reply.jobs.length === 0) return reply;
          began += 1;
          if (began === 2) bothBegan.resolve();
          await bothBegan.promise;
          throw new HatstandError('unconfirmed', 'the reply was lost');
        },
      },
    });
    const work = controlled();
    // Each claim asks for half of the slots, so neither gets all it asked for.
    const engine = node(store, work.executor, 6);
    await engine.start();
    await push(engine);
    await push(engine);
    await bothBegan.promise;
    await store.nodes.steer('n', 'draining');
    await duty(engine, 'renew').tick();
    await work.attempt(1);
    expect(work.running).toHaveLength(2);
  });

  it('does not forget a wake that is sooner than the next', async () => {
    const memory = openMemory();
    const waits: (number | null)[] = [20, 7_777];
    let claims = 0;
    const woken = Promise.withResolvers<void>();
    const store = altered(memory, {
      jobs: {
        claim() {
          claims += 1;
          if (claims === 3) woken.resolve();
          return Promise.resolve({ jobs: [], nextIn: waits.shift() ?? null });
        },
      },
      onHint: () => () => undefined,
    });
    const begun: number[] = [];
    const after: Clock['after'] = (delay, call) => {
      begun.push(delay);
      return systemClock.after(delay, call);
    };
    const engine = node(store, controlled().executor, 2, { clock: { ...systemClock, after } });
    await engine.start();
    engine.addWorker({ name: 'other', executor: controlled().executor, concurrency: 1, queues: 'any' });
    await woken.promise;
    expect(begun).toContain(20);
    expect(begun).not.toContain(7_777);
  });

  it('does not ask a store that refuses its claims at every hint', async () => {
    const memory = openMemory();
    let claims = 0;
    const store = altered(memory, {
      jobs: {
        claim() {
          claims += 1;
          return Promise.reject(new HatstandError('store_full', 'full'));
        },
      },
    });
    const engine = node(store, controlled().executor);
    await engine.start();
    for (let n = 0; n < 20; n++) await push(engine);
    await duty(engine, 'dispatch').tick();
    expect(claims).toBeLessThan(4);
  });

  it('offers a result again while the store does not answer', async () => {
    const memory = openMemory();
    let refusals = 2;
    const store = altered(memory, {
      jobs: {
        settle: (ref, moves) =>
          refusals-- > 0 ? Promise.reject(new HatstandError('store_unavailable', 'away')) : memory.jobs.settle(ref, moves),
      },
    });
    const work = controlled();
    const engine = node(store, work.executor);
    await engine.start();
    const job = await push(engine);
    (await work.attempt(0)).succeed();
    expect((await ended(engine, job)).state).toBe('succeeded');
  });
});

describe('two nodes on one store', () => {
  it('gives the jobs of a dead node to the other one, and its late result counts no more', async () => {
    let shift = 0;
    const store = openMemory({ clock: { now: () => Date.now() + shift } });
    const silentNode = controlled();
    const alive = controlled();
    const first = node(store, silentNode.executor);
    await first.start();
    const job = await push(first);
    const zombie = await silentNode.attempt(0);
    const second = node(store, alive.executor);
    await second.start();
    // The first node falls silent: only the second one renews while time passes.
    for (let passed = 0; passed < 13_000; passed += 1_000) {
      shift += 1_000;
      await duty(second, 'renew').tick();
      await duty(second, 'bury').tick();
      if (alive.running.length > 0) break;
    }
    const taken = await alive.attempt(0);
    expect(taken.job.id).toBe(job.id);
    expect(BigInt(taken.job.fence) > BigInt(zombie.job.fence)).toBe(true);
    zombie.succeed();
    taken.fail();
    expect(await ended(second, job)).toMatchObject({ state: 'failed', lost: 1, result: { error: 'failed' } });
  });
});
