/**
 * What the jobs of a definition did, kept beside it so that nobody has to walk through them. Every store keeps these facts
 * in the step in which a job moves: after each step they are what a walk over the jobs that are there would tell. Only
 * retention takes a job away without taking back what it did. How many live and have ended is counted along indexes, so it cannot
 * drift; only of those whose records are gone a number is kept.
 */
import { compareIds, type JobId } from './id.ts';
import { type EndState, hasEnded, type Job } from './job.ts';

/** One job of a definition. */
export interface OwnedJob {
  readonly id: JobId;
  /** When it ended, or when it was pushed if it has not; in Unix milliseconds. */
  readonly at: number;
  /** `null` while it lives. */
  readonly end: EndState | null;
  /** Of its end. */
  readonly error: string;
}

/** The newest is the one with the greatest id. */
export const facets = ['newest', 'succeeded', 'failed', 'manual'] as const;
export type Facet = (typeof facets)[number];

/** How many jobs have ended so. */
export type EndCounts = Readonly<Record<EndState, number>>;
export const noEnds: EndCounts = { succeeded: 0, failed: 0, canceled: 0 };

export interface OwnedFacts extends Readonly<Record<Facet, OwnedJob | null>> {
  /** Jobs that were deleted, or taken by retention, while the definition was one that is due on their end; none of others. */
  readonly gone: EndCounts;
}

export interface Owned extends OwnedFacts {
  /** Its jobs that have not ended. */
  readonly live: number;
  /** Its jobs that have ended, those that are gone, too; `null`: they are not counted, since it is not due on their end. */
  readonly ended: EndCounts | null;
}

export const noFacts: OwnedFacts = { newest: null, succeeded: null, failed: null, manual: null, gone: noEnds };

export function mapEnds(of: (end: EndState) => number): EndCounts {
  return { succeeded: of('succeeded'), failed: of('failed'), canceled: of('canceled') };
}

/** With those that are gone. */
export const withGone = (here: EndCounts, { gone }: Pick<OwnedFacts, 'gone'>): EndCounts => mapEnds((end) => here[end] + gone[end]);

/** One more that is gone. */
export const oneMoreGone = (gone: EndCounts, end: EndState): EndCounts => ({ ...gone, [end]: gone[end] + 1 });

export function isOf(job: Pick<Job, 'state' | 'manual'>, facet: Facet): boolean {
  switch (facet) {
    case 'newest':
      return true;
    case 'manual':
      return job.manual;
    default:
      return job.state === facet;
  }
}

/** What of a job the definition that owns it is told. */
export type OwnedRecord = Pick<Job, 'id' | 'owner' | 'state' | 'manual' | 'createdAt' | 'endedAt'> & {
  readonly result: Pick<Job['result'], 'error'>;
};

export function factOf(job: OwnedRecord): OwnedJob {
  const end = hasEnded(job.state) ? job.state : null;
  return { id: job.id, at: job.endedAt ?? job.createdAt, end, error: end === null ? '' : job.result.error };
}

export const isLive = (job: OwnedRecord | null): boolean => job !== null && !hasEnded(job.state);

/** Of two facts about one facet the one that stands; `b`, the later one, when they tell of the same job. */
export const newerFact = (a: OwnedJob | null, b: OwnedJob | null): OwnedJob | null =>
  b === null || (a !== null && compareIds(a.id, b.id) > 0) ? a : b;

export function mapFacets<T>(of: (facet: Facet) => T): Readonly<Record<Facet, T>> {
  return { newest: of('newest'), succeeded: of('succeeded'), failed: of('failed'), manual: of('manual') };
}

/**
 * What is known of one facet once a job has moved, was made or came in (`before` null) or was removed (`after` null).
 *
 * @param walk the newest job of this facet that is there: asked for when the one that was known is one no more
 */
export function factAfter(
  known: OwnedJob | null,
  facet: Facet,
  before: OwnedRecord | null,
  after: OwnedRecord | null,
  walk: () => OwnedJob | null,
): OwnedJob | null {
  if (after !== null && isOf(after, facet)) return newerFact(known, factOf(after));
  // Of a job that comes in, a copy of its definition may have told already, when it was another.
  return known !== null && known.id === (before ?? after)?.id ? walk() : known;
}

/** Whether a step ended a job: it lived before, or it came in ended. */
export const isEnd = (before: OwnedRecord | null, after: OwnedRecord | null): boolean =>
  !isLive(after) && (before === null || isLive(before));

/** Whether the definition that knows this as its newest job has not been told of that end. */
export const isNewsTo = (newest: OwnedJob | null, before: OwnedRecord | null, after: OwnedRecord | null): boolean =>
  before !== null || (newest !== null && newest.id === after?.id && newest.end === null);

/**
 * What is known of one facet once a copy of the definition has come in: the newest stays. A job that is here tells for itself.
 *
 * @param isHere whether there is a job of this id
 */
export const factWith = (known: OwnedJob | null, copied: OwnedJob | null, isHere: (id: JobId) => boolean): OwnedJob | null =>
  copied !== null && isHere(copied.id) ? known : newerFact(copied, known);
