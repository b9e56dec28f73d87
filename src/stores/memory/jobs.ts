/** All verbs of jobs but the list. Those that come with much of their own lie beside. */
import { compareIds, type JobId } from '../../core/id.ts';
import type { AttemptRef, Job, JobState } from '../../core/job.ts';
import { asHistory } from '../../core/output.ts';
import { entersQueue, type Moves } from '../../core/transitions.ts';
import type { AttemptPage, AttemptQuery, Changed, JobCount, Settled } from '../../ports/store/jobs.ts';
import { pageOfAttempts } from '../attempts.ts';
import { forgetAfter, tellEnds } from './after.ts';
import { promote as promoteDue } from './claim.ts';
import { expire } from './expire.ts';
import { letIn } from './limits.ts';
import { moveJob, placeFreed } from './move.ts';
import { follow } from './owned.ts';
import { isClosed } from './push.ts';
import { isHeld } from './records.ts';
import type { State } from './state.ts';
import type { Step } from './step.ts';
import { forgetUnique } from './uniques.ts';

export { claim } from './claim.ts';
export { push } from './push.ts';
export { lines, report } from './report.ts';
export { restore } from './restore.ts';
export { purge } from './sweep.ts';

/** Also parked jobs whose key has room; what has ended is told, and jobs that should have begun by now are canceled. */
export function promote(state: State, step: Step, limit: number): number {
  const told = tellEnds(state, step);
  const expired = expire(state, step, limit);
  return told + expired + promoteDue(state, step, limit) + letIn(state, step);
}

export function settle(state: State, step: Step, ref: AttemptRef, moves: Moves): Settled {
  const entry = state.records.held(ref);
  const move = entry && moves[entry.job.state];
  if (entry === undefined || move === undefined) return 'lost';
  moveJob(state, step, entry, move);
  return 'settled';
}

export function change(state: State, step: Step, id: JobId, moves: Moves): Changed {
  const entry = state.records.get(id);
  if (entry === undefined) return { kind: 'missing' };
  const move = moves[entry.job.state];
  if (move === undefined) return { kind: 'refused', state: entry.job.state };
  const { queue } = entry.job;
  if (entersQueue(move) && isClosed(state, queue)) return { kind: 'closed', queue };
  return { kind: 'changed', job: moveJob(state, step, entry, move) };
}

export function remove(state: State, step: Step, id: JobId, from: readonly JobState[]): Changed {
  const entry = state.records.get(id);
  if (entry === undefined) return { kind: 'missing' };
  const { job } = entry;
  if (!from.includes(job.state)) return { kind: 'refused', state: job.state };
  state.records.remove(entry);
  forgetUnique(state, job);
  state.expiries.forget(id);
  forgetAfter(state, job);
  follow(state, step, job, null);
  step.moved('delete', id);
  if (isHeld(job.state)) placeFreed(state, step, job);
  return { kind: 'changed', job };
}

export function get(state: State, _step: Step, id: JobId): Job | null {
  return state.records.get(id)?.job ?? null;
}

export function attempts(state: State, _step: Step, id: JobId, { before, limit, output }: AttemptQuery): AttemptPage {
  const history = state.records.get(id)?.history ?? [];
  const asked = history.filter(({ fence }) => before === null || compareIds(fence, before) < 0).toReversed();
  return pageOfAttempts(
    asked.map((attempt) => asHistory(attempt, output)),
    limit,
  );
}

export function count(state: State): readonly JobCount[] {
  return [...state.records.lines.all()]
    .filter(({ counts }) => Object.values(counts).some((jobs) => jobs > 0))
    .map(({ worker, queue, counts }) => ({ worker, queue, counts: { ...counts } }));
}
