import { jobStates } from '../../core/job.ts';
import type { QueueRecord, QueueSettings, StateCounts } from '../../core/queue.ts';
import { queueOf, type State } from './state.ts';
import type { Step } from './step.ts';

export function list(state: State, step: Step): readonly QueueRecord[] {
  return [...state.queues].map(([name, { settings }]) => ({
    name,
    ...settings,
    counts: countsOf(state, name),
    oldestWaiting: oldestWaiting(state, name, step.now),
  }));
}

export function configure(state: State, step: Step, name: string, change: Partial<QueueSettings>): QueueSettings {
  const queue = queueOf(state, name);
  const before = queue.settings.rate;
  queue.settings = { ...queue.settings, ...change };
  const { rate } = queue.settings;
  // Another limit starts with a full bucket.
  if (rate?.max !== before?.max || rate?.per !== before?.per) queue.bucket = undefined;
  step.ready(null);
  return queue.settings;
}

function countsOf(state: State, name: string): StateCounts {
  const lines = [...state.records.lines.all()].filter((line) => line.queue === name);
  const counts = jobStates.map((each) => [each, lines.reduce((sum, line) => sum + line.counts[each], 0)]);
  return Object.fromEntries(counts) as StateCounts;
}

function oldestWaiting(state: State, name: string, now: number): number | null {
  let oldest = Number.POSITIVE_INFINITY;
  for (const line of state.records.lines.all()) {
    if (line.queue !== name) continue;
    for (const lane of [line.manual, line.others]) for (const job of lane) oldest = Math.min(oldest, job.dueAt);
  }
  return oldest === Number.POSITIVE_INFINITY ? null : Math.max(0, now - oldest);
}
