/** Promote: what is due leaves `scheduled` for `queued`; and what should have begun by now is canceled. */
import { stateCodes } from '../../file/codes.ts';
import { prepareRows } from '../../file/database.ts';
import { dueAtSql, dueRanges, steadyDue } from '../../file/rows/due.ts';
import type { State } from '../state.ts';
import type { Expiries } from './expiries.ts';

export interface Promoter {
  /**
   * Cancels at most `limit` jobs that should have begun by now, and moves as many that are due, those due longest first; reads nothing
   * while none can be due.
   */
  promote(limit: number): number;
  /** There may be more that should have begun by now: none of them may begin. */
  isBehind(): boolean;
  /** Milliseconds until the next job is due, or must have begun; `null`: there is none. */
  nextIn(): number | null;
}

export const promoteSql = `
  UPDATE jobs SET state = 1, due_at = ${dueAtSql} WHERE id IN (
    SELECT id FROM jobs INDEXED BY jobs_due WHERE state = 0 AND due_at >= ? AND due_at <= ? ORDER BY due_at LIMIT CAST(? AS INTEGER))
  RETURNING CAST(id AS TEXT), worker, queue, manual`;

/** Of those due, or to have begun, by the wall clock, and by the steady one. */
export const earliestSql = dueRanges.map(
  ([from, until]) => `
    SELECT min(due_at) FROM (
      SELECT * FROM (SELECT due_at FROM jobs INDEXED BY jobs_due
        WHERE state = 0 AND due_at >= ${from} AND due_at < ${until} ORDER BY due_at LIMIT 1)
      UNION ALL
      SELECT * FROM (SELECT due_at FROM expiries INDEXED BY expiries_due WHERE due_at >= ${from} ORDER BY due_at LIMIT 1))`,
);

export function makePromoter({ db, clock, counters, journal, hints, undo, due }: State, expiries: Expiries): Promoter {
  let isBehind = false;
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
      isBehind = false;
      if (due.nextIn(clock) !== 0) return 0;
      const { count: expired, more } = expiries.expire(limit);
      isBehind = more;
      const byWall = promoteUntil(0, clock.now(), limit);
      const count = expired + byWall + promoteUntil(Number.MIN_SAFE_INTEGER, steadyDue(clock.steady()), limit - byWall);
      // A rollback brings the jobs back, and the hint must then be as early as they are.
      if (count > 0) undo.add(lookAgain);
      lookAgain();
      return count;
    },
    isBehind: () => isBehind,
    nextIn: () => due.nextIn(clock),
  };
}

const numberOrNull = (cell: unknown): number | null => (typeof cell === 'number' ? cell : null);
