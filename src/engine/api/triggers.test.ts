import { describe, expect, it } from 'vitest';
import { httpRetry } from '../../core/retry.ts';
import type { TriggerJob } from '../../core/trigger.ts';
import { all, minute, second } from '../../stores/conformance/subject.ts';
import { openMemory } from '../../stores/memory/index.ts';
import { systemClock } from '../../system/clock.ts';
import { controlled, duty, node } from '../engine.suite.ts';

const start = Date.UTC(2026, 0, 1);
const job: TriggerJob = {
  ...{ queue: 'default', worker: 'w', name: '', comment: '', priority: 0, payload: '{"of":"all"}', url: '', headers: null, limit: '' },
  options: { timeout: null, retry: httpRetry, onLost: 'retry', rules: 'v1' },
};
const ref = { domain: '', id: 'a' };

/** A node on a store; the clocks of both stand still until they are told to go on. */
async function started() {
  let time = start;
  const store = openMemory({ clock: { now: () => time } });
  const clock = { ...systemClock, now: () => time, monotonic: () => time };
  const engine = node(store, controlled().executor, 1, { clock });
  await engine.start();
  await duty(engine, 'clock').tick();
  const fire = () => duty(engine, 'fire').tick();
  return {
    engine,
    triggers: engine.triggers,
    fire,
    now: () => time,
    async pass(by: number) {
      time += by;
      await duty(engine, 'clock').tick();
      await fire();
    },
    pushed: async () =>
      (await store.jobs.list(all)).jobs.map(({ about, payload }) => ({ ...(JSON.parse(about ?? '{}') as object), payload })),
  };
}

