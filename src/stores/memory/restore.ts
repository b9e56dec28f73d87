import { leftOf } from '../../core/after.ts';
import type { Job } from '../../core/job.ts';
import { jobLimits } from '../../core/new-job.ts';
import type { JobCopy } from '../../core/transfer.ts';
import type { Restored } from '../../ports/store/jobs.ts';
import { waitFrom } from './after.ts';
import { keepExpiry } from './expire.ts';
import { follow } from './owned.ts';
import { queueOf, type State } from './state.ts';
import type { Step } from './step.ts';
import { keepUnique } from './uniques.ts';

export function restore(state: State, step: Step, copies: readonly JobCopy[]): readonly Restored[] {
  return copies.map((copy) => keep(state, step, copy));
}

function keep(state: State, step: Step, { job: arrived, attempts }: JobCopy): Restored {
  if (state.records.get(arrived.id) !== undefined) return 'exists';
  const job = leftOf(arrived) === null ? arrived : waitAgain(state, arrived);
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

/** For those that have not ended here. One that is not here has ended elsewhere. */
const waitAgain = (state: State, job: Job): Job =>
  job.options.after === undefined ? { ...job, reason: '' } : waitFrom(state, job, job.options.after);
