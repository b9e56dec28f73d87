/** Nodes and their leases. The lease belongs to the node's incarnation, not to its jobs. */
import type { Millis } from './duration.ts';
import type { AttemptRef } from './job.ts';

/** New at every start: nothing that an earlier start held can be written under it. */
export type Incarnation = string;

/** What a node tells when it joins. */
export interface NewNode {
  readonly incarnation: Incarnation;
  /** For people; several nodes may have one, and are told apart by their incarnations. */
  readonly name: string;
  readonly version: string;
  /** Where its HTTP is reached by other machines; `''` when it serves none. */
  readonly address: string;
  /** Part of the ids of the jobs it pushes (core/id.ts): the configured one; `null`: the store hands out a free one. */
  readonly serverId: number | null;
}

/** `draining`: it claims nothing and keeps what runs. */
export type NodeMode = 'active' | 'draining';

/** What a node tells of its work at each renewal. For people and for sharing work; nothing is guarded by it. */
export interface NodeLoad {
  /** Attempts that run. */
  readonly running: number;
  /** Attempts that may run at once. */
  readonly slots: number;
}

export const noLoad: NodeLoad = { running: 0, slots: 0 };

/** As the store knows it. A node that is gone has no load; its record is kept for a while, so that people can see it. */
export interface NodeRecord extends NewNode {
  readonly serverId: number;
  /** Unix milliseconds of the store's clock. */
  readonly startedAt: number;
  readonly mode: NodeMode;
  readonly load: NodeLoad;
  /** `live` until it leaves or is buried, also while its lease has expired. */
  readonly state: 'live' | 'left' | 'buried';
  /** Since it joined, renewed its lease or left. */
  readonly heardAgo: Millis;
  /** Until its lease expires; 0 when it has, and for a node that is gone. */
  readonly leaseLeft: Millis;
}

/** Of nodes that are gone the store keeps so many, those heard of last, and shows them for so long after that. */
export const goneNodes = { most: 32, shownFor: 86_400_000 } as const;

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
