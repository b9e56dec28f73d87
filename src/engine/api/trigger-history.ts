/**
 * What was decided about a trigger: each firing, and each time that it did not fire, with why. The journal tells it, so it goes back as
 * far as that does; jobs that were deleted meanwhile are left out.
 */
import { type DefinitionKey, ownerOf } from '../../core/definition.ts';
import type { JobId } from '../../core/id.ts';
import type { Job, JobState } from '../../core/job.ts';
import type { FiredNote, JournalEntry } from '../../ports/store/journal.ts';
import type { Store } from '../../ports/store/store.ts';
import { makeJobsById } from '../jobs-by-id.ts';

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
  /** Somebody made, changed or removed it: `why` says what was done, and is empty when nobody knows. */
  | { readonly kind: 'changed'; readonly why: string }
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
/** A page ends before it has more jobs to look for than this, but not before its first entry. */
const mostPushed = 10_000;

/** What an entry tells of one trigger: of what else it tells nothing is kept. */
interface Told extends Pick<JournalEntry, 'seq' | 'at' | 'fired' | 'defined'> {
  /** Those of its newest firing there, and what was pushed for others in the same step. */
  readonly pushed: readonly JobId[];
}

/** Entries from one number on, up to another one, which is left out. */
interface Span {
  readonly first: number;
  readonly end: number;
  readonly limit: number;
}

interface TellingPage {
  /** Newest first. */
  readonly told: readonly Told[];
  /** Where those before them end. */
  readonly end: number;
}

export function makeTriggerHistory(store: Pick<Store, 'journal' | 'jobs'>): TriggerHistory {
  const { journal } = store;
  const jobsOf = makeJobsById(store);

  /** From one entry on, up to another one, which is left out; oldest first. One page of the store may have fewer than it is asked for. */
  async function between(owner: string, from: number, end: number): Promise<readonly Told[]> {
    const found: Told[] = [];
    for (let after = from - 1; after < end - 1; ) {
      const { entries } = await journal.entries(after, end - 1 - after);
      const last = entries.at(-1);
      if (last === undefined) break;
      for (const entry of entries) {
        const told = entry.seq < end ? toldOf(entry, owner) : null;
        if (told !== null) found.push(told);
      }
      after = last.seq;
    }
    return found;
  }

  async function tellingOf(owner: string, { first, end, limit }: Span): Promise<TellingPage> {
    const told: Told[] = [];
    let [at, count, pushed] = [end, 0, 0];
    while (at > first && at > end - lookAt && count < limit) {
      const from = Math.max(first, at - slice);
      for (const each of (await between(owner, from, at)).toReversed()) {
        count += each.fired.length + each.defined.length;
        pushed += each.pushed.length;
        if (told.length > 0 && (count > limit || pushed > mostPushed)) return { told, end: each.seq + 1 };
        told.push(each);
      }
      at = from;
    }
    return { told, end: at };
  }

  return async (key, before, limit) => {
    const owner = ownerOf(key);
    const { entries: oldest, newest } = await journal.entries(0, 1);
    const [first] = oldest;
    if (first === undefined) return { decisions: [], next: null, since: null };
    const { told, end } = await tellingOf(owner, { first: first.seq, end: Math.min(before ?? newest.seq + 1, newest.seq + 1), limit });
    const jobs = await jobsOf(told.flatMap(({ pushed }) => pushed));
    return {
      decisions: told.flatMap((each) => decisionsIn(each, ownJobs(each, owner, jobs))),
      next: end > first.seq ? end : null,
      since: first.at,
    };
  };
}

const pusherIn = ({ fired }: Pick<Told, 'fired'>): FiredNote | undefined => fired.findLast(({ overlap }) => !overlap);

/** `null`: nothing. */
function toldOf({ seq, at, fired: allFired, defined: allDefined, moved }: JournalEntry, owner: string): Told | null {
  const fired = allFired.filter((each) => each.owner === owner);
  const defined = allDefined.filter((each) => each.owner === owner);
  if (fired.length + defined.length === 0) return null;
  const pushed = pusherIn({ fired }) === undefined ? [] : moved.flatMap(({ verb, ids }) => (verb === 'push' ? ids : []));
  return { seq, at, fired, defined, pushed };
}

const ownJobs = ({ pushed }: Told, owner: string, jobs: ReadonlyMap<JobId, Job>): readonly DecidedJob[] =>
  pushed.flatMap((id) => {
    const job = jobs.get(id);
    return job?.owner === owner ? { id, state: job.state } : [];
  });

/** Newest first. What one step pushed for it belongs to its newest firing there that was not held up. */
function decisionsIn(told: Told, jobs: readonly DecidedJob[]): readonly TriggerDecision[] {
  const { seq, at, fired, defined } = told;
  const pusher = pusherIn(told);
  return [
    ...fired.toReversed().map((each): TriggerDecision => {
      const { version, tick, note, overlap } = each;
      return { kind: 'decided', entry: seq, at, version, tick, why: note, overlap, jobs: each === pusher ? jobs : [] };
    }),
    ...defined.toReversed().map(({ version, note = '' }): TriggerDecision => {
      // Nobody says anything of one that its firing has removed.
      const why = note === '' && fired.length > 0 ? 'gone with its last tick' : note;
      return { kind: 'changed', entry: seq, at, version, why };
    }),
  ];
}
