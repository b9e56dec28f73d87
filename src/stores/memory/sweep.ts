import { hasEnded } from '../../core/job.ts';
import type { Retention, Swept } from '../../ports/store.ts';
import type { Entry } from './records.ts';
import type { State } from './state.ts';
import type { Step } from './step.ts';

/** Removes what is old enough, oldest first. Keys that are too old outlive that as long as their job has not ended. */
export function sweep(state: State, step: Step, retention: Retention): Swept {
  const { limit } = retention;
  const jobs = retention.ended === null ? [] : take(state.records.endedBefore(step.now - retention.ended), limit + 1);
  for (const entry of jobs.slice(0, limit)) remove(state, step, entry);
  const keys = take(oldKeys(state, step.now - retention.idempotency), limit + 1);
  for (const key of keys.slice(0, limit)) state.keys.delete(key);
  const events = oldEvents(state, step.now - retention.events);
  state.events.splice(0, Math.min(events, limit));
  return {
    jobs: Math.min(jobs.length, limit),
    events: Math.min(events, limit),
    keys: Math.min(keys.length, limit),
    more: jobs.length > limit || events > limit || keys.length > limit,
  };
}

function remove(state: State, step: Step, entry: Entry): void {
  state.records.remove(entry);
  step.moved('delete', entry.job.id);
}

function* oldKeys(state: State, before: number): Generator<string> {
  for (const [key, { id, createdAt }] of state.keys) {
    if (createdAt >= before) return;
    const job = state.records.get(id)?.job;
    if (job === undefined || hasEnded(job.state)) yield key;
  }
}

function oldEvents(state: State, before: number): number {
  const young = state.events.findIndex((event) => event.at >= before);
  return young < 0 ? state.events.length : young;
}

function take<T>(items: Iterable<T>, count: number): readonly T[] {
  const taken: T[] = [];
  for (const item of items) {
    if (taken.length === count) break;
    taken.push(item);
  }
  return taken;
}
