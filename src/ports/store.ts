/**
 * The store: the only authority. Every method is one atomic step, safe to repeat unless it says otherwise, guarded inside
 * by what it names (id, state, fence). A failed guard is an answer, not an error. Time that is compared is the store's:
 * callers give durations, never "now".
 *
 * Errors of every method: `store_unavailable`, `unconfirmed` (it may or may not have happened), and for those that add
 * records `store_full`.
 */
import type { Millis } from '../core/duration.ts';
import type { Filter } from '../core/filter.ts';
import type { JobId } from '../core/id.ts';
import type { Attempt, AttemptRef, Job, JobState, JobVerb, NewJob } from '../core/job.ts';
import type { InboxMessage, Incarnation, NewNode, NodeLoad, NodeMode, NodeRecord } from '../core/node.ts';
import type { QueueRecord, QueueSettings, StateCounts } from '../core/queue.ts';
import type { JobCopy } from '../core/transfer.ts';
import type { Moves } from '../core/transitions.ts';

/** What became of one pushed job. `replayed`: its idempotency key had made this job before; `conflict`: another one. */
export interface Pushed {
  readonly kind: 'pushed' | 'replayed' | 'conflict';
  readonly id: JobId;
  /** Unix milliseconds; of the first push when replayed. */
  readonly createdAt: number;
}

/** What a holder can start now. Its queues (`'any'`: all) are served in turn, the one served longest ago first. */
export interface Want {
  readonly worker: string;
  readonly queues: 'any' | readonly string[];
  readonly slots: number;
}

export interface ClaimRequest {
  /** New for each claim; repeating it (its reply was lost) gives those of its attempts that are still held. */
  readonly operation: string;
  /** A node's incarnation that has been buried or has left gets nothing; one that is draining, nothing new. */
  readonly holder: string;
  /** Read when the claim leaves, not when it is asked for: slots that fall free in the same turn still count. */
  readonly wants: readonly Want[];
  /** For a holder that is no node: its attempts are lost unless extended or settled within this. */
  readonly attemptTtl: Millis | null;
}

export interface Claim {
  readonly jobs: readonly Job[];
  /** How long until more may be ready: a scheduled job is due or a rate limit lets go. `null`: nobody knows of any. */
  readonly nextIn: Millis | null;
}

/** Written together with a settled attempt, or not at all. */
export interface Effects {
  readonly push: readonly NewJob[];
}

export type Settled = 'settled' | 'lost';

export type Changed =
  | { readonly kind: 'changed'; readonly job: Job }
  /** Its state does not allow it. */
  | { readonly kind: 'refused'; readonly state: JobState }
  | { readonly kind: 'missing' };

/** Regular expressions from clients in RE2 syntax, matched in linear time. */
export interface PatternMatch {
  /** On the name. */
  readonly name: string | null;
  /** On name, comment, url or the word that `stateWords` gives for the state. */
  readonly term: string | null;
  readonly stateWords: Readonly<Record<JobState, string>>;
}

export interface JobQuery {
  readonly filter: Filter;
  readonly match: PatternMatch | null;
  /** By id: oldest or newest first. */
  readonly order: 'oldest' | 'newest';
  /** Inclusive; it need not exist. `null`: from the first in this order. */
  readonly from: JobId | null;
  /** Matching jobs on this page, at least 1. */
  readonly limit: number;
  /** Without payload and output, which may be large. */
  readonly brief: boolean;
  /** Stop looking after this many records; the page may then be short although more match. `null`: look at all. */
  readonly lookAt: number | null;
}

export interface JobPage {
  readonly jobs: readonly Job[];
  /** The first record not looked at; `null` when there is none. */
  readonly next: JobId | null;
}

/** How many jobs are in each state, by worker and queue. */
export interface JobCount {
  readonly worker: string;
  readonly queue: string;
  readonly counts: StateCounts;
}

export interface Retention {
  /** Jobs that ended longer ago are removed; `null`: kept for good. */
  readonly ended: Millis | null;
  /** Events and idempotency keys older than this are removed; a key whose job has not ended counts as new when it is looked at. */
  readonly events: Millis;
  readonly idempotency: Millis;
  /** At most this many records of each kind are looked at in one step. */
  readonly limit: number;
}

