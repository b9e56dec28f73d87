/** How a node starts and stops, once each. What is stopped in which order is said in services.ts. */
import type { Millis } from '../core/duration.ts';
import { HatstandError } from '../core/errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { Store } from '../ports/store/store.ts';
import type { Hints } from './hints.ts';
import type { Lease } from './lease.ts';
import type { Loop } from './loop.ts';
import type { Phase } from './phase.ts';
import { type Service, stopInOrder } from './services.ts';

export interface Life {
  start(): Promise<void>;
  stop(grace: Millis): Promise<void>;
  /** Throws `shutting_down` once it was stopped. */
  checkGoesOn(): void;
}

export interface LifeParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly phase: Phase;
  readonly lease: Lease;
  readonly hints: Hints;
  readonly loops: readonly Loop[];
  services(grace: Millis): readonly Service[];
}

export function makeLife(parts: LifeParts): Life {
  const { phase, lease } = parts;
  let started: Promise<void> | null = null;
  let stopped: Promise<void> | null = null;

  async function start(): Promise<void> {
    phase.follow('start');
    parts.hints.start();
    await lease.join();
    for (const { atStart, tick } of parts.loops) if (atStart === true) await tick();
    // It may have been stopped meanwhile.
    if (phase.may('be ready')) for (const loop of parts.loops) loop.start();
  }

  function stop(grace: Millis): Promise<void> {
    phase.follow('stop');
    return stopInOrder(parts.services(grace), parts);
  }

  return {
    start() {
      // Also one that had started, or is still about to.
      if (stopped !== null) return Promise.reject(stoppedForGood());
      started ??= start().catch((error: unknown) => {
        // The stop has closed what the start was at, and there is nothing left to tell.
        if (stopped !== null) return;
        // The store may take the node at the next try.
        started = null;
        throw error;
      });
      return started;
    },
    stop: (grace) => (stopped ??= stop(grace)),
    checkGoesOn() {
      if (stopped !== null) throw stoppedForGood();
    },
  };
}

const stoppedForGood = (): HatstandError =>
  new HatstandError('shutting_down', 'This node was stopped and does not start again. Make a new one.');
