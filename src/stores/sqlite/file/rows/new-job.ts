/** How a job that is pushed lies in the columns of jobs: only what it says itself; all else begins as the statement has it. */
import type { Cell } from '../tape.ts';

/** A NewJob on its way into the file: options and headers stay texts until somebody reads the job. */
export interface NewJobRow {
  readonly domain: string;
  readonly queue: string;
  readonly worker: string;
  readonly name: string;
  readonly comment: string;
  readonly url: string;
  /** 1: of the manual lane. */
  readonly manual: number;
  readonly priority: number;
  readonly start: 'now' | 'delay' | 'at';
  /** Milliseconds of the delay, or the Unix time in milliseconds. */
  readonly startTime: number;
  readonly options: string;
  readonly headers: string | null;
  readonly owner: string;
  readonly limit: string;
  readonly about: string | null;
  readonly payload: string | null;
  /** The idempotency key. */
  readonly key: string | null;
  readonly digest: string;
}

/** What the writer adds. */
export interface NewJobPlace {
  readonly id: string;
  readonly state: number;
  readonly dueAt: number;
  readonly createdAt: number;
}

/** For what `newJobCells` gives. */
export const insertNewJobSql = `
  INSERT INTO jobs (id, state, queue, worker, manual, priority, due_at, created_at, run, attempt, lost, fence, holder, op, reason,
    output_cut, owner, "limit", domain, name, url, comment, error, options, headers, about, payload, output)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, 0, 0, 0, '', '', '', 0, ?, ?, ?, ?, ?, ?, '', ?, ?, ?, ?, '')`;

export const newJobCells = ({ id, state, dueAt, createdAt }: NewJobPlace, job: NewJobRow): Cell[] => [
  ...[id, state, job.queue, job.worker, job.manual, job.priority, dueAt, createdAt],
  ...[job.owner, job.limit, job.domain, job.name, job.url, job.comment, job.options, job.headers, job.about, job.payload],
];
