/** The attempts that a holder holds. */
import type { Job } from '../../../../core/job.ts';
import { digestOf } from '../../../../core/node.ts';
import { prepareRows } from '../../file/database.ts';
import { jobColumns } from '../../file/rows/job.ts';
import type { State } from '../state.ts';

export interface HeldJob {
  readonly job: Job;
  readonly operation: string;
}

export interface Held {
  of(holder: string): readonly HeldJob[];
  /** Their digest, as core/node.ts makes it. */
  digest(holder: string): string;
  /** At most `limit` attempts of outside holders whose deadline has passed. */
  overdue(now: number, limit: number): readonly Job[];
}

export const heldSql = `SELECT op, ${jobColumns} FROM jobs INDEXED BY jobs_held WHERE holder = ? AND state IN (2, 3) ORDER BY id`;

export const digestSql = `
  SELECT count(*), coalesce(sum(id % 1000000000), 0), coalesce(sum(fence % 1000000000), 0)
  FROM jobs INDEXED BY jobs_held WHERE holder = ? AND state IN (2, 3)`;

export const overdueSql = `
  SELECT ${jobColumns} FROM jobs INDEXED BY jobs_deadline WHERE deadline IS NOT NULL AND deadline <= ? ORDER BY id LIMIT ?`;

export function makeHeld({ db, aside }: State): Held {
  const ofHolder = prepareRows(db, heldSql);
  const sums = prepareRows(db, digestSql);
  const late = prepareRows(db, overdueSql);
  const none = digestOf([]);
  return {
    of: (holder) =>
      ofHolder.all(holder).flatMap((row) => {
        const job = aside.read(row.slice(1));
        return job === null ? [] : [{ operation: String(row[0]), job }];
      }),
    digest: (holder) => sums.get(holder)?.join(':') ?? none,
    overdue: (now, limit) => aside.readAll(late.all(now, limit)),
  };
}
