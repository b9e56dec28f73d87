/** The part of jobs that wait for others of the scrub: those who wait and their records say the same, and no end is left untold. */
import { leftOf } from '../../../../core/after.ts';
import type { JobId } from '../../../../core/id.ts';
import { prepareRows } from '../../file/database.ts';
import { waitingRanges, waitsBehind } from '../../file/rows/due.ts';
import type { State } from '../state.ts';
import type { ScrubPart } from '../upkeep/scrub.ts';
import type { Waiting } from './after.ts';
import type { Mover } from './move.ts';

type Walk = ScrubPart['walks'][string];

export const waitScrubSql = {
  waits: `SELECT CAST(job_id AS TEXT), left, coalesce((SELECT iif(state = 0, reason, '') FROM jobs WHERE id = job_id), '')
    FROM (SELECT job_id, count(*) AS left FROM awaits WHERE job_id > CAST(? AS INTEGER) GROUP BY job_id ORDER BY job_id LIMIT ?)`,
  untold: `INSERT OR IGNORE INTO awaited_ends (job_id, round, state)
    SELECT awaited_id, round, coalesce((SELECT state FROM jobs WHERE id = awaited_id), 5) FROM awaits WHERE job_id = ?
      AND NOT EXISTS (SELECT 1 FROM jobs WHERE id = awaited_id AND state < 4)`,
  alone: waitingRanges.map(
    ([from, until]) => `SELECT CAST(id AS TEXT) FROM jobs INDEXED BY jobs_due
      WHERE state = 0 AND due_at >= ${from} AND due_at < ${until} AND NOT EXISTS (SELECT 1 FROM awaits WHERE job_id = id) LIMIT ?`,
  ),
} as const;

const isBehindSql = waitingRanges.map(([from, until]) => `(due_at >= ${from} AND due_at < ${until})`).join(' OR ');
/** It is due among those that wait for none, if it was not. */
const letGoSql = `UPDATE jobs SET due_at = due_at - ${waitsBehind} WHERE id = ? AND state = 0 AND (${isBehindSql}) RETURNING due_at`;

export function makeWaitWalks({ db, waits, due }: State, mover: Mover, waiting: Waiting): Record<'waits' | 'waiting', Walk> {
  const all = prepareRows(db, waitScrubSql.waits);
  const untold = db.prepare(waitScrubSql.untold);
  const alone = waitScrubSql.alone.map((sql) => prepareRows(db, sql));
  const letGo = prepareRows(db, letGoSql);

  /** What it waits for, if it does by its reason or by when it is due, is found anew by what was said with its push. */
  const repair = (id: JobId): void => {
    waits.forget(id);
    const job = mover.find(id);
    if (job?.state !== 'scheduled') return;
    const dueAt = letGo.get(id)?.[0];
    if (dueAt === undefined && leftOf(job) === null) return;
    if (dueAt !== undefined) due.expect(Number(dueAt));
    waiting.beginAgain(job, job.options.after);
  };

  return {
    waits(after, limit) {
      const rows = all.all(after ?? '-1', limit);
      let wrong = 0;
      for (const [id = null, count, reason] of rows) {
        const left = leftOf({ state: 'scheduled', reason: String(reason) });
        if (left !== count) repair(String(id));
        wrong += left === count ? 0 : 1;
        wrong += Number(untold.run(id).changes);
      }
      return { checked: rows.length, wrong, next: rows.length < limit ? null : String(rows.at(-1)?.[0]) };
    },
    waiting(_, limit) {
      const rows = alone.flatMap((sql) => sql.all(limit));
      for (const [id] of rows) repair(String(id));
      return { checked: rows.length, wrong: rows.length, next: null };
    },
  };
}
