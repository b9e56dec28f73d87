/** A job that comes in from elsewhere, on its way to the writer. */
import type { JobCopy } from '../../../core/transfer.ts';
import { attemptCells } from '../file/rows/attempt.ts';
import { jobCells } from '../file/rows/job.ts';
import type { Row } from '../file/tape.ts';
import { type Codec, fields, list } from './codec.ts';

/** As the rows that the file will have. */
export interface CopyRows {
  readonly job: Row;
  /** Oldest first. */
  readonly attempts: readonly Row[];
}

const row: Codec<Row> = {
  write: (cells, value) => void cells.push(value.length, ...value),
  read: (tape) => tape.list(() => tape.cell()),
};
const copyRows = fields({ job: row, attempts: list(row) });

export const jobCopy: Codec<JobCopy, CopyRows> = {
  write: (cells, { job, attempts }) => copyRows.write(cells, { job: jobCells(job), attempts: attempts.map(attemptCells) }),
  read: copyRows.read,
};
