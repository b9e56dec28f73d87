/** Promote: what is due leaves `scheduled` for `queued`. */
import { stateCodes } from '../../file/codes.ts';
import { prepareRows } from '../../file/database.ts';
import { dueAtSql, steadyDue } from '../../file/rows/due.ts';
import type { State } from '../state.ts';

export interface Promoter {
  /** Moves at most `limit` due jobs, those due longest first; reads nothing while none can be due. */
  promote(limit: number): number;
  /** Milliseconds until the next scheduled job is due; `null`: there is none. */
  nextIn(): number | null;
}

export const promoteSql = `
  UPDATE jobs SET state = 1, due_at = ${dueAtSql} WHERE id IN (
    SELECT id FROM jobs INDEXED BY jobs_due WHERE state = 0 AND due_at >= ? AND due_at <= ? ORDER BY due_at LIMIT CAST(? AS INTEGER))
  RETURNING CAST(id AS TEXT), worker, queue, manual`;

/** Of those due by the wall clock, and by the steady one. */
export const earliestSql = [0, Number.MIN_SAFE_INTEGER].map(
  (from) => `SELECT due_at FROM jobs INDEXED BY jobs_due WHERE state = 0 AND due_at >= ${from} ORDER BY due_at LIMIT 1`,
);

export function makePromoter({ db, clock, counters, journal, hints, undo, due }: State): Promoter {
  const promoteDue = prepareRows(db, promoteSql);
  const [wall, steady] = earliestSql.map((sql) => prepareRows(db, sql));

  const lookAgain = (): void => {
    const least = numberOrNull(steady?.get()?.[0]);
    due.reset(numberOrNull(wall?.get()?.[0]), least !== null && least < 0 ? least : null);
  };
  lookAgain();

  const promoteUntil = (from: number, until: number, limit: number): number => {
    const rows = promoteDue.all(from, until, limit);
    for (const [id, worker, queue, manual] of rows) {
      const line = counters.line(String(worker), String(queue));
      counters.move(line, stateCodes.scheduled, stateCodes.queued, Number(manual));
      journal.moved('promote', String(id));
      hints.ready(line);
    }
    return rows.length;
  };

  return {
    promote(limit) {
      if (due.nextIn(clock) !== 0) return 0;
      const byWall = promoteUntil(0, clock.now(), limit);
      const count = byWall + promoteUntil(Number.MIN_SAFE_INTEGER, steadyDue(clock.steady()), limit - byWall);
      // A rollback brings the jobs back, and the hint must then be as early as they are.
      if (count > 0) undo.add(lookAgain);
      lookAgain();
      return count;
    },
    nextIn: () => due.nextIn(clock),
  };
}

const numberOrNull = (cell: unknown): number | null => (typeof cell === 'number' ? cell : null);
