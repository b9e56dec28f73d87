/**
 * Nodes, their leases, and a node's life, whole, as data. The lease belongs to the node's incarnation, not to its jobs.
 * ARCHITECTURE.md draws the same tables; a test compares them.
 */
import type { Millis } from './duration.ts';
import type { AttemptRef } from './job.ts';
import { arrow, type Lifecycle } from './lifecycle.ts';
import type { NodeLink } from './link.ts';
import { type NodeHealth, untoldHealth } from './node-health.ts';
import type { WorkerRules } from './run-limits.ts';

/** A name that is new at every start: nothing that an earlier start held can be written under it. */
export type Incarnation = string;

/** When burials were asked for, in Unix milliseconds of the store's clock: the last time, and since when without a gap. */
export interface BurialsAsked {
  readonly since: number;
  readonly last: number;
}

/** Asked for once more. Longer than `gap` since the last time, or a clock that has stepped back, is a gap. */
export function burialsAsked(before: BurialsAsked | null, now: number, gap: Millis): BurialsAsked {
  const isGapless = before !== null && now >= before.last && now - before.last <= gap;
  return { since: isGapless ? before.since : now, last: now };
}

/** Nobody is buried unless burials were asked for without a gap for a whole ttl: after an outage every node has that long to renew its lease. */
export const mayBury = ({ since, last }: BurialsAsked, ttl: Millis): boolean => last - since >= ttl;

/**
 * Where a node is in its life, as it knows itself. A store knows of it from `active` on, and shows one that is stopping as
 * draining, or as active if it had nothing to finish.
 */
export const nodePhases = ['outside', 'joining', 'active', 'draining', 'stopping', 'left', 'buried'] as const;
export type NodePhase = (typeof nodePhases)[number];

export const nodeVerbs = ['start', 'join', 'renew', 'drain', 'resume', 'stop', 'leave', 'bury', 'forget'] as const;
export type NodeVerb = (typeof nodeVerbs)[number];

const byProgram = 'its program asks for it';
const byPeople = 'somebody asks for it';
const expired =
  'its lease has expired, and burials were asked for without a gap for a whole ttl; or another node knows by their link that it is dead';
const deadForSure = 'somebody knows that it is dead';
const taken = 'what it held is taken back as lost';
const leaseRenewed = 'a lease for another ttl; the reply brings mode, messages and what the store thinks it holds';
const stops = 'no new jobs and no claims; attempts may end within the grace, then are told to stop';
const forgotten = `${taken}; its record is removed; if it lives after all, it learns of it as of a burial`;

/**
 * `start` and `stop` are asked of the process; each of the others is one atomic step of the store. The process learns at its
 * next renewal that it was drained, resumed, buried or forgotten.
 */
export const nodeLifecycle: Lifecycle<NodeVerb, NodePhase> = {
  start: {
    outside: arrow('joining', byProgram, 'it has an incarnation that was never used before'),
    joining: arrow('joining', 'the store has not taken it', 'it asks again'),
    active: arrow('active', byProgram, 'it has started already'),
    draining: arrow('draining', byProgram, 'it has started already'),
    buried: arrow('joining', 'a renewal was answered with the burial', 'it has a new incarnation, which is drained if the buried one was'),
  },
  join: {
    joining: arrow('active', 'the server id it asks for is free, or any is', 'it is known, with its first lease'),
    active: arrow('active', 'the reply to its joining was lost', 'a new lease; the same answer'),
    draining: arrow('draining', 'the reply to its joining was lost', 'a new lease; the same answer; it stays drained'),
  },
  renew: {
    active: arrow('active', 'the store knows it, also when its lease has expired', leaseRenewed),
    draining: arrow('draining', 'the store knows it, also when its lease has expired', leaseRenewed),
    stopping: arrow('stopping', 'the store knows it, also when its lease has expired', leaseRenewed),
  },
  drain: {
    active: arrow('draining', byPeople, 'it starts no more jobs and keeps what runs'),
    draining: arrow('draining', byPeople, 'it is drained already'),
    stopping: arrow('stopping', byPeople, 'it starts no more jobs anyway'),
  },
  resume: {
    draining: arrow('active', byPeople, 'it starts jobs again'),
    active: arrow('active', byPeople, 'it starts jobs already'),
    stopping: arrow('stopping', byPeople, 'it goes on stopping, and has itself shown as draining again'),
  },
  stop: {
    outside: arrow('left', byProgram, 'there is nothing to hand back'),
    joining: arrow('stopping', byProgram, 'the store may have taken it: it leaves all the same'),
    active: arrow('stopping', byProgram, stops),
    draining: arrow('stopping', byProgram, stops),
    stopping: arrow('stopping', byProgram, 'it stops already'),
    left: arrow('left', byProgram, 'it has stopped already'),
    buried: arrow('buried', byProgram, 'it has stopped already'),
  },
  leave: {
    stopping: arrow(
      'left',
      'its attempts have ended, or their time is up',
      'what it still holds is handed back without burning an attempt',
    ),
  },
  bury: {
    active: arrow('buried', expired, taken),
    draining: arrow('buried', expired, taken),
    stopping: arrow('buried', expired, `${taken}; it does not join again`),
  },
  forget: {
    active: arrow('gone', deadForSure, forgotten),
    draining: arrow('gone', deadForSure, forgotten),
    stopping: arrow('gone', deadForSure, forgotten),
    left: arrow('gone', byPeople, 'its record is removed'),
    buried: arrow('gone', byPeople, 'its record is removed'),
  },
};

