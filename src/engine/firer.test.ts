import { describe, expect, it } from 'vitest';
import { type Decision, type Definition, ownerOf } from '../core/definition.ts';
import { HatstandError } from '../core/errors.ts';
import { putOffNotes, replacedAtOnce } from '../core/window.ts';
import type { Store } from '../ports/store/store.ts';
import { altered } from '../stores/conformance/altered.ts';
import { found, partOf, putOf } from '../stores/conformance/definitions.ts';
import { all, asked, entriesOf, minute } from '../stores/conformance/subject.ts';
import { openMemory } from '../stores/memory/index.ts';
import { silent } from '../system/silent.ts';
import { controlled, duty, node } from './engine.suite.ts';
import type { Decide } from './firer.ts';

const once: Decision = { next: null, state: 'done', jobs: [asked({ worker: 'w' })], overlap: 'allow', collect: null, note: 'once' };

/** A memory store whose clock stands still until it is told to go on. */
function openStill(): { readonly store: Store; advance(by: number): void } {
  let time = Date.UTC(2026, 0, 1);
  return {
    store: openMemory({ clock: { now: () => time } }),
    advance(by) {
      time += by;
    },
  };
}

const pushed = async (store: Store): Promise<number> => (await store.jobs.list(all)).jobs.length;
const firing = (store: Store, trigger: Decide, otherwise = {}) =>
  node(store, controlled().executor, 1, { deciders: { trigger }, ...otherwise });

/** Resolves when the store has fired this many definitions. */
function firedAfter(store: Store, count: number): { readonly store: Store; readonly done: Promise<void> } {
  const { promise, resolve } = Promise.withResolvers<void>();
  let fired = 0;
  const watched = altered(store, {
    definitions: {
      async fire(firings) {
        const answers = await store.definitions.fire(firings);
        fired += answers.filter(({ kind }) => kind === 'fired').length;
        if (fired >= count) resolve();
        return answers;
      },
    },
  });
  return { store: watched, done: promise };
}

