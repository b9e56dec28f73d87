/**
 * Ends the attempts of tasks whose lease may run out before anybody has heard of the store again: so no task runs twice, whatever became
 * of this node's connection. A task that may do without the store goes on while nobody else hears of the store either, and for as long as
 * it says; what it writes counts if its fence does.
 */
import { aboutOf } from '../core/about.ts';
import type { Millis } from '../core/duration.ts';
import { taskIn } from '../core/task.ts';
import type { Logger } from '../ports/logger.ts';
import type { Held, HeldAttempt } from './held.ts';
import type { Lease } from './lease.ts';
import type { Peers } from './peers.ts';

export interface TaskFencer {
  tick(): Promise<void>;
  /** Whether the store has not been heard of for so long that nobody knows what is held. */
  isDetached(): boolean;
}

export interface TaskFencerParts {
  readonly held: Held;
  readonly lease: Pick<Lease, 'age'>;
  readonly others: Pick<Peers, 'allAway' | 'sayAway'>;
  readonly log: Logger;
  readonly ttl: Millis;
  /** How often the lease is renewed. */
  readonly renewEvery: Millis;
}

/** Of the ttl: then a task is told to end, so that it has done so before the lease ends. */
const endsAt = 3 / 4;
/** The same of one that may do without the store: the others are to have missed it by then, and have said so. */
const endsAloneAt = 9 / 10;
/** Of `renewEvery`: a renewal is missing, which the others hear. */
const awayAt = 3 / 2;
/** Of the ttl: when the store is back for another node, that takes nothing over for a whole ttl, since it has not looked for so long. */
const comesBackWithin = 1 / 2;

export function makeTaskFencer({ held, lease, others, log, ttl, renewEvery }: TaskFencerParts): TaskFencer {
  /** Of the newest renewal, when nobody else heard of the store last. */
  let allWereAwayAt: Millis = 0;
  const isDetached = (): boolean => lease.age() > 2 * renewEvery;

  function end(attempt: HeldAttempt, age: Millis): void {
    const { id, worker, fence } = attempt.job;
    log.warn('task.cut_off', { job: id, worker, fence, seconds: Math.round(age / 1_000) });
    attempt.stop('lost');
  }

  return {
    isDetached,
    tick() {
      const age = lease.age();
      others.sayAway(age > awayAt * renewEvery);
      if (age < endsAt * ttl) allWereAwayAt = 0;
      else if (others.allAway()) allWereAwayAt = age;
      if (age < endsAt * ttl) return Promise.resolve();
      const alone = Math.max(endsAloneAt * ttl, allWereAwayAt + comesBackWithin * ttl);
      for (const attempt of held.all()) {
        if (attempt.handOver !== null && attempt.isRunning() && age >= longest(attempt, ttl, alone)) end(attempt, age);
      }
      return Promise.resolve();
    },
  };
}

/**
 * How long after the newest renewal it goes on.
 *
 * @param alone how long it does if it may do without the store, as the others stand
 */
function longest({ job }: HeldAttempt, ttl: Millis, alone: Millis): Millis {
  const maxDetached = taskIn(aboutOf(job))?.maxDetached ?? 0;
  return Math.max(endsAt * ttl, Math.min(maxDetached, alone));
}
