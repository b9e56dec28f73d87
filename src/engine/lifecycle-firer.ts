/** Fires triggers that name what Hatstand itself tells (`hatstand.jobs`, …): each entry of the journal once in the cluster. */
import { deepestEvent } from '../core/event-cause.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { JournalEntry } from '../ports/store/journal.ts';
import type { Store } from '../ports/store/store.ts';
import { type FollowerCause, type JournalFollower, makeJournalFollower } from './journal-follower.ts';
import type { LifecycleOf, ToldLifecycle } from './lifecycle.ts';
import type { Rules } from './rules.ts';
import { makeTooDeep } from './too-deep.ts';

export interface LifecycleFirerParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly rules: Rules;
  readonly lifecycleOf: LifecycleOf;
  /** The store's present. */
  now(): number;
  rank(): Promise<number>;
  isStopping(): boolean;
  onPushed(): void;
}

export function makeLifecycleFirer(parts: LifecycleFirerParts): Pick<JournalFollower, 'tick'> {
  const { rules, log, now } = parts;
  const tooDeep = makeTooDeep(parts);

  async function causesOf(entry: JournalEntry): Promise<AsyncIterable<FollowerCause> | Iterable<FollowerCause>> {
    const since = rules.lifecycleSince();
    if (since === null || entry.at < since) return [];
    return causesIn(await parts.lifecycleOf(entry, ({ type }) => rules.isForLifecycle(type)), entry.at);
  }

  async function* causesIn(events: readonly ToldLifecycle[], at: number): AsyncIterable<FollowerCause> {
    for (const { depth, number, owner, worker: _, ...event } of events) {
      const { causes } = await rules.match(event, now(), { at, depth: depth + 1, owner });
      for (const cause of causes) {
        if (depth >= deepestEvent) {
          tooDeep({ type: event.type, id: event.id, depth });
          break;
        }
        yield { ...cause, number };
      }
    }
  }

  const follower = makeJournalFollower({
    ...parts,
    name: 'lifecycle',
    causesOf,
    rules,
    since: () => rules.lifecycleSince() ?? Number.POSITIVE_INFINITY,
    onRefused: (queues) => log.warn('event.refused', { reader: 'lifecycle', queues: queues.join(' ') }),
    // Nobody has looked between the first trigger and what it is for.
    begins: 'since',
    onGap(before) {
      const since = rules.lifecycleSince();
      if (since !== null && (before === null || before > since)) log.warn('events.missed', { reader: 'lifecycle' });
    },
  });

  return {
    async tick() {
      if (rules.version() === null) await rules.catchUp();
      if (rules.lifecycleSince() !== null) await follower.tick();
    },
  };
}
