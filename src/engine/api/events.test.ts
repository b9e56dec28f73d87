import { describe, expect, it } from 'vitest';
import { eventLimits } from '../../core/event.ts';
import type { Store } from '../../ports/store/store.ts';
import { altered } from '../../stores/conformance/altered.ts';
import { openMemory } from '../../stores/memory/index.ts';
import { controlled, duty, node } from '../engine.suite.ts';
import { aboutOf, event, jobsIn, publish, rule } from '../events.suite.ts';

const quiet = (store: Store) => node(store, controlled().executor, 0);

/** Counts what is published, and lets a test wait before it is. */
function watched(store: Store): { readonly store: Store; readonly steps: number[] } {
  const steps: number[] = [];
  return {
    steps,
    store: altered(store, {
      journal: {
        publish(step) {
          steps.push(step.events.length);
          return store.journal.publish(step);
        },
      },
    }),
  };
}

describe('publish', () => {
  it('pushes a job for each trigger that matches, and tells which', async () => {
    const store = openMemory();
    const engine = quiet(store);
    await rule(engine, 'files', 'io.files');
    await rule(engine, 'both', 'io.files:CREATED io.files::a');
    await rule(engine, 'deleted', 'io.files:DELETED');
    await rule(engine, 'others', 'io.others');
    const [told] = await publish(engine, { doc: '{"n": 1.0}' });
    expect(told).toMatchObject({ kind: 'told', gathered: 0 });
    const jobs = await jobsIn(store);
    expect(jobs.map(({ id, owner, payload }) => [id, owner, payload])).toEqual([
      [told?.jobs[0], 'trigger//both', '{"m":1}'],
      [told?.jobs[1], 'trigger//files', '{"m":1}'],
    ]);
    expect(await aboutOf(store, told?.jobs[0])).toEqual({
      event: { domain: '', type: 'io.files', verb: 'CREATED', id: 'a', doc: { n: 1 }, old: null },
    });
    const [deleted] = await publish(engine, { verb: 'DELETED' });
    expect(deleted?.jobs).toHaveLength(3);
    expect(await publish(engine, { verb: 'NOTIFIED' })).toMatchObject([{ kind: 'told', jobs: [] }]);
    expect(await publish(engine, { domain: 'elsewhere' })).toMatchObject([{ kind: 'told', jobs: [] }]);
  });

  it('takes updates of one document for so many events', async () => {
    const store = openMemory();
    const engine = quiet(store);
    await rule(engine, 'a', 'io.files:UPDATED');
    await publish(engine, ...Array.from({ length: 100 }, () => ({ verb: 'UPDATED' })));
    expect(await jobsIn(store)).toHaveLength(100);
  });

  it('tells once what is published again under its key', async () => {
    const store = openMemory();
    const engine = quiet(store);
    await rule(engine, 'a', 'io.files');
    const [first] = await publish(engine, { key: 'k' });
    expect(await publish(engine, { key: 'k' }, {})).toMatchObject([
      { kind: 'known', seq: first?.seq, number: 0, jobs: [] },
      { kind: 'told', jobs: [expect.any(String)] },
    ]);
    expect(await jobsIn(store)).toHaveLength(2);
  });

  it('gathers for a trigger that is debounced, and one job gets it all', async () => {
    const store = openMemory();
    const engine = node(store, controlled().executor, 0);
    await rule(engine, 'a', 'io.files', { debounce: { wait: 0, maxWait: null } });
    expect(await publish(engine, { id: '1' }, { id: '2' })).toMatchObject([{ gathered: 1, jobs: [] }, { gathered: 1 }]);
    await engine.start();
    await duty(engine, 'fire').tick();
    const [job] = await jobsIn(store);
    expect(JSON.parse(job?.payload ?? '')).toMatchObject({ events: [{ id: '1' }, { id: '2' }] });
  });

  it('decides by the rules that there are, not by those that it knew', async () => {
    const store = openMemory();
    const [a, b] = [quiet(store), quiet(altered(store, { onHint: () => () => undefined }))];
    await publish(b, {});
    for (let i = 0; i < 50; i++) {
      await rule(a, `${i}`, `t${i}`);
      expect(await publish(b, { type: `t${i}` })).toMatchObject([{ jobs: [expect.any(String)] }]);
    }
    await a.triggers.remove({ domain: '', id: '7' });
    expect(await publish(b, { type: 't7' })).toMatchObject([{ jobs: [] }]);
    await a.triggers.pause({ domain: '', id: '8' }, null);
    expect(await publish(b, { type: 't8' })).toMatchObject([{ jobs: [] }]);
    await a.triggers.change({ domain: '', id: '9' }, { arguments: 'other' });
    expect(await publish(b, { type: 't9' }, { type: 'other' })).toMatchObject([{ jobs: [] }, { jobs: [expect.any(String)] }]);
    expect(await jobsIn(store)).toHaveLength(51);
  });

  it('sends what is published at once in one step, in order, and more in further ones', async () => {
    const { store, steps } = watched(openMemory());
    const engine = quiet(store);
    const answers = await Promise.all(Array.from({ length: 1_500 }, (_, i) => publish(engine, { id: `${i}` })));
    expect(steps).toEqual([1_000, 500]);
    expect(answers.flat().map(({ number }) => number)).toEqual([
      ...Array.from({ length: 1_000 }, (_, i) => i),
      ...Array.from({ length: 500 }, (_, i) => i),
    ]);
    await rule(engine, 'a', 'io.files');
    await rule(engine, 'b', 'io.files');
    steps.length = 0;
    await publish(engine, ...Array.from({ length: 1_000 }, () => ({})));
    expect(steps.filter((count) => count > 0)).toEqual([1_000, 500, 500]);
  });

  it('fails alone: what others publish is told', async () => {
    const memory = openMemory();
    const store = altered(memory, {
      journal: {
        async publish(step) {
          if (step.events.some(({ id }) => id === 'bad')) throw new Error('refused');
          return memory.journal.publish(step);
        },
      },
    });
    const engine = quiet(store);
    const large = JSON.stringify('x'.repeat(1_000_000));
    const ofOne = publish(engine, ...Array.from({ length: 6 }, (_, i) => ({ id: i < 5 ? `${i}` : 'bad', doc: large })));
    const ofOther = publish(engine, { id: 'late', doc: large });
    const late = publish(engine, { id: 'later' });
    await expect(ofOne).rejects.toThrow('refused');
    await expect(Promise.all([ofOther, late])).resolves.toMatchObject([[{ kind: 'told' }], [{ kind: 'told' }]]);
    const told: string[] = [];
    for (let seq: number | undefined = 0; seq !== undefined; ) {
      const { entries } = await store.journal.entries(seq, 100);
      told.push(...entries.flatMap((entry) => entry.told.map(({ id }) => id)));
      seq = entries.at(-1)?.seq;
    }
    expect(told).toEqual(['0', '1', '2', '3', 'late', 'later']);
    await expect(publish(engine, {})).resolves.toHaveLength(1);
  });

  it('fails alone also in the midst of a step, and each of the others gets the jobs of its own events', async () => {
    const memory = openMemory();
    const store = altered(memory, {
      journal: {
        async publish(step) {
          if (step.events.some(({ id }) => id === 'bad')) throw new Error('refused');
          return memory.journal.publish(step);
        },
      },
    });
    const engine = quiet(store);
    await rule(engine, 'a', 'io.files::1,3,bad');
    const [before, bad, after] = [publish(engine, { id: '1' }, { id: '2' }), publish(engine, { id: 'bad' }), publish(engine, { id: '3' })];
    await expect(bad).rejects.toThrow('refused');
    const told = [...(await before), ...(await after)];
    expect(told.map(({ jobs }) => jobs.length)).toEqual([1, 0, 1]);
    expect(await aboutOf(store, told[2]?.jobs[0])).toMatchObject({ event: { id: '3' } });
    expect(await jobsIn(store)).toHaveLength(2);
  });

  it('refuses an event that causes more than one may, and tells what others publish', async () => {
    const { store, steps } = watched(openMemory());
    const engine = quiet(store);
    for (let i = 0; i < 5; i++) await rule(engine, `${i}`, 'io.files');
    const large = JSON.stringify('x'.repeat(1_000_000));
    const ofOne = publish(engine, { id: '1' }, { id: '2', doc: large, old: large }, { id: '3' });
    const ofOther = publish(engine, { id: '4' });
    await expect(ofOne).rejects.toMatchObject({
      code: 'too_large',
      message: expect.stringContaining('fires 5 triggers'),
      details: { told: 1, triggers: 5 },
    });
    expect((await ofOther)[0]?.jobs).toHaveLength(5);
    const { entries } = await store.journal.entries(0, 100);
    expect(entries.flatMap(({ told }) => told.map(({ id }) => id))).toEqual(['1', '4']);
    expect(await jobsIn(store)).toHaveLength(10);
    expect(steps.every((count) => count <= 1)).toBe(true);
    // Without documents it is one that five triggers may have.
    expect(await publish(engine, { id: '2' })).toMatchObject([{ kind: 'told' }]);
  });

  it('refuses an event of so many triggers until some of them are gone, also if it has not heard of that', async () => {
    const store = openMemory();
    const [a, b] = [quiet(store), quiet(altered(store, { onHint: () => () => undefined }))];
    for (let i = 0; i <= eventLimits.causes; i++) await rule(a, `${i}`, 'io.files');
    await expect(publish(b, {})).rejects.toMatchObject({ code: 'too_large', details: { triggers: eventLimits.causes + 1 } });
    expect(await jobsIn(store)).toEqual([]);
    await a.triggers.remove({ domain: '', id: '0' });
    expect((await publish(b, {}))[0]?.jobs).toHaveLength(eventLimits.causes);
  });

  it('refuses an event that takes too much to match, and goes on in steps where many take a little less', async () => {
    const { store, steps } = watched(openMemory());
    const engine = quiet(store);
    await rule(engine, 'a', Array.from({ length: 256 }, (_, i) => `io.files:CREATED:v:f${i}`).join(' '));
    const doc = (items: number): string => `[${'{},'.repeat(items - 1)}{}]`;
    await expect(publish(engine, { doc: doc(5_000) })).rejects.toMatchObject({ code: 'too_large', details: { field: 'doc' } });
    await publish(engine, ...Array.from({ length: 6 }, () => ({ doc: doc(1_500) })));
    expect(steps.filter((count) => count > 0)).toEqual([2, 2, 2]);
  });

  it('leaves others their turns between events that take long to match, and between a refusal and a second look', async () => {
    const engine = quiet(openMemory());
    await rule(engine, 'a', Array.from({ length: 100 }, (_, at) => `io.files:UPDATED:v:f${at}`).join(' '));
    let turns = 0;
    let isOver: boolean = false;
    const count = (): void => {
      turns += 1;
      if (!isOver) setImmediate(count);
    };
    count();
    const doc = JSON.stringify(Array.from({ length: 600 }, () => ({})));
    // Each takes some 60,000 steps.
    await publish(engine, ...Array.from({ length: 12 }, () => ({ verb: 'UPDATED', doc })));
    expect(turns).toBeGreaterThan(10);
    turns = 0;
    const tooLong = JSON.stringify(Array.from({ length: 20_000 }, () => ({})));
    await expect(publish(engine, { verb: 'UPDATED', doc: tooLong })).rejects.toMatchObject({ code: 'too_large' });
    expect(turns).toBeGreaterThan(1);
    isOver = true;
  });

  it('tells of windows that hold as much as they may', async () => {
    const engine = quiet(openMemory());
    await rule(engine, 'a', 'io.files', { debounce: { wait: 60_000, maxWait: null } });
    const [half, large] = [600_000, 1_000_000].map((length) => JSON.stringify('x'.repeat(length)));
    expect(await publish(engine, { doc: half }, { doc: half }, { doc: large, old: large })).toMatchObject([
      { gathered: 1, dropped: 0 },
      { gathered: 0, dropped: 1 },
      // Longer than any window: it goes without documents.
      { gathered: 1, dropped: 0 },
    ]);
  });

  it('refuses what no publish takes, and takes nothing of it', async () => {
    const engine = quiet(openMemory());
    await expect(engine.events.publish(Array.from({ length: 1_001 }, () => event()))).rejects.toMatchObject({ code: 'invalid_request' });
    expect(await engine.events.publish([])).toEqual([]);
    await engine.stop(0);
    await expect(publish(engine, {})).rejects.toMatchObject({ code: 'shutting_down' });
  });
});
