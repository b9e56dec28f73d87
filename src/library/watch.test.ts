import { beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../test/support/until.ts';
import { liveLimits } from '../core/live.ts';
import { defineTask } from './define-task.ts';
import { hatstand } from './hatstand.suite.ts';
import type { Watched } from './watch.ts';

/** What is watched, as it comes; without what differs from run to run. */
function watching(of: Parameters<typeof hatstand.watch>[0], options: Parameters<typeof hatstand.watch>[1] = {}) {
  const seen: Watched[] = [];
  const done = (async () => {
    for await (const each of hatstand.watch(of, options)) seen.push(each);
  })();
  const brief = () =>
    seen.map((each) => {
      if (each.kind === 'job') return each.job.state;
      if (each.kind === 'task') return `task ${each.task.status}`;
      if (each.kind === 'progress') return each.progress;
      if (each.kind === 'line') return `${each.level} ${each.text}`;
      return each.kind === 'event' ? [each.name, each.data] : `missed ${each.count}`;
    });
  return { seen, brief, done };
}

let go: PromiseWithResolvers<void>;
let begun: PromiseWithResolvers<void>;
beforeEach(() => {
  go = Promise.withResolvers();
  begun = Promise.withResolvers();
});

describe('a job that is watched', () => {
  it('tells how it stands, how far it is, its log, and what it emits, in their order, and ends with it', async () => {
    hatstand.worker('work', async (_, { progress, logger, emit }) => {
      begun.resolve();
      await go.promise;
      progress({ done: 1 });
      logger.info('half', { of: 2 });
      emit('scanned', [1]);
      emit('scanned');
      return 'ok';
    });
    await hatstand.start();
    const job = await hatstand.push('work');
    await begun.promise;
    const { brief, done, seen } = watching(job);
    await until('it is seen', () => seen.length > 0);
    go.resolve();
    await done;
    expect(brief()).toEqual(['running', { done: 1 }, 'info half', ['scanned', [1]], ['scanned', null], 'succeeded']);
    expect(seen.flatMap((each) => ('place' in each ? [each.place?.split('.')[1]] : []))).toEqual(['1', '2', '3', '4']);
  });

  it('is heard from the first look on, however late who watches asks for more', async () => {
    hatstand.worker('work', async (_, { emit }) => {
      begun.resolve();
      await go.promise;
      emit('n', 1);
    });
    await hatstand.start();
    const job = await hatstand.push('work');
    await begun.promise;
    const watched = hatstand.watch(job);
    expect((await watched.next()).value).toMatchObject({ kind: 'job', job: { state: 'running' } });
    go.resolve();
    await hatstand.wait(job);
    expect((await watched.next()).value).toMatchObject({ kind: 'event', name: 'n', data: 1 });
    await watched.return();
  });

  it('is seen from before it began, through its attempts, and after its end', async () => {
    hatstand.worker('work', { attempts: 2, backoff: '1ms' }, async (_, { attempt, emit }) => {
      emit('begun', attempt);
      await go.promise;
      if (attempt === 1) throw new Error('once more');
    });
    const job = await hatstand.push('work');
    const { brief, done } = watching(job);
    await until('it waits', () => brief().length > 0);
    await hatstand.start();
    go.resolve();
    await done;
    const states = brief().filter((each) => typeof each === 'string');
    expect([states[0], states.at(-1)]).toEqual(['queued', 'succeeded']);
    const after = watching(job);
    await after.done;
    expect(after.brief()).toEqual(['succeeded']);
  });

  it('tells the newest progress first, and goes on behind a place', async () => {
    hatstand.worker('work', async (_, { progress, emit }) => {
      progress(0.5);
      for (let n = 1; n <= 3; n++) emit('n', n);
      begun.resolve();
      await go.promise;
    });
    await hatstand.start();
    const job = await hatstand.push('work');
    await begun.promise;
    await until('its progress is kept', async () => (await hatstand.progress(job))?.value === 0.5);
    const now = watching(job);
    await until('it is seen', () => now.seen.length > 1);
    expect(now.brief()).toEqual(['running', 0.5]);
    const fence = now.seen[0]?.kind === 'job' ? now.seen[0].job.fence : '';
    const from = watching(job, { after: `${fence}.2` });
    await until('it goes on', () => from.seen.length > 2);
    expect(from.brief()).toEqual(['running', ['n', 2], ['n', 3]]);
    go.resolve();
    await Promise.all([now.done, from.done]);
  });

  it('tells nothing of what was told before, also when the attempt ends', async () => {
    hatstand.worker('work', { attempts: 2, backoff: '1ms' }, async (_, { attempt, emit }) => {
      emit('begun', attempt);
      begun.resolve();
      await go.promise;
      if (attempt === 1) throw new Error('once more');
    });
    await hatstand.start();
    const job = await hatstand.push('work');
    await begun.promise;
    const { brief, done, seen } = watching(job);
    await until('it is seen', () => seen.length > 0);
    go.resolve();
    await done;
    expect(brief().filter((each) => Array.isArray(each))).toEqual([['begun', 2]]);
  });

  it('tells events of some names alone, and how many are not there any more', async () => {
    hatstand.worker('work', async (_, { emit }) => {
      for (let n = 1; n <= liveLimits.events + 10; n++) emit(n % 2 === 0 ? 'even' : 'odd', n);
      begun.resolve();
      await go.promise;
    });
    await hatstand.start();
    const job = await hatstand.push('work');
    await begun.promise;
    const { fence } = (await hatstand.get(job)) ?? expect.fail('it is there');
    const { brief, done, seen } = watching(job, { events: ['odd'], after: `${fence}.0` });
    await until('it is seen', () => seen.length > liveLimits.events / 2);
    expect(brief().slice(0, 3)).toEqual(['running', 'missed 10', ['odd', 11]]);
    go.resolve();
    await done;
  });

  it('ends when nobody wants it, and for what is not there', async () => {
    hatstand.worker('work', () => go.promise);
    await hatstand.start();
    const job = await hatstand.push('work');
    const ending = new AbortController();
    const { done, seen } = watching(job, { signal: ending.signal });
    await until('it is seen', () => seen.length > 0);
    ending.abort();
    await done;
    await expect(watching('7').done).rejects.toMatchObject({ code: 'not_found' });
    await expect(watching({ task: 'none' }).done).rejects.toMatchObject({ code: 'not_found' });
    expect(() => hatstand.watch(job, { after: 'x' })).toThrow('after of watch must be');
    expect(() => hatstand.watch('tail-1')).toThrow('a task is watched as { task: "tail-1" }');
    go.resolve();
  });

  it('refuses events that are none', async () => {
    const faults: unknown[] = [];
    hatstand.worker('work', (_, { emit }) => {
      for (const [name, data] of [
        ['', 1],
        ['x'.repeat(129), 1],
        [7, 1],
        ['n', 1n],
        ['n', 'x'.repeat(liveLimits.data)],
      ] as const) {
        try {
          emit(name as string, data);
        } catch (error) {
          faults.push((error as { readonly code: string }).code);
        }
      }
    });
    await hatstand.start();
    const job = await hatstand.push('work');
    await hatstand.wait(job);
    expect(faults).toEqual(['invalid_request', 'invalid_request', 'invalid_request', 'invalid_request', 'too_large']);
  });
});

it('a task that does not run is watched until somebody stops', async () => {
  hatstand.worker(defineTask({ name: 'idle', run: () => go.promise }));
  await hatstand.start();
  await hatstand.tasks.start('idle', undefined, { id: 'a' });
  await hatstand.tasks.disable('a');
  go.resolve();
  await until('it has stopped', async () => (await hatstand.tasks.get('a'))?.status === 'stopped');
  const { brief, done } = watching({ task: 'a' });
  await until('it is seen', () => brief().includes('task stopped'));
  await hatstand.stop(0);
  await done;
});

it('a task that is watched is followed through its restarts, until it has ended', async () => {
  const counted = defineTask({
    name: 'counted',
    restart: { backoff: '400ms' },
    async run({ emit, resumeFrom, checkpoint }) {
      const n = typeof resumeFrom === 'number' ? resumeFrom + 1 : 1;
      await go.promise;
      emit('pass', n);
      await checkpoint(n);
      if (n < 3) throw new Error('once more');
    },
  });
  hatstand.worker(counted);
  await hatstand.start();
  await hatstand.tasks.start(counted, undefined, { id: 'a' });
  const { brief, done, seen } = watching({ task: 'a' });
  await until('it is seen', () => seen.length > 0);
  go.resolve();
  await done;
  const passes = brief().filter((each) => Array.isArray(each));
  expect(passes).toEqual([1, 2, 3].map((n) => ['pass', n]));
  expect(brief().slice(-2)).toEqual(['succeeded', 'task ended']);
});
