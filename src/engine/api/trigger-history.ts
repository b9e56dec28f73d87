/**
 * What was decided about a trigger: each firing, and each time that it did not fire, with why. The journal tells it, so it goes back as
 * far as that does; jobs that were deleted meanwhile are left out.
 */
import { type DefinitionKey, ownerOf } from '../../core/definition.ts';
import { compareIds, type JobId } from '../../core/id.ts';
import type { Job, JobState } from '../../core/job.ts';
import type { JournalEntry } from '../../ports/store/journal.ts';
import type { Store } from '../../ports/store/store.ts';

/** A job that a firing pushed. */
export interface DecidedJob {
  readonly id: JobId;
  readonly state: JobState;
}

export type TriggerDecision = {
  /** Of its entry in the journal: greater with each step. */
  readonly entry: number;
  /** When it was decided, in Unix milliseconds of the store's clock. */
  readonly at: number;
  /** Of the trigger. */
  readonly version: number;
} & (
  | {
      /** Somebody looked at it since it was due: it fired, or did not. */
      readonly kind: 'decided';
      /** When it was due, in Unix milliseconds. */
      readonly tick: number;
      /** Which ticks it fired for, which it left out and why, when it fires next. */
      readonly why: string;
      /** Earlier jobs were in the way: none was pushed. */
      readonly overlap: boolean;
      /** Those that are there still. */
      readonly jobs: readonly DecidedJob[];
    }
  /** Somebody made, changed or removed it. */
  | { readonly kind: 'changed' }
);

export interface DecisionPage {
  /** Newest first. Fewer than asked for, or none, do not mean that these were the last. */
  readonly decisions: readonly TriggerDecision[];
  /** Older ones are before this entry; `null`: there are none, or nobody knows them any more. */
  readonly next: number | null;
  /** Since when everything is known, in Unix milliseconds; `null`: the journal is empty. */
  readonly since: number | null;
}

/** @param before only what is older than this entry; `null`: from the newest on */
export type TriggerHistory = (key: DefinitionKey, before: number | null, limit: number) => Promise<DecisionPage>;

/** Of one page. */
export const mostDecisions = 500;
/** Entries that are read at once. */
const slice = 100;
/** A page ends after so many entries, however few of them tell of the trigger. */
const lookAt = 5_000;
/** Jobs of the decisions of one page. */
const mostJobs = 1_000;

export function makeTriggerHistory({ journal, jobs }: Pick<Store, 'journal' | 'jobs'>): TriggerHistory {
  /** From one entry on, up to another one, which is left out. One page of the store may have fewer than it is asked for. */
  async function between(from: number, end: number): Promise<readonly JournalEntry[]> {
    const found: JournalEntry[] = [];
    for (let after = from - 1; after < end - 1; ) {
      const { entries } = await journal.entries(after, end - 1 - after);
      const last = entries.at(-1);
      if (last === undefined) break;
      found.push(...entries.filter(({ seq }) => seq < end));
      after = last.seq;
    }
    return found;
  }

  /** Those of the owner that one of the entries pushed, by entry. */
  async function jobsOf(owner: string, entries: readonly JournalEntry[]): Promise<ReadonlyMap<number, readonly Job[]>> {
    const entryOf = new Map(entries.flatMap((entry) => pushedIn(entry).map((id) => [id, entry.seq] as const)));
    const ids = [...entryOf.keys()].sort(compareIds);
    const [oldest, newest] = [ids[0], ids.at(-1)];
    if (oldest === undefined || newest === undefined) return new Map();
    const filter = [{ field: 'owner', not: false, any: [{ text: owner, prefix: false }] }] as const;
    const query = { filter, match: null, order: 'newest', from: newest, limit: mostJobs, brief: true, lookAt: null } as const;
    const page = await jobs.list(query);
    const own = page.jobs.filter(({ id }) => entryOf.has(id));
    return Map.groupBy(own, ({ id }) => entryOf.get(id) ?? 0);
  }

  /** Entries that tell of the owner, newest first, and where those before them end. */
  async function tellingOf(
    owner: string,
    { first, end, limit }: Span,
  ): Promise<{ readonly entries: readonly JournalEntry[]; readonly end: number }> {
    const entries: JournalEntry[] = [];
    let count = 0;
    let at = end;
    while (at > first && at > end - lookAt && count < limit) {
      const from = Math.max(first, at - slice);
      for (const entry of (await between(from, at)).toReversed()) {
        const own = countOf(entry, owner);
        if (count > 0 && count + own > limit) return { entries, end: entry.seq + 1 };
        if (own > 0) entries.push(entry);
        count += own;
      }
      at = from;
    }
    return { entries, end: at };
  }

  return async (key, before, limit) => {
    const owner = ownerOf(key);
    const { entries: oldest, newest } = await journal.entries(0, 1);
    const [first] = oldest;
    if (first === undefined) return { decisions: [], next: null, since: null };
    const told = await tellingOf(owner, { first: first.seq, end: Math.min(before ?? newest.seq + 1, newest.seq + 1), limit });
    const pushed = await jobsOf(owner, told.entries);
    return {
      decisions: told.entries.flatMap((entry) => decisionsIn(entry, owner, pushed.get(entry.seq) ?? [])),
      next: told.end > first.seq ? told.end : null,
      since: first.at,
    };
  };
}

/** Entries from one number on, up to another one, which is left out. */
interface Span {
  readonly first: number;
  readonly end: number;
  readonly limit: number;
}

const pushedIn = ({ moved }: JournalEntry): readonly JobId[] => moved.flatMap(({ verb, ids }) => (verb === 'push' ? ids : []));

const countOf = ({ fired, defined }: JournalEntry, owner: string): number =>
  [...fired, ...defined].filter((each) => each.owner === owner).length;

/** Newest first. What one step pushed for it belongs to its newest firing there that was not held up. */
function decisionsIn({ seq, at, fired, defined }: JournalEntry, owner: string, jobs: readonly Job[]): readonly TriggerDecision[] {
  const own = fired.filter((each) => each.owner === owner).toReversed();
  const pusher = own.find(({ overlap }) => !overlap);
  const shown = jobs.map(({ id, state }) => ({ id, state })).toReversed();
  return [
    ...own.map((each): TriggerDecision => {
      const { version, tick, note, overlap } = each;
      return { kind: 'decided', entry: seq, at, version, tick, why: note, overlap, jobs: each === pusher ? shown : [] };
    }),
    ...defined
      .filter((each) => each.owner === owner)
      .toReversed()
      .map(({ version }): TriggerDecision => ({ kind: 'changed', entry: seq, at, version })),
  ];
}