describe('the firing duty', () => {
  it('fires all that is due, in pages, and nothing twice', async () => {
    const { store } = openStill();
    await store.definitions.put(Array.from({ length: 600 }, (_, i) => putOf(`k${i}`)));
    const engine = firing(store, () => once);
    await engine.start();
    await duty(engine, 'fire').tick();
    expect(await pushed(store)).toBe(600);
    await duty(engine, 'fire').tick();
    expect(await pushed(store)).toBe(600);
    expect((await found(store, 'k599')).owned.live).toBe(1);
  });

  it('goes on until all earlier jobs are replaced, however many, and pushes once', async () => {
    const { store } = openStill();
    await store.definitions.put([putOf('a')]);
    const owner = ownerOf(await found(store, 'a'));
    const many = () => store.jobs.push(Array.from({ length: 4 * replacedAtOnce + 1 }, () => asked({ owner, worker: 'nobody' })));
    const waiting = async () => (await store.jobs.list(all)).jobs.flatMap(({ state, worker }) => (state === 'queued' ? worker : []));
    await many();
    const engine = firing(store, (_, now) => ({ ...once, next: now + minute, overlap: 'replace', jobs: [asked({ worker: 'x' })] }));
    await engine.start();
    await duty(engine, 'fire').tick();
    expect(await waiting()).toEqual(['x']);
    await many();
    expect(await engine.triggers.tick(Date.UTC(2026, 0, 1) + minute)).toBe(1);
    expect(await waiting()).toEqual(['x']);
  });

  it('looks again for whoever wakes it at the very end of a round', async () => {
    // A round ends some turns after its last look: in none of them is anybody forgotten.
    for (let turns = 0; turns < 12; turns++) {
      const { store } = openStill();
      let looks = 0;
      let looksSinceWoken: Promise<number> | null = null;
      const watched = altered(store, {
        definitions: {
          async due(...given) {
            const found = await store.definitions.due(...given);
            looks += 1;
            looksSinceWoken ??= wakeAfter(turns);
            return found;
          },
        },
      });
      const engine = firing(watched, () => once);
      const wakeAfter = async (left: number): Promise<number> => {
        for (let turn = 0; turn < left; turn++) await null;
        const before = looks;
        await duty(engine, 'fire').tick();
        return looks - before;
      };
      await engine.start();
      await duty(engine, 'fire').tick();
      expect(await looksSinceWoken, `${turns} turns after a look`).toBeGreaterThan(0);
    }
  });

  it('closes no more windows, and pushes no more characters, in one step than a store takes well', async () => {
    const { store } = openStill();
    const steps: number[] = [];
    const watched = altered(store, {
      definitions: {
        fire(firings) {
          steps.push(firings.length);
          return store.definitions.fire(firings);
        },
      },
    });
    const large = asked({ worker: 'w', payload: JSON.stringify('x'.repeat(3 * 1024 * 1024)) });
    const keys = Array.from({ length: 20 }, (_, i) => `k${i}`);
    await store.definitions.put(keys.map((key) => putOf(key)));
    await store.definitions.gather(keys.slice(10).map((key) => partOf(key, '1', { wait: 0 })));
    const engine = firing(watched, ({ window }) =>
      window === null ? { ...once, jobs: [large] } : { ...once, collect: { payload: ['[', ']'], about: ['[', ',', ']'] } },
    );
    await engine.start();
    await duty(engine, 'fire').tick();
    for (const key of keys) expect(await found(store, key)).toMatchObject({ state: 'done', window: null });
    expect(Math.max(...steps)).toBeLessThanOrEqual(16);
    expect(steps.reduce((sum, each) => sum + each)).toBe(20);
    expect(steps.length).toBeGreaterThan(2);
  });

  it('tells once that a definition is put off, for as long as that lasts', async () => {
    const { store, advance } = openStill();
    await store.definitions.put([putOf('a')]);
    await store.queues.configure('q', { closed: true });
    const every: Decide = (_, now) => ({ ...once, next: now + minute, note: 'on time' });
    const engine = firing(store, every);
    await engine.start();
    const rounds = async (count: number): Promise<readonly string[]> => {
      for (let round = 0; round < count; round++) {
        advance(minute);
        await duty(engine, 'fire').tick();
      }
      const { entries } = await store.journal.entries(0, 100);
      return entries.flatMap(({ fired }) => fired.map(({ note }) => note));
    };
    expect(await rounds(5)).toEqual([putOffNotes.closed]);
    await store.queues.configure('q', { closed: false });
    expect(await rounds(1)).toEqual([putOffNotes.closed, 'on time']);
    await store.queues.configure('q', { closed: true });
    expect(await rounds(3)).toEqual([putOffNotes.closed, 'on time', putOffNotes.closed]);
    // Under another version it is news.
    await store.definitions.put([putOf('a')]);
    expect(await rounds(2)).toEqual([putOffNotes.closed, 'on time', putOffNotes.closed, putOffNotes.closed]);
  });

  it('is told the present of the store, and goes on from there', async () => {
    const { store, advance } = openStill();
    await store.definitions.put([putOf('a')]);
    const seen: (readonly [number | null, number])[] = [];
    const every: Decide = ({ due }, now) => {
      seen.push([due, now]);
      return { ...once, next: now + 10 * minute };
    };
    const engine = firing(store, every);
    await engine.start();
    await duty(engine, 'fire').tick();
    advance(9 * minute);
    await duty(engine, 'fire').tick();
    advance(2 * minute);
    await duty(engine, 'fire').tick();
    const start = Date.UTC(2026, 0, 1);
    expect(seen).toEqual([
      [start, start],
      [start + 10 * minute, start + 11 * minute],
    ]);
  });

  it('fires as soon as a definition is put, and when the next one is due', async () => {
    const memory = openMemory();
    const { store, done } = firedAfter(memory, 3);
    const engine = firing(store, ({ state }: Definition, now) => ({
      ...once,
      state: `${state}.`,
      next: state.length < 2 ? now + 20 : null,
    }));
    await engine.start();
    await memory.definitions.put([putOf('a')]);
    await done;
    expect((await found(memory, 'a')).state).toBe('...');
  });

  it('leaves kinds alone that it cannot decide about', async () => {
    const { store } = openStill();
    await store.definitions.put([putOf('a', { kind: 'task' })]);
    const engine = firing(store, () => once);
    await engine.start();
    await duty(engine, 'fire').tick();
    expect(await pushed(store)).toBe(0);
    expect((await store.definitions.due(['task'], 9, 0)).definitions).toHaveLength(1);
  });

  it('costs a store nothing where nothing is ever fired', async () => {
    let asks = 0;
    const store = altered(openMemory(), {
      definitions: {
        due: () => {
          asks += 1;
          return Promise.reject(new Error('asked'));
        },
      },
    });
    const engine = node(store, controlled().executor, 1, { deciders: {} });
    await engine.start();
    await duty(engine, 'fire').tick();
    expect(asks).toBe(0);
  });

  it.each([
    ['throws', (): Decision => expect.fail('a bad body')],
    ['answers what cannot be', (_: Definition, now: number): Decision => ({ ...once, next: now, note: 'x'.repeat(10_000) })],
  ])('postpones what a decider %s about, and goes on with the others', async (_, broken) => {
    const { store, advance } = openStill();
    await store.definitions.put([putOf('bad', { state: 'kept' }), putOf('good')]);
    await store.definitions.gather([partOf('bad', '1', { wait: 0 })]);
    const told: unknown[] = [];
    const error = (event: string, fields?: object): void => void told.push([event, fields]);
    const engine = firing(store, (definition, now) => (definition.key === 'bad' ? broken(definition, now) : once), {
      log: { ...silent, error },
    });
    await engine.start();
    await duty(engine, 'fire').tick();
    expect(await pushed(store)).toBe(1);
    const bad = await found(store, 'bad');
    expect(bad).toMatchObject({ state: 'kept', due: Date.UTC(2026, 0, 1) + minute, window: { count: 1 } });
    expect(told).toMatchObject([['definition.undecided', { definition: 'trigger//bad' }]]);
    expect((await entriesOf(store, 0, 99)).findLast(({ fired }) => fired.length > 0)?.fired[0]?.note).toMatch(/^postponed: /);
    advance(2 * minute);
    expect((await store.definitions.due(['trigger'], 9, 0)).definitions).toHaveLength(1);
  });

  it('fires the others when a store cannot fire one of them', async () => {
    const { store: memory } = openStill();
    const store = altered(memory, {
      definitions: {
        fire: (firings) =>
          firings.some(({ key, jobs }) => key === 'bad' && jobs.length > 0)
            ? Promise.reject(new HatstandError('internal', 'broken'))
            : memory.definitions.fire(firings),
      },
    });
    await memory.definitions.put(['a', 'bad', 'b'].map((key) => putOf(key)));
    const engine = firing(store, () => once);
    await engine.start();
    await duty(engine, 'fire').tick();
    expect(await pushed(memory)).toBe(2);
    expect((await found(memory, 'bad')).due).toBe(Date.UTC(2026, 0, 1) + minute);
  });

  it('fires nothing by half when the store is away, and all of it afterwards', async () => {
    const { store: memory } = openStill();
    let away: boolean = true;
    const store = altered(memory, {
      definitions: {
        fire: (firings) => (away ? Promise.reject(new HatstandError('store_full', 'full')) : memory.definitions.fire(firings)),
      },
    });
    await memory.definitions.put([putOf('a')]);
    const engine = firing(store, () => once);
    await engine.start();
    await expect(duty(engine, 'fire').tick()).rejects.toThrow('full');
    away = false;
    await duty(engine, 'fire').tick();
    expect((await found(memory, 'a')).state).toBe('done');
  });

  it('leaves a round whose due ones were all fired by another node meanwhile, and looks again in the next', async () => {
    const { store: memory, advance } = openStill();
    let looks = 0;
    let isLate: boolean = true;
    const store = altered(memory, {
      definitions: {
        due: (kinds, limit, behind) => {
          looks += 1;
          return memory.definitions.due(kinds, limit, behind);
        },
        async fire(firings) {
          if (isLate) await memory.definitions.fire(firings.map((each) => ({ ...each, next: each.tick + minute, state: 'theirs' })));
          return memory.definitions.fire(firings);
        },
      },
    });
    await memory.definitions.put([putOf('a'), putOf('b')]);
    const told: unknown[] = [];
    const engine = firing(store, () => once, { log: { ...silent, debug: (event: string) => void told.push(event) } });
    await engine.start();
    await duty(engine, 'fire').tick();
    const before = looks;
    expect(await pushed(memory)).toBe(2);
    expect(told).not.toContain('definitions.fired');
    expect((await found(memory, 'a')).state).toBe('theirs');
    isLate = false;
    advance(2 * minute);
    await duty(engine, 'fire').tick();
    expect(looks).toBe(before + 2);
    expect(await pushed(memory)).toBe(4);
    expect((await found(memory, 'b')).state).toBe('done');
  });

  it('asks no more in one round when nothing that is due can be fired', async () => {
    const { store: memory } = openStill();
    await memory.definitions.put([putOf('a')]);
    let looks = 0;
    const store = altered(memory, {
      definitions: {
        due: (kinds, limit, behind) => {
          looks += 1;
          return looks > 9 ? Promise.reject(new Error('asked again and again')) : memory.definitions.due(kinds, limit, behind);
        },
        fire: (firings) => Promise.resolve(firings.map(() => ({ kind: 'lost' }) as const)),
      },
    });
    const engine = firing(store, () => once);
    await engine.start();
    const before = looks;
    await duty(engine, 'fire').tick();
    // The second one travelled with what could not be fired.
    expect(looks).toBe(before + 2);
  });

  it('waits for the node that joined before, and no longer than for its rank', async () => {
    const { store, advance } = openStill();
    // The one before it is slow, or cannot decide.
    const [gone, before, after] = [node(store, controlled().executor), node(store, controlled().executor), firing(store, () => once)];
    await gone.start();
    await before.start();
    await gone.stop(0);
    await after.start();
    await store.definitions.put([putOf('a')]);
    await duty(after, 'fire').tick();
    expect(await pushed(store)).toBe(0);
    advance(250);
    await duty(after, 'fire').tick();
    expect(await pushed(store)).toBe(1);
  });

  it('fires nothing once its node stops', async () => {
    const { store } = openStill();
    const engine = firing(store, () => once);
    await engine.start();
    await engine.stop(0);
    await store.definitions.put([putOf('a')]);
    await duty(engine, 'fire').tick();
    expect(await pushed(store)).toBe(0);
  });
});
