import { expect, it } from 'vitest';
import type { Publish } from '../ports/store/journal.ts';
import type { Store } from '../ports/store/store.ts';
import { altered } from '../stores/conformance/altered.ts';
import { openMemory } from '../stores/memory/index.ts';
import { systemClock } from '../system/clock.ts';
import { ask } from './engine.suite.ts';
import { event, jobsIn } from './events.suite.ts';
import { type FollowerParts, makeJournalFollower } from './journal-follower.ts';

/** A follower of a store whose steps and reads are told. */
function following(store: Store, otherwise: Partial<FollowerParts> = {}) {
  const steps: Publish[] = [];
  let reads = 0;
  const follower = makeJournalFollower({
    store: altered(store, {
      journal: {
        publish(step) {
          steps.push(step);
          return store.journal.publish(step);
        },
        entries(after, limit) {
          reads += 1;
          return store.journal.entries(after, limit);
        },
      },
    }),
    clock: systemClock,
    name: 'reader',
    causesOf: async ({ told }) => told.map(() => ({ job: ask() })),
    rules: null,
    since: () => 0,
    rank: () => Promise.resolve(0),
    isStopping: () => false,
    onGap: () => undefined,
    onPushed: () => undefined,
    ...otherwise,
  });
  return { follower, steps, reads: () => reads };
}

const tell = (store: Store) => store.journal.publish({ events: [event()], causes: [], rules: null, follow: null });
const moves = (steps: readonly Publish[]): readonly Publish[] => steps.filter(({ follow }) => (follow?.from ?? -1) >= 0);

it('decides nothing while its rules are half read', async () => {
  const store = openMemory();
  let version: number | null = null;
  let reads = 0;
  const rules = {
    version: () => version,
    catchUp: async () => {
      reads += 1;
      version = 0;
    },
  };
  const { follower, steps } = following(store, { rules });
  await follower.begin();
  await tell(store);
  steps.length = 0;
  await follower.tick();
  expect(reads).toBe(1);
  expect(new Set(moves(steps).map(({ rules: by }) => by))).toEqual(new Set([0]));
  expect(await jobsIn(store)).toHaveLength(1);
});

it('passes what is older than whoever listens in large pages, and keeps its place once', async () => {
  const store = openMemory();
  const { follower, steps, reads } = following(store, { since: () => Number.POSITIVE_INFINITY });
  await follower.begin();
  for (let i = 0; i < 2_000; i++) await tell(store);
  steps.length = 0;
  const before = reads();
  await follower.tick();
  expect(moves(steps)).toHaveLength(1);
  expect(moves(steps)[0]?.follow?.to).toBe((await store.journal.entries(Number.MAX_SAFE_INTEGER, 1)).newest.seq + 1);
  expect(reads() - before).toBeLessThanOrEqual(6);
  await follower.tick();
  expect(moves(steps)).toHaveLength(1);
  expect(await jobsIn(store)).toEqual([]);
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
  const { follower } = following(store, { rules, since: () => since });
  await follower.begin();
  await tell(store);
  await follower.tick();
  expect(await jobsIn(store)).toHaveLength(1);
});
