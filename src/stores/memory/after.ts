/** Jobs that wait for others (core/after.ts), and what becomes of them as these end. */
import { isEndedBy, leftOf, toldAtOnce, waitingReason } from '../../core/after.ts';
import type { JobId } from '../../core/id.ts';
import { type After, hasEnded, type Job, type NewJob } from '../../core/job.ts';
import { awaitedFailed } from '../../core/transitions.ts';
import type { Pushed } from '../../ports/store/jobs.ts';
import { moveJob } from './move.ts';
import type { Entry } from './records.ts';
import type { State } from './state.ts';
import type { Step } from './step.ts';
import type { End } from './waits.ts';

type Dangling = Extract<Pushed, { readonly kind: 'dangling' }>;

/** A job of another domain is none for it. */
function awaitedJob(state: State, id: JobId, domain: string): Job | null {
  const job = state.records.get(id)?.job;
  return job?.domain === domain ? job : null;
}

/** The first job that it would wait for and that is not there. */
export function danglingOf(state: State, { domain, options: { after } }: NewJob): Dangling | null {
  const awaited = after?.jobs.find((id) => awaitedJob(state, id, domain) === null);
  return awaited === undefined ? null : { kind: 'dangling', awaited };
}

/** Of a job that is pushed or comes in: it waits for those that have not ended, and is told of those whose end ends it. */
export function waitFrom(state: State, job: Job, { jobs, onFailure }: After): Job {
  const awaited = jobs.flatMap((id) => awaitedJob(state, id, job.domain) ?? []);
  const left = awaited.filter((each) => !hasEnded(each.state) || isEndedBy({ onFailure }, each.state));
  if (left.length === 0) return { ...job, reason: '' };
  state.waits.add(
    job.id,
    left.map(({ id }) => id),
  );
  for (const each of left) if (hasEnded(each.state)) state.waits.ended(each.id, each.state);
  return { ...job, state: 'scheduled', reason: waitingReason(left.length) };
}

/** The job is gone. Those that wait for it count it as failed if it had not ended. */
export function forgetAfter({ waits }: State, { id, state }: Job): void {
  waits.forget(id);
  if (!hasEnded(state)) waits.ended(id, 'failed');
}

/** Jobs are told that others have ended for which they wait, a bounded number of them. Answers how many. */
export function tellEnds(state: State, step: Step): number {
  let told = 0;
  for (let end = state.waits.next; end !== null && told < toldAtOnce; end = state.waits.next) {
    const waiting = end.waiting.first;
    if (waiting === undefined) state.waits.told(end);
    told += waiting === undefined ? 1 : tell(state, step, waiting, end);
  }
  return told;
}

/** Answers for how much it counts. */
function tell(state: State, step: Step, waiting: JobId, { id, state: how }: End): number {
  state.waits.delete(waiting, id);
  const entry = state.records.get(waiting);
  const left = entry && leftOf(entry.job);
  const after = entry?.job.options.after;
  if (entry === undefined || left == null || after === undefined) return 1;
  if (isEndedBy(after, how)) {
    moveJob(state, step, entry, awaitedFailed(id));
    return left;
  }
  if (left > 1) state.records.put({ ...entry, job: { ...entry.job, reason: waitingReason(left - 1) } });
  else letGo(state, step, entry);
  return 1;
}

/** It is due now, or when its own time comes. */
function letGo(state: State, { now }: Step, { job, ...entry }: Entry): void {
  const isDue = job.dueAt <= now;
  if (isDue) state.delayed.delete(job.id);
  state.records.put({ ...entry, job: { ...job, reason: '', dueAt: isDue ? now : job.dueAt } });
}
