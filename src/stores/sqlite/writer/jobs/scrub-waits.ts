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
  /** Of the jobs of so many pairs: for how many it waits, and its reason. */
  waits: `SELECT CAST(of AS TEXT), (SELECT count(*) FROM awaits WHERE job_id = of), coalesce((SELECT iif(state = 0, reason, '') FROM jobs WHERE id = of), '')
    FROM (SELECT DISTINCT job_id AS of FROM (
      SELECT job_id FROM awaits WHERE job_id > CAST(? AS INTEGER) ORDER BY job_id LIMIT CAST(? AS INTEGER))) ORDER BY of`,
  untold: `INSERT OR IGNORE INTO awaited_ends (job_id, round, state)
    SELECT awaited_id, round, coalesce((SELECT state FROM jobs WHERE id = awaited_id), 5) FROM awaits WHERE job_id = ?
      AND NOT EXISTS (SELECT 1 FROM jobs WHERE id = awaited_id AND state < 4)`,
  /** Of jobs that are due behind all: whether it waits for none. */
  alone: `SELECT CAST(id AS TEXT), due_at, NOT EXISTS (SELECT 1 FROM awaits WHERE job_id = id) FROM jobs INDEXED BY jobs_due
    WHERE state = 0 AND (due_at, id) > (CAST(? AS INTEGER), CAST(? AS INTEGER)) AND due_at < CAST(? AS INTEGER)
    ORDER BY due_at, id LIMIT CAST(? AS INTEGER)`,
} as const;

/** In the order of the index. */
const behind = [...waitingRanges].sort(([a], [b]) => a - b);
const isBehindSql = behind.map(([from, until]) => `(due_at >= ${from} AND due_at < ${until})`).join(' OR ');
/** It is due among those that wait for none, if it was not. */
const letGoSql = `UPDATE jobs SET due_at = due_at - ${waitsBehind} WHERE id = ? AND state = 0 AND (${isBehindSql}) RETURNING due_at`;

export function makeWaitWalks({ db, waits, due }: State, mover: Mover, waiting: Waiting): Record<'waits' | 'waiting', Walk> {
  const all = prepareRows(db, waitScrubSql.waits);
  const untold = db.prepare(waitScrubSql.untold);
  const alone = prepareRows(db, waitScrubSql.alone);
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
      let checked = 0;
      let wrong = 0;
      for (const [id = null, count, reason] of rows) {
        const left = leftOf({ state: 'scheduled', reason: String(reason) });
        if (left !== count) repair(String(id));
        checked += Number(count);
        wrong += left === count ? 0 : 1;
        wrong += Number(untold.run(id).changes);
      }
      return { checked, wrong, next: checked < limit ? null : String(rows.at(-1)?.[0]) };
    },
    waiting(after, limit) {
      let [due = String(Number.MIN_SAFE_INTEGER), id = '-1'] = after?.split(' ') ?? [];
      let [checked, wrong] = [0, 0];
      for (const [from, until] of behind) {
        if (Number(due) < from) [due, id] = [String(from), '-1'];
        const rows = alone.all(due, id, until, limit - checked);
        for (const [each, at, isAlone] of rows) {
          [due, id] = [String(at), String(each)];
          if (isAlone !== 1) continue;
          repair(id);
          wrong += 1;
        }
        checked += rows.length;
        if (checked >= limit) return { checked, wrong, next: `${due} ${id}` };
      }
      return { checked, wrong, next: null };
    },
  };
}
