import { describe, expect, it, onTestFinished } from 'vitest';
import { parseTopic } from '../../core/event-topic.ts';
import type { Store } from '../../ports/store/store.ts';
import { minute } from '../../stores/conformance/subject.ts';
import { openMemory } from '../../stores/memory/index.ts';
import { ask, controlled, node, push } from '../engine.suite.ts';
import type { Engine } from '../engine.ts';
import { follower, publish } from '../events.suite.ts';
import { type EventPlace, placeText, readPlace } from './event-place.ts';
import type { Followed } from './feed.ts';
import type { HeardEvent } from './journal-pages.ts';

const started = async (store: Store) => {
  const engine = node(store, controlled().executor, 0);
  await engine.start();
  return engine;
};

const retention = { ended: null, journal: 1_000 * minute, told: 0, idempotency: minute, output: 16_384, limit: 100 };

describe('a follower', () => {
  it('hears what is told from then on, of its topics and domain', async () => {
    const engine = await started(openMemory());
    await publish(engine, { id: 'before' });
    const all = await follower(engine, ['*']);
    const some = await follower(engine, ['io.files:a', 'io.other.*'], { domain: '' });
    await publish(
      engine,
      { id: 'a' },
      { id: 'b' },
      { type: 'io.other.x', id: 'c' },
      { id: 'a', domain: 'elsewhere' },
      { verb: 'NOTIFIED' },
    );
    expect([await all.event(), await all.event(), await all.event()]).toEqual([
      'io.files CREATED a',
      'io.files CREATED b',
      'io.other.x CREATED c',
    ]);
    expect([await some.event(), await some.event(), await some.event()]).toEqual([
      'io.files CREATED a',
      'io.other.x CREATED c',
      'io.files NOTIFIED a',
    ]);
  });

  it('goes on exactly behind any event, at any node', async () => {
    const store = openMemory();
    const [a, b] = [await started(store), await started(store)];
    const first = await follower(a, ['*']);
    for (let i = 0; i < 5; i++) await publish(a, ...[0, 1, 2].map((n) => ({ id: `${i}/${n}` })));
    const heard: [string, string][] = [];
    for (let i = 0; i < 15; i++) {
      const told = await first.next();
      if (told.kind === 'event') heard.push([told.event.id, placeText(told.place)]);
    }
    expect(heard).toHaveLength(15);
    for (const [at, [, place]] of heard.entries()) {
      const again = await follower(b, ['*'], { after: readPlace(place) });
      const expected = heard[at + 1]?.[0];
      if (expected !== undefined) expect(await again.event()).toBe(`io.files CREATED ${expected}`);
      again.stop();
    }
  });

  it('is told of what retention has taken before it heard it, also in the middle of an entry', async () => {
    const store = openMemory();
    const engine = await started(store);
    const first = await follower(engine, ['*']);
    await publish(engine, { id: '0' }, { id: '1' });
    const told = await first.next();
    await store.upkeep.sweep(retention);
    await publish(engine, { id: '2' });
    const again = await follower(engine, ['*'], { after: told.place });
    expect([await again.event(), await again.event()]).toEqual(['gap: swept', 'io.files CREATED 2']);
  });

  it('is told when the store is another one, or was rewound, and hears what comes then', async () => {
    const engine = await started(openMemory());
    const first = await follower(engine, ['*']);
    await publish(engine, { id: '0' });
    const { place } = await first.next();
    const places = [
      { ...place, store: 'another' },
      { ...place, seq: place.seq + 5 },
      { ...place, at: place.at - 1 },
      { ...place, at: place.at - 1, number: null },
    ];
    for (const after of places) {
      const again = await follower(engine, ['*'], { after });
      expect(await again.event()).toBe('gap: rewound');
      const id = `after ${after.seq} ${after.at} ${after.number}`;
      await publish(engine, { id });
      expect(await again.event()).toBe(`io.files CREATED ${id}`);
    }
  });

  it('hears what becomes of jobs and triggers, if it names them', async () => {
    const store = openMemory();
    const run = controlled();
    const engine = node(store, run.executor, 1);
    await engine.start();
    const jobs = await follower(engine, ['hatstand.jobs']);
    const all = await follower(engine, ['*']);
    const { id } = await push(engine);
    (await run.attempt(0)).succeed();
    expect([await jobs.event(), await jobs.event(), await jobs.event()]).toEqual([
      `hatstand.jobs CREATED ${id}`,
      `hatstand.jobs UPDATED ${id}`,
      `hatstand.jobs UPDATED ${id}`,
    ]);
    await publish(engine, { id: 'published' });
    expect(await all.event()).toBe('io.files CREATED published');
    const one = await follower(engine, ['hatstand.triggers:t', `hatstand.jobs:${id}`]);
    await push(engine);
    await engine.triggers.add({ domain: '', id: 't' }, { type: '@every', arguments: '1h', job: ask() });
    await engine.triggers.remove({ domain: '', id: 't' });
    const told = [await one.event(), await one.event()];
    expect(told.every((each) => /^hatstand\.triggers (UPDATED|DELETED) t$/.test(each))).toBe(true);
  });

  it('ends with its signal, and when its node stops', async () => {
    const engine = await started(openMemory());
    const one = await follower(engine, ['*']);
    const other = await follower(engine, ['*']);
    one.stop();
    await expect(one.event()).rejects.toThrow('ended');
    await engine.stop(0);
    await expect(other.event()).rejects.toThrow('ended');
  });

  it('is refused beside a thousand others', async () => {
    const engine = await started(openMemory());
    const others = await Promise.all(Array.from({ length: 1_000 }, () => follower(engine, ['*'])));
    onTestFinished(() => {
      for (const each of others) each.stop();
    });
    await expect(follower(engine, ['*'])).rejects.toMatchObject({ code: 'overloaded' });
    others[0]?.stop();
    await expect(others[0]?.event()).rejects.toThrow('ended');
    await expect(follower(engine, ['*'])).resolves.toBeDefined();
  });
});

