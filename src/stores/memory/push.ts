import { leftOf } from '../../core/after.ts';
import type { Job, NewJob } from '../../core/job.ts';
import { createJob } from '../../core/transitions.ts';
import type { DeferredPush, KeptJob, Pushed } from '../../ports/store/jobs.ts';
import { danglingOf, waitFrom } from './after.ts';
import { keepExpiry } from './expire.ts';
import { limitOf, use } from './limits.ts';
import { follow } from './owned.ts';
import { queueOf, type State } from './state.ts';
import type { Step } from './step.ts';
import { duplicateOf, keepUnique } from './uniques.ts';

export function push(state: State, step: Step, jobs: readonly NewJob[]): readonly Pushed[] {
  return jobs.map(
    (asked) => before(state, step, asked) ?? danglingOf(state, asked) ?? refusalOf(state, step, [asked]) ?? keep(state, step, asked),
  );
}

/** Whatever limits say. */
export const pushAnyway = (state: State, step: Step, asked: NewJob): KeptJob => before(state, step, asked) ?? keep(state, step, asked);

/** Why these jobs are not taken together. */
export const refusalOf = (state: State, step: Step, jobs: readonly NewJob[]): DeferredPush | null =>
  jobs.some(({ queue }) => isClosed(state, queue)) ? { kind: 'closed' } : limitOf(state, step, jobs);

export const isClosed = (state: State, queue: string): boolean => state.queues.get(queue)?.settings.closed === true;

/** Keys of different domains have nothing to do with one another. */
const scopeOf = (asked: NewJob): string => JSON.stringify([asked.domain, asked.idempotency?.key]);

/** What an earlier push has made. Who repeats a push means the job of that one. */
const before = (state: State, step: Step, asked: NewJob): KeptJob | null => replay(state, asked) ?? duplicateOf(state, step, asked);

function replay(state: State, asked: NewJob): KeptJob | null {
  if (asked.idempotency === null) return null;
  const known = state.keys.get(scopeOf(asked));
  if (known === undefined) return null;
  const kind = known.digest === asked.idempotency.digest ? 'replayed' : 'conflict';
  return { kind, id: known.id, createdAt: known.createdAt };
}

/** What waits for others alone is due as if after a delay of nothing: whatever the wall clock does, once they have ended it is due. */
const hasOwnTime = ({ state }: Job, { start }: NewJob): boolean => state === 'scheduled' && start !== null && 'at' in start;

function keep(state: State, step: Step, asked: NewJob): KeptJob {
  const id = state.idSource.next(step.now);
  const createdAt = step.now;
  const made = createJob(asked, id, createdAt, step.now);
  const { after } = asked.options;
  const job = after === undefined ? made : waitFrom(state, made, after);
  queueOf(state, job.queue);
  state.records.put({ job, hold: null, history: [] });
  if (job.state === 'scheduled' && !hasOwnTime(made, asked)) state.delayed.add(id);
  follow(state, step, null, job);
  if (asked.idempotency !== null) state.keys.set(scopeOf(asked), { id, digest: asked.idempotency.digest, createdAt, at: step.steady });
  keepUnique(state, step, job);
  keepExpiry(state, step, job);
  use(state, step, [asked]);
  step.moved('push', id);
  if (job.state === 'queued') step.ready(job.worker);
  const left = leftOf(job);
  return left === null ? { kind: 'pushed', id, createdAt } : { kind: 'pushed', id, createdAt, left };
}
