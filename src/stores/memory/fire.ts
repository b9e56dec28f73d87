/** Firing: one step that pushes the jobs of a due definition and says when it is due next. */
import { dueAt, ownerOf } from '../../core/definition.ts';
import { hasEnded, type NewJob } from '../../core/job.ts';
import { cancelMoves } from '../../core/transitions.ts';
import { collectedAbout, collectedNote, isInTheWay, windowAfter } from '../../core/window.ts';
import type { Fired, Firing } from '../../ports/store/definitions.ts';
import { found, remove } from './definitions.ts';
import { moveJob } from './move.ts';
import { push } from './push.ts';
import type { Entry } from './records.ts';
import type { KeptDefinition, State } from './state.ts';
import type { Step } from './step.ts';

export function fire(state: State, step: Step, firings: readonly Firing[]): readonly Fired[] {
  return firings.map((firing) => fireOne(state, step, firing));
}

function fireOne(state: State, step: Step, firing: Firing): Fired {
  const kept = found(state, firing);
  if (kept === undefined || kept.version !== firing.version || dueAt(kept) !== firing.tick) return { kind: 'lost' };
  const owner = ownerOf(firing);
  const live = state.records.ownedBy(owner).filter(({ job }) => !hasEnded(job.state));
  const overlap =
    firing.jobs.length > 0 &&
    isInTheWay(
      firing.overlap,
      live.map(({ job }) => job.state),
    );
  // Before it goes on, so that ends that it causes itself wake nobody.
  if (firing.overlap === 'replace' && firing.jobs.length > 0) cancel(state, step, live);
  goOn(state, step, { ...kept, facts: found(state, firing)?.facts ?? kept.facts }, firing, overlap);
  const note = firing.collect === null ? firing.note : collectedNote(firing.note, kept.window);
  step.fired({ owner, version: firing.version, tick: firing.tick, overlap, note });
  if (overlap) return { kind: 'overlap' };
  return { kind: 'fired', ids: push(state, step, jobsOf(kept, firing)).map(({ id }) => id) };
}

/** What becomes of the definition. */
function goOn(state: State, step: Step, kept: KeptDefinition, firing: Firing, overlap: boolean): void {
  const { next, state: words, collect } = firing;
  if (next === 'removed') {
    remove(state, step, { ...kept, state: words, firedAt: firing.tick });
    return;
  }
  const window = windowAfter(kept.window, { tick: firing.tick, next, collects: collect !== null, overlap });
  state.definitions.set(ownerOf(kept), {
    ...kept,
    state: words,
    firedAt: firing.tick,
    due: next,
    window,
    parts: window === null ? [] : kept.parts,
  });
}

function cancel(state: State, step: Step, live: readonly Entry[]): void {
  for (const entry of live) {
    const chosen = cancelMoves[entry.job.state];
    if (chosen !== undefined) moveJob(state, step, entry, chosen);
  }
}

function jobsOf({ parts, window }: KeptDefinition, { jobs, collect }: Firing): readonly NewJob[] {
  if (collect === null) return jobs;
  const [before, after] = collect.payload;
  const collected = { payload: before + parts.join(',') + after, about: collectedAbout(collect.about, window) };
  return jobs.map((job, at) => (at === 0 ? { ...job, ...collected } : job));
}
