/** The engine: workers, the attempts that run, and the table of all that happens by itself. */

import { decideBatch } from '../core/batch-decision.ts';
import type { Millis } from '../core/duration.ts';
import type { NewJob } from '../core/job.ts';
import { leaseTimes } from '../core/node.ts';
import { decideTask } from '../core/task-decision.ts';
import { decideTrigger } from '../core/trigger-decision.ts';
import type { Clock } from '../ports/clock.ts';
import type { Links } from '../ports/links.ts';
import type { Logger } from '../ports/logger.ts';
import type { Spool } from '../ports/spool.ts';
import type { Hint, Store } from '../ports/store/store.ts';
import type { Retention } from '../ports/store/upkeep.ts';
import { type Api, makeApi } from './api/api.ts';
import { makeClusterKey } from './api/cluster-key.ts';
import type { Build } from './api/system.ts';
import { makeBadTriggers } from './bad-triggers.ts';
import { makeClockCheck } from './clock-check.ts';
import { makeDuties } from './duties.ts';
import { makeElsewhere } from './elsewhere.ts';
import { type Deciders, type FirerParts, makeFirer } from './firer.ts';
import { type HealthOptions, makeHealth } from './health.ts';
import { makeHeld } from './held.ts';
import { makeHints } from './hints.ts';
import { makeLife } from './life.ts';
import { type Duty, makeLoop } from './loop.ts';
import { makeMembership } from './membership.ts';
import { makeOutage } from './outage.ts';
import { makePhase } from './phase.ts';
import { setAsideUnread } from './readable.ts';
import type { SettledAttempt } from './runner.ts';
import { servicesOf } from './services.ts';
import { makeServing } from './serving.ts';
import type { Subscriptions } from './subscriptions.ts';
import { removeLeftovers } from './task-leftovers.ts';
import { makeTelling } from './telling.ts';
import { makeWaiters } from './waiters.ts';
import { makeWatching } from './watching.ts';
import { makeWorkers, type Worker } from './workers.ts';
import { makeWorking } from './working.ts';

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
  /** Of this node, for whoever asks what somebody should see to; none by default. */
  readonly warnings?: readonly string[] | undefined;
  /** Keeps events for the store while that is away; nothing does by default. */
  readonly spool?: Spool | undefined;
  /** Its machine; by default nothing is known of it, and the node is never critical. */
  readonly health?: HealthOptions | undefined;
  /** What makes its links to other nodes; none by default. */
  readonly links?: (() => Promise<Links>) | undefined;
  /** The kinds of definitions that this node fires, each with what decides about one; triggers and batches by default. */
  readonly deciders?: Deciders | undefined;
  /** Hears of each attempt that has ended on this node. Must not throw. */
  readonly onSettled?: ((ended: SettledAttempt) => void) | undefined;
  random(): number;
  /** A name never used before: 64 random bits, or more. */
  unique(): string;
}

export interface Engine extends Api {
  /** Before or after the start. Throws `conflict` when the name is taken, `shutting_down` after a stop. */
  addWorker(worker: Worker): void;
  /** Hears of each event once in the cluster, before or after the start: each becomes a job. See `Subscriptions.add`. */
  readonly subscribe: Subscriptions['add'];
  /**
   * Starting twice is harmless; after a failure it may be tried again. Throws `shutting_down` after a stop; one that comes while
   * it starts ends it quietly.
   *
   * @param address as `reachedAt`
   */
  start(address?: string): Promise<void>;
  /** Where other machines reach this node's HTTP, before or after the start. Default: nowhere. */
  reachedAt(address: string): void;
  /** Waits at most `grace` for running attempts. Stopping twice, or before the start, is harmless. */
  stop(grace: Millis): Promise<void>;
  /** All that happens by itself, for tests and for people. */
  readonly duties: readonly Duty[];
}

/** On a store that only this process can open, the store's lock is the lease. */
const forever: Millis = 3_650 * 86_400_000;

/** What cannot be read is set aside, and what is left of tasks that are gone is removed: if that fails, whoever meets it next tries again. */
function decidingBy({ deciders, store, retention }: EngineParts): Pick<FirerParts, 'deciders' | 'onUndecided' | 'onRemoved'> {
  if (deciders !== undefined) return { deciders };
  return {
    deciders: { trigger: decideTrigger, batch: (definition, now) => decideBatch(definition, now, retention.ended), task: decideTask },
    onUndecided: (definition) => void setAsideUnread(store, definition).catch(() => undefined),
    onRemoved({ kind, domain, key }) {
      if (kind === 'task') void removeLeftovers(store.definitions, { domain, id: key }).catch(() => undefined);
    },
  };
}