/** What a node may do beside its verbs, and in which phases. */
export const nodeRights = {
  /** Ask the store for jobs and start them. */
  claim: ['active'],
  /** Fire definitions that are due. */
  fire: ['active', 'draining'],
  /** Take new jobs from clients, to be kept for whoever runs them. */
  push: ['outside', 'joining', 'active', 'draining'],
  /** Call itself ready: it has a lease and is not on its way out. */
  'be ready': ['active', 'draining'],
} as const satisfies Readonly<Record<string, readonly NodePhase[]>>;
export type NodeRight = keyof typeof nodeRights;

export const mayNode = (phase: NodePhase, right: NodeRight): boolean => (nodeRights[right] as readonly NodePhase[]).includes(phase);

/** A worker that a node serves, and the queues from which it takes jobs for it. */
export interface Serving {
  readonly worker: string;
  readonly queues: 'any' | readonly string[];
  /** Attempts at once; 0: it is known here, and off; `undefined`: it is not told. */
  readonly concurrency?: number;
  /** `undefined`: it takes any job from anybody. */
  readonly rules?: WorkerRules | undefined;
}

/** What a node tells of itself when it joins, and again when it has changed. */
export interface NodeFace {
  /** Where its HTTP is reached by other machines; `''` when it serves none. */
  readonly address: string;
  /** `null`: more than can be told, so that it may be anything. */
  readonly serves: readonly Serving[] | null;
  /** `null`: it takes no links. */
  readonly link: NodeLink | null;
}

/** Workers and queues that a node tells of; one that serves more of them tells none. */
export const mostServed = 1_000;

/** What a node tells when it joins. */
export interface NewNode extends NodeFace {
  readonly incarnation: Incarnation;
  /** For people; several nodes may have one, and are told apart by their incarnations. */
  readonly name: string;
  readonly version: string;
  /** Part of the ids of the jobs it pushes (core/id.ts): the configured one; `null`: the store hands out a free one. */
  readonly serverId: number | null;
}

/** `draining`: it claims nothing and keeps what runs. */
export type NodeMode = 'active' | 'draining';

export const nodeConditions = ['active', 'critical', 'draining', 'late', 'left', 'buried'] as const;
/**
 * How a node is shown, in one word. `late`: it is live, and will be buried unless it renews its lease soon; `critical`: it is active, and
 * claims nothing until its machine has recovered.
 */
export type NodeCondition = (typeof nodeConditions)[number];

export function conditionOf({ state, mode, leaseLeft, load }: Pick<NodeRecord, 'state' | 'mode' | 'leaseLeft' | 'load'>): NodeCondition {
  if (state !== 'live') return state;
  if (leaseLeft === 0) return 'late';
  return mode === 'active' && load.isCritical ? 'critical' : mode;
}

/** What a node tells about its work at each renewal: for people, and for sharing work. No guard depends on it. */
export interface NodeLoad extends NodeHealth {
  /** Attempts that run. */
  readonly running: number;
  /** Attempts that may run at once. */
  readonly slots: number;
}

export const noLoad: NodeLoad = { running: 0, slots: 0, ...untoldHealth };

/** As the store knows it. A node that is gone has no load and serves nothing; its record is kept for a while, so that people can see it. */
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

/** Nodes that are gone: a store keeps those it heard from most recently, `most` of them, and shows them for `shownFor` (ms). */
export const goneNodes = { most: 32, shownFor: 86_400_000 } as const;

/** The times of a lease; see the promises about buried nodes in ARCHITECTURE.md. */
export interface LeaseTimes {
  /** A node that has not been heard from for this long may be buried. */
  readonly ttl: Millis;
  readonly renewEvery: Millis;
  readonly buryEvery: Millis;
}

export const leaseTimes: LeaseTimes = { ttl: 6_000, renewEvery: 1_500, buryEvery: 500 };

/** A message that waits in a node's inbox. */
export type InboxMessage = { readonly kind: 'cancel'; readonly seq: number } & AttemptRef;

const tail = 1_000_000_000n;

/**
 * What a holder holds, in short: how many attempts, and the sums of the last nine digits of their ids and fences. When the
 * digests of two sides are equal, both know the same attempts. The sums are small, so that every store can compute them.
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
