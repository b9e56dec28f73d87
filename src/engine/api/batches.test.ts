import { describe, expect, it, vi } from 'vitest';
import { until } from '../../../test/support/until.ts';
import { aboutOf } from '../../core/about.ts';
import { batchKeyOf, batchLimits, writeBatch } from '../../core/batch.ts';
import { ownerOf } from '../../core/definition.ts';
import { triggerJobOf } from '../../core/trigger-target.ts';
import { putOffFor } from '../../core/window.ts';
import { altered } from '../../stores/conformance/altered.ts';
import { openMemory } from '../../stores/memory/index.ts';
import { ask, controlled, duty, node } from '../engine.suite.ts';
import { add, allJobs, callback, callbacksOf, failing, named, on, pushedBy, ref } from './batches.suite.ts';
import { checkCallbacks } from './batches.ts';

describe('a batch', () => {
  it('pushes a job when all of its jobs have ended, which is told how', async () => {
    const store = openMemory();
    const engine = node(store, failing('b'), 3);
    await engine.start();
    const { record, ids, isNew } = await add(engine, ref, { jobs: named('a', 'b', 'c'), on, isOpen: false });
    expect({ isNew, jobs: ids.length, total: record.batch.total }).toEqual({ isNew: true, jobs: 3, total: 3 });
    expect(await callbacksOf(engine.batches, 2)).toEqual(['ended', 'failed']);
    const [first] = await pushedBy(engine.batches);
    const pushed = (await store.jobs.get(first?.job ?? '')) ?? expect.fail('it is there');
    const counts = { total: 3, succeeded: 2, failed: 1, canceled: 0 };
    expect(aboutOf(pushed).batch).toEqual({ id: 'b', on: 'ended', ...counts, madeAt: record.batch.createdAt });
    expect(await engine.batches.get(ref)).toMatchObject({ state: { endedAt: expect.any(Number), counts } });
    // What belongs to it is found by its owner.
    expect((await allJobs(store)).filter(({ owner, domain }) => owner === 'batch/acme/b' && domain === 'acme')).toHaveLength(3);
  });

  it('pushes nothing again when a job of it is restarted', async () => {
    const store = openMemory();
    const engine = node(store, failing('b'), 3);
    await engine.start();
    const { ids } = await add(engine, ref, { jobs: named('b'), on, isOpen: false });
    await callbacksOf(engine.batches, 2);
    await engine.jobs.restart(ids[0] ?? '');
    expect(await engine.jobs.wait(ids[0] ?? '', 10_000)).toMatchObject({ run: 2, state: 'failed' });
    await duty(engine, 'fire').tick();
    expect(await pushedBy(engine.batches)).toHaveLength(2);
  });

  it('without jobs ends at once', async () => {
    const engine = node(openMemory(), failing(''));
    await engine.start();
    await add(engine, ref, { jobs: [], on, isOpen: false });
    expect(await callbacksOf(engine.batches, 2)).toEqual(['ended', 'succeeded']);
  });

  it('waits for its own jobs and callbacks, also where others of their scope are there', async () => {
    const store = openMemory();
    const engine = node(store, failing(''), 3);
    const unique = { scope: 'worker', until: 'ended' } as const;
    const both = named('a', 'a').map((job) => ({ ...job, options: { ...job.options, unique } }));
    const alike = { ...callback('a'), options: { ...callback('a').options, unique } };
    expect((await add(engine, ref, { jobs: both, on: { ended: alike, succeeded: alike }, isOpen: false })).ids).toHaveLength(2);
    await engine.start();
    expect(await callbacksOf(engine.batches, 2)).toEqual(['ended', 'succeeded']);
  });

  it('whose callback its queue does not take waits with it', async () => {
    let ahead = 0;
    const store = openMemory({ clock: { now: () => Date.now() + ahead } });
    const engine = node(store, failing(''), 3);
    await engine.start();
    await store.queues.configure('shut', { closed: true });
    const late = triggerJobOf({ ...ask(), queue: 'shut' });
    await add(engine, ref, { jobs: named('a'), on: { ended: late }, isOpen: false });
    const putOff = async (): Promise<boolean> =>
      (await store.journal.entries(0, 100)).entries.some(({ fired }) => fired.some((each) => each.putOff));
    await until('it is put off', putOff);
    expect([await engine.batches.get(ref), await pushedBy(engine.batches)]).toMatchObject([{ state: { endedAt: null } }, []]);
    await store.queues.configure('shut', { closed: false });
    ahead = putOffFor;
    await duty(engine, 'fire').tick();
    expect(await callbacksOf(engine.batches, 1)).toEqual(['ended']);
  });

  it('that is open takes further jobs until it is sealed', async () => {
    const store = openMemory();
    const engine = node(store, failing(''), 8);
    await engine.start();
    await add(engine, ref, { jobs: named('a'), on, isOpen: true });
    await engine.batches.push(ref, named('b', 'c'));
    await until('their end', async () => (await engine.batches.get(ref))?.definition.owned.live === 0);
    expect(await pushedBy(engine.batches)).toEqual([]);
    expect(await engine.batches.seal(ref)).toMatchObject({ batch: { phase: 'sealed', total: 3 } });
    await callbacksOf(engine.batches, 2);
    await expect(engine.batches.push(ref, named('d'))).rejects.toMatchObject({ code: 'conflict' });
    expect(await engine.batches.seal(ref)).toMatchObject({ state: { counts: { total: 3 } } });
  });

  it('that is sealed takes no jobs while none of its own runs', async () => {
    const store = openMemory();
    const engine = node(store, failing(''));
    await add(engine, ref, { jobs: named('a'), on, isOpen: false });
    await expect(engine.batches.push(ref, named('b'))).rejects.toMatchObject({ code: 'conflict', details: { batch: 'b' } });
    expect(await allJobs(store)).toHaveLength(1);
  });

  it('that is sealed waits for what a job of it adds while it runs', async () => {
    const { executor, attempt } = controlled();
    const engine = node(openMemory(), executor, 2);
    await engine.start();
    await add(engine, ref, { jobs: named('a'), on: { ended: callback('ended') }, isOpen: false });
    const first = await attempt(0);
    await engine.batches.push(ref, named('b'));
    first.succeed();
    await engine.jobs.wait(first.job.id, 10_000);
    await duty(engine, 'fire').tick();
    expect(await pushedBy(engine.batches)).toEqual([]);
    (await attempt(1)).succeed();
    await callbacksOf(engine.batches, 1);
    expect((await engine.batches.get(ref))?.state.counts).toMatchObject({ total: 2, succeeded: 2 });
    (await attempt(2)).succeed();
  });

  it('that is canceled ends as any other', async () => {
    const { executor, attempt } = controlled();
    const engine = node(openMemory(), executor, 1);
    await engine.start();
    await add(engine, ref, { jobs: named('a', 'b', 'c'), on: { ended: callback('ended') }, isOpen: true });
    const running = await attempt(0);
    expect(await engine.batches.cancel(ref)).toMatchObject({ canceled: 3, record: { batch: { phase: 'sealed' } } });
    running.fail();
    await callbacksOf(engine.batches, 1);
    expect((await engine.batches.get(ref))?.state.counts).toEqual({ total: 3, succeeded: 0, failed: 0, canceled: 3 });
    (await attempt(1)).succeed();
  });

  it('that is canceled until somebody aborts that is canceled as far as it came, and then the rest', async () => {
    const store = openMemory();
    const abort = new AbortController();
    let looks = 0;
    const watched = altered(store, {
      jobs: {
        list(query) {
          looks += 1;
          if (looks === 2) abort.abort(new Error('enough'));
          return store.jobs.list(query);
        },
      },
    });
    const engine = node(watched, failing(''), 1);
    const asked = { jobs: named(...Array.from({ length: 600 }, (_, at) => `job ${at}`)), on, isOpen: true };
    await add(engine, ref, asked);
    await expect(engine.batches.cancel(ref, AbortSignal.abort(new Error('at once')))).rejects.toThrow('at once');
    expect(await engine.batches.get(ref)).toMatchObject({ batch: { phase: 'open' }, definition: { owned: { live: 600 } } });
    looks = 0;
    await expect(engine.batches.cancel(ref, abort.signal)).rejects.toThrow('enough');
    const { batch, definition } = (await engine.batches.get(ref)) ?? expect.fail('it is there');
    expect([batch.phase, definition.owned.live]).toEqual(['sealed', 100]);
    expect(await engine.batches.cancel(ref)).toMatchObject({ canceled: 100 });
  });

  it('tells of its own callbacks, and of none that an earlier one of its id has pushed', async () => {
    const store = openMemory();
    const engine = node(store, failing(''), 3);
    await engine.start();
    const { ids } = await add(engine, ref, { jobs: named('a'), on, isOpen: false });
    const earlier = await callbacksOf(engine.batches, 2);
    expect(earlier).toEqual(['ended', 'succeeded']);
    await engine.batches.remove(ref);
    await engine.jobs.remove(ids[0] ?? '');
    await until('it is forgotten', async () => {
      await store.upkeep.sweep({ ended: null, journal: 0, told: null, idempotency: 86_400_000, output: 1_000, limit: 100 });
      return (await add(engine, ref, { jobs: named('b'), on: { ended: callback('ended') }, isOpen: false }).catch(() => null)) !== null;
    });
    expect(await callbacksOf(engine.batches, 1)).toEqual(['ended']);
    expect((await allJobs(store)).filter(({ owner }) => owner.startsWith('callback/'))).toHaveLength(3);
  });

  it('that is canceled while its jobs are pushed waits for all that are kept', async () => {
    const store = openMemory();
    let pushes = 0;
    let canceling: Promise<unknown> = Promise.resolve();
    const breaking = altered(store, {
      jobs: {
        async push(jobs) {
          pushes += 1;
          if (pushes === 2) canceling = engine.batches.cancel(ref);
          await canceling;
          return store.jobs.push(jobs);
        },
      },
    });
    const engine = node(breaking, failing(''), 8);
    const asked = {
      jobs: named(...Array.from({ length: 1_500 }, (_, at) => `job ${at}`)),
      on: { ended: callback('ended') },
      isOpen: false,
    };
    expect(await add(engine, ref, asked)).toMatchObject({ record: { batch: { phase: 'sealed', total: 1_500 } } });
    await engine.start();
    await callbacksOf(engine.batches, 1);
    const counts = (await engine.batches.get(ref))?.state.counts;
    expect(counts).toMatchObject({ total: 1_500, failed: 0 });
    expect(counts?.canceled).toBeGreaterThan(0);
  });

  it('is held up by no job that is deleted or swept', async () => {
    const store = openMemory();
    const { executor, attempt } = controlled();
    const engine = node(store, executor, 2);
    await engine.start();
    const { ids } = await add(engine, ref, { jobs: named('a', 'b'), on: { ended: callback('ended') }, isOpen: false });
    (await attempt(0)).succeed();
    await engine.jobs.wait(ids[0] ?? '', 10_000);
    await engine.jobs.remove(ids[0] ?? '');
    (await attempt(1)).fail();
    await callbacksOf(engine.batches, 1);
    expect((await engine.batches.get(ref))?.state.counts).toEqual({ total: 2, succeeded: 1, failed: 1, canceled: 0 });
    (await attempt(2)).succeed();
  });

  it('that is deleted pushes nothing; its jobs go on, and its id is not used again as long as they are known', async () => {
    const store = openMemory();
    const engine = node(store, failing(''));
    await add(engine, ref, { jobs: named('a'), on, isOpen: false });
    expect(await engine.batches.remove(ref)).toBe(true);
    expect(await engine.batches.remove(ref)).toBe(false);
    expect(await engine.batches.get(ref)).toBeNull();
    await engine.start();
    await until('its end', async () => (await engine.jobs.count()).some(({ counts }) => counts.succeeded === 1));
    expect(await allJobs(store)).toHaveLength(1);
    await expect(add(engine, ref, { jobs: named('a'), on, isOpen: false })).rejects.toMatchObject({ code: 'conflict' });
    expect(await engine.batches.get(ref)).toBeNull();
  });

  it('goes when its jobs are as old as any that are removed', async () => {
    const retention = { ended: 0, journal: 60_000, told: null, idempotency: 60_000, output: 16_384, limit: 100 };
    const engine = node(openMemory(), failing(''), 2, { retention });
    await engine.start();
    await add(engine, ref, { jobs: named('a'), on: {}, isOpen: false });
    await until('it is gone', async () => (await engine.batches.get(ref)) === null);
  });

  it('that nobody can read is set aside, shown as that, and can be deleted', async () => {
    const store = openMemory();
    const engine = node(store, failing(''));
    const key = batchKeyOf(ref);
    await store.definitions.put([{ ...key, group: '', body: '{', state: null, due: 'now', dueOnEnd: true, if: null }]);
    await engine.start();
    await expect(engine.batches.get(ref)).rejects.toMatchObject({ code: 'unreadable' });
    expect((await engine.batches.list(null, null, 10)).batches).toEqual([]);
    expect((await store.upkeep.unreadable(null, 10)).records).toMatchObject([{ id: `definition:${ownerOf(key)}` }]);
    expect(await engine.batches.remove(ref)).toBe(true);
    expect(await engine.batches.get(ref)).toBeNull();
  });

  it('has bounds', async () => {
    const store = openMemory();
    const engine = node(store, failing(''));
    const large = { ...callback('x'), payload: JSON.stringify('x'.repeat(batchLimits.callbacks)) };
    expect(() => checkCallbacks({ ended: large })).toThrow(expect.objectContaining({ code: 'too_large' }));
    const many = { length: batchLimits.jobs + 1 } as unknown as readonly [];
    await expect(add(engine, ref, { jobs: many, on, isOpen: false })).rejects.toMatchObject({ code: 'too_large' });
    const { batch } = (await add(engine, ref, { jobs: [], on: {}, isOpen: true })).record;
    const open = Array.from({ length: batchLimits.open }, (_, at) => batchKeyOf({ domain: 'acme', id: `o${at}` }));
    const body = writeBatch(batch);
    await store.definitions.put(open.map((key) => ({ ...key, group: 'open', body, state: null, due: 'never', dueOnEnd: true, if: null })));
    const asked = { jobs: [], on: {}, isOpen: true };
    const done = [vi.spyOn(store.definitions, 'list'), vi.spyOn(store.definitions, 'put')];
    await expect(add(engine, { domain: 'acme', id: 'more' }, asked)).rejects.toMatchObject({ code: 'conflict' });
    // None of them is read, but whether this one is there, and nothing is written.
    expect(done.map(({ mock }) => mock.calls)).toEqual([[[{ by: 'keys', keys: [batchKeyOf({ domain: 'acme', id: 'more' })] }]], []]);
    expect(await engine.batches.get({ domain: 'acme', id: 'more' })).toBeNull();
    // Those that are there are answered as ever.
    expect(await add(engine, ref, asked)).toMatchObject({ isNew: false });
    await expect(add(engine, { domain: 'other', id: 'more' }, asked)).resolves.toMatchObject({ isNew: true });
  });
});
