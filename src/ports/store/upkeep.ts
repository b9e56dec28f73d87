/** What keeps a store healthy: retention, and comparing what is known twice. */
import type { Millis } from '../../core/duration.ts';
import type { UnreadableId } from '../../core/unreadable.ts';
import { frees, looks, type Verbs } from './verb.ts';

export interface Retention {
  /** Jobs that ended longer ago are removed; `null`: kept for good. */
  readonly ended: Millis | null;
  /** Entries of the journal and removed definitions older than this are removed. */
  readonly journal: Millis;
  /** Older entries are removed until events have no more characters than this in those that are left, about; `null`: whatever they have. */
  readonly told: number | null;
  /** Idempotency keys older than this are removed, those of events, too; one whose job has not ended counts as new when it is looked at. */
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

/** A record that nobody can read: it was taken out of everybody's way. */
export interface UnreadableRecord {
  /** The id of a job, or what it was and under what it lay. */
  readonly id: UnreadableId;
  /** When it was set aside, in Unix milliseconds. */
  readonly at: number;
  /** For people: what is wrong with it. */
  readonly reason: string;
  /** All that was kept of it, as the store had it. Bytes that are no text stand in it as hexadecimal digits. */
  readonly raw: string;
}

export interface UnreadablePage {
  /** Jobs by id, then the others by name. */
  readonly records: readonly UnreadableRecord[];
  /** The first one behind the page; `null`: there is none. */
  readonly next: UnreadableId | null;
  /** Of all. */
  readonly total: number;
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
   * @param limit about how many records are looked at; a store may look at fewer
   */
  scrub(cursor: string | null, limit: number): Promise<Scrubbed>;
  /**
   * Takes a record out of the way, as it is: it is found by `unreadable` alone. A store does so by itself with what it cannot read.
   * One that lies there under the same name already gives way. A job goes with its history and counts nowhere any more; a definition
   * is removed, with its window, and those who follow learn of it; an entry leaves the journal; a queue is paused until it is set
   * again; a node is forgotten. Answers whether there was one.
   *
   * @param reason for people
   */
  setAside(id: UnreadableId, reason: string): Promise<boolean>;
  /**
   * Records that were set aside.
   *
   * @param from the first one; `null`: from the first of all
   */
  unreadable(from: UnreadableId | null, limit: number): Promise<UnreadablePage>;
  /** Removes a record that was set aside, for good. Answers whether there was one. */
  discard(id: UnreadableId): Promise<boolean>;
}

export const upkeepRows: Verbs<UpkeepStore> = {
  sweep: frees(),
  scrub: frees(),
  setAside: frees(),
  unreadable: looks,
  discard: frees(),
  time: looks,
};
