/** Jobs that must begin before a time or never do. */
import { neverBegan } from '../../core/expiry.ts';
import type { Job } from '../../core/job.ts';
import { expireMoves } from '../../core/transitions.ts';
import { moveJob } from './move.ts';
import type { State } from './state.ts';
import type { Step } from './step.ts';

/** Of a job that was pushed or came in. */
export function keepExpiry(state: State, step: Step, job: Job): void {
  const { startBefore } = job.options;
  if (startBefore === undefined || !neverBegan(job)) return;
  if ('at' in startBefore) state.expiries.add(job.id, 'wall', startBefore.at);
  else state.expiries.add(job.id, 'steady', Math.ceil(step.steady - (step.now - job.createdAt) + startBefore.delay));
}

/** Jobs that should have begun by now are canceled, at most so many. Answers how many were looked at. */
export function expire(state: State, step: Step, limit: number): number {
  let looked = 0;
  for (let next = state.expiries.next(step); next !== null && next.in <= 0 && looked < limit; next = state.expiries.next(step)) {
    const entry = state.records.get(next.id);
    state.expiries.forget(next.id);
    const move = entry && expireMoves[entry.job.state];
    if (entry !== undefined && move !== undefined && neverBegan(entry.job)) moveJob(state, step, entry, move);
    looked += 1;
  }
  return looked;
}
