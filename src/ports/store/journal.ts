/** The journal: one entry for each step, in the order of the steps. */
import type { Part } from '../../core/definition.ts';
import type { NewEvent, ToldEvent } from '../../core/event.ts';
import type { JobId } from '../../core/id.ts';
import type { JobVerb, NewJob } from '../../core/job.ts';
import type { Pushed } from './jobs.ts';
import { adds, looks, type Verbs } from './verb.ts';

export interface DefinedNote {
  /** `ownerOf` its key. */
  readonly owner: string;
  readonly version: number;
  /** What was said of the put; not there: nothing. */
  readonly note?: string;
}

export interface FiredNote extends DefinedNote {
  readonly tick: number;
  /** Earlier jobs were in the way: none was pushed. */
  readonly overlap: boolean;
  /** A queue or a limit did not take its jobs: it was put off. */
  readonly putOff: boolean;
  readonly note: string;
}

/** What one atomic step did. */
export interface JournalEntry {
  readonly seq: number;
  readonly at: number;
  /** The definitions that were put or removed, in order. */
  readonly defined: readonly DefinedNote[];
  /** The firings that were done, in order. */
  readonly fired: readonly FiredNote[];
  /** The verbs and the jobs they moved, in order. */
  readonly moved: readonly { readonly verb: JobVerb | 'push'; readonly ids: readonly JobId[] }[];
  /** The events that were published, in order, each with its number. */
  readonly told: readonly ToldEvent[];
}

/** Where a reader stands: behind an entry that it has seen. */
export interface JournalPlace {
  /** The name of the store, random and made with it. */
  readonly store: string;
  /** 0: before the first entry. */
  readonly seq: number;
  /** When that entry was written; 0: nobody knows. */
  readonly at: number;
}

/**
 * Why a reader may have missed entries. `swept`: retention has taken some that follow its place. `rewound`: what it has seen is
 * not in this store, which is another one, or has lost its newest moments.
 */
export type Gap = 'swept' | 'rewound';

export interface JournalPage {
  /** Oldest first; at most `limit`, and no more than about a megabyte; one at least when there is any. None when it was rewound. */
  readonly entries: readonly JournalEntry[];
  /** `null`: nothing is missing between the reader's place and the first entry. */
  readonly gap: Gap | null;
  /** Behind the newest entry: who wants what comes from now on goes on from there. */
  readonly newest: JournalPlace;
}

/** What an event causes: a job, or a part for the window of a definition. */
export type Cause = ({ readonly job: NewJob } | { readonly part: Part }) & {
  /** Its place among the events of the step; `null`: none of them, so that it is done in any case. */
  readonly event: number | null;
};

export interface Publish {
  readonly events: readonly NewEvent[];
  readonly causes: readonly Cause[];
  /** The newest version of the group `event` of triggers (`DefinitionPage.newestOfGroup`) by which the causes were decided; `null`: whichever. */
  readonly rules: number | null;
  /**
   * A reader has moved: its place, a whole number below 10^15 that the store keeps by its name, must be `from` and becomes `to`.
   * `waits`: it does not move while the queue of any job of the causes is closed, and no limit refuses these jobs, though they count.
   */
  readonly follow: { readonly name: string; readonly from: number; readonly to: number; readonly waits: boolean } | null;
}

/** What became of an event. `known`: one was published under its key before, in the entry of this number. */
export interface PublishedEvent {
  readonly kind: 'told' | 'known';
  readonly seq: number;
  readonly number: number;
}

/** What became of a cause. */
export type Caused =
  | Pushed
  /** `missing`: there is no such definition; `known`: its event was. */
  | { readonly kind: 'gathered' | 'dropped' | 'missing' | 'known' };

export type Published =
  | { readonly kind: 'published'; readonly events: readonly PublishedEvent[]; readonly causes: readonly Caused[] }
  /** Nothing was done: the rules have this version. */
  | { readonly kind: 'stale'; readonly version: number }
  /** Nothing was done: the reader of this name stands there; 0: it never stood anywhere. */
  | { readonly kind: 'moved'; readonly at: number }
  /** Nothing was done: the reader waits for this queue. */
  | { readonly kind: 'closed'; readonly queue: string };

export interface JournalStore {
  /** Entries behind a place, or behind the entry of a number; 0: from the oldest one there is. */
  entries(after: JournalPlace | number, limit: number): Promise<JournalPage>;
  /**
   * Tells the events and does what they cause, all or nothing. An event under a key that was published before, in its domain,
   * is not told again and causes nothing. Hints `told`.
   */
  publish(step: Publish): Promise<Published>;
}

export const journalRows: Verbs<JournalStore> = {
  entries: looks,
  publish: adds('publish'),
};
