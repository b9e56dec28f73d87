/**
 * The main thread's end of the lease thread (keeper-thread.ts). Both ends share counters: how often the main loop came
 * round, and how often it renewed the lease itself, of which the thread times the changes by its own clock; and when the thread renewed it.
 */
import type { Worker } from 'node:worker_threads';
import type { Millis } from '../../../core/duration.ts';
import type { Incarnation } from '../../../core/node.ts';
import type { Logger } from '../../../ports/logger.ts';
import type { LeaseKeeper } from '../../../ports/store/store.ts';
import { startThread } from '../../thread.ts';
import type { DriverOptions } from '../driver/driver.ts';

/** Places in the shared counters. */
export const counters = { rounds: 0, renewals: 1, keptAt: 2 } as const;

/** By a clock that all threads share: milliseconds, of which the lowest 31 bits count; never 0. */
export const sharedNow = (): number => Number((process.hrtime.bigint() / 1_000_000n) & 0x7fffffffn) || 1;

/** What the thread starts with. */
export interface KeeperData {
  readonly options: Omit<DriverOptions, 'logger'>;
  readonly cluster: string;
  readonly counters: Int32Array;
  readonly lease: KeptLease;
}

export interface KeptLease {
  readonly incarnation: Incarnation;
  readonly ttl: Millis;
  readonly every: Millis;
}

export interface Keeper extends LeaseKeeper {
  /** The main loop has renewed the lease itself. */
  renewed(): void;
}

const roundEvery: Millis = 250;
/** A thread that has ended is not started again sooner. */
const startAgainAfter: Millis = 5_000;
/** The thread does little; a small heap keeps its resident memory small. */
const youngMegabytes = 2;

/** The thread starts with the first lease. */
export function makeKeeper(cluster: string, { logger, ...options }: DriverOptions): Keeper {
  const shared = new Int32Array(new SharedArrayBuffer(Object.keys(counters).length * Int32Array.BYTES_PER_ELEMENT));
  let lease: KeptLease | null = null;
  let thread: Worker | null = null;
  let rounds: NodeJS.Timeout | undefined;
  let startAgain: NodeJS.Timeout | undefined;

  function start(): void {
    startAgain = undefined;
    if (lease === null) return;
    thread = startKeeper({ options, cluster, counters: shared, lease }, logger);
    thread.once('exit', () => {
      thread = null;
      if (lease !== null) startAgain = setTimeout(start, startAgainAfter).unref();
    });
  }

  return {
    keep(incarnation, ttl, every) {
      lease = { incarnation, ttl, every };
      // What was renewed for an earlier incarnation says nothing of this one.
      Atomics.store(shared, counters.keptAt, 0);
      Atomics.add(shared, counters.renewals, 1);
      rounds ??= setInterval(() => Atomics.add(shared, counters.rounds, 1), roundEvery).unref();
      if (thread !== null) thread.postMessage(lease);
      else if (startAgain === undefined) start();
    },
    renewed: () => void Atomics.add(shared, counters.renewals, 1),
    renewedAgo() {
      const keptAt = Atomics.load(shared, counters.keptAt);
      return keptAt === 0 ? null : (sharedNow() - keptAt) & 0x7fffffff;
    },
    async release() {
      lease = null;
      clearInterval(rounds);
      clearTimeout(startAgain);
      rounds = undefined;
      startAgain = undefined;
      // A renewal under way does nothing to a node that has left, so nothing is waited for.
      await thread?.terminate();
    },
  };
}

function startKeeper(data: KeeperData, logger: Logger | undefined): Worker {
  const thread = startThread('./keeper-thread', import.meta.url, { name: 'hatstand-lease', data, youngMegabytes });
  thread.unref();
  thread.on('error', (error) => logger?.warn('lease.thread_failed', { error: error.message }));
  return thread;
}
