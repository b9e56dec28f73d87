import type { NewJob } from '../../core/job.ts';
import { createJob } from '../../core/transitions.ts';
import type { Pushed } from '../../ports/store/jobs.ts';
import { follow } from './owned.ts';
import { queueOf, type State } from './state.ts';
import type { Step } from './step.ts';

export function push(state: State, step: Step, jobs: readonly NewJob[]): readonly Pushed[] {
  return jobs.map((asked) => replay(state, asked) ?? keep(state, step, asked));
}

/** Keys of different domains have nothing to do with one another. */
const scopeOf = (asked: NewJob): string => JSON.stringify([asked.domain, asked.idempotency?.key]);

function replay(state: State, asked: NewJob): Pushed | null {
  if (asked.idempotency === null) return null;
  const known = state.keys.get(scopeOf(asked));
  if (known === undefined) return null;
  const kind = known.digest === asked.idempotency.digest ? 'replayed' : 'conflict';
  return { kind, id: known.id, createdAt: known.createdAt };
}

function keep(state: State, step: Step, asked: NewJob): Pushed {
  const id = state.idSource.next(step.now);
  const createdAt = step.now;
  const job = createJob(asked, id, createdAt, step.now);
  queueOf(state, job.queue);
  state.records.put({ job, hold: null, history: [] });
  if (job.state === 'scheduled' && asked.start !== null && 'delay' in asked.start) state.delayed.add(id);
  follow(state, step, null, job);
  if (asked.idempotency !== null) state.keys.set(scopeOf(asked), { id, digest: asked.idempotency.digest, createdAt, at: step.steady });
  step.moved('push', id);
  if (job.state === 'queued') step.ready(job.worker);
  return { kind: 'pushed', id, createdAt };
}
