/** Firing: one step that pushes the jobs of a due definition and says when it is due next. */
import { dueAt, type Overlap, ownerOf, type Window } from '../../core/definition.ts';
import { hasEnded, type NewJob } from '../../core/job.ts';
import { cancelMoves } from '../../core/transitions.ts';
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
  const overlap = firing.jobs.length > 0 && isInTheWay(live, firing.overlap);
  goOn(state, step, kept, firing, overlap);
  step.fired({ owner, version: firing.version, tick: firing.tick, overlap, note: firing.note });
  if (overlap) return { kind: 'overlap' };
  if (firing.overlap === 'replace' && firing.jobs.length > 0) cancel(state, step, live);
  return { kind: 'fired', ids: push(state, step, jobsOf(kept, firing)).map(({ id }) => id) };
}

function isInTheWay(live: readonly Entry[], overlap: Overlap): boolean {
  if (overlap === 'skip') return live.length > 0;
  return overlap === 'one' && live.some(({ job }) => job.state === 'scheduled' || job.state === 'queued');
}

/** What becomes of the definition. A window that cannot be collected waits for the end of a job. */
function goOn(state: State, step: Step, kept: KeptDefinition, firing: Firing, overlap: boolean): void {
  const { next, state: words, collect } = firing;
  if (next === 'removed') {
    remove(state, step, { ...kept, state: words, firedAt: firing.tick });
    return;
  }
  const window = collect === null ? reopened(kept.window, firing) : overlap ? closingAt(kept.window, null) : null;
  state.definitions.set(ownerOf(kept), {
    ...kept,
    state: words,
    firedAt: firing.tick,
    due: next,
    window,
    parts: window === null ? [] : kept.parts,
  });
}

const closingAt = (window: Window | null, closesAt: number | null): Window | null => window && { ...window, closesAt };

/** A window that has closed and is not collected closes again when its definition is due next. */
function reopened(window: Window | null, { tick, next }: Firing): Window | null {
  const hasClosed = window !== null && window.closesAt !== null && window.closesAt <= tick;
  return hasClosed ? closingAt(window, typeof next === 'number' ? next : null) : window;
}

function cancel(state: State, step: Step, live: readonly Entry[]): void {
  for (const entry of live) {
    const chosen = cancelMoves[entry.job.state];
    if (chosen !== undefined) moveJob(state, step, entry, chosen);
  }
}

function jobsOf({ parts }: KeptDefinition, { jobs, collect }: Firing): readonly NewJob[] {
  if (collect === null) return jobs;
  const [before, after] = collect;
  const payload = before + parts.join(',') + after;
  return jobs.map((job, at) => (at === 0 ? { ...job, payload } : job));
}
