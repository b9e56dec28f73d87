/** Jobs that wait parked: queued, and behind all that claims look at (file/rows/job.ts `parkedBelow`). */
import { parkedReason } from '../../../../core/limit.ts';
import { stateCodes } from '../../file/codes.ts';
import { prepareRows } from '../../file/database.ts';
import { parkedBelow, parkedFloor } from '../../file/rows/job.ts';
import { type Line, parked } from '../counters.ts';
import type { State } from '../state.ts';

export interface Parking {
  /** @param manual 1: of the manual lane */
  park(id: string, line: Line, manual: number, key: string): void;
  /** It is ready again. */
  unpark(id: string, line: Line, manual: number): void;
  /** At most so many of those that wait for the key are ready again, in their order. Answers how many, and whether more wait for it. */
  letIn(key: string, limit: number): { readonly count: number; readonly more: boolean };
  /** How many wait for the key. */
  count(key: string): number;
  /** What waits for anything. */
  keys(): readonly string[];
}

const parkedSql = `
  SELECT CAST(id AS TEXT), worker, queue, manual FROM jobs INDEXED BY jobs_parked WHERE priority <= ${parkedFloor} AND reason = ?
  ORDER BY manual DESC, priority DESC, id LIMIT CAST(? AS INTEGER)`;

/** From one to the next, however many jobs wait for each. */
const reasonsSql = `
  WITH RECURSIVE each (reason) AS (
    SELECT min(reason) FROM jobs INDEXED BY jobs_parked WHERE priority <= ${parkedFloor}
    UNION ALL
    SELECT (SELECT min(reason) FROM jobs INDEXED BY jobs_parked WHERE priority <= ${parkedFloor} AND reason > each.reason)
    FROM each WHERE each.reason IS NOT NULL
  )
  SELECT reason FROM each WHERE reason IS NOT NULL`;

export function makeParking({ db, counters, hints, tally }: Pick<State, 'db' | 'counters' | 'hints' | 'tally'>): Parking {
  const park = db.prepare(`UPDATE jobs SET priority = priority - ${parkedBelow}, reason = ? WHERE id = ?`);
  const unpark = db.prepare(`UPDATE jobs SET priority = priority + ${parkedBelow}, reason = '' WHERE id = ?`);
  const first = prepareRows(db, parkedSql);
  const count = prepareRows(db, `SELECT count(*) FROM jobs INDEXED BY jobs_parked WHERE priority <= ${parkedFloor} AND reason = ?`);
  const reasons = prepareRows(db, reasonsSql);

  const parking: Parking = {
    park(id, line, manual, key) {
      park.run(parkedReason(key), id);
      counters.move(line, stateCodes.queued, parked, manual);
      tally.waiting.add(key);
    },
    unpark(id, line, manual) {
      unpark.run(id);
      counters.move(line, parked, stateCodes.queued, manual);
      hints.ready(line);
    },
    letIn(key, limit) {
      const rows = first.all(parkedReason(key), limit + 1);
      for (const [id, worker, queue, manual] of rows.slice(0, limit))
        parking.unpark(String(id), counters.line(String(worker), String(queue)), Number(manual));
      return { count: Math.min(rows.length, limit), more: rows.length > limit };
    },
    count: (key) => Number(count.get(parkedReason(key))?.[0] ?? 0),
    keys: () => reasons.all().map(([reason]) => String(reason).slice(parkedReason('').length)),
  };
  return parking;
}
