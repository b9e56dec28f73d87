/** What a list query means, told once for all stores: which states and ids may match, and what is left to look at. */
import { type Filter, matchesFilter } from '../core/filter.ts';
import type { JobId } from '../core/id.ts';
import { type Job, type JobState, jobStates } from '../core/job.ts';
import type { JobQuery } from '../ports/store/jobs.ts';

export interface FilterPlan {
  /** The states that may match; `null`: all. */
  readonly states: readonly JobState[] | null;
  /** The ids that may match, each once; `null`: all. */
  readonly ids: readonly JobId[] | null;
  /** The owners that may match, each once; `null`: all. */
  readonly owners: readonly string[] | null;
  /** The terms that states and ids leave open. */
  readonly rest: Filter;
}

export interface ListPlan extends FilterPlan {
  /** Whether a job that was found is one of those meant, apart from expressions. */
  matches(job: Job): boolean;
}

export const planList = ({ filter }: Pick<JobQuery, 'filter'>): ListPlan => ({
  ...planFilter(filter),
  matches: (job) => matchesFilter(job, filter),
});

export function planFilter(filter: Filter): FilterPlan {
  const rest = filter.filter((term) => term.field !== 'state' && (term.field !== 'id' || term.not));
  return { states: statesOf(filter), ids: idsOf(filter), owners: ownersOf(filter), rest };
}

/** Whether many records may have to be looked at for one that matches. */
export function isSearch({ filter, match }: Pick<JobQuery, 'filter' | 'match'>): boolean {
  const { ids, owners, rest } = planFilter(filter);
  const left = rest.length - (owners === null ? 0 : 1);
  return match !== null || (ids === null && left > 0);
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

/** More of them are not looked up one by one. */
const mostOwners = 16;

/** Of the first term that names whole owners and not those who have none; it stays in `rest` too. */
function ownersOf(filter: Filter): readonly string[] | null {
  for (const term of filter) {
    if (term.field !== 'owner' || term.not || term.any.length > mostOwners) continue;
    if (term.any.every(({ text, prefix }) => !prefix && text !== '')) return [...new Set(term.any.map(({ text }) => text))];
  }
  return null;
}

/** Characters of payloads and outputs on a page that has them, about. */
export const listLength = 4 * 1024 * 1024;
