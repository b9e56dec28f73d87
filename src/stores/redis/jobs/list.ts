/**
 * Pages of jobs. What a query may mean is gone through in slices, so that neither Redis nor this process is held for long
 * and other calls come between: through the index of its states if that has few jobs, else through all ids.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { compareIds, type JobId } from '../../../core/id.ts';
import type { Job, JobState } from '../../../core/job.ts';
import type { JobPage, JobQuery, JobStore } from '../../../ports/store/jobs.ts';
import { type ListPlan, listLength, planList } from '../../list-plan.ts';
import type { Search, Searcher } from '../../searcher.ts';
import type { Found } from '../../set-aside.ts';
import type { Reply } from '../driver/driver.ts';
import { paddedId, plainId } from '../format/ids.ts';
import { ownerWord } from '../format/owner.ts';
import { asList } from '../format/reply-reader.ts';
import { stateDigit } from '../format/states.ts';
import { type Calls, fewAtOnce } from '../frame/calls.ts';
import { type BriefJob, readBriefJobs } from './show.ts';

/** Jobs in one slice. */
const sliceLength = 250;
/** An index with more jobs than this is not sorted for a page: going through all ids finds enough of them. */
const fewJobs = 5_000;
/** Jobs whose long texts are read at once: each may have megabytes. */
const longAtOnce = 8;

/** Jobs without their long texts, and the first id behind them. */
interface Slice {
  readonly jobs: readonly BriefJob[];
  readonly next: JobId | null;
}

/** Reads up to `count` jobs from an id on; `null`: from the first one. */
type Walk = (from: JobId | null, count: number) => Promise<Slice>;

export function makeList(calls: Calls, searcher: Searcher, found: Found): Pick<JobStore, 'list'> {
  return {
    async list(query, signal) {
      const plan = planList(query);
      const search = query.match === null ? null : await searcher.begin(query.match, signal);
      const page = await lookThrough(await walkOf({ calls, found }, query, plan), query, { plan, search, signal });
      if (query.brief) return { next: page.next, jobs: page.found.map(({ job }) => briefly(job)) };
      const jobs = await whole(calls, page.found);
      return { next: page.found[jobs.length]?.job.id ?? page.next, jobs };
    },
  };
}

/** What a page looks for, and how long. */
interface Looking {
  readonly plan: ListPlan;
  readonly search: Search | null;
  readonly signal: AbortSignal | undefined;
}

async function lookThrough(
  walk: Walk,
  { from, limit, lookAt }: JobQuery,
  { plan, search, signal }: Looking,
): Promise<{ readonly found: readonly BriefJob[]; readonly next: JobPage['next'] }> {
  const found: BriefJob[] = [];
  let next = from;
  let left = lookAt ?? Number.POSITIVE_INFINITY;
  // The first slice may already be the page.
  for (let count = Math.min(limit, sliceLength); ; count = sliceLength) {
    signal?.throwIfAborted();
    const slice = await walk(next, Math.min(count, left));
    const meant = slice.jobs.filter(({ job }) => plan.matches(job));
    const hits = await search?.look(
      meant.map(({ job }) => job),
      limit - found.length,
    );
    for (const [at, each] of meant.entries()) {
      if (hits !== undefined && at >= hits.length) return { found, next: each.job.id };
      if (hits?.[at] === false) continue;
      found.push(each);
      if (found.length === limit) return { found, next: slice.jobs[slice.jobs.indexOf(each) + 1]?.job.id ?? slice.next };
    }
    left -= slice.jobs.length;
    next = slice.next;
    if (next === null || left <= 0) return { found, next };
    await turn();
  }
}

/** How pages are read. */
interface Reading {
  readonly calls: Calls;
  readonly found: Found;
}

async function walkOf(reading: Reading, query: JobQuery, { states, ids, owners }: ListPlan): Promise<Walk> {
  const { calls } = reading;
  if (ids !== null) return walkThese(reading, inOrder(ids, query));
  if (owners === null && states === null) return walkAll(reading, query.order);
  const few = (owners && (await collectOwned(calls, owners))) ?? (states && (await collect(calls, states)));
  return few === null ? walkAll(reading, query.order) : walkThese(reading, inOrder(few, query));
}

