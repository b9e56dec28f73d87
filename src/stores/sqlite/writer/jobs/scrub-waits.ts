/** The part of jobs that wait for others of the scrub: those who wait and their records say the same, and no end is left untold. */
import { leftOf } from '../../../../core/after.ts';
import type { Job } from '../../../../core/job.ts';
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

export function makeWaitWalks({ db, waits, due }: State, mover: Mover, waiting: Waiting): Record<'waits' | 'waiting', Walk> {
  const all = prepareRows(db, waitScrubSql.waits);
  const untold = db.prepare(waitScrubSql.untold);
  const alone = waitScrubSql.alone.map((sql) => prepareRows(db, sql));
  const letGo = prepareRows(db, `UPDATE jobs SET due_at = due_at - ${waitsBehind} WHERE id = ? RETURNING due_at`);

  /** What it waits for is found anew by its record. */
  const repair = (job: Job | null): void => {
    if (job === null || leftOf(job) === null) return;
    waits.forget(job.id);
    due.expect(Number(letGo.get(job.id)?.[0]));
    waiting.beginAgain(job, job.options.after);
  };

  return {
    waits(after, limit) {
      const rows = all.all(after ?? '-1', limit);
      let wrong = 0;
      for (const [id = null, count, reason] of rows) {
        const left = leftOf({ state: 'scheduled', reason: String(reason) });
        if (left === null) waits.forget(String(id));
        else if (left !== count) repair(mover.find(String(id)));
        wrong += left === count ? 0 : 1;
        wrong += Number(untold.run(id).changes);
      }
      return { checked: rows.length, wrong, next: rows.length < limit ? null : String(rows.at(-1)?.[0]) };
    },
    waiting(_, limit) {
      const rows = alone.flatMap((sql) => sql.all(limit));
      for (const [id] of rows) repair(mover.find(String(id)));
      return { checked: rows.length, wrong: rows.length, next: null };
    },
  };
}
