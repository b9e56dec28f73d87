/** The calls of upkeep. */
import type { JobCopy } from '../../../core/transfer.ts';
import type { UpkeepStore } from '../../../ports/store/upkeep.ts';
import { sizeOfCopies } from '../../size.ts';
import { attemptCells } from '../file/rows/attempt.ts';
import { jobCells } from '../file/rows/job.ts';
import type { Row } from '../file/tape.ts';
import type { CallsOf } from './call.ts';
import { args, type Codec, fields, flag, json, list, number, numberOrNull, textOrNull, word } from './codec.ts';

/** A job that comes in, as the rows that the file will have. */
export interface CopyRows {
  readonly job: Row;
  readonly attempts: readonly Row[];
}

const row: Codec<Row> = {
  write: (cells, value) => void cells.push(value.length, ...value),
  read: (tape) => tape.list(() => tape.cell()),
};
const copyRows = fields({ job: row, attempts: list(row) });
const copy: Codec<JobCopy, CopyRows> = {
  write: (cells, { job, attempts }) => copyRows.write(cells, { job: jobCells(job), attempts: attempts.map(attemptCells) }),
  read: copyRows.read,
};

export const upkeepCalls = {
  sweep: {
    thread: 'writer',
    args: args(fields({ ended: numberOrNull, journal: number, idempotency: number, limit: number })),
    answer: fields({ jobs: number, entries: number, keys: number, more: flag }),
  },
  scrub: {
    thread: 'writer',
    args: args(textOrNull, number),
    answer: fields({ next: textOrNull, checked: number, repaired: json<Readonly<Record<string, number>>>() }),
  },
  restore: { thread: 'writer', size: sizeOfCopies, args: args(list(copy)), answer: list(word(['restored', 'exists'])) },
} satisfies CallsOf<UpkeepStore>;
