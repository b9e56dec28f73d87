/** The logs of jobs, and their progress: what is told is added, and with their jobs they go. */
import type { DatabaseSync } from 'node:sqlite';
import { emptyLog, type LogLine, type NewLine, newestTold, sizeOfLine, surplusOf, tellLines } from '../../../../core/report.ts';
import { prepareRows } from '../../file/database.ts';
import {
  dropLinesSql,
  findLogSql,
  insertLineSql,
  type KeptLog,
  lineCells,
  lineSizesSql,
  logCells,
  logOfRow,
  putLogSql,
  putProgressSql,
} from '../../file/rows/log.ts';
import type { Cell } from '../../file/tape.ts';

export interface Logs {
  /** Answers the number of the newest line under this fence that had been told before; 0: none had. */
  tell(id: string, fence: string, lines: readonly NewLine[], now: number): number;
  setProgress(id: string, fence: string, value: string, now: number): void;
  /** Of a job that goes. */
  remove(id: Cell): void;
}

const noLines: KeptLog = { ...emptyLog, lines: 0, characters: 0 };

export function makeLogs(db: DatabaseSync): Logs {
  const find = prepareRows(db, findLogSql);
  const put = db.prepare(putLogSql);
  const putProgress = db.prepare(putProgressSql);
  const insert = db.prepare(insertLineSql);
  const sizes = prepareRows(db, lineSizesSql);
  const drop = db.prepare(dropLinesSql);
  const removeLog = db.prepare('DELETE FROM logs WHERE job_id = CAST(? AS INTEGER)');
  const removeLines = db.prepare('DELETE FROM lines WHERE job_id = CAST(? AS INTEGER)');

  /** Drops the oldest lines that are too many. */
  const trim = (id: string, log: KeptLog): KeptLog => {
    const rows: Cell[][] = [];
    function* sizesOf(): Generator<number> {
      for (const row of sizes.each(id)) {
        rows.push([...row]);
        yield Number(row[2]);
      }
    }
    const { lines, size } = surplusOf(sizesOf(), log.lines, log.characters);
    const [fence, number] = rows[lines - 1] ?? [];
    if (fence === undefined || number === undefined) return log;
    drop.run(id, fence, number);
    return { ...log, lines: log.lines - lines, characters: log.characters - size, dropped: log.dropped + lines };
  };

  return {
    tell(id, fence, lines, now) {
      const row = find.get(id);
      const before = row === undefined ? noLines : logOfRow(row);
      const told = tellLines(before, fence, lines);
      const known = newestTold(before, fence);
      if (told.lines.length === 0) return known;
      const kept = told.lines.map((line) => asLine(line, fence, now));
      for (const line of kept) insert.run(id, ...lineCells(line));
      const characters = kept.reduce((sum, line) => sum + sizeOfLine(line), before.characters);
      put.run(id, ...logCells(trim(id, { ...told.head, lines: before.lines + kept.length, characters })));
      return known;
    },
    setProgress: (id, fence, value, now) => void putProgress.run(id, fence, now, value),
    remove(id) {
      // Most jobs have none.
      if (removeLog.run(id).changes > 0) removeLines.run(id);
    },
  };
}

const asLine = ({ level, text, fields, number, ago }: NewLine, fence: string, now: number): LogLine => ({
  ...{ fence, number, at: Math.max(0, Math.floor(now - ago)), level, text, fields },
});
