/** The journal: one entry for each step, in the order of the steps. */
import type { JobId } from '../../core/id.ts';
import type { JobVerb } from '../../core/job.ts';
import { looks, type Verbs } from './verb.ts';

export interface DefinedNote {
  /** `ownerOf` its key. */
  readonly owner: string;
  readonly version: number;
}

export interface FiredNote extends DefinedNote {
  readonly tick: number;
  /** Earlier jobs were in the way: none was pushed. */
  readonly overlap: boolean;
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
}

export interface JournalStore {
  /** Entries with a greater `seq` than `after`, oldest first. */
  entries(after: number, limit: number): Promise<readonly JournalEntry[]>;
}

export const journalRows: Verbs<JournalStore> = {
  entries: looks,
};
