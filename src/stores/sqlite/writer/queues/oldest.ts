/** How long the oldest ready job of lines has been waiting: the first of each lane and priority is asked. */
import { stateCodes } from '../../file/codes.ts';
import { prepareRows } from '../../file/database.ts';
import type { Line } from '../counters.ts';
import type { State } from '../state.ts';

/** More priorities than this in one lane are not looked at. */
const mostPriorities = 100;

export const oldestSql = `
  SELECT priority, due_at FROM jobs INDEXED BY jobs_ready
  WHERE state = 1 AND queue = ? AND worker = ? AND manual = ? AND priority < ? ORDER BY priority DESC, id LIMIT 1`;

/** Milliseconds; `null` when none is ready. */
export function makeOldestWaiting({ db, clock }: State): (lines: readonly Line[]) => number | null {
  const first = prepareRows(db, oldestSql);
  const oldestOf = (line: Line, manual: number): number => {
    let oldest = Number.POSITIVE_INFINITY;
    let priority = Number.MAX_SAFE_INTEGER;
    for (let i = 0; i < mostPriorities; i++) {
      const row = first.get(line.queue, line.worker, manual, priority);
      if (row === undefined) break;
      priority = Number(row[0]);
      oldest = Math.min(oldest, Number(row[1]));
    }
    return oldest;
  };
  return (lines) => {
    let oldest = Number.POSITIVE_INFINITY;
    for (const line of lines) {
      if ((line.counts[stateCodes.queued] ?? 0) > 0) oldest = Math.min(oldest, oldestOf(line, 0), oldestOf(line, 1));
    }
    return Number.isFinite(oldest) ? Math.max(0, clock.now() - oldest) : null;
  };
}
