/**
 * Ends the attempts of tasks whose lease may run out before anybody has heard of the store again: so no task runs twice, whatever became
 * of this node's connection. A task that may do without the store goes on, for as long as it says; what it writes counts if its fence does.
 */
import { aboutOf } from '../core/about.ts';
import type { Millis } from '../core/duration.ts';
import { taskIn } from '../core/task.ts';
import type { Logger } from '../ports/logger.ts';
import type { Held, HeldAttempt } from './held.ts';
import type { Lease } from './lease.ts';

export interface TaskFencer {
  tick(): Promise<void>;
  /** Whether the store has not been heard of for so long that nobody knows what is held. */
  isDetached(): boolean;
}

export interface TaskFencerParts {
  readonly held: Held;
  readonly lease: Pick<Lease, 'age'>;
  readonly log: Logger;
  readonly ttl: Millis;
  /** How often the lease is renewed. */
  readonly renewEvery: Millis;
}

/** Of the ttl: then a task is told to end, so that it has done so before the lease ends. */
const endsAt = 3 / 4;

export function makeTaskFencer({ held, lease, log, ttl, renewEvery }: TaskFencerParts): TaskFencer {
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
      if (age < endsAt * ttl) return Promise.resolve();
      for (const attempt of held.all()) {
        if (attempt.handOver !== null && attempt.isRunning() && age >= longest(attempt, endsAt * ttl)) end(attempt, age);
      }
      return Promise.resolve();
    },
  };
}

/** How long after the newest renewal it goes on. */
function longest({ job }: HeldAttempt, ttl: Millis): Millis {
  return Math.max(ttl, taskIn(aboutOf(job))?.maxDetached ?? 0);
}
