/** Pages of jobs: every record from the first on, in order, until the page is full; in slices, between which others come. */
import { setImmediate as turn } from 'node:timers/promises';
import type { JobId } from '../../core/id.ts';
import type { Job } from '../../core/job.ts';
import type { JobPage, JobQuery } from '../../ports/store/jobs.ts';
import { listLength, planList } from '../list-plan.ts';
import type { Search, Searcher } from '../searcher.ts';
import type { State } from './state.ts';

/** Records in one slice. */
const sliceLength = 1_000;

/** Does one look at the state. */
type Run = <T>(look: (state: State) => T) => Promise<T>;

interface Slice {
  readonly jobs: readonly Job[];
  /** The first record behind them. */
  readonly next: JobId | null;
}

export async function list(run: Run, searcher: Searcher, query: JobQuery, signal: AbortSignal | undefined): Promise<JobPage> {
  const plan = planList(query);
  const search = query.match === null ? null : await searcher.begin(query.match, signal);
  const jobs: Job[] = [];
  let { from } = query;
  let looked = 0;
  let length = 0;
  // The first slice may already be the page.
  for (let count = Math.min(query.limit, sliceLength); ; count = sliceLength) {
    signal?.throwIfAborted();
    const slice = await run((state) => sliceOf(state, query.order, from, count));
    const { matching, end } = await matchingOf(slice.jobs.filter(plan.matches), search, query.limit - jobs.length);
    for (const job of slice.jobs) {
      const isFull = jobs.length === query.limit || looked === query.lookAt || length >= listLength;
      if (isFull || job === end) return { jobs, next: job.id };
      looked += 1;
      if (!matching.has(job)) continue;
      jobs.push(query.brief ? briefly(job) : job);
      if (!query.brief) length += (job.payload?.length ?? 0) + job.result.output.length;
    }
    from = slice.next;
    if (from === null || jobs.length === query.limit) return { jobs, next: from };
    await turn();
  }
}

/** Of these; `end`: the first one that was not looked at. */
async function matchingOf(
  jobs: readonly Job[],
  search: Search | null,
  enough: number,
): Promise<{ readonly matching: ReadonlySet<Job>; readonly end: Job | undefined }> {
  if (search === null) return { matching: new Set(jobs), end: undefined };
  const hits = await search.look(jobs, enough);
  return { matching: new Set(jobs.filter((_, at) => hits[at] === true)), end: jobs[hits.length] };
}

function sliceOf(state: State, order: JobQuery['order'], from: JobId | null, count: number): Slice {
  const { ids } = state.records;
  const step = order === 'oldest' ? 1 : -1;
  const jobs: Job[] = [];
  for (let at = startOf(state, order, from); at >= 0 && at < ids.size; at += step) {
    const id = ids.at(at);
    if (id === undefined) continue;
    if (jobs.length === count) return { jobs, next: id };
    const job = state.records.get(id)?.job;
    if (job !== undefined) jobs.push(job);
  }
  return { jobs, next: null };
}

function startOf(state: State, order: JobQuery['order'], from: JobId | null): number {
  const { ids } = state.records;
  if (from === null) return order === 'oldest' ? 0 : ids.size - 1;
  const at = ids.indexOf(from);
  return order === 'oldest' || ids.at(at) === from ? at : at - 1;
}

const briefly = (job: Job): Job => ({ ...job, payload: null, result: { ...job.result, output: '' } });
