/** What a verb does to a store. Each noun's file tells it of each of its verbs, beside their signatures. */

/**
 * Calls of one batch are done in this order, so that a push and a waiting claim of the same turn travel together: what frees
 * slots and room, then what adds work, then what takes it, then what only looks.
 */
export type Rank = 'frees' | 'adds' | 'takes' | 'looks';

/** The first half of the names of two failpoints: `<failpoint>.before_commit` and `<failpoint>.committed`. */
export type StepFailpoint = 'push' | 'claim' | 'settle' | 'retry' | 'change' | 'publish';

export interface Verb {
  readonly rank: Rank;
  /** Begins work: the last room, which is kept for the results of what runs, is not given up for it. */
  readonly beginsWork: boolean;
  /** Adds records: it is answered with `store_full` while only that last room is left. */
  readonly needsRoom: boolean;
  /** A settle that tries again passes `retry` instead. */
  readonly failpoint: StepFailpoint | null;
}

/** A row for each verb of a noun. */
export type Verbs<Noun> = Readonly<Record<keyof Noun & string, Verb>>;

type MakeVerb = (failpoint?: StepFailpoint) => Verb;

/** Also what neither adds nor takes. */
export const frees: MakeVerb = (failpoint) => ({ rank: 'frees', beginsWork: false, needsRoom: false, failpoint: failpoint ?? null });
export const adds: MakeVerb = (failpoint) => ({ rank: 'adds', beginsWork: true, needsRoom: true, failpoint: failpoint ?? null });
export const takes: MakeVerb = (failpoint) => ({ rank: 'takes', beginsWork: true, needsRoom: false, failpoint: failpoint ?? null });
export const looks: Verb = { rank: 'looks', beginsWork: false, needsRoom: false, failpoint: null };
