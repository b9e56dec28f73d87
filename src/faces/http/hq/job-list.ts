/** GET /job: the answer, written page by page as the store gives it, so that a list of any length needs little memory. */
import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Millis } from '../../../core/duration.ts';
import type { Job } from '../../../core/job.ts';
import { indentJson } from '../../../core/json.ts';
import type { JobPage, Jobs } from '../../../engine/api/jobs.ts';
import { makeGate } from '../gate.ts';
import { lengthOf, written } from '../long-job.ts';
import { inPieces } from '../pieces.ts';
import type { ListQuery } from './job-query.ts';
import { jobText } from './job-text.ts';
import { answer, contentType, wantsPretty } from './reply.ts';

/**
 * The first page is small, since nothing is known yet about the jobs' sizes; further ones have about `pageLength` characters,
 * which stay in memory while the client takes them, and at most a few times as many jobs as the one before.
 */
const firstPage = 4;
const largestPage = 500;
/** An answer whose expressions have taken longer ends where it is, and says where to go on. */
const searchTime: Millis = 30_000;
const growth = 4;
/** Pages that come at once stall the main loop together: each may have megabytes. Not those of expressions, which last. */
const reading = makeGate(2);
const pageLength = 1024 * 1024;

interface Asked extends ListQuery {
  /** Ends the list. */
  readonly signal: AbortSignal;
}

const ending = (page: JobPage, count: number): string =>
  `],"hasNext":${page.next !== null}${page.next === null ? '' : `,"next":"${page.next}"`},"count":${count}}`;

export const emptyList = `{"jobs":[],"hasNext":false,"count":0}`;

export async function answerList(request: FastifyRequest, reply: FastifyReply, jobs: Jobs, asked: Asked): Promise<FastifyReply> {
  const pages = pagesOf(jobs, asked);
  const first = await pages.next();
  // Nothing is sent before the first page is there, so that what is wrong with the query gets its own status.
  if (first.done === true) return answer(request, reply, emptyList);
  const { value: page } = first;
  if (isLast(page, page.jobs.length, asked)) {
    return answer(request, reply, `{"jobs":[${page.jobs.map((job) => jobText(job)).join(',')}${ending(page, page.jobs.length)}`);
  }
  return reply
    .header('content-type', contentType)
    .send(Readable.from(inPieces(piecesOf(page, pages, wantsPretty(request))), { objectMode: false }));
}

const isLast = (page: JobPage, count: number, asked: Asked): boolean => page.next === null || count >= asked.limit;

/** @param time for which expressions are searched by */
export async function* pagesOf(jobs: Pick<Jobs, 'list'>, asked: Asked, time = searchTime): AsyncGenerator<JobPage, undefined> {
  const { order, filter, match, limit, signal } = asked;
  let { from } = asked;
  let size = firstPage;
  let left = match === null ? Number.POSITIVE_INFINITY : time;
  for (let count = 0; ; ) {
    const began = performance.now();
    const query = { order, filter, match, from, limit: Math.min(size, limit - count), brief: false, lookAt: null };
    const list = (): Promise<JobPage> => jobs.list(query, signal);
    const page = await (match === null ? reading(list) : list());
    left -= performance.now() - began;
    count += page.jobs.length;
    yield page;
    if (isLast(page, count, asked) || left <= 0) return undefined;
    from = page.next;
    size = sizeAfter(page);
  }
}

/** How many jobs of the last page's mean length make a page. */
function sizeAfter(page: JobPage): number {
  const length = page.jobs.reduce((sum, job) => sum + lengthOf(job) + 512, 0);
  if (length === 0) return largestPage;
  return Math.min(largestPage, growth * page.jobs.length, Math.max(1, Math.floor((pageLength * page.jobs.length) / length)));
}

async function* piecesOf(first: JobPage, others: AsyncIterable<JobPage>, pretty: boolean): AsyncGenerator<string> {
  const layout = pretty ? indented : minimized;
  let last = first;
  let count = first.jobs.length;
  yield layout.begin;
  for (const [at, job] of first.jobs.entries()) yield await layout.job(job, at === 0);
  for await (const page of others) {
    for (const job of page.jobs) {
      yield await layout.job(job, count === 0);
      count += 1;
    }
    last = page;
  }
  yield layout.end(last, count);
}

interface Layout {
  readonly begin: string;
  /** @param leading no job stands before it */
  job(job: Job, leading: boolean): string | Promise<string>;
  end(last: JobPage, count: number): string;
}

const minimized: Layout = {
  begin: '{"jobs":[',
  job: (job, leading) => written(job, () => (leading ? '' : ',') + jobText(job)),
  end: (last, count) => `${ending(last, count)}\n`,
};

const indented: Layout = {
  begin: '{\n  "jobs": [',
  job: (job, leading) => written(job, () => `${leading ? '' : ','}\n    ${indentJson(jobText(job)).replaceAll('\n', '\n    ')}`),
  // The list's own members are laid out as those of an object with an empty list, which stands there already.
  end: (last, count) => `\n  ${indentJson(`{"jobs":[${ending(last, count)}`).slice('{\n  "jobs": ['.length)}\n`,
};
