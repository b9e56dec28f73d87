/**
 * What the jobs of a definition did, kept beside it so that nobody has to walk through them. Every store keeps these facts
 * in the step in which a job moves: after each step they are what a walk over the jobs that are there would tell. Only
 * retention takes a job away without taking back what it did.
 */
import type { JobId } from './id.ts';
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

export type OwnedFacts = Readonly<Record<Facet, OwnedJob | null>>;

export interface Owned extends OwnedFacts {
  /** Its jobs that have not ended. */
  readonly live: number;
}

export const noFacts: OwnedFacts = { newest: null, succeeded: null, failed: null, manual: null };

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

export function factOf(job: Job): OwnedJob {
  const end = hasEnded(job.state) ? job.state : null;
  return { id: job.id, at: job.endedAt ?? job.createdAt, end, error: end === null ? '' : job.result.error };
}
