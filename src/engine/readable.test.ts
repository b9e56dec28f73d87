import { describe, expect, it, vi } from 'vitest';
import { readTrigger } from '../core/trigger-record.ts';
import { openMemory } from '../stores/memory/index.ts';
import { systemClock } from '../system/clock.ts';
import { ask, controlled, duty, liveNodes, node } from './engine.suite.ts';
import type { Engine } from './engine.ts';
import { rule } from './events.suite.ts';
import { type ReadFrom, readOrSetAside, readThrough, shownOrNull } from './readable.ts';

it.each([
  ['its payload', { payload: '{' }],
  ['what it is about', { about: '{"event":' }],
])('a job is set aside when %s is no JSON', async (what, damage) => {
  const store = openMemory();
  await store.jobs.push([
    { ...ask(), payload: '{}', about: '{}', ...damage },
    { ...ask(), payload: '{}', about: '{}' },
  ]);
  const parts = { store, clock: systemClock };
  const { jobs } = await store.jobs.list({ filter: [], match: null, order: 'oldest', from: null, limit: 2, brief: false, lookAt: null });
  const shown = await Promise.all(jobs.map((job) => shownOrNull(parts, job)));
  expect(shown.filter((job) => job !== null)).toEqual(jobs.slice(1));
  expect(await store.upkeep.unreadable(null, 10)).toMatchObject({ records: [{ reason: `${what} is no JSON` }], total: 1 });
});

const ref = { domain: '', id: 'a' };
const key = { kind: 'trigger', domain: '', key: 'a' } as const;
const owner = 'definition:trigger//a';

/** A trigger, and beside it one whose body somebody has changed by hand. */
async function damaged(damage: (body: string) => string = (body) => body.replace('"since"', '"sinse"')) {
  const store = openMemory();
  const engine = node(store, controlled().executor);
  await engine.start();
  await rule(engine, 'a', 'io.a');
  await rule(engine, 'b', 'io.b');
  const { definitions } = await store.definitions.list({ by: 'keys', keys: [key] });
  const body = damage(definitions[0]?.body ?? '');
  await store.definitions.put([{ ...key, group: 'event', body, state: null, due: 'never', dueOnEnd: false, if: null }]);
  return { store, engine, total: async () => (await store.upkeep.unreadable(null, 0)).total };
}

async function readAll(store: ReturnType<typeof openMemory>): Promise<void> {
  let from: ReadFrom = null;
  do from = await readThrough({ store, clock: systemClock }, from);
  while (from !== null);
}

describe('a trigger whose body is none', () => {
  it('is set aside by whoever reads everything, and told as it is', async () => {
    const { store, engine, total } = await damaged();
    await readAll(store);
    expect(await total()).toBe(1);
    expect(await engine.upkeep.raw(owner)).toMatchObject({
      reason: expect.stringContaining('since'),
      raw: expect.stringContaining('sinse'),
    });
    expect((await engine.triggers.list(null, null, 10)).triggers.map((each) => each.ref.id)).toEqual(['b']);
    expect((await engine.upkeep.examine(null)).warnings.join()).toContain('definition trigger//a cannot be read');
    await expect(engine.triggers.get(ref)).rejects.toMatchObject({ code: 'unreadable', details: { record: owner } });
    await expect(engine.triggers.pause(ref, null)).rejects.toMatchObject({ code: 'unreadable' });
    expect(await engine.triggers.remove(ref)).toBe(true);
    expect([await engine.triggers.get(ref), await total()]).toEqual([null, 0]);
  });

  it.each([
    ['asks for it', (engine: Engine) => engine.triggers.get(ref).catch(() => undefined)],
    ['lists', (engine: Engine) => engine.triggers.list(null, null, 10)],
    ['reads the rules of events', (engine: Engine) => duty(engine, 'follow').tick()],
  ])('is set aside by whoever %s', async (_, look) => {
    const { engine, total } = await damaged();
    await look(engine);
    await vi.waitFor(async () => expect(await total()).toBe(1));
  });

  it('is set aside when it is due', async () => {
    const { store, engine, total } = await damaged();
    await store.definitions.put([{ ...key, group: '', body: '{}', state: null, due: 'now', dueOnEnd: false, if: null }]);
    await duty(engine, 'fire').tick();
    await vi.waitFor(async () => expect(await total()).toBe(1));
  });

  it('stays where it is while nodes of several versions live, and can be deleted all the same', async () => {
    const { store, engine, total } = await damaged((body) => body.replace('@event', '@moon'));
    const other = node(store, controlled().executor, 1, { name: 'm', build: { version: '1', commit: '' } });
    await other.start();
    expect(await liveNodes(store)).toHaveLength(2);
    await readAll(store);
    await expect(engine.triggers.get(ref)).rejects.toMatchObject({ code: 'unreadable' });
    expect(await total()).toBe(0);
    expect(await engine.triggers.remove(ref)).toBe(true);
    expect(await engine.triggers.get(ref)).toBeNull();
  });

  it('is not taken for the one that has its place since', async () => {
    const { store, engine, total } = await damaged();
    const { definitions } = await store.definitions.list({ by: 'keys', keys: [key] });
    await engine.triggers.remove(ref);
    await rule(engine, 'a', 'io.a');
    for (const definition of definitions)
      expect(await readOrSetAside(store, definition, readTrigger)).toMatchObject({ kind: 'unreadable' });
    expect([await total(), (await engine.triggers.get(ref))?.trigger.arguments]).toEqual([0, 'io.a']);
  });
});
