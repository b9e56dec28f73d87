/** What a definition's jobs did: after each step, what a walk over them tells. */
import { atOnce } from '../../core/definition.ts';
import { compareIds } from '../../core/id.ts';
import { hasEnded, type Job } from '../../core/job.ts';
import { type Facet, facets, factOf, isOf, type noFacts, type OwnedFacts, type OwnedJob } from '../../core/owned.ts';
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
  const facts = Object.fromEntries(facets.map((facet) => [facet, changed(state, kept.facts[facet], facet, before, after)])) as OwnedFacts;
  const now = atOnce(kept, step.now);
  const hasLeft = isLive(before) && !isLive(after);
  const heldUp = hasLeft && kept.window !== null && kept.window.closesAt === null;
  const wakes = hasLeft && kept.dueOnEnd && (kept.due === null || kept.due > now);
  state.definitions.set(owner, {
    ...kept,
    facts,
    due: wakes ? now : kept.due,
    window: heldUp && kept.window !== null ? { ...kept.window, closesAt: now } : kept.window,
  });
  if (heldUp || wakes) step.hint({ kind: 'defined' });
}

const isLive = (job: Job | null): boolean => job !== null && !hasEnded(job.state);

function changed(state: State, known: OwnedJob | null, facet: Facet, before: Job | null, after: Job | null): OwnedJob | null {
  if (after !== null && isOf(after, facet)) return newer(known, factOf(after));
  const isTaken = before !== null && known?.id === before.id;
  return isTaken ? newestOf(state, before.owner, facet) : known;
}

const newer = (a: OwnedJob | null, b: OwnedJob): OwnedJob => (a === null || compareIds(b.id, a.id) >= 0 ? b : a);

function newestOf(state: State, owner: string, facet: Facet): OwnedJob | null {
  const newest = state.records.ownedBy(owner).findLast(({ job }) => isOf(job, facet));
  return newest === undefined ? null : factOf(newest.job);
}

/** As a walk over all jobs that are there tells them. */
export function factsOf(state: State, owner: string): OwnedFacts {
  return Object.fromEntries(facets.map((facet) => [facet, newestOf(state, owner, facet)])) as OwnedFacts;
}

export function newerOf(a: OwnedFacts, b: OwnedFacts): OwnedFacts {
  const one = (facet: Facet): OwnedJob | null => {
    const other = b[facet];
    return other === null ? a[facet] : newer(a[facet], other);
  };
  return Object.fromEntries(facets.map((facet) => [facet, one(facet)])) as typeof noFacts;
}
