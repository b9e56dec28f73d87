import type { JobCopy } from '../../core/transfer.ts';
import type { Restored } from '../../ports/store/upkeep.ts';
import { queueOf, type State } from './state.ts';
import type { Step } from './step.ts';

export function restore(state: State, step: Step, copies: readonly JobCopy[]): readonly Restored[] {
  return copies.map((copy) => keep(state, step, copy));
}

function keep(state: State, step: Step, { job, attempts }: JobCopy): Restored {
  if (state.records.get(job.id) !== undefined) return 'exists';
  queueOf(state, job.queue);
  state.records.put({ job, hold: null, history: attempts });
  state.idSource.pass(job.id);
  step.moved('push', job.id);
  if (job.state === 'queued') step.ready();
  return 'restored';
}
