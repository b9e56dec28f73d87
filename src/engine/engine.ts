/**
 * The engine: workers, the attempts that run, and the table of all that happens by itself.
 *
 * Order of a stop, and why: no more claims, so that what runs gets less; then running attempts may finish within the
 * given time; then they are told to stop and report `returned`; then the lease ends, which hands back whatever is left.
 */
import type { Millis } from '../core/duration.ts';
import { HatstandError, messageOf } from '../core/errors.ts';
import { leaseTimes } from '../core/node.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { Hint, Retention, Store } from '../ports/store.ts';
import type { Api } from './api/api.ts';
import { makeJobs } from './api/jobs.ts';
import { makeQueues } from './api/queues.ts';
import { type Build, makeSystem } from './api/system.ts';
import { tellClockBehind } from './clock-check.ts';
import { makeDispatcher } from './dispatcher.ts';
import { makeDuties } from './duties.ts';
import { makeEndWatch } from './end-watch.ts';
import { makeHeld } from './held.ts';
import { makeLease } from './lease.ts';
import { type Duty, makeLoop } from './loop.ts';
import { makeRunner } from './runner.ts';
import { makeWorkers, type Worker } from './workers.ts';

export interface EngineParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly build: Build;
  /** This node's name, for people. */
  readonly name: string;
  /** Part of its jobs' ids, 0 to 1023; `null`: the store hands one out. */
  readonly serverId: number | null;
  readonly retention: Retention;
  random(): number;
  /** A name never used before. */
  unique(): string;
}

export interface Engine extends Api {
  /** Before or after the start. Throws `conflict` when the name is taken. */
  addWorker(worker: Worker): void;
  /**
   * Starting twice is harmless; after a failure it may be tried again. Throws `shutting_down` after a stop.
   *
   * @param address where other machines reach this node's HTTP; `''`: nowhere
   */
  start(address?: string): Promise<void>;
  /** Waits at most `grace` for running attempts. Stopping twice, or before the start, is harmless. */
  stop(grace: Millis): Promise<void>;
  /** All that happens by itself, for tests and for people. */
  readonly duties: readonly Duty[];
}

/** On a store that only this process can open, the store's lock is the lease. */
const forever: Millis = 3_650 * 86_400_000;
/** How long attempts that were told to stop may take to say so. */
const returnWithin: Millis = 1_000;

export function makeEngine(parts: EngineParts): Engine {
  const { store, clock, log } = parts;
  const workers = makeWorkers();
  const held = makeHeld();
  const ends = makeEndWatch();
  const ttl = store.shared ? leaseTimes.ttl : forever;
  const boot = parts.unique();
  let started = false;
  let starting: Promise<void> | null = null;
  let stopping: Promise<void> | null = null;
  let unsubscribe: (() => void) | null = null;
  let operations = 0;
  let incarnations = 0;
  let slots = 0;
  let address = '';

  const runner = makeRunner({ store, workers, held, clock, log, random: parts.random, onFree: () => wake() });
  const dispatcher = makeDispatcher({
    store,
    workers,
    clock,
    log,
    holder: () => lease.incarnation(),
    nextOperation: () => String(++operations),
    start: (job) => void runner.run(job),
  });
  const lease = makeLease({
    store,
    held,
    log,
    ttl,
    node: () => ({ name: parts.name, version: parts.build.version, address, serverId: parts.serverId }),
    load: () => ({ running: workers.running(), slots }),
    onMode: () => wake(),
    newIncarnation: () => `${parts.name}.${boot}.${++incarnations}`,
    pending: dispatcher.pending,
  });

  const mayClaim = (): boolean => started && stopping === null && lease.mode() === 'active';

  const wake = (): void => {
    if (mayClaim()) dispatcher.wake();
  };

  const dispatch = (): Promise<void> => (mayClaim() ? dispatcher.tick() : Promise.resolve());

  const isStopping = (): boolean => stopping !== null;

  const duties = makeDuties({ store, log, dispatch, lease, ttl, retention: parts.retention, wake, isStopping });
  const loops = duties.map((duty) => makeLoop(duty, clock, log));

  function onHint(hint: Hint): void {
    if (hint.kind === 'ready') wake();
    else if (hint.kind === 'ended') ends.ended(hint.ids);
    else if (hint.holder === lease.incarnation()) void lease.tick().catch((error) => log.warn('renew.failed', { error: messageOf(error) }));
  }

  async function begin(): Promise<void> {
    if (isStopping()) throw new HatstandError('shutting_down', 'This node was stopped and does not start again. Make a new one.');
    started = true;
    unsubscribe ??= store.onHint(onHint);
    await lease.join();
    await tellClockBehind(parts, lease.incarnation());
    if (isStopping()) return;
    for (const loop of loops) loop.start();
    wake();
  }

  function start(at = ''): Promise<void> {
    address = at;
    starting ??= begin().catch((error: unknown) => {
      // The store may take the node at the next try.
      starting = null;
      throw error;
    });
    return starting;
  }

  async function windDown(grace: Millis): Promise<void> {
    await dispatcher.stop();
    await within(clock, grace, held.empty());
    for (const attempt of held.all()) attempt.stop('shutdown');
    runner.giveUp();
    await within(clock, returnWithin, held.empty());
    for (const loop of loops) await loop.stop();
    unsubscribe?.();
    if (started) await lease.leave();
    for (const executor of workers.executors()) await executor.close();
  }

  return {
    jobs: makeJobs({ store, clock, ends, wake, isStopping }),
    queues: makeQueues(store, wake),
    system: makeSystem({ store, build: parts.build, running: workers.running, isStopping }),
    duties,
    addWorker(worker) {
      workers.add(worker);
      slots += worker.concurrency;
      wake();
    },
    start,
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
