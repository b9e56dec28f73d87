/** The place of this node among those that are live, in the order of their joining: a hint that keeps nodes out of each other's way. */
import type { Millis } from '../core/duration.ts';
import type { Incarnation } from '../core/node.ts';
import type { Clock } from '../ports/clock.ts';
import type { Store } from '../ports/store/store.ts';

export interface RankParts {
  readonly store: Store;
  readonly clock: Clock;
  incarnation(): Incarnation;
}

const highest = 8;
const askedEvery: Millis = 5_000;

/** 0: the first, as in a store of its own; 8 at most. */
export function makeRank({ store, clock, incarnation }: RankParts): () => Promise<number> {
  let rank = 0;
  let askedAt = Number.NEGATIVE_INFINITY;
  return async () => {
    if (store.shared && clock.monotonic() - askedAt >= askedEvery) {
      const live = (await store.nodes.list()).filter(({ state }) => state === 'live');
      const at = live.findIndex((node) => node.incarnation === incarnation());
      rank = Math.min(at < 0 ? live.length : at, highest);
      askedAt = clock.monotonic();
    }
    return rank;
  };
}
