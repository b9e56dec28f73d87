/** All that happens by itself, as one table. */
import { leaseTimes } from '../core/node.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { Store } from '../ports/store/store.ts';
import type { Retention } from '../ports/store/upkeep.ts';
import type { ClockCheck } from './clock-check.ts';
import type { DurableEvents } from './durable-events.ts';
import type { Firer } from './firer.ts';
import type { Health } from './health.ts';
import type { Lease } from './lease.ts';
import type { Live } from './live.ts';
import type { Duty } from './loop.ts';
import type { Peers } from './peers.ts';
import type { Polls } from './polls.ts';
import { type ReadFrom, readThrough } from './readable.ts';
import type { Reports } from './reports.ts';
import type { TasksHere } from './tasks.ts';
import type { Telling } from './telling.ts';

export interface DutyParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly reports: Reports;
  readonly durableEvents: DurableEvents;
  readonly polls: Polls;
  readonly tasks: TasksHere;
  readonly lease: Lease;
  readonly firer: Firer;
  readonly telling: Telling;
  readonly clockCheck: ClockCheck;
  readonly health: Health;
  readonly peers: Peers;
  readonly live: Live;
  readonly retention: Retention;
  /** Claims what can start now, if this node may. */
  dispatch(): Promise<void>;
  /** There may be something to claim. */
  wake(): void;
  isStopping(): boolean;
}

/** Jobs that are promoted in one step. */
const promotedAtOnce = 1_000;
/** Records that are compared, in one round, with what else the store knows about them. */
const scrubbedAtOnce = 1_000;

export function makeDuties(parts: DutyParts): readonly Duty[] {
  const { store, log, wake } = parts;

  /** Any number may have waited for one job, or be due at once: it goes on until a step has found less than it may. */
  async function promote(): Promise<void> {
    let count: number;
    do {
      count = await store.jobs.promote(promotedAtOnce);
      if (count > 0) wake();
    } while (count >= promotedAtOnce && !parts.isStopping());
  }

  async function sweep(): Promise<void> {
    for (let more = true; more && !parts.isStopping(); ) {
      const swept = await store.upkeep.sweep(parts.retention);
      more = swept.more;
    }
  }

  let cursor: string | null = null;
  async function scrubOn(): Promise<Readonly<Record<string, number>>> {
    const repaired: Record<string, number> = {};
    let looked = 0;
    do {
      const step = await store.upkeep.scrub(cursor, scrubbedAtOnce);
      for (const [kind, count] of Object.entries(step.repaired)) repaired[kind] = (repaired[kind] ?? 0) + count;
      cursor = step.next;
      looked += step.checked;
    } while (cursor !== null && looked < scrubbedAtOnce && !parts.isStopping());
    return repaired;
  }

  let from: ReadFrom = null;
  let unreadable = 0;
  async function scrub(): Promise<void> {
    const repaired = await scrubOn();
    from = await readThrough(parts, from);
    const { total } = await store.upkeep.unreadable(null, 0);
    if (total > unreadable) log.error('store.unreadable', { records: total, see: 'hatstand doctor' });
    unreadable = total;
    if (Object.keys(repaired).length === 0) return;
    log.warn('store.repaired', repaired);
    wake();
  }

  return [
    { name: 'dispatch', every: 1_000, tick: parts.dispatch },
    { name: 'report', every: 250, tick: parts.reports.tick },
    { name: 'emit', every: 1_000, tick: parts.durableEvents.tick, atStart: true },
    { name: 'tasks', every: 1_000, tick: parts.tasks.keepers.tick },
    { name: 'balance', every: 1_000, tick: parts.tasks.balance.tick },
    { name: 'fence', every: 250, tick: parts.tasks.fencer.tick },
    { name: 'poll', every: 1_000, tick: parts.polls.tick },
    { name: 'renew', every: leaseTimes.renewEvery, tick: parts.lease.tick },
    { name: 'bury', every: leaseTimes.buryEvery, tick: parts.peers.bury, atStart: true },
    { name: 'link', every: 1_000, tick: parts.peers.link, atStart: true },
    { name: 'promote', every: 500, tick: promote },
    { name: 'fire', every: 1_000, tick: parts.firer.tick },
    { name: 'follow', every: 1_000, tick: parts.telling.tick },
    { name: 'clock', every: 2_000, tick: parts.clockCheck.tick, atStart: true },
    { name: 'health', every: parts.health.every, tick: parts.health.tick, atStart: true },
    { name: 'watch', every: 2_000, tick: async () => parts.live.tick() },
    { name: 'sweep', every: 10_000, tick: sweep },
    { name: 'scrub', every: 60_000, tick: scrub },
  ];
}
