/** Pages of the log of a job. */
import type { DatabaseSync } from 'node:sqlite';
import type { ReaderHandlers } from '../calls/calls.ts';
import { prepareRows } from '../file/database.ts';
import { linesBehindSql, noLog, shownLogSql } from '../file/rows/log.ts';

/** Before any. */
const start = { fence: '-1', number: 0 };

export function makeLines(db: DatabaseSync): ReaderHandlers['jobs']['lines'] {
  const log = prepareRows(db, shownLogSql);
  const behind = prepareRows(db, linesBehindSql);
  return (id, after, limit) => {
    const { fence, number } = after ?? start;
    const lines = behind.all(id, fence, number, limit + 1);
    return { lines: lines.slice(0, limit), more: lines.length > limit, log: log.get(id) ?? noLog };
  };
}