describe('a trigger on a node', () => {
  it('fires for each of its ticks, and tells when it is due next', async () => {
    const { triggers, fire, pass, pushed } = await started();
    await triggers.add(ref, { type: '@every', arguments: '10m', job });
    await fire();
    expect((await triggers.get(ref))?.definition.due).toBe(start + 10 * minute);
    await pass(10 * minute);
    await pass(10 * minute);
    expect(await pushed()).toEqual([
      { tick: '2026-01-01T00:10:00Z', payload: '{"of":"all"}' },
      { tick: '2026-01-01T00:20:00Z', payload: '{"of":"all"}' },
    ]);
    expect((await triggers.get(ref))?.definition.owned.live).toBe(2);
  });

  it('that is changed fires no tick twice, and with another schedule counts anew', async () => {
    const { triggers, fire, pass, pushed } = await started();
    await triggers.add(ref, { type: '@every', arguments: '10m', job });
    await pass(10 * minute);
    await triggers.change(ref, { job: { ...job, payload: '2' } });
    await fire();
    await triggers.change(ref, { arguments: '15m' });
    await pass(10 * minute);
    // It counts from a whole second.
    await pass(5 * minute + second);
    expect(await pushed()).toEqual([
      { tick: '2026-01-01T00:10:00Z', payload: '{"of":"all"}' },
      { tick: expect.stringMatching(/T00:25:0[01]Z$/), payload: '2' },
    ]);
  });

  it('is changed by many at once, and loses none of it', async () => {
    const { triggers, fire } = await started();
    await triggers.add(ref, { type: '@every', arguments: '10m', job });
    const add = () => triggers.change(ref, (trigger) => ({ job: { ...trigger.job, priority: trigger.job.priority + 1 } }));
    await Promise.all([add(), add(), add(), fire()]);
    expect((await triggers.get(ref))?.trigger.job.priority).toBe(3);
  });

  it('that fires once is gone then, and its job stays', async () => {
    const { triggers, fire, pass, pushed } = await started();
    await triggers.add(ref, { type: '@in', arguments: '5m', job });
    await fire();
    await pass(5 * minute);
    expect(await triggers.get(ref)).toBeNull();
    expect(await pushed()).toHaveLength(1);
    expect(await triggers.remove(ref)).toBe(false);
  });

  it('of a moment that is past fires at once, and is told as it was made', async () => {
    const { triggers, fire, pushed } = await started();
    const made = triggers.add(ref, { type: '@at', arguments: '2025-12-31T23:00:00Z', job });
    await fire();
    expect((await made).trigger.schedule).toEqual({ kind: 'once', at: start - 60 * minute });
    await fire();
    expect(await pushed()).toHaveLength(1);
  });

  it('that gathers pushes one job for all that came, with its message beside', async () => {
    const { triggers, fire, pass, pushed } = await started();
    const record = await triggers.add(ref, { type: '@webhook', job, debounce: { wait: minute, maxWait: null } });
    await fire();
    const call = (payload: string | null) => triggers.call(record, { payload, manual: false, keyed: (each) => each });
    for (const payload of ['1', null, '{"n":3}']) expect(await call(payload)).toEqual({ kind: 'gathered' });
    await pass(minute);
    expect(await pushed()).toEqual([
      { gathered: { count: 3, dropped: 0 }, message: { of: 'all' }, payload: '{"payloads":[1,null,{"n":3}]}' },
    ]);
  });

  it('that gathers refuses what no window can hold', async () => {
    const { triggers, fire } = await started();
    const record = await triggers.add(ref, { type: '@webhook', job, debounce: { wait: minute, maxWait: null } });
    await fire();
    const payload = JSON.stringify('x'.repeat(1024 * 1024));
    await expect(triggers.call(record, { payload, manual: false, keyed: (each) => each })).rejects.toMatchObject({
      code: 'too_large',
      details: { field: 'part' },
    });
  });

  it('that is paused keeps what it has gathered until it is resumed', async () => {
    const { triggers, fire, pass, pushed } = await started();
    const record = await triggers.add(ref, { type: '@webhook', job, debounce: { wait: minute, maxWait: null } });
    await fire();
    await triggers.call(record, { payload: '1', manual: false, keyed: (each) => each });
    await triggers.pause(ref, null);
    await pass(5 * minute);
    expect(await pushed()).toEqual([]);
    await triggers.resume(ref);
    await pass(1);
    await fire();
    expect(await pushed()).toHaveLength(1);
  });

  it('that is paused until a time keeps what it has gathered until then', async () => {
    const { triggers, fire, pass, pushed, now } = await started();
    const record = await triggers.add(ref, { type: '@webhook', job, debounce: { wait: minute, maxWait: null } });
    await fire();
    await triggers.call(record, { payload: '1', manual: false, keyed: (each) => each });
    await triggers.pause(ref, now() + 10 * minute);
    await pass(5 * minute);
    expect(await pushed()).toEqual([]);
    await pass(5 * minute + 1);
    expect(await pushed()).toHaveLength(1);
  });

  it('that is removed while it is called tells so', async () => {
    const { triggers } = await started();
    const record = await triggers.add(ref, { type: '@webhook', job, debounce: { wait: minute, maxWait: null } });
    await triggers.remove(ref);
    expect(await triggers.call(record, { payload: '1', manual: false, keyed: (each) => each })).toEqual({ kind: 'missing' });
  });

  it('is launched and filled by jobs that may begin, although its startBefore has passed; an interval counts for each', async () => {
    const { engine, triggers, pass } = await started();
    const before = { ...job, options: { ...job.options, startBefore: { at: start + minute } } };
    const within = { ...job, options: { ...job.options, startBefore: { delay: minute } } };
    await triggers.add(ref, { type: '@every', arguments: '5m', job: before });
    await triggers.add({ ...ref, id: 'b' }, { type: '@every', arguments: '5m', job: within });
    await pass(12 * minute);
    const startBeforeOf = async (id: string) => {
      const record = (await triggers.get({ ...ref, id })) ?? expect.fail('there is one');
      const launched = await triggers.launch({ ...ref, id }, null, null);
      const filled = await triggers.backfill(record, { from: start, to: start + 6 * minute, keyed: (each) => each });
      const jobs = await Promise.all([launched?.id ?? '', ...filled.jobs].map((each) => engine.jobs.get(each)));
      return jobs.map((each) => each?.options.startBefore);
    };
    expect(await startBeforeOf('a')).toEqual([undefined, undefined]);
    expect(await startBeforeOf('b')).toEqual([{ delay: minute }, { delay: minute }]);
  });

  it('fills a span as far as its jobs have no more than 64 MiB of characters, and says how far they fit', async () => {
    const { triggers, pass, pushed } = await started();
    const payload = JSON.stringify('x'.repeat(1024 * 1024));
    await triggers.add(ref, { type: '@every', arguments: '1m', job: { ...job, payload } });
    const record = await triggers.pause(ref, null);
    if (record === null) throw new Error('there is no trigger');
    await pass(90 * minute);
    let keys = 0;
    const keyed = <T>(each: T): T => {
      keys += 1;
      return each;
    };
    const span = { from: start, to: start + 90 * minute, keyed };
    const refusal = await triggers.backfill(record, span).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'too_large', details: { field: 'to', limit: 64 * 1024 * 1024 } });
    expect(String(refusal)).toContain('63 of them fit. Fill from 2026-01-01T00:01:00Z to 2026-01-01T01:03:00Z first');
    expect([keys, await pushed()]).toEqual([0, []]);
    expect(await triggers.backfill(record, { ...span, to: start + 63 * minute })).toMatchObject({ jobs: { length: 63 } });
  });

  it('fills no more than 1,000 ticks at once, and says how far they go; a span lies in the past', async () => {
    const { triggers, now, pass, pushed } = await started();
    await triggers.add(ref, { type: '@every', arguments: '1m', job });
    const record = await triggers.pause(ref, null);
    if (record === null) throw new Error('there is no trigger');
    await pass(1_200 * minute);
    const keyed = <T>(each: T): T => each;
    const filling = (from: number, to: number) => triggers.backfill(record, { from, to, keyed });
    await expect(filling(start, start + 1_200 * minute)).rejects.toThrow('this span has more ticks. Fill it to 2026-01-01T16:40:00Z first');
    for (const [from, to] of [
      [start + 5 * minute, start],
      [now() + minute, now() + 2 * minute],
    ] as const)
      await expect(filling(from, to)).rejects.toMatchObject({ code: 'invalid_request', details: { field: 'from' } });
    expect(await pushed()).toEqual([]);
    expect(await filling(start + minute, start + minute)).toMatchObject({ jobs: { length: 1 } });
  });
});