describe('many followers of many events', () => {
  const hear = async (engine: Engine, topics: readonly string[], wanted: number, after: EventPlace): Promise<readonly HeardEvent[]> => {
    const end = new AbortController();
    const follower = engine.events.follower({ topics: topics.map(parseTopic), domain: null, after, signal: end.signal });
    const heard: HeardEvent[] = [];
    while (heard.length < wanted) for (const each of await follower.take()) if (each.kind === 'event') heard.push(each);
    follower.end();
    end.abort();
    return heard;
  };
  it('leave others their turns, and share what they hear', async () => {
    const engine = await started(openMemory());
    await publish(engine, { id: 'first' });
    const first = await follower(engine, ['*']);
    await publish(engine, { id: 'second' });
    const { place } = await first.next();
    const asked = Array.from({ length: 300 }, () => hear(engine, ['*'], 1_000, place));
    await publish(engine, ...Array.from({ length: 1_000 }, (_, n) => ({ id: `${n}`, doc: `"${'x'.repeat(100)}"` })));
    let turns = 0;
    let isOver: boolean = false;
    const count = (): void => {
      turns += 1;
      if (!isOver) setImmediate(count);
    };
    count();
    const all = await Promise.all(asked);
    isOver = true;
    expect(turns).toBeGreaterThan(150);
    for (const heard of all) expect(heard.map(({ event }) => event.id)).toEqual(Array.from({ length: 1_000 }, (_, n) => `${n}`));
    expect(new Set(all.flat()).size).toBe(1_000);
  });

  it('get one large event at a time, and of small ones about 64 Ki characters', async () => {
    const engine = await started(openMemory());
    const first = await follower(engine, ['*']);
    await publish(engine, { id: 'first' });
    const { place } = await first.next();
    const doc = JSON.stringify('x'.repeat(100_000));
    await publish(engine, { id: '1', doc }, { id: '2', doc }, ...Array.from({ length: 900 }, (_, n) => ({ id: `${n + 3}` })));
    await publish(engine, { id: '903', doc });
    const own = engine.events.follower({ topics: [parseTopic('*')], domain: null, after: place, signal: new AbortController().signal });
    onTestFinished(own.end);
    const taken: Followed[][] = [];
    do taken.push([...(await own.take())]);
    while (taken.at(-1)?.at(-1)?.kind !== 'caughtUp');
    expect(taken.map((all) => all.length)).toEqual([1, 1, 901, 1]);
    const ids = taken.flat().flatMap((each) => (each.kind === 'event' ? each.event.id : []));
    expect(ids).toEqual(Array.from({ length: 903 }, (_, n) => `${n + 1}`));
  });
});

describe('the text of a place', () => {
  it('is read as it was written, and nothing else is', () => {
    const place = { store: '0f-Z', seq: 17, at: 1_700_000_000_000, number: 3 };
    expect(readPlace(placeText(place))).toEqual(place);
    expect(readPlace(placeText({ ...place, number: null }))).toEqual({ ...place, number: null });
    for (const wrong of ['', '17', '17.3', 'x.3.a.b', '17.3.a.', '1e3.1.a.b', '-1.1.a.b']) {
      expect(() => readPlace(wrong)).toThrow(expect.objectContaining({ code: 'invalid_cursor' }));
    }
  });
});
