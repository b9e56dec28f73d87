/** What a Hatstand tells of its jobs. */
import type { WorkerList } from '../core/worker-list.ts';
import type { JobCount } from '../ports/store/jobs.ts';
import { type Attempt, attemptView, type Job, type JobRef, jobView } from './job.ts';
import { idOf } from './job-ref.ts';
import { type JobPage, type ListOptions, listQuery, pagesOf, pageView } from './list.ts';
import { type LinesOptions, type LogPage, linesAsked, logView, type Progress, progressView } from './log.ts';
import { readAs, whole } from './option.ts';
import { type Ask, orUnreadable } from './unreadable.ts';

export abstract class Looks {
  readonly #ask: Ask;
  readonly #checkOpen: () => void;

  /** @param checkOpen throws when the store is closed, or about to be */
  protected constructor(ask: Ask, checkOpen: () => void) {
    this.#ask = ask;
    this.#checkOpen = checkOpen;
  }

  /** `null`: there is none. Here and below: throws `unreadable` for a job whose record nobody can read. */
  async get<Payload = unknown, Value = unknown>(job: JobRef | Job<Payload, Value>): Promise<Job<Payload, Value> | null> {
    const id = idOf(job);
    const record = await this.#ask(({ jobs }) => jobs.get(id));
    return record === null ? orUnreadable(this.#ask, id, null) : jobView(record);
  }

  /** Its attempts, newest first, at most `limit` of them (1 to 1,000; default 100); empty when there is no such job. */
  async history(job: JobRef, limit = 100): Promise<readonly Attempt[]> {
    const most = readAs(whole(1, 1_000), limit, 'limit', 'history');
    const id = idOf(job);
    const record = await this.#ask(({ jobs }) => jobs.get(id));
    return record === null ? orUnreadable(this.#ask, id, []) : (await this.#ask(({ jobs }) => jobs.history(record, most))).map(attemptView);
  }

  /**
   * One page of its log: what its attempts have told, oldest first; the newest 1,000 lines with 256 Ki characters are kept. To follow
   * it, ask again with the last line as `after`. `null`: there is no such job.
   */
  async lines(job: JobRef, options?: LinesOptions): Promise<LogPage | null> {
    const { after, limit } = linesAsked(options);
    const id = idOf(job);
    const log = await this.#ask(({ jobs }) => jobs.lines(id, after, limit));
    return log === null ? orUnreadable(this.#ask, id, null) : logView(log);
  }

  /** How far its newest attempt is, or came; `null`: it has told nothing, or there is no such job. */
  async progress(job: JobRef): Promise<Progress | null> {
    const id = idOf(job);
    const record = await this.#ask(({ jobs }) => jobs.get(id));
    if (record === null) return orUnreadable(this.#ask, id, null);
    const progress = await this.#ask(({ jobs }) => jobs.progress(record));
    return progress === null ? null : progressView(progress);
  }

  /**
   * One page of the jobs that meet the filter, such as `state:failed queue:mail created:<2h`: a space is AND, a comma is OR, `-`
   * is NOT. Throws `invalid_filter`.
   */
  async list(filter?: string, options?: ListOptions): Promise<JobPage> {
    const query = listQuery(filter, options, 'list');
    return pageView(await this.#ask(({ jobs }) => jobs.list(query)));
  }

  /** All pages, each when it is asked for. Throws `invalid_filter` and `shutting_down` at once. */
  pages(filter?: string, options?: ListOptions): AsyncIterableIterator<JobPage> {
    const query = listQuery(filter, options, 'pages');
    this.#checkOpen();
    return pagesOf(query, (page) => this.#ask(({ jobs }) => jobs.list(page)));
  }

  /**
   * The workers of the whole cluster: where they run, how many jobs at once, how many jobs wait for them and run. Those of this process
   * alone are `workers()`.
   */
  async clusterWorkers(): Promise<WorkerList> {
    return this.#ask(({ nodes }) => nodes.workers());
  }

  /** How many jobs are in each state, by worker and queue. */
  async count(): Promise<readonly JobCount[]> {
    return this.#ask(({ jobs }) => jobs.count());
  }
}
