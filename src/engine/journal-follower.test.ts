import { describe, expect, it } from 'vitest';
import type { Store } from '../ports/store/store.ts';
import { altered } from '../stores/conformance/altered.ts';
import { all } from '../stores/conformance/subject.ts';
import { openMemory } from '../stores/memory/index.ts';
import { systemClock } from '../system/clock.ts';
import { ask } from './engine.suite.ts';
import { event } from './events.suite.ts';
import { type FollowerCause, type FollowerParts, type JournalFollower, makeJournalFollower } from './journal-follower.ts';

const tell = (store: Store, id: string) => store.journal.publish({ events: [event({ id })], causes: [], rules: null, follow: null });
const owners = async (store: Store): Promise<readonly string[]> =>
  (await store.jobs.list({ ...all, brief: true })).jobs.map(({ owner }) => owner);
const causes = (count: number, payload: string | null = null): readonly FollowerCause[] =>
  Array.from({ length: count }, (_, at) => ({ job: { ...ask(), owner: `trigger//${at}`, payload }, number: 0 }));

/** By the event that the entry tells. */
const causing =
  (given: Readonly<Record<string, readonly FollowerCause[]>>): FollowerParts['causesOf'] =>
  ({ told }) =>
    Promise.resolve(given[told[0]?.id ?? ''] ?? []);

/** Counts what travels in each step that causes anything. */
function watched(inner: Store): { readonly store: Store; readonly steps: number[] } {
  const steps: number[] = [];
  const publish: Store['journal']['publish'] = (asked) => {
    if (asked.causes.length > 0) steps.push(asked.causes.length);
    return inner.journal.publish(asked);
  };
  return { steps, store: altered(inner, { journal: { publish } }) };
}

async function following(store: Store, otherwise: Partial<FollowerParts>): Promise<JournalFollower> {
  const follower = makeJournalFollower({
    ...{ store, clock: systemClock, name: 'f', rules: null, since: () => 0, begins: 'now' },
    ...{ causesOf: () => Promise.resolve([]), rank: () => Promise.resolve(0), isStopping: () => false },
    ...{ onGap: () => undefined, onPushed: () => undefined, onRefused: null, ...otherwise },
  });
  await follower.begin();
  return follower;
}

describe('a queue that is closed', () => {
  const { queue } = ask();

  it('holds up who waits for it, and loses nothing', async () => {
    const store = openMemory();
    const follower = await following(store, { causesOf: causing({ a: causes(1), b: causes(1) }) });
    await store.queues.configure(queue, { closed: true });
    await tell(store, 'a');
    await follower.tick();
    await tell(store, 'b');
    await follower.tick();
    expect(await owners(store)).toEqual([]);
    await store.queues.configure(queue, { closed: false });
    await follower.tick();
    expect(await owners(store)).toHaveLength(2);
  });

  it('is told by who does not wait for it', async () => {
    const store = openMemory();
    const refused: (readonly string[])[] = [];
    const onRefused = (queues: readonly string[]): number => refused.push(queues);
    const follower = await following(store, { causesOf: causing({ a: causes(2), b: causes(1) }), onRefused });
    await store.queues.configure(queue, { closed: true });
    await tell(store, 'a');
    await follower.tick();
    await store.queues.configure(queue, { closed: false });
    await tell(store, 'b');
    await follower.tick();
    expect([refused, (await owners(store)).length]).toEqual([[[queue]], 1]);
  });
});

describe('a reader that never stood anywhere', () => {
  it('begins before all that was told since a moment, however much was told before', async () => {
    let now = Date.UTC(2026, 0, 1);
    const store = openMemory({ clock: { now: () => now } });
    for (let at = 0; at < 40; at++) {
      for (const wanted of [now - 5, now - 4, now, now + 5]) {
        const seen: number[] = [];
        const causesOf: FollowerParts['causesOf'] = (entry) => {
          seen.push(entry.at);
          return Promise.resolve([]);
        };
        const follower = await following(store, { name: `${at} ${wanted}`, since: () => wanted, begins: 'since', causesOf });
        await tell(store, 'next');
        await follower.tick();
        const { entries } = await store.journal.entries(0, 1_000);
        expect(seen).toEqual(entries.map((entry) => entry.at).filter((told) => told >= wanted));
      }
      now += 5;
    }
  });
});

