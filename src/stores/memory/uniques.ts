/** Which unique job there is of each scope. */
import type { Job, NewJob } from '../../core/job.ts';
import { isLasting, type Unique, uniqueKey } from '../../core/unique.ts';
import type { KeptJob } from '../../ports/store/jobs.ts';
import type { State } from './state.ts';
import type { Step } from './step.ts';

/** Those of different domains have nothing to do with one another. */
const scopeOf = (domain: string, worker: string, unique: Unique): string => JSON.stringify([domain, uniqueKey(unique, worker)]);

/** The job that there is already. */
export type Duplicate = KeptJob & { readonly kind: 'duplicate' };

/** `null`: there is none, or there may be several. */
export function duplicateOf(state: State, step: Step, { domain, worker, options }: NewJob): Duplicate | null {
  if (options.unique === undefined) return null;
  const job = lastingOne(state, step, scopeOf(domain, worker, options.unique));
  return job === null ? null : { kind: 'duplicate', id: job.id, createdAt: job.createdAt };
}

function lastingOne(state: State, { steady }: Step, scope: string): Job | null {
  const known = state.uniques.get(scope);
  const job = known && state.records.get(known.id)?.job;
  return known !== undefined && job !== undefined && isLasting(known, job, steady) ? job : null;
}

/** Of the jobs that were pushed or came in, it is the one of its scope. */
export function keepUnique(state: State, step: Step, job: Job): void {
  const { unique } = job.options;
  if (unique === undefined) return;
  const scope = scopeOf(job.domain, job.worker, unique);
  const since = step.steady - (step.now - job.createdAt);
  if (isLasting({ until: unique.until, since }, job, step.steady) && lastingOne(state, step, scope) === null)
    state.uniques.set(scope, { id: job.id, until: unique.until, since });
}

/** The job is gone. */
export function forgetUnique(state: State, { id, domain, worker, options }: Job): void {
  if (options.unique === undefined) return;
  const scope = scopeOf(domain, worker, options.unique);
  if (state.uniques.get(scope)?.id === id) state.uniques.delete(scope);
}
