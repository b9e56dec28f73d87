/** Firing: one step that pushes the jobs of a due definition and says when it is due next. */
import { dueAt, ownerOf } from '../../core/definition.ts';
import { hasEnded, type NewJob } from '../../core/job.ts';
import { cancelMoves } from '../../core/transitions.ts';
import { withDuplicates } from '../../core/unique.ts';
import {
  cancelsEarlier,
  collectedAbout,
  collectedNote,
  isInTheWay,
  putOff,
  putOffNotes,
  replacedAtOnce,
  windowAfter,
} from '../../core/window.ts';
import type { Fired, Firing } from '../../ports/store/definitions.ts';
import { found, remove } from './definitions.ts';
import { moveJob } from './move.ts';
import { pushAnyway, refusalOf } from './push.ts';
import type { Entry } from './records.ts';
import type { KeptDefinition, State } from './state.ts';
import type { Step } from './step.ts';
import { type Duplicate, duplicateOf } from './uniques.ts';

export function fire(state: State, step: Step, firings: readonly Firing[]): readonly Fired[] {
  return firings.map((firing) => fireOne(state, step, firing));
}

function fireOne(state: State, step: Step, firing: Firing): Fired {
  const kept = found(state, firing);
  if (kept === undefined || kept.version !== firing.version || dueAt(kept) !== firing.tick) return { kind: 'lost' };
  const owner = ownerOf(firing);
  const note = { owner, version: firing.version, tick: firing.tick, overlap: false, putOff: false, note: firing.note };
  const refusal = refusalOf(state, step, firing.jobs) ?? duplicateIn(state, step, firing);
  if (refusal !== null) {
    state.definitions.set(owner, { ...kept, ...putOff(kept, firing.tick, step.now) });
    if (refusal.kind !== firing.knownPutOff) step.fired({ ...note, putOff: true, note: putOffNotes[refusal.kind] });
    return { kind: 'putOff', reason: refusal.kind };
  }
  const live = state.records.ownedBy(owner).filter(({ job }) => !hasEnded(job.state));
  const overlap =
    firing.jobs.length > 0 &&
    isInTheWay(
      firing.overlap,
      live.map(({ job }) => job.state),
    );
  // Before it goes on, so that ends that it causes itself wake nobody.
  if (cancelsEarlier(firing) && !replaces(state, step, live)) return { kind: 'replacing' };
  goOn(state, step, { ...kept, facts: found(state, firing)?.facts ?? kept.facts }, firing, overlap);
  const pushed = overlap ? [] : jobsOf(kept, firing).map((job) => pushAnyway(state, step, job));
  const made = pushed.flatMap(({ kind, id }) => (kind === 'duplicate' ? [] : id));
  step.fired({
    ...note,
    overlap,
    note: withDuplicates(firing.collect === null ? firing.note : collectedNote(firing.note, kept.window), pushed.length - made.length),
  });
  return overlap ? { kind: 'overlap' } : { kind: 'fired', ids: made };
}

/** What a window has gathered goes into a job of its own, so it waits until there may be another one. */
function duplicateIn(state: State, step: Step, { jobs, collect }: Firing): Duplicate | null {
  for (const job of collect === null ? [] : jobs) {
    const there = duplicateOf(state, step, job);
    if (there !== null) return there;
  }
  return null;
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

/** Whether none is left that is not told to stop. */
function replaces(state: State, step: Step, live: readonly Entry[]): boolean {
  const going = live.filter(({ job }) => job.state !== 'stopping');
  for (const entry of going.slice(0, replacedAtOnce)) {
    const chosen = cancelMoves[entry.job.state];
    if (chosen !== undefined) moveJob(state, step, entry, chosen);
  }
  return going.length <= replacedAtOnce;
}

function jobsOf({ parts, window }: KeptDefinition, { jobs, collect }: Firing): readonly NewJob[] {
  if (collect === null) return jobs;
  const [before, after] = collect.payload;
  const collected = { payload: before + parts.join(',') + after, about: collectedAbout(collect.about, window) };
  return jobs.map((job, at) => (at === 0 ? { ...job, ...collected } : job));
}
