/**
 * The store: the only authority. Its methods lie with their nouns, each a file beside this one. Every method is one atomic
 * step, safe to repeat unless it says otherwise, guarded inside by what it names (id, state, fence, version). A failed guard
 * is an answer, not an error. Time that is compared is the store's: callers give durations, never "now".
 *
 * Errors of every method: `store_unavailable`, `unconfirmed` (it may or may not have happened), and for those that need room
 * (`needsRoom`, verb.ts) `store_full`.
 */
import type { Millis } from '../../core/duration.ts';
import type { JobId } from '../../core/id.ts';
import type { Incarnation } from '../../core/node.ts';
import type { DefinitionStore } from './definitions.ts';
import type { JobStore } from './jobs.ts';
import type { JournalStore } from './journal.ts';
import type { LimitStore } from './limits.ts';
import type { NodeStore } from './nodes.ts';
import type { QueueStore } from './queues.ts';
import type { UpkeepStore } from './upkeep.ts';

/** Something worth looking at now. Lossy by contract: polling is the truth. */
export type Hint =
  /** There may be something to claim, of these workers; `null`: of any. */
  | { readonly kind: 'ready'; readonly workers: readonly string[] | null }
  | { readonly kind: 'inbox'; readonly holder: string }
  | { readonly kind: 'ended'; readonly ids: readonly JobId[] }
  /** A definition was put or removed, or is due sooner than it was. */
  | { readonly kind: 'defined' }
  /** Events were published. */
  | { readonly kind: 'told' };

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
  /** How long ago it has renewed the lease itself, at most; `null`: it never has. */
  renewedAgo(): Millis | null;
  /** No lease any more. Releasing twice is harmless. */
  release(): Promise<void>;
}

export interface Store {
  readonly jobs: JobStore;
  readonly queues: QueueStore;
  readonly limits: LimitStore;
  readonly nodes: NodeStore;
  readonly definitions: DefinitionStore;
  readonly journal: JournalStore;
  readonly upkeep: UpkeepStore;
  readonly durability: Durability;
  /** What somebody should see to, in sentences: what is not as safe as it could be, and what was lost since it was opened. */
  readonly warnings: readonly string[];
  /** Where the data lie, for people. */
  readonly location: string;
  /** The address of this machine by which the store is reached, as far as is known; `null`: it is in this process. */
  readonly reachedFrom: string | null;
  /** Several nodes may use it at once, so leases decide; else this process alone holds it. */
  readonly shared: boolean;
  /** `null`: nodes alone renew their leases. */
  readonly keeper: LeaseKeeper | null;
  /** The listener hears hints until the returned function is called. */
  onHint(listener: (hint: Hint) => void): () => void;
  /**
   * What is under way is finished first. A Hatstand closes its store when it stops; who opens one and gives it to none closes it
   * himself. Closing twice is harmless; every later call is refused.
   */
  close(): Promise<void>;
}

/** The parts of a store that have verbs. */
export type StoreNoun = 'jobs' | 'queues' | 'limits' | 'nodes' | 'definitions' | 'journal' | 'upkeep';
