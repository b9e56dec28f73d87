/** What cozy-stack's tests of schedulers ask for, of triggers on each store. */
import { expect, it } from 'vitest';
import { noResult } from '../../src/core/job.ts';
import { oldestTicks } from '../../src/core/schedule/ticks.ts';
import type { TriggerJob } from '../../src/core/trigger.ts';
import { ask, controlled, duty, node } from '../../src/engine/engine.suite.ts';
import { publish, rule } from '../../src/engine/events.suite.ts';
import { altered } from '../../src/stores/conformance/altered.ts';
import { all, minute } from '../../src/stores/conformance/subject.ts';
import { type OpenStore, onEachStore } from '../support/each-store.ts';
import { until } from '../support/until.ts';

const job: TriggerJob = { ...ask(), payload: '{"of":"all"}' };
const ref = { domain: '', id: 'a' };

/** A node that runs no job, on a store whose clock a test lets run ahead: steps are so long that what passes by itself does not count. */
async function started(open: OpenStore) {
  const { store, advance } = await open();
  // Its lease does not end with the clock.
  const engine = node(altered(store, { shared: false }), controlled().executor, 0);
  await engine.start();
  async function look(): Promise<void> {
    await duty(engine, 'clock').tick();
    await duty(engine, 'fire').tick();
  }
  return {
    engine,
    store,
    triggers: engine.triggers,
    look,
    async pass(by: number) {
      await advance(by);
      await look();
    },
    now: async () => (await store.upkeep.time()).now,
    jobs: async () => (await store.jobs.list(all)).jobs.map(({ about, ...rest }) => ({ ...rest, about: JSON.parse(about ?? 'null') })),
  };
}

const eventsOf = (payload: string | null): number => (JSON.parse(payload ?? '{}') as { readonly events: readonly unknown[] }).events.length;

onEachStore('triggers', (open) => {
  it.each([
    { events: 24, apart: 21 * minute, wait: 200 * minute, jobs: [10, 10, 4] },
    { events: 10, apart: 61 * minute, wait: 400 * minute, jobs: [7, 3] },
  ])('that are debounced push one job for each window: %o', async ({ events, apart, wait, jobs: gathered }) => {
    const { engine, triggers, pass, jobs } = await started(open);
    await rule(engine, 'a', 'io.one:CREATED io.two:CREATED', { debounce: { wait, maxWait: null } });
    for (let n = 0; n < events; n++) {
      await publish(engine, { type: 'io.one', id: `${n}` });
      await pass(apart);
    }
    await pass(wait);
    expect((await jobs()).map(({ payload }) => eventsOf(payload))).toEqual(gathered);
    await publish(engine, { type: 'io.one' }, { type: 'io.two' });
    await pass(wait + minute);
    expect((await jobs()).map(({ payload }) => eventsOf(payload))).toEqual([...gathered, 2]);
    expect((await jobs()).at(-1)?.about).toMatchObject({ gathered: { count: 2, dropped: 0 }, message: { m: 1 } });
    expect((await triggers.list(null, null, 10)).triggers).toHaveLength(1);
    expect([await triggers.remove(ref), await triggers.get(ref)]).toEqual([true, null]);
    await engine.stop(0);
  });

  it('at a time and after a delay are kept as they were made, fire once within two seconds, and are gone then', async () => {
    const { store } = await open();
    const run = async () => ({ kind: 'succeeded', result: noResult }) as const;
    const engine = node(store, { run, close: async () => undefined });
    await engine.start();
    await duty(engine, 'clock').tick();
    const at = Math.ceil((await store.upkeep.time()).now / 1_000) * 1_000 + 1_000;
    await engine.triggers.add({ ...ref, id: 'at' }, { type: '@at', arguments: new Date(at).toISOString(), job });
    await engine.triggers.add({ ...ref, id: 'in' }, { type: '@in', arguments: '1s', job });
    const kept = (await engine.triggers.list(null, null, 10)).triggers.map(({ trigger }) => trigger);
    expect(kept).toMatchObject([
      { type: '@at', arguments: new Date(at).toISOString(), schedule: { kind: 'once', at }, job },
      { type: '@in', arguments: '1s', schedule: { kind: 'once' }, job },
    ]);
    await until(
      'the ends of both',
      async () => (await store.jobs.list(all)).jobs.filter(({ state }) => state === 'succeeded').length === 2,
    );
    const { jobs } = await store.jobs.list(all);
    expect(jobs.map(({ owner }) => owner).toSorted()).toEqual(['trigger//at', 'trigger//in']);
    for (const { about, startedAt } of jobs) {
      const late = (startedAt ?? 0) - Date.parse((JSON.parse(about ?? '{}') as { readonly tick: string }).tick);
      expect(late).toBeGreaterThanOrEqual(0);
      expect(late).toBeLessThan(2_000);
    }
    expect((await engine.triggers.list(null, null, 10)).triggers).toEqual([]);
    expect(await engine.triggers.get({ ...ref, id: 'at' })).toBeNull();
  });

  it('of every third minute fire in each of them, when they are looked at every minute', async () => {
    const { triggers, pass, now, jobs, look } = await started(open);
    const { trigger } = await triggers.add(ref, { type: '@cron', arguments: '0 */3 * * * *', job });
    await look();
    for (let n = 0; n < 18; n++) await pass(minute);
    const ticks = oldestTicks(trigger.schedule ?? expect.fail('no schedule'), trigger.since + 1, await now(), 10);
    expect(ticks.length).toBeGreaterThanOrEqual(6);
    expect((await jobs()).map(({ about }) => Date.parse(about.tick))).toEqual(ticks);
  });
});

