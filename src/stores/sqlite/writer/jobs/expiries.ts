/** Jobs that must begin before a time or never do: when that is, beside them until it has come. */
import { neverBegan, type StartBefore } from '../../../../core/expiry.ts';
import type { Job } from '../../../../core/job.ts';
import { sizeOfNewJob } from '../../../../core/new-job.ts';
import { expireMoves } from '../../../../core/transitions.ts';
import { prepareRows } from '../../file/database.ts';
import { steadyDue } from '../../file/rows/due.ts';
import type { State } from '../state.ts';
import type { Mover } from './move.ts';

export interface Expiries {
  /** Of a job that was pushed or came in, and has not begun. */
  keep(job: Pick<Job, 'id' | 'createdAt'>, startBefore: StartBefore): void;
  /**
   * Jobs that should have begun by now are canceled, at most so many, and fewer of large ones. Answers how many were looked at, and
   * whether there may be more.
   */
  expire(limit: number): Expired;
}

interface Expired {
  readonly count: number;
  readonly more: boolean;
}

/** Characters of the jobs, each of which is read and written with all that it has: about what others wait for. */
const charactersAtOnce = 4 * 1024 * 1024;

export const expirySql = `
  SELECT CAST(job_id AS TEXT) FROM expiries INDEXED BY expiries_due WHERE due_at >= ? AND due_at <= ? ORDER BY due_at LIMIT CAST(? AS INTEGER)`;

export function makeExpiries({ db, clock, due }: State, mover: Mover): Expiries {
  const put = db.prepare('INSERT OR REPLACE INTO expiries (job_id, due_at) VALUES (?, ?)');
  const over = db.prepare('DELETE FROM expiries WHERE job_id = ?');
  const find = prepareRows(db, expirySql);

  const expireUntil = (from: number, until: number, limit: number): Expired => {
    const rows = limit <= 0 ? [] : find.all(from, until, limit);
    let [count, characters] = [0, 0];
    for (const [id = null] of rows) {
      if (characters >= charactersAtOnce) break;
      count += 1;
      over.run(id);
      const job = mover.find(String(id));
      if (job !== null) characters += sizeOfNewJob(job);
      const move = job !== null && neverBegan(job) ? expireMoves[job.state] : undefined;
      if (job !== null && move !== undefined) mover.move(job, move);
    }
    return { count, more: count === limit || count < rows.length };
  };

  return {
    keep({ id, createdAt }, startBefore) {
      const at = 'at' in startBefore ? startBefore.at : clock.steady() - (clock.now() - createdAt) + startBefore.delay;
      const column = 'at' in startBefore ? Math.ceil(at) : steadyDue(Math.ceil(at));
      put.run(id, column);
      due.expect(column);
    },
    expire(limit) {
      const byWall = expireUntil(0, clock.now(), limit);
      if (byWall.more) return byWall;
      const bySteady = expireUntil(Number.MIN_SAFE_INTEGER, steadyDue(clock.steady()), limit - byWall.count);
      return { count: byWall.count + bySteady.count, more: bySteady.more };
    },
  };
}
