/** Jobs under `/v1`. */
import { formatDuration, type Millis } from '../../core/duration.ts';
import { HatstandError } from '../../core/errors.ts';
import { type Connection, query, segment } from './connection.ts';
import type { AttemptPage, Job, JobPage, JobWithHistory, KeptJob, LogPage, Push, PushedMany, Restart } from './job.ts';
import { jsonLines } from './json-lines.ts';

export interface ListQuery {
  /** A filter, such as `state:failed queue:mail created:<2h`. */
  readonly q?: string | undefined;
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
  readonly order?: 'newest' | 'oldest' | undefined;
}

export interface UnreadableRecord {
  /** The id of a job, or what it was and under what it lay, such as `queue:mail`. */
  readonly id: string;
  readonly at: string;
  /** What is wrong with it. */
  readonly reason: string;
  /** As the store had it; what is no text, as hexadecimal digits. */
  readonly raw: string;
}

export interface Purge {
  /** So long ago a job must have ended, such as `14d`. */
  readonly olderThan: string;
  /** So many of the newest stay, of each state, worker and domain. Default: 50. */
  readonly keep?: number | undefined;
  /** Default: all. */
  readonly workers?: readonly string[] | undefined;
  /** Default: all. */
  readonly domain?: string | undefined;
}

export interface Purged {
  /** Ended jobs that were looked at. */
  readonly looked: number;
  /** Of these, how many are gone. */
  readonly purged: number;
}

export interface Jobs {
  /** Answers when the job is kept. Text is sent as it is, so that the payload keeps its bytes. */
  push(job: Push | string): Promise<KeptJob>;
  /** One refused job stops no other, and it does not throw when all are refused: see `failed`. Texts are sent as they are and must have no line break. */
  pushMany(jobs: readonly (Push | string)[]): Promise<PushedMany>;
  get(id: string): Promise<JobWithHistory>;
  /** A page of at most `limit` attempts (20 by default), newest first. */
  attempts(id: string, asked?: { readonly limit?: number; readonly cursor?: string }): Promise<AttemptPage>;
  /** As `get`, as JSON text, in which the numbers of the payload keep all their digits. */
  getText(id: string): Promise<string>;
  /** A page of at most `limit` lines of its log (100 by default), oldest first, behind `after`, the `next` of an earlier page. */
  lines(id: string, asked?: { readonly after?: string | null | undefined; readonly limit?: number | undefined }): Promise<LogPage>;
  list(asked?: ListQuery): Promise<JobPage>;
  /** The job once it has ended, or as it stands after `timeout` (at most five minutes; default 30 s). */
  wait(id: string, timeout?: Millis, signal?: AbortSignal): Promise<Job>;
  cancel(id: string): Promise<Job>;
  restart(id: string, changes?: Restart): Promise<Job>;
  /** Also a record that nobody can read, of whatever kind. */
  delete(id: string): Promise<void>;
  /**
   * Removes ended jobs that are old enough, but for the newest ones.
   *
   * @param onProgress is told the sums until then, about once a second
   */
  purge(asked: Purge, onProgress?: (until: Purged) => void): Promise<Purged>;
  /** What is left of a record that nobody can read. */
  raw(id: string): Promise<UnreadableRecord>;
}

/** When all of many jobs are refused, the refusal tells each. */
const tellsEach = (details: object): details is PushedMany => 'jobs' in details && Array.isArray(details.jobs);

export function makeJobs(connection: Connection): Jobs {
  const all = '/v1/jobs';
  const one = (id: string): string => `${all}/${segment(id)}`;
  // Such as `queue:mail`: no job has such an id.
  const unreadable = (id: string): string => `/v1/unreadable/${segment(id)}`;
  const post = <T>(path: string, value?: unknown): Promise<T> =>
    connection.json<T>({ method: 'POST', path, ...(value === undefined ? {} : { body: JSON.stringify(value) }) });
  return {
    push: (job) => connection.json({ method: 'POST', path: all, body: typeof job === 'string' ? job : JSON.stringify(job) }),
    async pushMany(jobs) {
      const lines = jobs.map((job) => (typeof job === 'string' ? job : JSON.stringify(job)));
      const call = { method: 'POST', path: all, body: `${lines.join('\n')}\n`, contentType: 'application/x-ndjson' } as const;
      try {
        return await connection.json<PushedMany>(call);
      } catch (error) {
        if (error instanceof HatstandError && tellsEach(error.details)) return error.details;
        throw error;
      }
    },
    get: (id) => connection.json({ method: 'GET', path: one(id) }),
    attempts: (id, asked = {}) => connection.json({ method: 'GET', path: `${one(id)}/attempts${query({ ...asked })}` }),
    lines: (id, { after, limit } = {}) =>
      connection.json({ method: 'GET', path: `${one(id)}/lines${query({ after: after ?? undefined, limit })}` }),
    getText: (id) => connection.text({ method: 'GET', path: one(id) }),
    list: (asked = {}) => connection.json({ method: 'GET', path: `${all}${query({ ...asked })}` }),
    wait: (id, timeout = 30_000, signal) =>
      connection.json({ method: 'GET', path: `${one(id)}/wait?timeout=${formatDuration(timeout)}`, patience: timeout, signal }),
    cancel: (id) => post(`${one(id)}/cancel`),
    restart: (id, changes = {}) => post(`${one(id)}/restart`, changes),
    async purge(asked, onProgress) {
      const call = { method: 'POST', path: `${all}/purge`, body: JSON.stringify(asked) } as const;
      for await (const line of jsonLines<Purged & { readonly done: boolean }>(connection.pieces(call))) {
        const { done, ...until } = line;
        if (done) return until;
        onProgress?.(until);
      }
      throw new HatstandError('unreachable', 'The purge was cut off before its end. What is gone is gone; purge again for the rest.');
    },
    raw: (id) => connection.json({ method: 'GET', path: unreadable(id) }),
    async delete(id) {
      await connection.text({ method: 'DELETE', path: id.includes(':') ? unreadable(id) : one(id) });
    },
  };
}
