/** Where the jobs that a query may mean are found. */
import { type Filter, matchesFilter } from '../../core/filter.ts';
import { compareIds, type JobId } from '../../core/id.ts';
import { type Job, type JobState, jobStates } from '../../core/job.ts';
import type { JobQuery, PatternMatch } from '../../ports/store/jobs.ts';

export interface Plan {
  /** The states that may match; `null`: all. */
  readonly states: readonly JobState[] | null;
  /** The ids that may match; `null`: all. */
  readonly ids: readonly JobId[] | null;
  /** Whether a job that was found is one of those meant. */
  matches(job: Job): boolean;
}

/** Throws `invalid_filter` naming the expression at fault. */
export async function planQuery({ filter, match }: JobQuery): Promise<Plan> {
  const matchesPattern = match === null ? () => true : await patternTest(match);
  return { states: statesOf(filter), ids: idsOf(filter), matches: (job) => matchesFilter(job, filter) && matchesPattern(job) };
}

function statesOf(filter: Filter): readonly JobState[] | null {
  const terms = filter.filter((term) => term.field === 'state');
  const left = jobStates.filter((state) => terms.every((term) => term.any.includes(state) !== term.not));
  return left.length === jobStates.length ? null : left;
}

function idsOf(filter: Filter): readonly JobId[] | null {
  let ids: readonly JobId[] | null = null;
  for (const term of filter) {
    if (term.field !== 'id' || term.not) continue;
    const asked: readonly JobId[] = term.any.map((id) => BigInt(id).toString());
    ids = ids === null ? [...new Set(asked)] : ids.filter((id) => asked.includes(id));
  }
  return ids;
}

async function patternTest({ name, term, stateWords }: PatternMatch): Promise<(job: Job) => boolean> {
  // The engine for regular expressions is large, and most processes never need it.
  const { compilePattern } = await import('../pattern.ts');
  const byName = name === null ? null : compilePattern(name, 'name');
  const byTerm = term === null ? null : compilePattern(term, 'term');
  return (job) =>
    (byName === null || byName.test(job.name)) &&
    (byTerm === null || [job.name, job.comment, job.url, stateWords[job.state]].some((text) => byTerm.test(text)));
}

/** Those from the first one on, in the order of the query. */
export function inOrder(ids: readonly JobId[], { order, from }: JobQuery): readonly JobId[] {
  const compare = order === 'oldest' ? compareIds : (a: JobId, b: JobId) => compareIds(b, a);
  const sorted = [...new Set(ids)].sort(compare);
  return from === null ? sorted : sorted.filter((id) => compare(id, from) >= 0);
}
