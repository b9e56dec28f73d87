/** Warns when the wall clock of this machine is behind the store's, which never goes back. */
import type { Millis } from '../core/duration.ts';
import type { Incarnation } from '../core/node.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { Store } from '../ports/store/store.ts';

/** Any two clocks differ by less. */
const tolerated: Millis = 1_000;

/** @param incarnation has just joined: when it did is what time the store has now */
export async function tellClockBehind(parts: { store: Store; clock: Clock; log: Logger }, incarnation: Incarnation): Promise<void> {
  const joined = (await parts.store.nodes.list()).find((node) => node.incarnation === incarnation);
  const behind = joined === undefined ? 0 : joined.startedAt - parts.clock.now();
  if (behind <= tolerated) return;
  parts.log.warn('clock.behind', {
    seconds: Math.round(behind / 1_000),
    effect: 'the store goes on from its newest record; times of new records are ahead of this clock until it has caught up',
  });
}
