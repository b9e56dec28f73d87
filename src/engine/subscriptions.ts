/**
 * Subscribers that hear of each event once in the cluster: each event becomes a job of theirs, which is kept in the step in which their
 * place in the journal moves. So it is retried as any other job, by whichever node serves its worker, and none is lost or doubled.
 */
import { deepestEvent, payloadOf, textOfEvent } from '../core/event-cause.ts';
import { hears, hearsLifecycle, type Topic } from '../core/event-topic.ts';
import type { NewJob } from '../core/job.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { JournalEntry } from '../ports/store/journal.ts';
import type { Store } from '../ports/store/store.ts';
import { type FollowerCause, type FollowerParts, type JournalFollower, makeJournalFollower } from './journal-follower.ts';
import type { LifecycleOf } from './lifecycle.ts';
import { makeTooDeep } from './too-deep.ts';

export interface Subscription {
  /** Under which the cluster keeps its place: the same at every node. */
  readonly name: string;
  readonly topics: readonly Topic[];
  /** `null`: of all domains. */
  readonly domain: string | null;
  /** What each of its jobs is, beside the event, which is its payload. */
  readonly job: NewJob;
}

export interface Subscriptions {
  /**
   * It hears of what is told from the first time on that this is asked for anywhere; resolves when that is kept.
   *
   * @param begin is called once that is kept, and answers its job. What fails before, or in it, leaves nothing here that hears
   */
  add(subscription: Omit<Subscription, 'job'>, begin: () => NewJob): Promise<void>;
  tick(): Promise<void>;
  /** Something may have been told. */
  wake(): void;
}

export interface SubscriptionsParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly lifecycleOf: LifecycleOf;
  rank(): Promise<number>;
  isStopping(): boolean;
  onPushed(): void;
}

export function makeSubscriptions(parts: SubscriptionsParts): Subscriptions {
  const followers: JournalFollower[] = [];
  const { log, lifecycleOf } = parts;
  const tooDeep = makeTooDeep(parts);

  async function causesOf({ topics, domain, job }: Subscription, entry: JournalEntry): Promise<readonly FollowerCause[]> {
    const isHeard = (event: { readonly type: string; readonly id: string }): boolean => topics.some((topic) => hears(topic, event));
    const told = entry.told.filter(isHeard).map((event) => ({ ...event, depth: 0, owner: '', worker: '' }));
    const lifecycle = topics.some(hearsLifecycle) ? await lifecycleOf(entry, isHeard) : [];
    return [...told, ...lifecycle].flatMap(({ depth, number, owner: _, worker, ...event }, at) => {
      // Or what became of each of its own jobs would be one more.
      if ((domain !== null && event.domain !== domain) || worker === job.worker) return [];
      const isPublished = at < told.length;
      if (!isPublished && depth >= deepestEvent) {
        tooDeep({ type: event.type, id: event.id, depth });
        return [];
      }
      const about = isPublished ? null : JSON.stringify({ depth: depth + 1 });
      return [{ job: { ...job, domain: event.domain, payload: payloadOf(textOfEvent(event)), about }, number }];
    });
  }

  const followerOf = ({ name }: Pick<Subscription, 'name'>, causes: FollowerParts['causesOf']): JournalFollower =>
    makeJournalFollower({
      ...parts,
      name: `subscriber ${name}`,
      causesOf: causes,
      rules: null,
      since: () => 0,
      begins: 'now',
      // Nobody else is told of its events: it hears of them when its queue is open.
      onRefused: null,
      onGap: () => log.warn('events.missed', { reader: name }),
    });

  /** One that fails is in no other's way. */
  async function tick(): Promise<void> {
    const failures: unknown[] = [];
    for (const follower of followers) await follower.tick().catch((error: unknown) => void failures.push(error));
    if (failures.length > 0) throw failures[0];
  }

  return {
    async add(asked, begin) {
      await followerOf(asked, () => Promise.resolve([])).begin();
      const subscription = { ...asked, job: begin() };
      followers.push(followerOf(subscription, (entry) => causesOf(subscription, entry)));
    },
    tick,
    wake() {
      // What fails here is told by the next round of the duty.
      if (followers.length > 0) tick().catch(() => undefined);
    },
  };
}
