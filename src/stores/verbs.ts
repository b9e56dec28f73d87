/** What each verb of the port does to a store, told once for all stores. A verb without its row does not compile. */
import type { Store, StoreNoun } from '../ports/store/store.ts';

/**
 * Calls of one batch are done in this order, so that a push and a waiting claim of the same turn travel together: what frees
 * slots and room, then what adds work, then what takes it, then what only looks.
 */
export const ranks = { frees: 0, adds: 1, takes: 2, looks: 3 } as const;

/** The first half of the names of two failpoints: `<failpoint>.before_commit` and `<failpoint>.committed`. */
export type StepFailpoint = 'push' | 'claim' | 'settle' | 'retry' | 'change';

export interface Verb {
  readonly rank: keyof typeof ranks;
  /** Begins work: it may not take the last room, which is kept for the results of what runs. */
  readonly beginsWork: boolean;
  /** Adds records: it is refused while only that last room is left. */
  readonly needsRoom: boolean;
  /** A settle that tries again passes `retry` instead. */
  readonly failpoint: StepFailpoint | null;
}

const frees = (failpoint: StepFailpoint | null = null): Verb => ({ rank: 'frees', beginsWork: false, needsRoom: false, failpoint });
const adds = (failpoint: StepFailpoint | null = null): Verb => ({ rank: 'adds', beginsWork: true, needsRoom: true, failpoint });
const takes = (failpoint: StepFailpoint): Verb => ({ rank: 'takes', beginsWork: true, needsRoom: false, failpoint });
const looks: Verb = { rank: 'looks', beginsWork: false, needsRoom: false, failpoint: null };

export type VerbName = { readonly [N in StoreNoun]: `${N}.${keyof Store[N] & string}` }[StoreNoun];

export const verbs: Readonly<Record<VerbName, Verb>> = {
  'jobs.push': adds('push'),
  'jobs.claim': takes('claim'),
  'jobs.settle': frees('settle'),
  'jobs.extend': frees(),
  'jobs.change': frees('change'),
  'jobs.remove': frees('change'),
  'jobs.promote': frees(),
  'jobs.restore': adds(),
  'jobs.get': looks,
  'jobs.attempts': looks,
  'jobs.list': looks,
  'jobs.count': looks,
  'queues.configure': frees(),
  'queues.list': looks,
  'nodes.join': frees(),
  'nodes.renew': frees(),
  'nodes.steer': frees(),
  'nodes.reconcile': frees(),
  'nodes.leave': frees(),
  'nodes.forget': frees(),
  'nodes.bury': frees(),
  'nodes.list': looks,
  'definitions.put': adds(),
  'definitions.list': looks,
  'definitions.due': looks,
  'definitions.fire': adds(),
  'definitions.gather': adds(),
  'definitions.parts': looks,
  'definitions.restore': adds(),
  'journal.entries': looks,
  'upkeep.sweep': frees(),
  'upkeep.scrub': frees(),
};

export const rankOf = (name: VerbName): number => ranks[verbs[name].rank];
