/**
 * What was decided about a trigger: each firing, and each time that it did not fire, with why. The journal tells it, so it goes back as
 * far as that does. Jobs that were deleted meanwhile are left out, and with them what says why they were pushed otherwise than by a firing.
 */
import { type About, aboutOf } from '../../core/about.ts';
import { type DefinitionKey, ownerOf } from '../../core/definition.ts';
import { compareIds, type JobId } from '../../core/id.ts';
import type { Job, JobState } from '../../core/job.ts';
import type { FiredNote, JournalEntry } from '../../ports/store/journal.ts';
import type { Store } from '../../ports/store/store.ts';

/** A job that was pushed for it. */
export interface DecidedJob {
  readonly id: JobId;
  readonly state: JobState;
}

export type TriggerDecision = {
  /** Of its entry in the journal: greater with each step. */
  readonly entry: number;
  /** When it was decided, in Unix milliseconds of the store's clock. */
  readonly at: number;
} & (
  | {
      /** Somebody looked at it since it was due: it fired, or did not. */
      readonly kind: 'decided';
      /** Of the trigger. */
      readonly version: number;
      /** When it was due, in Unix milliseconds. */
      readonly tick: number;
      /** Which ticks it fired for, which it left out and why, when it fires next. */
      readonly why: string;
      /** Earlier jobs were in the way: none was pushed. */
      readonly overlap: boolean;
      /** Those that are there still. */
      readonly jobs: readonly DecidedJob[];
    }
  /** Nobody waited for its time: an event, a call or a person had it push. */
  | { readonly kind: 'pushed'; readonly why: string; readonly jobs: readonly DecidedJob[] }
  /** Somebody made, changed or removed it: `why` says what was done, and is empty when nobody knows. */
  | { readonly kind: 'changed'; readonly version: number; readonly why: string }
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
/** A page ends where it has looked for so many jobs, but not before its first entry. */
const mostJobs = 10_000;
/** Records that are read at once. */
const jobsAtOnce = 500;

/** What an entry may tell of one trigger: of what else it tells nothing is kept. */
interface Told extends Pick<JournalEntry, 'seq' | 'at' | 'fired' | 'defined'> {
  /** For it, and for others in the same step. */
  readonly pushed: readonly JobId[];
}

/** A job of the trigger, and why it was pushed. */
interface OwnJob extends DecidedJob {
  readonly why: string;
}

interface OwnJobs {
  /** Looks for what these entries pushed, the newest first; of the first one for all, of the others until there are many. */
  reach(told: readonly Told[]): Promise<void>;
  /** Whether all that this entry pushed was looked for. */
  reaches(told: Pick<Told, 'pushed'>): boolean;
  size(): number;
  /** `undefined`: it is not the trigger's, or not there any more. */
  get(id: JobId): OwnJob | undefined;
}

/** Entries from one number on, up to another one, which is left out. */
interface Span {
  readonly first: number;
  readonly end: number;
  readonly limit: number;
}

interface DecidedSpan {
  /** Newest first. */
  readonly decisions: readonly TriggerDecision[];
  /** Where those before them end. */
  readonly end: number;
}

export function makeTriggerHistory(store: Pick<Store, 'journal' | 'jobs'>): TriggerHistory {
  const { journal } = store;

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

  async function decidedIn(owner: string, { first, end, limit }: Span): Promise<DecidedSpan> {
    const decisions: TriggerDecision[] = [];
    const own = makeOwnJobs(owner);
    let at = end;
    while (at > first && at > end - lookAt && decisions.length < limit && own.size() < mostJobs) {
      const from = Math.max(first, at - slice);
      const told = (await between(owner, from, at)).toReversed();
      await own.reach(told);
      for (const each of told) {
        const isBeyond = !own.reaches(each);
        const found = isBeyond ? [] : decisionsIn(each, own);
        if (isBeyond || (decisions.length > 0 && decisions.length + found.length > limit)) return { decisions, end: each.seq + 1 };
        decisions.push(...found);
      }
      at = from;
    }
    return { decisions, end: at };
  }

  /** Those of a trigger, read once, from the newest that is asked for on: ids rise from step to step. */
  function makeOwnJobs(owner: string): OwnJobs {
    const byId = new Map<JobId, OwnJob>();
    const filter = [{ field: 'owner', not: false, any: [{ text: owner, prefix: false }] }] as const;
    /** The first one that was not looked for; `null`: all were; `undefined`: none was. */
    let next: JobId | null | undefined;
    const isLooked = (id: JobId): boolean => next === null || (next !== undefined && compareIds(id, next) > 0);
    const reaches = ({ pushed }: Pick<Told, 'pushed'>): boolean => pushed.every(isLooked);

    async function reach(told: readonly Told[]): Promise<void> {
      // Whatever there is, the first of them is looked for, or nobody would come past it.
      const wanted = told.filter(({ pushed }) => pushed.length > 0);
      const [newest] = wanted;
      if (newest === undefined) return;
      if (next === undefined) next = newest.pushed.toSorted(compareIds).at(-1) ?? null;
      while (next !== null && !wanted.every(reaches) && (byId.size < mostJobs || !reaches(newest))) {
        const page = await store.jobs.list({
          filter,
          match: null,
          order: 'newest',
          from: next,
          limit: jobsAtOnce,
          brief: true,
          lookAt: null,
        });
        for (const job of page.jobs) byId.set(job.id, { id: job.id, state: job.state, why: whyPushed(job) });
        next = page.next;
      }
    }

    return { reach, reaches, size: () => byId.size, get: (id) => byId.get(id) };
  }

  return async (key, before, limit) => {
    const owner = ownerOf(key);
    const { entries: oldest, newest } = await journal.entries(0, 1);
    const [first] = oldest;
    if (first === undefined) return { decisions: [], next: null, since: null };
    const { decisions, end } = await decidedIn(owner, { first: first.seq, end: Math.min(before ?? newest.seq + 1, newest.seq + 1), limit });
    return { decisions, next: end > first.seq ? end : null, since: first.at };
  };
}

const pusherIn = ({ fired }: Pick<Told, 'fired'>): FiredNote | undefined => fired.findLast(({ overlap }) => !overlap);

/** `null`: nothing. */
function toldOf({ seq, at, fired: allFired, defined: allDefined, moved }: JournalEntry, owner: string): Told | null {
  const fired = allFired.filter((each) => each.owner === owner);
  const defined = allDefined.filter((each) => each.owner === owner);
  const pushed = moved.flatMap(({ verb, ids }) => (verb === 'push' ? ids : []));
  return fired.length + defined.length + pushed.length === 0 ? null : { seq, at, fired, defined, pushed };
}

/** Newest first. What one step pushed for it belongs to its newest firing there that was not held up, if there is any. */
function decisionsIn(told: Told, own: Pick<OwnJobs, 'get'>): readonly TriggerDecision[] {
  const { seq: entry, at, fired, defined, pushed } = told;
  const pusher = pusherIn(told);
  const jobs = pushed.flatMap((id) => own.get(id) ?? []);
  const named = jobs.map(({ id, state }) => ({ id, state }));
  const otherwise = pusher === undefined ? jobs.toReversed() : [];
  return [
    ...otherwise.map(({ why, id, state }): TriggerDecision => ({ kind: 'pushed', entry, at, why, jobs: [{ id, state }] })),
    ...fired.toReversed().map((each): TriggerDecision => {
      const { version, tick, note, overlap } = each;
      return { kind: 'decided', entry, at, version, tick, why: note, overlap, jobs: each === pusher ? named : [] };
    }),
    ...defined.toReversed().map(({ version, note = '' }): TriggerDecision => {
      // Nobody says anything of one that its firing has removed.
      const why = note === '' && fired.length > 0 ? 'gone with its last tick' : note;
      return { kind: 'changed', entry, at, version, why };
    }),
  ];
}

function whyPushed(job: Pick<Job, 'about' | 'manual'>): string {
  const { tick, backfill, event } = readAbout(job);
  if (backfill === true) return `backfill of ${tick}`;
  if (event !== undefined) return eventName(event);
  return job.manual ? 'launched' : 'called';
}

/** What it says may have been damaged. */
function readAbout(job: Pick<Job, 'about'>): About {
  try {
    return aboutOf(job);
  } catch {
    return {};
  }
}

function eventName(event: unknown): string {
  const { type, verb, id } = typeof event === 'object' && event !== null ? (event as Partial<Record<string, unknown>>) : {};
  return ['event', ...[type, verb, id].filter((each) => typeof each === 'string' && each !== '')].join(' ');
}
