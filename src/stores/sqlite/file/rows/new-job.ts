/** How a job that is pushed lies in the columns of jobs: only what it says itself; all else begins as the statement has it. */
import type { DatabaseSync } from 'node:sqlite';
import type { StartBefore } from '../../../../core/expiry.ts';
import type { After } from '../../../../core/job.ts';
import type { Unique } from '../../../../core/unique.ts';

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
  readonly options: string;
  readonly headers: string | null;
  readonly payload: string | null;
  readonly start: 'now' | 'delay' | 'at';
  /** Milliseconds of the delay, or the Unix time in milliseconds. */
  readonly startTime: number;
  /** The idempotency key. */
  readonly key: string | null;
  readonly digest: string;
  readonly owner: string;
  readonly limit: string;
  readonly about: string | null;
  /** What its options say of it; `null`: there may be any number of it. */
  readonly unique: Unique | null;
  /** What its options say of it; `null`: it may begin at any time. */
  readonly startBefore: StartBefore | null;
  /** What its options say of it; `null`: it waits for no others. */
  readonly after: After | null;
}

/** What the writer adds. */
export interface NewJobPlace {
  readonly id: string;
  readonly state: number;
  readonly dueAt: number;
  readonly createdAt: number;
}

/** @param forWhat owner, limit and what it is about, as SQL: most jobs have none, and a constant costs less than a parameter */
const insertSql = (...forWhat: readonly [owner: string, limit: string, about: string]): string => `
  INSERT INTO jobs (id, state, queue, worker, manual, priority, due_at, created_at, domain, name, url, comment, options, headers, payload,
    owner, "limit", about, run, attempt, lost, fence, holder, op, reason, output_cut, error, output)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ${forWhat.join(', ')}, 1, 0, 0, 0, '', '', '', 0, '', '')`;

export function makeInsertNewJob(db: DatabaseSync): (place: NewJobPlace, job: NewJobRow) => void {
  const plain = db.prepare(insertSql("''", "''", 'NULL'));
  const full = db.prepare(insertSql('?', '?', '?'));
  return ({ id, state, dueAt, createdAt }, job) => {
    const { queue, worker, manual, priority, domain, name, url, comment, options, headers, payload, owner, limit, about } = job;
    const isPlain = owner === '' && limit === '' && about === null;
    // One by one: arrays that are spread cost as much as a column.
    if (isPlain)
      plain.run(id, state, queue, worker, manual, priority, dueAt, createdAt, domain, name, url, comment, options, headers, payload);
    else {
      full.run(
        ...[id, state, queue, worker, manual, priority, dueAt, createdAt, domain, name, url, comment, options, headers, payload],
        ...[owner, limit, about],
      );
    }
  };
}
