/** Pages of jobs: every record from the first on, in order, until the page is full. */
import type { JobId } from '../../core/id.ts';
import type { Job } from '../../core/job.ts';
import type { JobPage, JobQuery } from '../../ports/store/jobs.ts';
import { type ListPlan, listLength } from '../list-plan.ts';
import type { State } from './state.ts';

export function list(state: State, query: JobQuery, plan: ListPlan): JobPage {
  const jobs: Job[] = [];
  let looked = 0;
  let length = 0;
  for (const id of idsOf(state, query)) {
    if (jobs.length === query.limit || looked === query.lookAt || length >= listLength) return { jobs, next: id };
    looked += 1;
    const job = state.records.get(id)?.job;
    if (job === undefined || !plan.matches(job)) continue;
    jobs.push(query.brief ? briefly(job) : job);
    if (!query.brief) length += (job.payload?.length ?? 0) + job.result.output.length;
  }
  return { jobs, next: null };
}

function* idsOf(state: State, { order, from }: JobQuery): Generator<JobId> {
  const { ids } = state.records;
  const step = order === 'oldest' ? 1 : -1;
  for (let at = startOf(state, order, from); at >= 0 && at < ids.size; at += step) {
    const id = ids.at(at);
    if (id !== undefined) yield id;
  }
}

function startOf(state: State, order: JobQuery['order'], from: JobId | null): number {
  const { ids } = state.records;
  if (from === null) return order === 'oldest' ? 0 : ids.size - 1;
  const at = ids.indexOf(from);
  return order === 'oldest' || ids.at(at) === from ? at : at - 1;
}

const briefly = (job: Job): Job => ({ ...job, payload: null, result: { ...job.result, output: '' } });
