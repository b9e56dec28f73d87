/** Promote: what is due leaves `scheduled` for `queued`. */
import { stateCodes } from '../../file/codes.ts';
import { prepareRows } from '../../file/database.ts';
import type { State } from '../state.ts';

export interface Promoter {
  /** Moves at most `limit` due jobs, those due longest first; reads nothing while none can be due. */
  promote(limit: number): number;
  /** Milliseconds until the next scheduled job is due; `null`: there is none. */
  nextIn(): number | null;
}

export const promoteSql = `
  UPDATE jobs SET state = 1 WHERE id IN (
    SELECT id FROM jobs INDEXED BY jobs_due WHERE state = 0 AND due_at <= ? ORDER BY due_at LIMIT CAST(? AS INTEGER))
  RETURNING CAST(id AS TEXT), worker, queue, manual`;

export function makePromoter({ db, clock, counters, journal, hints, undo, due }: State): Promoter {
  const promoteDue = prepareRows(db, promoteSql);
  const earliest = prepareRows(db, 'SELECT due_at FROM jobs INDEXED BY jobs_due WHERE state = 0 ORDER BY due_at LIMIT 1');

  const lookAgain = (): void => due.reset(numberOrNull(earliest.get()?.[0]));
  lookAgain();

  return {
    promote(limit) {
      const now = clock.now();
      if (due.next === null || due.next > now) return 0;
      const rows = promoteDue.all(now, limit);
      for (const [id, worker, queue, manual] of rows) {
        const line = counters.line(String(worker), String(queue));
        counters.move(line, stateCodes.scheduled, stateCodes.queued, Number(manual));
        journal.moved('promote', String(id));
        hints.ready(line);
      }
      // A rollback brings the jobs back, and the hint must then be as early as they are.
      if (rows.length > 0) undo.add(lookAgain);
      lookAgain();
      return rows.length;
    },
    nextIn: () => (due.next === null ? null : Math.max(0, due.next - clock.now())),
  };
}

const numberOrNull = (cell: unknown): number | null => (typeof cell === 'number' ? cell : null);
