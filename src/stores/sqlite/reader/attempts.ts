/** Pages of a job's earlier attempts. */
import type { DatabaseSync } from 'node:sqlite';
import type { Attempt } from '../../../core/job.ts';
import { asHistory } from '../../../core/output.ts';
import { pageOfAttempts } from '../../attempts.ts';
import type { ReaderHandlers } from '../calls/calls.ts';
import { prepareRows } from '../file/database.ts';
import { attemptCells, attemptOfRow, attemptsBeforeSql } from '../file/rows/attempt.ts';
import type { Row } from '../file/tape.ts';

/** No fence is greater: an SQLite integer. */
const last = '9223372036854775807';

export function makeAttempts(db: DatabaseSync): ReaderHandlers['jobs']['attempts'] {
  const earlier = prepareRows(db, attemptsBeforeSql);
  return (id, { before, limit, output }) => {
    const { attempts, more } = pageOfAttempts(read(earlier.each(id, before ?? last, output), output), limit);
    return { attempts: attempts.map(attemptCells), more };
  };
}

/** A row at a time: a page ends before it has read them all. */
function* read(rows: Iterable<Row>, output: number): Generator<Attempt> {
  for (const row of rows) yield asHistory(attemptOfRow(row), output);
}
