/** What a definition's jobs did: after each step, what a walk over them tells. */
import type { Job } from '../../core/job.ts';
import { type Facet, factAfter, factOf, isEnd, isNewsTo, isOf, mapFacets, type OwnedFacts, type OwnedJob } from '../../core/owned.ts';
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
  const isNews = isNewsTo(kept.facts.newest, before, after);
  const woken = isEnd(before, after) ? wokenByEnd(kept, isNews, step.now) : null;
  state.definitions.set(owner, { ...kept, facts, ...woken });
  if (woken !== null) step.hint({ kind: 'defined' });
}

function newestOf(state: State, owner: string, facet: Facet): OwnedJob | null {
  const newest = state.records.ownedBy(owner).findLast(({ job }) => isOf(job, facet));
  return newest === undefined ? null : factOf(newest.job);
}

/** As a walk over all jobs that are there tells them. */
export function factsOf(state: State, owner: string): OwnedFacts {
  return mapFacets((facet) => newestOf(state, owner, facet));
}
