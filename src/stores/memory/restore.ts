import { jobLimits } from '../../core/new-job.ts';
import type { JobCopy } from '../../core/transfer.ts';
import type { Restored } from '../../ports/store/jobs.ts';
import { keepExpiry } from './expire.ts';
import { follow } from './owned.ts';
import { queueOf, type State } from './state.ts';
import type { Step } from './step.ts';
import { keepUnique } from './uniques.ts';

export function restore(state: State, step: Step, copies: readonly JobCopy[]): readonly Restored[] {
  return copies.map((copy) => keep(state, step, copy));
}

function keep(state: State, step: Step, { job, attempts }: JobCopy): Restored {
  if (state.records.get(job.id) !== undefined) return 'exists';
  queueOf(state, job.queue);
  state.records.put({ job, hold: null, history: attempts.slice(-jobLimits.history) });
  follow(state, step, null, job);
  keepUnique(state, step, job);
  keepExpiry(state, step, job);
  state.idSource.pass(job.id);
  step.moved('push', job.id);
  if (job.state === 'queued') step.ready(job.worker);
  return 'restored';
}
