import type { JobId } from '../../core/id.ts';
import { hasEnded } from '../../core/job.ts';
import { asHistory } from '../../core/output.ts';
import type { Purged } from '../../ports/store/jobs.ts';
import type { Retention, Swept } from '../../ports/store/upkeep.ts';
import { forgetAfter } from './after.ts';
import { sweepRemoved } from './definitions-list.ts';
import { toldCharacters } from './journal.ts';
import { sweepBuckets } from './limits.ts';
import { forget } from './owned.ts';
import type { Entry } from './records.ts';
import type { Key, State } from './state.ts';
import type { Step } from './step.ts';
import { forgetUnique } from './uniques.ts';

/** Removes what is old enough, oldest first. A key whose job has not ended counts as new again. */
export function sweep(state: State, step: Step, retention: Retention): Swept {
  const { limit } = retention;
  if (step.believedIn > 0) return nothingSwept;
  const jobs = retention.ended === null ? [] : take(state.records.endedBefore(step.now - retention.ended), limit + 1);
  for (const entry of jobs.slice(0, limit)) remove(state, step, entry);
  const keys = take(oldKeys(state, step.steady - retention.idempotency), limit + 1);
  const ended = keys.slice(0, limit).filter(([, { id }]) => !lives(state, id));
  for (const [name, key] of keys.slice(0, limit)) {
    state.keys.delete(name);
    if (lives(state, key.id)) state.keys.set(name, { ...key, at: step.steady });
  }
  const eventKeys = take(oldEventKeys(state, step.steady - retention.idempotency), limit + 1);
  for (const scope of eventKeys.slice(0, limit)) state.eventKeys.delete(scope);
  const entries = Math.max(
    oldEntries(state, step.now - retention.journal, step.now + retention.journal),
    entriesBeyond(state, retention.told),
  );
  state.journal.splice(0, Math.min(entries, limit));
  const outputs = cutOutputs(state, retention.output);
  const removed = sweepRemoved(state, step.now - retention.journal, limit);
  const moreBuckets = sweepBuckets(state, step, limit);
  return {
    jobs: Math.min(jobs.length, limit),
    entries: Math.min(entries, limit),
    keys: ended.length + Math.min(eventKeys.length, limit),
    definitions: removed.count,
    outputs,
    more: jobs.length > limit || entries > limit || keys.length > limit || eventKeys.length > limit || removed.more || moreBuckets,
  };
}

export function purge(state: State, step: Step, ids: readonly JobId[], endedBefore: number): Purged {
  let count = 0;
  for (const id of ids) {
    const entry = state.records.get(id);
    if (entry === undefined || entry.job.endedAt === null || entry.job.endedAt >= endedBefore) continue;
    remove(state, step, entry);
    count += 1;
  }
  return { count, rest: 0 };
}

const nothingSwept: Swept = { jobs: 0, entries: 0, keys: 0, definitions: 0, outputs: 0, more: false };

function remove(state: State, step: Step, entry: Entry): void {
  state.records.remove(entry);
  forget(state, entry.job);
  forgetUnique(state, entry.job);
  state.expiries.forget(entry.job.id);
  forgetAfter(state, entry.job);
  step.moved('delete', entry.job.id);
}

/** All at once: there is no memory that was kept by other settings for long. */
function cutOutputs(state: State, bytes: number): number {
  if (bytes >= state.historyOutput) return 0;
  state.historyOutput = bytes;
  let count = 0;
  for (const id of state.records.ids) {
    const entry = state.records.get(id);
    const history = entry?.history.map((attempt) => asHistory(attempt, bytes)) ?? [];
    const cut = history.filter((attempt, at) => attempt !== entry?.history[at]).length;
    if (entry !== undefined && cut > 0) state.records.put({ ...entry, history });
    count += cut;
  }
  return count;
}

function* oldKeys(state: State, before: number): Generator<[name: string, key: Key]> {
  for (const entry of state.keys) {
    if (entry[1].at >= before) return;
    yield entry;
  }
}

function* oldEventKeys(state: State, before: number): Generator<string> {
  for (const [scope, { at }] of state.eventKeys) {
    if (at >= before) return;
    yield scope;
  }
}

/** How many come before those whose events have no more characters than this. */
function entriesBeyond({ journal }: State, characters: number | null): number {
  if (characters === null) return 0;
  let sum = 0;
  for (let at = journal.length - 1; at >= 0; at--) {
    sum += toldCharacters(journal[at]?.told ?? []);
    if (sum > characters) return at + 1;
  }
  return 0;
}

function lives(state: State, id: JobId): boolean {
  const job = state.records.get(id)?.job;
  return job !== undefined && !hasEnded(job.state);
}

/** How many come before the first that is young. One of the far future is not: the clock was wrong when it was written. */
function oldEntries(state: State, before: number, after: number): number {
  const young = state.journal.findIndex((entry) => entry.at >= before && entry.at <= after);
  return young < 0 ? state.journal.length : young;
}

function take<T>(items: Iterable<T>, count: number): readonly T[] {
  const taken: T[] = [];
  for (const item of items) {
    if (taken.length === count) break;
    taken.push(item);
  }
  return taken;
}