describe('an entry that causes more than one step takes', () => {
  it('is told in several, of bounded causes and characters', async () => {
    const { store, steps } = watched(openMemory());
    const large = 'x'.repeat(1_500_000);
    const causesOf = causing({ a: causes(2), b: causes(2_500), c: causes(1), d: causes(5, large), e: causes(1) });
    const follower = await following(store, { causesOf });
    for (const id of ['a', 'b', 'c', 'd', 'e']) await tell(store, id);
    await follower.tick();
    expect(steps).toEqual([2, 1_000, 1_000, 500, 1, 2, 2, 1, 1]);
    await follower.tick();
    expect(await owners(store)).toHaveLength(2 + 2_500 + 1 + 5 + 1);
  });

  it('pushes no job twice when another node goes on with it, also if it causes less by then', async () => {
    const store = openMemory();
    let isStopping = false;
    const first = await following(store, {
      causesOf: causing({ b: causes(1_001) }),
      isStopping: () => isStopping,
      onPushed: () => {
        isStopping = true;
      },
    });
    // Nothing follows from the first one, until somebody wants to hear of it.
    for (const id of ['a', 'b', 'c']) await tell(store, id);
    await first.tick();
    expect(await owners(store)).toHaveLength(1_000);
    const second = await following(store, { causesOf: causing({ a: causes(1), b: causes(500), c: causes(1) }) });
    await second.tick();
    expect(await owners(store)).toHaveLength(1_001);
  });

  it('pushes no job twice when the rules change meanwhile', async () => {
    const inner = openMemory();
    let count = 1_001;
    const { store, steps } = watched(inner);
    const publish: Store['journal']['publish'] = (asked) =>
      count === 1_001 && asked.causes.length === 1 ? Promise.resolve({ kind: 'stale', version: 1 }) : store.journal.publish(asked);
    const follower = await following(altered(store, { journal: { publish } }), {
      causesOf: (entry) => causing({ a: causes(count) })(entry),
      rules: {
        version: () => 0,
        catchUp: () => {
          count = 900;
          return Promise.resolve();
        },
      },
    });
    await tell(store, 'a');
    await follower.tick();
    expect(steps).toEqual([1_000, 900]);
    expect(await owners(store)).toHaveLength(1_000);
  });

  it('is told by one node alone: another that reads the same sees that it has begun', async () => {
    const { store, steps } = watched(openMemory());
    const causesOf = causing({ a: causes(3_500) });
    const nodes = await Promise.all([1, 2].map(() => following(store, { causesOf })));
    await tell(store, 'a');
    await Promise.all(nodes.map((each) => each.tick()));
    await Promise.all(nodes.map((each) => each.tick()));
    expect(await owners(store)).toHaveLength(3_500);
    // Those that were in vain were refused by the place.
    expect(steps.reduce((sum, each) => sum + each)).toBeLessThanOrEqual(2 * 3_500);
  });
});

const publishes = async (store: Store, times: number): Promise<void> => {
  for (let i = 0; i < times; i++) await tell(store, 'a');
};

describe('a follower', () => {
  it('decides nothing while its rules are half read', async () => {
    const inner = openMemory();
    const versions: (number | null)[] = [];
    let version: number | null = null;
    let reads = 0;
    const rules = {
      version: () => version,
      catchUp: async () => {
        reads += 1;
        version = 0;
      },
    };
    const publish: Store['journal']['publish'] = (step) => {
      if (step.causes.length > 0) versions.push(step.rules);
      return inner.journal.publish(step);
    };
    const follower = await following(altered(inner, { journal: { publish } }), { rules, causesOf: causing({ a: causes(1) }) });
    await publishes(inner, 1);
    await follower.tick();
    expect([reads, versions]).toEqual([1, [0]]);
    expect(await owners(inner)).toHaveLength(1);
  });

  it('passes what is older than whoever listens in large pages, and keeps its place once', async () => {
    const inner = openMemory();
    const places: number[] = [];
    let reads = 0;
    const journal: Partial<Store['journal']> = {
      publish(step) {
        if (step.follow !== null && step.follow.from > 0) places.push(step.follow.to);
        return inner.journal.publish(step);
      },
      entries(after, limit) {
        reads += 1;
        return inner.journal.entries(after, limit);
      },
    };
    const follower = await following(altered(inner, { journal }), { since: () => Number.POSITIVE_INFINITY });
    await publishes(inner, 2_000);
    reads = 0;
    await follower.tick();
    const { newest } = await inner.journal.entries(Number.MAX_SAFE_INTEGER, 1);
    expect(places).toEqual([newest.seq + 1]);
    expect(reads).toBeLessThanOrEqual(6);
    await follower.tick();
    expect(places).toHaveLength(1);
  });

  it('looks again at what it has passed when the rules have changed meanwhile', async () => {
    const store = openMemory();
    let [version, since] = [7, Number.POSITIVE_INFINITY];
    const rules = {
      version: () => version,
      catchUp: async () => {
        [version, since] = [0, 0];
      },
    };
    const follower = await following(store, { rules, since: () => since, causesOf: causing({ a: causes(1) }) });
    await publishes(store, 1);
    await follower.tick();
    expect(await owners(store)).toHaveLength(1);
  });

  it('moves its place up to an entry of several steps when it has passed what is old', async () => {
    const inner = openMemory();
    const { store, steps } = watched(inner);
    const since = Date.now() + 60_000;
    // What the journal tells of `b` was written when somebody listened.
    const entries: Store['journal']['entries'] = async (after, limit) => {
      const page = await store.journal.entries(after, limit);
      return { ...page, entries: page.entries.map((entry) => (entry.told[0]?.id === 'b' ? { ...entry, at: since } : entry)) };
    };
    let isStopping = false;
    const first = await following(altered(store, { journal: { entries } }), {
      since: () => since,
      isStopping: () => isStopping,
      causesOf: causing({ b: causes(1_001) }),
      onPushed: () => {
        isStopping = true;
      },
    });
    // A page of them.
    await publishes(inner, 100);
    await tell(inner, 'b');
    await first.tick();
    expect(steps).toEqual([1_000]);
    // It causes less by now, and somebody listens who did before: that it was begun stands at the place.
    const second = await following(altered(store, { journal: { entries } }), { causesOf: causing({ b: causes(900) }) });
    await second.tick();
    expect(await owners(inner)).toHaveLength(1_000);
  });
});
