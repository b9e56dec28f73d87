/** What keeps a store healthy: retention, and comparing what is known twice. */
import type { Millis } from '../../core/duration.ts';
import { frees, looks, type Verbs } from './verb.ts';

export interface Retention {
  /** Jobs that ended longer ago are removed; `null`: kept for good. */
  readonly ended: Millis | null;
  /** Entries of the journal, removed definitions and idempotency keys older than this are removed; a key whose job has not ended counts as new when it is looked at. */
  readonly journal: Millis;
  readonly idempotency: Millis;
  /** Bytes of the output of each earlier attempt: longer ones, which were kept by other settings, are cut. */
  readonly output: number;
  /** At most this many records of each kind are looked at in one step. */
  readonly limit: number;
}

export interface Swept {
  readonly jobs: number;
  readonly entries: number;
  readonly keys: number;
  /** Removed definitions. */
  readonly definitions: number;
  /** Outputs of earlier attempts that were cut. */
  readonly outputs: number;
  /** There is more to look at. */
  readonly more: boolean;
}

export interface Scrubbed {
  /** Where the next step goes on; `null`: all has been looked at. */
  readonly next: string | null;
  /** Records and entries of indexes that were looked at. */
  readonly checked: number;
  /** What was found wrong and put right, by kind, in the store's words; kinds without any are left out. */
  readonly repaired: Readonly<Record<string, number>>;
}

/** The time of a store. */
export interface PresentTime {
  /** What it shows and what `at` is compared with, in Unix milliseconds. */
  readonly now: number;
  /** By how much its newest ids and fences are ahead of that, because the clock has stepped back since; 0: they are not. */
  readonly ahead: Millis;
  /** In how long something may be removed for its age again, since the clock has leapt forward (core/store-time.ts); 0: it may be. */
  readonly sweepsIn: Millis;
}

export interface UpkeepStore {
  time(): Promise<PresentTime>;
  /** Removes what is old enough, oldest first, a bounded piece in one step; nothing while the clock may be wrong (core/store-time.ts). */
  sweep(retention: Retention): Promise<Swept>;
  /**
   * One step of comparing what the store knows twice (indexes, counters, inboxes) with its records, which are the truth.
   *
   * @param cursor `null` begins, what the step before answered goes on; any other text may begin anew
   * @param limit about how many records are looked at
   */
  scrub(cursor: string | null, limit: number): Promise<Scrubbed>;
}

export const upkeepRows: Verbs<UpkeepStore> = {
  sweep: frees(),
  scrub: frees(),
  time: looks,
};