function walkAll({ calls, found }: Reading, order: JobQuery['order']): Walk {
  // Ids begin with a digit.
  const first = order === 'oldest' ? '[0' : '(:';
  return (from, count) => {
    const start = from === null ? first : `[${paddedId(from)}`;
    return calls.look('jobs.list', ['page', order, start, String(count)], (reply) => readSlice(reply, found), count > fewAtOnce);
  };
}

/** Those from the first one on, in the order of the query. */
function inOrder(ids: readonly JobId[], { order, from }: JobQuery): readonly JobId[] {
  const compare = order === 'oldest' ? compareIds : (a: JobId, b: JobId) => compareIds(b, a);
  const sorted = [...new Set(ids)].sort(compare);
  return from === null ? sorted : sorted.filter((id) => compare(id, from) >= 0);
}

/** Ids are gone through in the order they stand in. */
function walkThese({ calls, found }: Reading, ids: readonly JobId[]): Walk {
  return async (from, count) => {
    const at = from === null ? 0 : Math.max(0, ids.indexOf(from));
    const asked = ids.slice(at, at + count);
    if (asked.length === 0) return { jobs: [], next: null };
    const args = ['these', String(asked.length), ...asked.map(paddedId)];
    const slice = await calls.look('jobs.list', args, (reply) => readSlice(reply, found), asked.length > fewAtOnce);
    return { jobs: slice.jobs, next: slice.next ?? ids[at + asked.length] ?? null };
  };
}

/** The ids of all jobs in these states; `null` when there are many. */
const collect = (calls: Calls, states: readonly JobState[]): Promise<readonly JobId[] | null> =>
  calls.look('jobs.list', ['collect', states.map(stateDigit).join(''), String(fewJobs)], readCollected, true);

/** The same of all jobs of these owners. */
const collectOwned = (calls: Calls, owners: readonly string[]): Promise<readonly JobId[] | null> =>
  calls.look('jobs.list', ['owned', String(fewJobs), String(owners.length), ...owners.map(ownerWord)], readCollected, true);

const readCollected = (reply: Reply): readonly JobId[] | null =>
  reply === null ? null : asList(reply).rest((each) => plainId(each.text()));

function readSlice(reply: Reply, found: Found): Slice {
  const reader = asList(reply);
  const next = reader.text();
  return { next: next === '' ? null : plainId(next), jobs: readBriefJobs(reader, found) };
}

const briefly = (job: Job): Job => ({ ...job, payload: null, result: { ...job.result, output: '' } });

/** Those from the first on that make a page. */
async function whole(calls: Calls, found: readonly BriefJob[]): Promise<readonly Job[]> {
  const jobs: Job[] = [];
  for (let at = 0, length = 0; at < found.length && length < listLength; at += longAtOnce) {
    const next = await addLong(calls, found.slice(at, at + longAtOnce));
    jobs.push(...next);
    length += next.reduce((sum, { payload, result }) => sum + (payload?.length ?? 0) + result.output.length, 0);
  }
  return jobs;
}

/** A record that was changed since may have lost its output. */
async function addLong(calls: Calls, found: readonly BriefJob[]): Promise<readonly Job[]> {
  const names = found.flatMap(({ job, long }) => [
    ...(long.payload ? [`${paddedId(job.id)}p`] : []),
    ...(long.output ? [`${paddedId(job.id)}o`] : []),
  ]);
  if (names.length === 0) return found.map(({ job }) => job);
  const asked = ['texts', String(names.length), ...names];
  const texts = await calls.look('jobs.list', asked, (reply) => (Array.isArray(reply) ? (reply as readonly Reply[]) : []), true);
  const textNamed = (name: string): string => String(texts[names.indexOf(name)] ?? '');
  return found.map(({ job, long }) => ({
    ...job,
    payload: long.payload ? textNamed(`${paddedId(job.id)}p`) : job.payload,
    result: long.output ? { ...job.result, output: textNamed(`${paddedId(job.id)}o`) } : job.result,
  }));
}
