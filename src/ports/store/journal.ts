/** The journal: one entry for each step, in the order of the steps. */
import type { JobId } from '../../core/id.ts';
import type { JobVerb } from '../../core/job.ts';

/** The verbs of one atomic step and the jobs they moved, in order. */
export interface JournalEntry {
  readonly seq: number;
  readonly at: number;
  readonly moved: readonly { readonly verb: JobVerb | 'push'; readonly ids: readonly JobId[] }[];
}

export interface JournalStore {
  /** Entries with a greater `seq` than `after`, oldest first. */
  entries(after: number, limit: number): Promise<readonly JournalEntry[]>;
}