export interface Swept {
  readonly jobs: number;
  readonly events: number;
  readonly keys: number;
  /** There is more to look at. */
  readonly more: boolean;
}

export interface JobStore {
  /** Keeps the jobs, in order. One call is one step: all are kept or none; a `conflict` keeps the others. */
  push(jobs: readonly NewJob[]): Promise<readonly Pushed[]>;
  /** Starts attempts of ready jobs: manual ones two to one, then by priority, then by age; promotes what is due first. */
  claim(request: ClaimRequest): Promise<Claim>;
  /** Ends the attempt if the fence is the job's and its state is among the moves. */
  settle(ref: AttemptRef, moves: Moves, effects?: Effects): Promise<Settled>;
  /** Gives an attempt of a holder that is no node another `ttl`. */
  extend(ref: AttemptRef, ttl: Millis): Promise<'extended' | 'stopping' | 'lost'>;
  /** What an operator asks for, guarded by the state. A `stop` also puts a `cancel` into the holder's inbox. */
  change(id: JobId, moves: Moves): Promise<Changed>;
  /** Removes the record and its history. Answers the record that was. */
  remove(id: JobId, from: readonly JobState[]): Promise<Changed>;
  /** Moves due jobs from `scheduled` to `queued`. Answers how many. */
  promote(limit: number): Promise<number>;
  sweep(retention: Retention): Promise<Swept>;
  get(id: JobId): Promise<Job | null>;
  /** Earlier attempts, newest first; the newest one stands on the record itself. */
  attempts(id: JobId, limit: number): Promise<readonly Attempt[]>;
  list(query: JobQuery): Promise<JobPage>;
  count(): Promise<readonly JobCount[]>;
}

export interface QueueStore {
  queues(): Promise<readonly QueueRecord[]>;
  /** Changes what is named and answers the settings as they now are. */
  configure(queue: string, change: Partial<QueueSettings>): Promise<QueueSettings>;
}

export type Joined =
  /** `namesakes`: other live incarnations of the same name, which people may want to know of. */
  | { readonly kind: 'joined'; readonly serverId: number; readonly namesakes: readonly Incarnation[] }
  /** The server id that was asked for belongs to a live node. */
  | { readonly kind: 'taken'; readonly by: Incarnation }
  /** Every server id belongs to a live node. */
  | { readonly kind: 'full' };

export interface Renewed {
  readonly kind: 'renewed';
  readonly mode: NodeMode;
  /** Messages with a `seq` above the acknowledged one. */
  readonly inbox: readonly InboxMessage[];
  /** Of the attempts that the store thinks this node holds (core/node.ts). */
  readonly digest: string;
}

export interface Reconciled {
  /** Held by the node, unknown to the store: abort them, their results no longer count. */
  readonly abort: readonly AttemptRef[];
  /** Known to the store, not held by the node: handed back now. */
  readonly released: readonly AttemptRef[];
}

export type Forgotten =
  /** So many attempts were taken back. */
  { readonly kind: 'forgotten'; readonly attempts: number } | { readonly kind: 'missing' };

export interface Buried {
  readonly incarnations: readonly Incarnation[];
  /** Attempts handed back, of buried nodes and of outside holders past their deadline. */
  readonly attempts: number;
}

export interface NodeStore {
  /**
   * Registers a new incarnation with its first lease; repeated by a live one, it renews that and answers the same. The
   * server id that is handed out is the lowest from 1 that no live node has; a store that one process holds alone
   * answers the one it was opened with.
   */
  join(node: NewNode, ttl: Millis): Promise<Joined>;
  /** `ack`: the greatest inbox `seq` that was handled. `buried`: this incarnation may write nothing any more. */
  renew(incarnation: Incarnation, ttl: Millis, ack: number, load: NodeLoad): Promise<Renewed | { readonly kind: 'buried' }>;
  /**
   * Sets the mode of the live nodes with this name or incarnation, and answers which they are. It counts at once; the
   * nodes learn of it by an `inbox` hint and at their next renewal.
   */
  steer(node: string, mode: NodeMode): Promise<readonly Incarnation[]>;
  /**
   * Brings two views together. `held` is all that the node holds; attempts claimed by an operation in `pending` (its reply
   * is still under way) are left alone.
   */
  reconcile(incarnation: Incarnation, held: readonly AttemptRef[], pending: readonly string[]): Promise<Reconciled>;
  /** Ends the lease and hands everything back without burning an attempt. */
  leave(incarnation: Incarnation): Promise<void>;
  /**
   * Removes a node of which somebody knows that it is dead, whatever its lease says, with its record; what it held is
   * taken back as from a buried one. Of a node that is gone already only the record is left to remove.
   */
  forget(incarnation: Incarnation): Promise<Forgotten>;
  /**
   * Buries nodes whose lease has expired and takes back outside attempts past their deadline. Buries nobody unless calls
   * came without a gap longer than `gap` for a whole `ttl`: after an outage every node gets one ttl to return. Outside
   * attempts have their own deadlines and do not wait for that.
   */
  bury(ttl: Millis, gap: Millis): Promise<Buried>;
  /** Live ones in the order of their joining, then those that are gone, the one heard of last first. */
  nodes(): Promise<readonly NodeRecord[]>;
}