export function makeEngine(parts: EngineParts): Engine {
  const { store, clock, log, build, retention, name, random, onSettled } = parts;
  const [workers, held, waiters] = [makeWorkers({ now: clock.monotonic, lookAgain }), makeHeld(), makeWaiters()];
  const [ttl, boot] = [store.shared ? leaseTimes.ttl : forever, parts.unique()];
  const secret = (): string => parts.unique() + parts.unique();
  const key = makeClusterKey({ store, clock, secret });
  const phase = makePhase();
  const [isStopping, mayFire] = [(): boolean => !phase.may('push'), (): boolean => phase.may('fire')];
  const health = makeHealth({ log, health: parts.health ?? null, phase, onChange: () => renewNow() });
  const [clockCheck, findBad] = [makeClockCheck({ store, clock, log }), makeBadTriggers({ store, log })];
  const watching = makeWatching({ held, clock, send: (to, message) => peers.send(to, message) });
  const common = {
    ...{ ...watching, store, clock, log, workers, held, phase, health, clockCheck, findBad },
    ...{ keep: retention.output, warnings: parts.warnings, spool: parts.spool ?? null },
  };
  const later = { lease: () => lease, peers: () => peers };
  const working = makeWorking({ ...common, ...later, mayClaim: health.mayClaim, name, ttl, random, onSettled, now: clockCheck.now });
  const { tasks, dispatcher } = working;
  const { wake, tick: dispatch, pending } = dispatcher;
  const elsewhere = makeElsewhere({ ...common, mayClaim: () => phase.may('claim'), onChange: () => face.servesMore() });
  const { lease, rank, face, peers, renewNow } = makeMembership({
    ...{ ...common, ttl, name, version: build.version, serverId: parts.serverId, boot, key, links: parts.links ?? null, pending },
    ...{ served: elsewhere.allServed, tellNodes: (...told) => telling.tellNodes(...told) },
    wake() {
      wake();
      firer.wake();
      elsewhere.polls.wake(null);
    },
  });
  const telling = makeTelling({ ...common, now: clockCheck.now, rank, mayFire, isStopping, onPushed: wake });
  const firer = makeFirer({ ...common, ...decidingBy(parts), rank, mayFire, onPushed });
  const duties = makeDuties({
    ...{ ...common, ...elsewhere, ...working, dispatch, lease, firer, telling },
    ...{ peers, retention, wake, isStopping },
  });
  const outage = makeOutage(clock, log);
  const loops = duties.map((duty) => makeLoop(duty, clock, log, outage));
  const running = { ...common, ...elsewhere, ...working, firer, telling, lease, peers, hints: makeHints(store, onHint), loops };
  const life = makeLife({ ...running, services: (grace) => servicesOf(running, grace) });
  const serving = makeServing({ store, clock, log, serves: elsewhere.serves });

  function onPushed(jobs: readonly NewJob[]): void {
    serving.pushed(jobs);
    wake();
  }

  /** What may not be claimed now may be then. */
  function lookAgain(after: Millis): void {
    clock.after(after + 1, wake);
  }

  function onHint(hint: Hint): void {
    for (const hear of [telling.wake, elsewhere.hear, tasks.hear]) hear(hint);
    if (hint.kind === 'ready') wake();
    else if (hint.kind === 'ended') waiters.ended(hint.ids);
    else if (hint.kind === 'defined') firer.wake();
    else if (hint.kind === 'inbox' && hint.holder === lease.incarnation()) renewNow();
  }

  return {
    ...makeApi({
      ...{ ...telling, ...common, ...elsewhere, waiters, serving, build, wake, isStopping, random },
      ...{ wakeFirer: firer.wake, fireAt: firer.fireAt, running: workers.running },
      ...{ secret, key, hasJoined: () => phase.may('be ready') },
      keepers: tasks.keepers,
      linksHere: { incarnation: lease.incarnation, linked: peers.linked },
    }),
    duties,
    reachedAt: face.reachedAt,
    subscribe: telling.subscriptions.add,
    addWorker(worker) {
      life.checkGoesOn();
      workers.add(worker);
      face.servesMore();
      wake();
    },
    start(address) {
      if (address !== undefined) face.reachedAt(address);
      return life.start();
    },
    stop: life.stop,
  };
}
