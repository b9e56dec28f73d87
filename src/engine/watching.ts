/** What attempts tell live, of this node and of those that are linked to it. */
import type { Incarnation } from '../core/node.ts';
import type { Clock } from '../ports/clock.ts';
import type { Held } from './held.ts';
import { type Live, makeLive } from './live.ts';
import { type LiveLinks, makeLiveLinks } from './live-links.ts';

export interface Watching {
  readonly live: Live;
  readonly liveLinks: LiveLinks;
}

export interface WatchingParts {
  readonly held: Held;
  readonly clock: Clock;
  /** `false`: that node is not linked. */
  send(to: Incarnation, message: object): boolean;
}

export function makeWatching({ held, clock, send }: WatchingParts): Watching {
  const live = makeLive(clock);
  return { live, liveLinks: makeLiveLinks({ live, holds: held.holds, send }) };
}
