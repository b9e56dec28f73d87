/** What a definition's jobs did: after each step, what a walk over them tells. */
import { type EndState, hasEnded, type Job, jobStates } from '../../core/job.ts';
import {
  type EndCounts,
  type Facet,
  factAfter,
  factOf,
  isEnd,
  isNewsTo,
  isOf,
  mapEnds,
  mapFacets,
  noEnds,
  type OwnedFacts,
  type OwnedJob,
  oneMoreGone,
} from '../../core/owned.ts';
import { wokenByEnd } from '../../core/window.ts';
import type { State } from './state.ts';
import type { Step } from './step.ts';

/**
 * A job has moved, was made or was removed, and its record tells so already.
 *
 * @param before `null`: it was made
 * @param after `null`: it was removed
 */
export function follow(state: State, step: Step, before: Job | null, after: Job | null): void {
  const owner = (after ?? before)?.owner ?? '';
  const kept = state.definitions.get(owner);
  if (owner === '' || kept === undefined) return;
  const facts = mapFacets((facet) => factAfter(kept.facts[facet], facet, before, after, () => newestOf(state, owner, facet)));
  const end = { isNews: isNewsTo(kept.facts.newest, before, after), isLast: liveOf(state, owner) === 0 };
  const woken = isEnd(before, after) ? wokenByEnd(kept, end, step.now) : null;
  state.definitions.set(owner, { ...kept, facts: { ...facts, gone: kept.facts.gone }, ...woken });
  if (after === null && before !== null) forget(state, before);
  if (woken !== null) step.hint({ kind: 'defined' });
}

/** The record of a job that has ended is gone: how it ended is still counted. */
export function forget(state: State, { owner, state: end }: Pick<Job, 'owner' | 'state'>): void {
  const kept = state.definitions.get(owner);
  if (kept === undefined || !kept.dueOnEnd || !hasEnded(end)) return;
  state.definitions.set(owner, { ...kept, facts: { ...kept.facts, gone: oneMoreGone(kept.facts.gone, end) } });
}

/** How many jobs of the owner have not ended. */
export const liveOf = (state: State, owner: string): number =>
  liveStates.reduce((sum, each) => sum + state.records.ownedIn(owner, each), 0);

const liveStates = jobStates.filter((each) => !hasEnded(each));

/** How many jobs of the owner that are there have ended so. */
export const endedOf = (state: State, owner: string): EndCounts => mapEnds((end: EndState) => state.records.ownedIn(owner, end));

function newestOf(state: State, owner: string, facet: Facet): OwnedJob | null {
  const newest = state.records.ownedBy(owner).findLast(({ job }) => isOf(job, facet));
  return newest === undefined ? null : factOf(newest.job);
}

/** As a walk over all jobs that are there tells them. */
export function factsOf(state: State, owner: string): OwnedFacts {
  return { ...mapFacets((facet) => newestOf(state, owner, facet)), gone: noEnds };
}
