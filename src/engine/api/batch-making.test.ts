import { describe, expect, it } from 'vitest';
import { until } from '../../../test/support/until.ts';
import { altered } from '../../stores/conformance/altered.ts';
import { openMemory } from '../../stores/memory/index.ts';
import { ask, node } from '../engine.suite.ts';
import { add, allJobs, callbacksOf, failing, named, on, pushedBy, ref } from './batches.suite.ts';

describe('a batch', () => {
  it('that is asked for again is the same; of other jobs it is refused', async () => {
    const store = openMemory();
    const engine = node(store, failing(''));
    await add(engine, ref, { jobs: named('a', 'b'), on, isOpen: false });
    expect(await add(engine, ref, { jobs: named('a', 'b'), on, isOpen: false })).toMatchObject({ isNew: false });
    expect(await allJobs(store)).toHaveLength(2);
    for (const jobs of [named('b', 'a'), named('a')])
      await expect(add(engine, ref, { jobs, on, isOpen: false })).rejects.toMatchObject({ code: 'conflict' });
    expect(await allJobs(store)).toHaveLength(2);
  });

  it('that is asked for again behind its end answers the same jobs, and pushes none, also when no key is known any more', async () => {
    let ahead = 0;
    const store = openMemory({ clock: { now: () => Date.now() + ahead } });
    const engine = node(store, failing(''), 3);
    await engine.start();
    const asked = { jobs: named('a', 'b'), on, isOpen: false };
    const { ids } = await add(engine, ref, asked);
    await callbacksOf(engine.batches, 2);
    ahead = 2 * 86_400_000;
    await store.upkeep.sweep({ ended: 30 * 86_400_000, journal: 60_000, told: null, idempotency: 60_000, output: 16_384, limit: 100 });
    expect(await add(engine, ref, asked)).toMatchObject({ ids, isNew: false, record: { state: { counts: { total: 2 } } } });
    expect((await allJobs(store)).filter(({ owner }) => owner === 'batch/acme/b')).toHaveLength(2);
  });

  it('that two make at the same time is one batch', async () => {
    const store = openMemory();
    const asked = { jobs: named('a', 'b'), on: {}, isOpen: false };
    const [one, other] = [node(store, failing('')), node(store, failing(''))];
    const made = await Promise.all([add(one, ref, asked), add(other, ref, asked)]);
    expect(made.map(({ ids }) => ids)).toEqual([made[0]?.ids, made[0]?.ids]);
    expect(await allJobs(store)).toHaveLength(2);
  });

  it('whose first jobs are kept by another one before this one has looked is one batch all the same', async () => {
    const store = openMemory();
    const asked = { jobs: named('a', 'b'), on: {}, isOpen: false };
    // It is sealed later than its jobs were pushed.
    const slow = altered(store, {
      definitions: {
        async put(puts, under) {
          const now = Date.now();
          await until('the next millisecond', () => Date.now() > now);
          return store.definitions.put(puts, under);
        },
      },
    });
    const other = node(slow, failing(''));
    let looked = false;
    const late = altered(store, {
      definitions: {
        async list(query) {
          if (!looked) {
            looked = true;
            await add(other, ref, asked);
          }
          return store.definitions.list(query);
        },
      },
    });
    expect(await add(node(late, failing('')), ref, asked)).toMatchObject({ record: { batch: { total: 2 } } });
    expect(await allJobs(store)).toHaveLength(2);
  });

  it('whose making was cut short is completed by a repetition, and pushes nothing until then', async () => {
    const store = openMemory();
    let pushes = 0;
    const breaking = altered(store, {
      jobs: {
        push(jobs) {
          pushes += 1;
          return pushes === 2 ? Promise.reject(new Error('cut')) : store.jobs.push(jobs);
        },
      },
    });
    const engine = node(breaking, failing(''), 8);
    await engine.start();
    const asked = { jobs: named(...Array.from({ length: 1_500 }, (_, at) => `job ${at}`)), on, isOpen: false };
    await expect(add(engine, ref, asked)).rejects.toThrow('cut');
    await until('the first slice', async () => (await engine.batches.get(ref))?.definition.owned.live === 0);
    expect(await engine.batches.get(ref)).toMatchObject({ batch: { phase: 'making' }, state: { endedAt: null } });
    expect(await pushedBy(engine.batches)).toEqual([]);
    expect(await add(engine, ref, asked)).toMatchObject({ isNew: false, record: { batch: { total: 1_500 } } });
    await callbacksOf(engine.batches, 2);
    expect((await engine.batches.get(ref))?.state.counts).toMatchObject({ total: 1_500, succeeded: 1_500 });
  });

  it('of which a limit or a closed queue takes a part says so, and is completed by a repetition', async () => {
    const store = openMemory();
    const engine = node(store, failing(''), 3);
    await engine.start();
    const asked = { jobs: named('a', 'b', 'c'), on, isOpen: false };
    const queue = ask().queue;
    await engine.limits.configure('domain:acme', { concurrency: null, rate: { max: 2, per: 86_400_000 }, pausedUntil: null });
    await expect(add(engine, ref, asked)).rejects.toMatchObject({ code: 'limit_reached', details: { kept: 2, refused: 1 } });
    await engine.queues.configure(queue, { closed: true });
    await expect(add(engine, ref, asked)).rejects.toMatchObject({ code: 'queue_closed', details: { kept: 2, refused: 1, queue } });
    await engine.limits.remove('domain:acme');
    await engine.queues.configure(queue, { closed: false });
    expect(await add(engine, ref, asked)).toMatchObject({ isNew: false, record: { batch: { total: 3 } } });
    expect(await callbacksOf(engine.batches, 2)).toEqual(['ended', 'succeeded']);
    expect((await allJobs(store)).filter(({ owner }) => owner === 'batch/acme/b')).toHaveLength(3);
  });
});
