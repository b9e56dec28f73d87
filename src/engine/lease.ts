/**
 * This node's lease: renewed in one step however many attempts run; the reply brings the inbox and a digest of what the
 * store thinks we hold. When that differs twice in a row from what we do hold (once may be a result on its way), one
 * reconcile step brings the two together.
 */
import type { Millis } from '../core/duration.ts';
import { digestOf, type InboxMessage, type Incarnation } from '../core/node.ts';
import type { Logger } from '../ports/logger.ts';
import type { Store } from '../ports/store.ts';
import type { Held } from './held.ts';

export interface Lease {
  incarnation(): Incarnation;
  /** Takes a first lease under a new incarnation. */
  join(): Promise<void>;
  /** One renewal, with all that follows from its reply. */
  tick(): Promise<void>;
  /** Hands everything back. */
  leave(): Promise<void>;
}

export interface LeaseParts {
  readonly store: Store;
  readonly held: Held;
  readonly log: Logger;
  readonly name: string;
  readonly version: string;
  readonly ttl: Millis;
  newIncarnation(): Incarnation;
  /** Operations of claims that are under way. */
  pending(): readonly string[];
}

export function makeLease(parts: LeaseParts): Lease {
  const { store, held, log } = parts;
  let incarnation = parts.newIncarnation();
  let acknowledged = 0;
  let differedBefore = false;

  const join = (): Promise<void> => store.join({ incarnation, name: parts.name, version: parts.version }, parts.ttl);

  async function rejoin(): Promise<void> {
    log.error('node.buried', { incarnation, held: held.size() });
    for (const attempt of held.all()) attempt.stop('lost');
    incarnation = parts.newIncarnation();
    acknowledged = 0;
    await join();
  }

  function handle(message: InboxMessage): void {
    held.get(message)?.stop('canceled');
    acknowledged = Math.max(acknowledged, message.seq);
  }

  async function reconcile(): Promise<void> {
    const { abort, released } = await store.reconcile(incarnation, held.refs(), parts.pending());
    // What the store does not know because it has just been settled needs no stopping.
    const lost = abort.map((ref) => held.get(ref)).filter((attempt) => attempt?.isRunning());
    for (const attempt of lost) attempt?.stop('lost');
    if (lost.length + released.length > 0) log.warn('node.reconciled', { aborted: lost.length, released: released.length });
  }

  return {
    incarnation: () => incarnation,
    join,
    async tick() {
      const asked = incarnation;
      const reply = await store.renew(asked, parts.ttl, acknowledged);
      // Two renewals may be under way, and the first to be answered has joined again.
      if (asked !== incarnation) return;
      if (reply.kind === 'buried') return rejoin();
      for (const message of reply.inbox) handle(message);
      const differs = reply.digest !== digestOf(held.refs());
      if (differs && differedBefore) await reconcile();
      differedBefore = differs;
    },
    leave: () => store.leave(incarnation),
  };
}
