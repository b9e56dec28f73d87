/** Records that cannot be read leave the jobs, as they are, so that they are in nobody's way. */
import type { DatabaseSync } from 'node:sqlite';
import { messageOf } from '../../../../core/errors.ts';
import type { Job } from '../../../../core/job.ts';
import { stateCodes } from '../../file/codes.ts';
import { prepareRows } from '../../file/database.ts';
import { jobColumn, jobOfRow, parkedFloor } from '../../file/rows/job.ts';
import type { Row } from '../../file/tape.ts';
import type { StoreClock } from '../clock.ts';
import { absent, type Counters, parked } from '../counters.ts';
import type { Journal } from '../journal/journal.ts';
import type { KeyTally } from '../limits/tally.ts';
import { type KeepAside, makeKeepAside } from '../upkeep/aside.ts';
import type { ClaimedJobs } from './claimed.ts';
import type { Logs } from './logs.ts';

export interface Aside {
  /** Of any record: keeps what there is, and takes nothing away. */
  readonly keep: KeepAside;
  /** Within a transaction. Answers whether there was one. */
  take(id: string, reason: string): boolean;
  /** `null`: the row makes no job, and is set aside. */
  read(row: Row): Job | null;
  /** Those that make jobs; the others are set aside. */
  readAll(rows: readonly Row[]): readonly Job[];
}

/** Of the writer's state, what setting aside needs. */
interface AsideParts {
  readonly db: DatabaseSync;
  readonly clock: StoreClock;
  readonly counters: Counters;
  readonly claimed: ClaimedJobs;
  readonly tally: KeyTally;
  readonly journal: Journal;
  readonly logs: Logs;
}

export function makeAside({ db, clock, counters, claimed, tally, journal, logs }: AsideParts): Aside {
  const place = prepareRows(db, 'SELECT worker, queue, state, manual, priority FROM jobs WHERE id = CAST(? AS INTEGER)');
  const removeJob = db.prepare('DELETE FROM jobs WHERE id = CAST(? AS INTEGER)');
  const removeAttempts = db.prepare('DELETE FROM attempts WHERE job_id = CAST(? AS INTEGER)');
  const keep = makeKeepAside(db, clock);

  const take = (id: string, reason: string): boolean => {
    const row = place.get(id);
    if (row === undefined) return false;
    const [worker, queue, kept, manual, priority] = row;
    const state = Number(kept) === stateCodes.queued && Number(priority) <= parkedFloor ? parked : Number(kept);
    keep(id, reason, {
      job: ['jobs', 'id = CAST(? AS INTEGER)', id],
      attempts: ['attempts', 'job_id = CAST(? AS INTEGER) ORDER BY fence', id],
      log: ['logs', 'job_id = CAST(? AS INTEGER)', id],
      lines: ['lines', 'job_id = CAST(? AS INTEGER) ORDER BY fence, number', id],
    });
    removeJob.run(id);
    removeAttempts.run(id);
    logs.remove(id);
    claimed.forget(id);
    tally.forget();
    counters.move(counters.line(String(worker), String(queue)), state, absent, manual === 1 ? 1 : 0);
    journal.moved('delete', id);
    return true;
  };
  const read = (row: Row): Job | null => {
    try {
      return jobOfRow(row);
    } catch (error) {
      take(String(row[jobColumn.id]), messageOf(error));
      return null;
    }
  };
  return { keep, take, read, readAll: (rows) => rows.map(read).filter((job) => job !== null) };
}
