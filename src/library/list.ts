/** Lists of jobs: a filter, a page, and all pages one after the other. */
import { type Filter, parseFilter } from '../core/filter.ts';
import { isJobId } from '../core/id.ts';
import type { JobQuery, JobPage as RecordPage } from '../ports/store/jobs.ts';
import { type Job, jobView } from './job.ts';
import { checked, type Kind, type OptionsOf, oneOf, readAs, text, truth, whole } from './option.ts';

export interface ListOptions {
  /** By id, which is the order in which jobs were pushed. Default: `"newest"`. */
  readonly order?: 'newest' | 'oldest' | undefined;
  /** Jobs on a page. Default: 50. */
  readonly limit?: number | undefined;
  /** Where the page begins: `next` of the page before, or any job's id. Default: the first in this order. */
  readonly from?: string | undefined;
  /** Without payloads, results and outputs, which may be large. Default: `false`. */
  readonly brief?: boolean | undefined;
}

export interface JobPage {
  /** In the order that was asked for. */
  readonly jobs: readonly Job[];
  /** The `from` of the next page; `null`: this is the last one. */
  readonly next: string | null;
}

const beginning: Kind<string> = {
  expected: "the next of an earlier page, or a job's id",
  read: (value) => (typeof value === 'string' && isJobId(value) ? value : undefined),
};

export const listOptions = {
  order: { kind: oneOf(['newest', 'oldest']), default: '`"newest"`' },
  limit: { kind: whole(1, 500), default: '50' },
  from: { kind: beginning, default: 'the first in this order' },
  brief: { kind: truth, default: '`false`' },
} as const satisfies OptionsOf<ListOptions>;

/** A page ends after as many records, even if few of them matched; the next page goes on there. */
const lookAt = 100_000;

/** Throws `invalid_filter` or `invalid_request`. */
export function listQuery(filter: string | undefined, options: ListOptions | undefined, whose: string): JobQuery {
  const { order = 'newest', limit = 50, from = null, brief = false } = checked(options, listOptions, whose);
  return { filter: filterOf(filter, whose), match: null, order, from, limit, brief, lookAt };
}

/** Relative times are measured from now. */
const filterOf = (filter: string | undefined, whose: string): Filter =>
  filter === undefined ? [] : parseFilter(readAs(text, filter, 'filter', whose), Date.now());

export const pageView = ({ jobs, next }: RecordPage): JobPage => ({ jobs: jobs.map((job) => jobView(job)), next });

/** Each page once it is asked for; jobs that are pushed meanwhile may come or not. */
export async function* pagesOf(query: JobQuery, page: (query: JobQuery) => Promise<RecordPage>): AsyncGenerator<JobPage, void> {
  for (let from = query.from; ; ) {
    const found = await page({ ...query, from });
    // A page whose records all failed to match says nothing by itself.
    if (found.jobs.length > 0 || found.next === null) yield pageView(found);
    if (found.next === null) return;
    from = found.next;
  }
}