onEachStore('what is asked of all triggers', (open) => {
  const others = { domain: 'acme', id: 'a' };

  it('is a round at a time of one’s own: what is due by then fires once, also for whoever comes later', async () => {
    const { triggers, pass, jobs, now } = await started(open);
    const begun = await now();
    await triggers.add(ref, { type: '@every', arguments: '10m', missed: { policy: 'all', most: 100, lateness: null }, job });
    await triggers.add(others, { type: '@in', arguments: '15m', job });
    await triggers.tick(null);
    expect(await triggers.tick(null)).toBe(0);
    expect(await triggers.tick(begun - minute)).toBe(0);
    expect(await jobs()).toEqual([]);
    await triggers.tick(begun + 25 * minute);
    expect((await jobs()).map(({ domain }) => domain).toSorted()).toEqual(['', '', 'acme']);
    await pass(26 * minute);
    expect(await jobs()).toHaveLength(3);
    await pass(6 * minute);
    expect(await jobs()).toHaveLength(4);
    expect(await triggers.get(others)).toBeNull();
  });

  it('changes nothing where all are due rightly', async () => {
    const { engine, triggers, pass, look, now } = await started(open);
    const asked = { type: '@every', arguments: '10m', job } as const;
    await triggers.add({ domain: '', id: 'plain' }, asked);
    await triggers.add({ domain: '', id: 'late' }, { ...asked, jitter: 5 * minute });
    await triggers.add({ domain: '', id: 'paused' }, asked);
    await triggers.pause({ domain: '', id: 'paused' }, null);
    await triggers.add({ domain: '', id: 'soon' }, asked);
    await triggers.pause({ domain: '', id: 'soon' }, (await now()) + 45 * minute);
    await triggers.add({ domain: '', id: 'skips' }, asked);
    await triggers.skip({ domain: '', id: 'skips' }, 2);
    await triggers.add({ domain: '', id: 'monthly' }, { type: '@monthly', arguments: '', job });
    await triggers.add({ domain: '', id: 'ends' }, { ...asked, endsAt: (await now()) + 15 * minute });
    await triggers.add({ domain: '', id: 'hook' }, { type: '@webhook', debounce: { wait: 5 * minute, maxWait: null }, job });
    await rule(engine, 'rule', 'io.one', { debounce: { wait: 200 * minute, maxWait: null } });
    await look();
    for (let passed = 0; passed < 4; passed++) {
      await publish(engine, { type: 'io.one' });
      expect(await triggers.rebuild(null, null)).toEqual({ looked: 9, changed: 0, next: null });
      await pass(12 * minute);
    }
  });

  it('brings back triggers that nobody would look at, with the run that is due and what they have gathered, of one domain or all', async () => {
    const { engine, triggers, pass, look, jobs, store } = await started(open);
    await triggers.add(ref, { type: '@every', arguments: '10m', job });
    await triggers.add(others, { type: '@every', arguments: '10m', job });
    await rule(engine, 'rule', 'io.one', { debounce: { wait: minute, maxWait: null } });
    await look();
    await publish(engine, { type: 'io.one', id: '1' });
    // As if somebody had damaged the store.
    for (const { definition } of (await triggers.list(null, null, 9)).triggers) {
      const { kind, domain, key, group, body, version } = definition;
      await store.definitions.put([{ kind, domain, key, group, body, state: null, due: 'never', dueOnEnd: false, if: version }]);
    }
    await pass(12 * minute);
    expect((await jobs()).map(({ owner }) => owner)).toEqual(['trigger//rule']);
    expect(await triggers.rebuild('acme', null)).toEqual({ looked: 1, changed: 1, next: null });
    await look();
    expect((await jobs()).map(({ owner, about }) => [owner, about.tick !== undefined])).toContainEqual(['trigger/acme/a', true]);
    expect(await triggers.rebuild(null, null)).toEqual({ looked: 3, changed: 1, next: null });
    await look();
    expect(await jobs()).toHaveLength(3);
    expect(await triggers.rebuild(null, null)).toEqual({ looked: 3, changed: 0, next: null });
  });

  it('removes those that have ended for good, of one domain or all, and no others', async () => {
    const { triggers, pass, now, look, engine, store } = await started(open);
    const ends = { type: '@every', arguments: '10m', endsAt: (await now()) + 5 * minute, job } as const;
    for (const id of ['one', 'two']) for (const domain of ['', 'acme']) await triggers.add({ domain, id }, ends);
    await triggers.add({ domain: '', id: 'busy' }, ends);
    await triggers.add({ domain: '', id: 'goes-on' }, { type: '@every', arguments: '10m', job });
    await rule(engine, 'rule', 'io.one');
    await pass(30 * minute);
    await look();
    await triggers.launch({ domain: '', id: 'busy' }, null, null);
    expect(await triggers.clean('acme', null)).toEqual({ looked: 2, changed: 2, next: null });
    expect(await triggers.clean(null, null)).toEqual({ looked: 5, changed: 2, next: null });
    expect((await triggers.list(null, null, 9)).triggers.map(({ ref: { id } }) => id)).toEqual(['busy', 'goes-on', 'rule']);
    expect((await store.upkeep.scrub(null, 1_000)).repaired).toEqual({});
  });

  it('is told to nodes that fire, and to no others', async () => {
    const { store } = await open();
    const engine = node(store, controlled().executor, 0);
    await expect(engine.triggers.tick(null)).rejects.toThrow(/^This node fires nothing/);
  });
});
