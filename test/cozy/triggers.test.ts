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