export interface Scrubbed {
  /** Where the next step goes on; `null`: all has been looked at. */
  readonly next: string | null;
  /** Records and entries of indexes that were looked at. */
  readonly checked: number;
  /** What was found wrong and put right, by kind, in the store's words; kinds without any are left out. */
  readonly repaired: Readonly<Record<string, number>>;
}

/** `exists`: there is a job of this id already; it is left as it is. */
export type Restored = 'restored' | 'exists';

export interface UpkeepStore {
  /**
   * One step of comparing what the store knows twice (indexes, counters, inboxes) with its records, which are the truth.
   *
   * @param cursor `null` begins, what the step before answered goes on; any other text may begin anew
   * @param limit about so many records are looked at
   */
  scrub(cursor: string | null, limit: number): Promise<Scrubbed>;
  /**
   * Keeps jobs as they were elsewhere: ids, states, results, times and earlier attempts. None of them is running or
   * stopping (core/transfer.ts `arrived`). Ids made afterwards are greater than theirs. One call is one step: all that do
   * not exist are kept or none. An event tells of them as pushed.
   */
  restore(copies: readonly JobCopy[]): Promise<readonly Restored[]>;
}

/** The verbs of one atomic step and the jobs they moved, in order. */
export interface StoreEvent {
  readonly seq: number;
  readonly at: number;
  readonly moved: readonly { readonly verb: JobVerb | 'push'; readonly ids: readonly JobId[] }[];
}

/** Something worth looking at now. Lossy by contract: polling is the truth. */
export type Hint =
  | { readonly kind: 'ready' }
  | { readonly kind: 'inbox'; readonly holder: string }
  | { readonly kind: 'ended'; readonly ids: readonly JobId[] };

/** What a kept job survives. */
export interface Durability {
  /** `volatile`, `sqlite-full`, … : told in every push reply. */
  readonly profile: string;
  /** For people: one sentence. */
  readonly survives: string;
}

/** Keeps a node's lease beside the main loop, which may be held up: by a collection of garbage, a burst of work, a slow call. */
export interface LeaseKeeper {
  /**
   * From now on the lease of this node, which has just joined: whenever the node itself is late to renew it. Once its main
   * loop has not come round for a whole `ttl`, or has not renewed for ten, the lease is left to run out.
   *
   * @param every how often the node itself renews it
   */
  keep(incarnation: Incarnation, ttl: Millis, every: Millis): void;
  /** No lease any more. Releasing twice is harmless. */
  release(): Promise<void>;
}

export interface Store extends JobStore, QueueStore, NodeStore, UpkeepStore {
  readonly durability: Durability;
  /** What somebody should see to, in sentences: what is not as safe as it could be, and what was lost since it was opened. */
  readonly warnings: readonly string[];
  /** Where the data lie, for people. */
  readonly location: string;
  /** Several nodes may use it at once, so leases decide; else this process alone holds it. */
  readonly shared: boolean;
  /** `null`: nodes alone renew their leases. */
  readonly keeper: LeaseKeeper | null;
  events(after: number, limit: number): Promise<readonly StoreEvent[]>;
  /** The listener hears hints until the returned function is called. */
  onHint(listener: (hint: Hint) => void): () => void;
  /** What is under way is finished first. */
  close(): Promise<void>;
}
