/**
 * The histories' part of the sweep: results that are longer than they are to be are cut. What becomes history now is short
 * (core/output.ts); a file has longer ones when it was written under another setting. So it is gone through once for each
 * smaller number of bytes, and remembers the smallest.
 */
import { jobLimits } from '../../../../core/new-job.ts';
import { asHistory } from '../../../../core/output.ts';
import { prepareRows } from '../../file/database.ts';
import { attemptOfRow, attemptSql, cutAttemptSql, cutCells } from '../../file/rows/attempt.ts';
import type { Cell } from '../../file/tape.ts';
import { metaKeys, type State } from '../state.ts';
import type { SweepParts } from '../upkeep/sweep.ts';

/** Where attempts are and whether each is too long, which reads no more than its first page. */
export const historySweepSql = `
  SELECT CAST(job_id AS TEXT), CAST(fence AS TEXT), octet_length(output), octet_length(output) > ?3 OR octet_length(error) > ${3 * jobLimits.error}
  FROM attempts WHERE (job_id, fence) > (CAST(?1 AS INTEGER), CAST(?2 AS INTEGER)) ORDER BY job_id, fence LIMIT ?4`;

/** Outputs of no more bytes than this are cut in one step, about. */
const mostBytes = 8 * 1024 * 1024;
type Place = readonly [id: Cell, fence: Cell];
const start: Place = ['0', '0'];

export function makeHistorySweep({ db, undo }: State): Pick<SweepParts, 'outputs'> {
  const next = prepareRows(db, historySweepSql);
  const find = prepareRows(db, attemptSql);
  const update = db.prepare(cutAttemptSql);
  const keep = db.prepare('INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value');
  let done = smallestOf(db);
  let from = start;
  let under = Number.POSITIVE_INFINITY;

  const cut = (place: Place, output: number): void => {
    const row = find.get(...place);
    if (row !== undefined) update.run(...cutCells(asHistory(attemptOfRow(row), output)), ...place);
  };

  return {
    outputs({ output, limit }) {
      if (output >= done) return { count: 0, more: false };
      const before = { done, from };
      undo.add(() => {
        ({ done, from } = before);
      });
      if (output !== under) from = start;
      under = output;
      let count = 0;
      let looked = 0;
      let left = mostBytes;
      for (const [id = null, fence = null, bytes, isLong] of next.all(...from, output, limit)) {
        looked += 1;
        from = [id, fence];
        if (isLong !== 1) continue;
        cut(from, output);
        count += 1;
        left -= Number(bytes);
        if (left < 0) return { count, more: true };
      }
      if (looked === limit) return { count, more: true };
      keep.run(metaKeys.historyOutput, output);
      done = output;
      return { count, more: false };
    },
  };
}

/** The smallest number of bytes for which the file was gone through. */
function smallestOf(db: State['db']): number {
  const known = prepareRows(db, 'SELECT value FROM meta WHERE key = ?').get(metaKeys.historyOutput)?.[0];
  return typeof known === 'number' ? known : Number.POSITIVE_INFINITY;
}
