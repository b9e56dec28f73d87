/**
 * How an engine starts and stops, once each.
 *
 * Order of a stop, and why: no more claims, so that what runs gets less; then running attempts may finish within the
 * given time; then they are told to stop and report `returned`; then the lease ends, which hands back whatever is left.
 */
import type { Millis } from '../core/duration.ts';
import { HatstandError, messageOf } from '../core/errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { Hint, Store } from '../ports/store/store.ts';
import { tellClockBehind } from './clock-check.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { Firer } from './firer.ts';
import type { Held } from './held.ts';
import type { Lease } from './lease.ts';
import type { Loop } from './loop.ts';
import type { Runner } from './runner.ts';
import type { Workers } from './workers.ts';

export interface Life {
  start(): Promise<void>;
  stop(grace: Millis): Promise<void>;
  hasStarted(): boolean;
  isStopping(): boolean;
}

export interface LifeParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly workers: Workers;
  readonly held: Held;
  readonly runner: Runner;
  readonly dispatcher: Dispatcher;
  readonly firer: Firer;
  readonly lease: Lease;
  loops(): readonly Loop[];
  onHint(hint: Hint): void;
  wake(): void;
}

/** How long attempts that were told to stop may take to say so. */
const returnWithin: Millis = 1_000;

export function makeLife(parts: LifeParts): Life {
  const { store, clock, log, held, lease } = parts;
  let started = false;
  let starting: Promise<void> | null = null;
  let stopping: Promise<void> | null = null;
  let unsubscribe: (() => void) | null = null;

  async function begin(): Promise<void> {
    if (stopping !== null) throw new HatstandError('shutting_down', 'This node was stopped and does not start again. Make a new one.');
    started = true;
    unsubscribe ??= store.onHint(parts.onHint);
    await lease.join();
    await tellClockBehind(parts, lease.incarnation());
    if (stopping !== null) return;
    for (const loop of parts.loops()) loop.start();
    parts.wake();
  }

  async function windDown(grace: Millis): Promise<void> {
    await Promise.all([parts.dispatcher.stop(), parts.firer.stop()]);
    if (store.shared && held.size() > 0) lease.drain();
    await within(clock, grace, held.empty());
    for (const attempt of held.all()) attempt.stop('shutdown');
    parts.runner.giveUp();
    await within(clock, returnWithin, held.empty());
    for (const loop of parts.loops()) await loop.stop();
    unsubscribe?.();
    if (started) await leave();
    for (const executor of parts.workers.executors()) await executor.close();
  }

  /** What could not be handed back to a shared store is taken back by others. */
  async function leave(): Promise<void> {
    try {
      await lease.leave();
    } catch (error) {
      if (!store.shared) throw error;
      log.warn('leave.failed', { error: messageOf(error) });
    }
  }

  return {
    hasStarted: () => started,
    isStopping: () => stopping !== null,
    start() {
      starting ??= begin().catch((error: unknown) => {
        // The store may take the node at the next try.
        starting = null;
        throw error;
      });
      return starting;
    },
    stop(grace) {
      stopping ??= windDown(grace);
      return stopping;
    },
  };
}

/** Resolves when it is done, or after the time. */
function within(clock: Clock, time: Millis, done: Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    const forget = clock.after(time, resolve);
    void done.then(() => {
      forget();
      resolve();
    });
  });
}
