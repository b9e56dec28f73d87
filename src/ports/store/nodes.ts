/** Nodes: their leases, their inboxes, and what becomes of what they held. */
import type { Millis } from '../../core/duration.ts';
import type { AttemptRef } from '../../core/job.ts';
import type { InboxMessage, Incarnation, NewNode, NodeFace, NodeLoad, NodeMode, NodeRecord } from '../../core/node.ts';
import { frees, looks, type Verbs } from './verb.ts';

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
  /** `attempts`: how many were taken back. */
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
  /**
   * `buried`: this incarnation may write nothing any more.
   *
   * @param ack the greatest inbox `seq` that was handled
   * @param face what has changed since it was told last; `undefined`: nothing
   */
  renew(
    incarnation: Incarnation,
    ttl: Millis,
    ack: number,
    load: NodeLoad,
    face?: NodeFace,
  ): Promise<Renewed | { readonly kind: 'buried' }>;
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
   *
   * A store that one process holds alone buries at its opening whoever had it before; the first answer tells of them, too.
   *
   * @param dead somebody knows that these are dead: they are buried now, whatever their leases say
   */
  bury(ttl: Millis, gap: Millis, dead?: readonly Incarnation[]): Promise<Buried>;
  /** Live ones in the order of their joining, then those that are gone, the latest to be heard of first. */
  list(): Promise<readonly NodeRecord[]>;
}

export const nodeRows: Verbs<NodeStore> = {
  join: frees(),
  renew: frees(),
  steer: frees(),
  reconcile: frees(),
  leave: frees(),
  forget: frees(),
  bury: frees(),
  list: looks,
};
