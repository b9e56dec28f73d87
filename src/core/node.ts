/** Nodes and their leases. The lease belongs to the node's incarnation, not to its jobs. */
import type { Millis } from './duration.ts';
import type { AttemptRef } from './job.ts';

/** New at every start: nothing that an earlier start held can be written under it. */
export type Incarnation = string;

export interface NodeRecord {
  readonly incarnation: Incarnation;
  readonly name: string;
  readonly version: string;
  readonly startedAt: number;
}

/** The times of a lease; see the promises about buried nodes in ARCHITECTURE.md. */
export interface LeaseTimes {
  /** A node not heard of for this long may be buried. */
  readonly ttl: Millis;
  readonly renewEvery: Millis;
  readonly sweepEvery: Millis;
}

export const leaseTimes: LeaseTimes = { ttl: 6_000, renewEvery: 1_500, sweepEvery: 500 };

/** What waits in a node's inbox. */
export type InboxMessage = { readonly kind: 'cancel'; readonly seq: number } & AttemptRef;

const tail = 1_000_000_000n;

/**
 * What a holder holds, in short: how many attempts, and the sums of the last nine digits of their ids and fences. Two
 * sides with equal digests hold the same attempts; it is made of small sums so that every store can compute it.
 */
export function digestOf(held: Iterable<AttemptRef>): string {
  let count = 0;
  let ids = 0n;
  let fences = 0n;
  for (const ref of held) {
    count += 1;
    ids += BigInt(ref.id) % tail;
    fences += BigInt(ref.fence) % tail;
  }
  return `${count}:${ids}:${fences}`;
}
