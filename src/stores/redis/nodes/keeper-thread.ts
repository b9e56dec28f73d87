/**
 * The lease thread: renews the lease over a connection of its own when the main loop has not done so in time, and for as
 * long as the main loop comes round: when that has stood still for a whole ttl, the lease is left to run out, since what
 * blocks it that long may block it for good. A process that was stopped finds it standing still, too. And a main loop that
 * comes round but has not renewed for many ttl cannot do its work, whatever the reason: others may have it.
 */
import { parentPort, workerData } from 'node:worker_threads';
import type { Millis } from '../../../core/duration.ts';
import { type Driver, openDriver } from '../driver/driver.ts';
import { prefixOf } from '../format/keys.ts';
import { wordOf } from '../format/words.ts';
import { keepScript } from '../frame/scripts.ts';
import { counters, type KeeperData, type KeptLease, sharedNow } from './keeper.ts';

/** Much shorter than a ttl, so that a silent connection is replaced before the lease ends. */
const deadline: Millis = 1_000;
/** This many renewals by the main loop may fail to come before the thread renews. */
const missed = 2;
/** In ttl: after that the thread renews no more until the main loop has done so itself. */
const patience = 10;
/** How often the thread checks both counters between two renewals. */
const checks = 3;
/** Clocks that run ahead are for tests. */
const notAhead = '0';

const { options, cluster, counters: shared, lease: first } = workerData as KeeperData;

/** When a counter was last seen to change. */
class Sign {
  readonly #place: number;
  #count = 0;
  #changedAt = performance.now();

  constructor(place: number) {
    this.#place = place;
  }

  /** How long it has stood still. */
  still(): Millis {
    const count = Atomics.load(shared, this.#place);
    if (count !== this.#count) this.#changedAt = performance.now();
    this.#count = count;
    return performance.now() - this.#changedAt;
  }
}

const rounds = new Sign(counters.rounds);
const renewals = new Sign(counters.renewals);
let lease: KeptLease | null = first;
let keptAt = 0;
let driver: Promise<Driver> | null = null;

/** What the server lacks is told by the main thread; here it is taken as it is. */
function connect(): Promise<Driver> {
  const opening = openDriver({ ...options, deadline, profile: null });
  opening.catch(() => {
    driver = null;
  });
  return opening;
}

async function check(): Promise<void> {
  driver ??= connect();
  if (lease === null) return;
  const { incarnation, ttl, every } = lease;
  const late = renewals.still();
  const isAlive = rounds.still() < ttl && late < patience * ttl;
  const isLate = late >= missed * every && performance.now() - keptAt >= every;
  if (!isAlive || !isLate) return;
  const open = await driver;
  const sentAt = sharedNow();
  const kept = await open.run(keepScript, [prefixOf(cluster)], [notAhead, wordOf(incarnation), String(ttl)]);
  keptAt = performance.now();
  // The main loop finds out by itself that its node is gone, and then has another lease.
  if (kept === 0 && lease?.incarnation === incarnation) lease = null;
  else if (lease?.incarnation === incarnation) Atomics.store(shared, counters.keptAt, sentAt);
}

function again(): void {
  const every = lease?.every ?? first.every;
  // A check that failed is repeated as any other.
  setTimeout(
    () =>
      void check()
        .catch(() => {})
        .finally(again),
    every / checks,
  );
}

parentPort?.on('message', (next: KeptLease) => {
  lease = next;
});
void check()
  .catch(() => {})
  .finally(again);
