/** What must be stopped when a node stops, and in which order. */
import type { Millis } from '../core/duration.ts';
import { messageOf } from '../core/errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { Store } from '../ports/store/store.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { DurableEvents } from './durable-events.ts';
import type { Firer } from './firer.ts';
import type { Held } from './held.ts';
import type { Hints } from './hints.ts';
import type { Lease } from './lease.ts';
import type { Loop } from './loop.ts';
import type { Peers } from './peers.ts';
import type { Polls } from './polls.ts';
import type { Runner } from './runner.ts';
import type { Telling } from './telling.ts';
import type { Workers } from './workers.ts';

export interface Service {
  readonly name: string;
  /** How long its stop may take; then the next one is stopped all the same. */
  readonly within: Millis;
  stop(): Promise<void>;
}

export interface ServiceParts {
  readonly store: Store;
  readonly log: Logger;
  readonly workers: Workers;
  readonly held: Held;
  readonly runner: Runner;
  readonly dispatcher: Dispatcher;
  readonly durableEvents: DurableEvents;
  readonly polls: Polls;
  readonly firer: Firer;
  readonly telling: Telling;
  readonly lease: Lease;
  readonly hints: Hints;
  readonly peers: Peers;
  readonly loops: readonly Loop[];
}

/** Attempts that were told to stop say so within this, or are handed back without having said anything. */
const returnWithin: Millis = 1_000;
/** Longer than a store takes to answer a call, or to give it up. */
const answerWithin: Millis = 15_000;
const closeWithin: Millis = 5_000;

/**
 * In the order of their stopping: each is stopped before those that it needs. Firings bring jobs, and claims bring attempts.
 * Attempts need the duty that renews the lease, and hints that tell them of a cancel. Duties and hints need the lease;
 * attempts use the executors. Links end last of all that others see: should this process be killed before, they ask at once.
 *
 * @param grace how long attempts may go on as if nothing had happened
 */
export function servicesOf(parts: ServiceParts, grace: Millis): readonly Service[] {
  const { workers, dispatcher, polls, firer, telling, hints, loops } = parts;
  return [
    { name: 'followers', within: closeWithin, stop: async () => telling.feed.stop() },
    { name: 'polls', within: closeWithin, stop: async () => polls.stop() },
    { name: 'firings', within: answerWithin, stop: firer.stop },
    { name: 'claims', within: answerWithin, stop: dispatcher.stop },
    { name: 'attempts', within: grace, stop: () => letEnd(parts) },
    { name: 'interrupted attempts', within: returnWithin, stop: () => interrupt(parts) },
    { name: 'duties', within: answerWithin, stop: async () => void (await Promise.all(loops.map((loop) => loop.stop()))) },
    { name: 'durable events', within: answerWithin, stop: parts.durableEvents.stop },
    { name: 'hints', within: closeWithin, stop: async () => hints.stop() },
    { name: 'lease', within: answerWithin, stop: () => leave(parts) },
    { name: 'links', within: closeWithin, stop: parts.peers.stop },
    ...[...workers.executors()].map((executor) => ({ name: 'executor', within: closeWithin, stop: () => executor.close() })),
  ];
}

/** Tasks would not end: they go on elsewhere at once. */
function letEnd({ held, lease }: ServiceParts): Promise<void> {
  if (held.size() > 0) lease.showDraining();
  for (const { handOver } of held.all()) handOver?.();
  return held.empty();
}

/** Attempts that are told to stop report `returned`, which is settled as any other outcome. */
function interrupt({ held, runner }: ServiceParts): Promise<void> {
  for (const attempt of held.all()) attempt.stop('shutdown');
  runner.giveUp();
  return held.empty();
}

/** Hands back whatever is still held. What a shared store could not be told, other nodes take back. */
async function leave({ store, lease, log }: ServiceParts): Promise<void> {
  try {
    await lease.leave();
  } catch (error) {
    if (!store.shared) throw error;
    log.warn('leave.failed', { error: messageOf(error) });
  }
}

/**
 * Stops one after the other, each also when one before it fails or takes too long; both are logged. Throws what was thrown
 * first, in the end.
 */
export async function stopInOrder(
  services: readonly Service[],
  { clock, log }: { readonly clock: Clock; readonly log: Logger },
): Promise<void> {
  const failures: unknown[] = [];
  for (const service of services) {
    const { name, within } = service;
    try {
      if (!(await stopsWithin(service, clock))) log.warn('stop.late', { service: name, seconds: within / 1_000 });
    } catch (error) {
      log.error('stop.failed', { service: name, error: messageOf(error) });
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}

function stopsWithin({ within, stop }: Service, clock: Clock): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const forget = clock.after(within, () => resolve(false));
    // One that throws at once fails as any other: its timer is forgotten too.
    const begun = async (): Promise<void> => stop();
    begun()
      .then(() => resolve(true), reject)
      .finally(forget);
  });
}
