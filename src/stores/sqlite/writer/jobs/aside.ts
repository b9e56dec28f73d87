/** Records that cannot be read leave the jobs, as they are, so that they are in nobody's way. */
import type { DatabaseSync } from 'node:sqlite';
import { messageOf } from '../../../../core/errors.ts';
import type { Job } from '../../../../core/job.ts';
import { pageOfUnreadable } from '../../../unreadable.ts';
import type { WriterHandlers } from '../../calls/calls.ts';
import { prepareRows } from '../../file/database.ts';
import { jobColumn, jobOfRow } from '../../file/rows/job.ts';
import type { Row } from '../../file/tape.ts';
import type { StoreClock } from '../clock.ts';
import { absent, type Counters } from '../counters.ts';
import type { Journal } from '../journal/journal.ts';
import type { ClaimedJobs } from './claimed.ts';
import type { Logs } from './logs.ts';

export interface Aside {
  /** Within a transaction. Answers whether there was one. */
  take(id: string, reason: string): boolean;
  /** `null`: the row makes no job, and is set aside. */
  read(row: Row): Job | null;
  /** Those that make jobs; the others are set aside. */
  readAll(rows: readonly Row[]): readonly Job[];
}

/** Characters of a reason. */
const longestReason = 1_024;

/** Of the writer's state, what setting aside needs. */
interface AsideParts {
  readonly db: DatabaseSync;
  readonly clock: StoreClock;
  readonly counters: Counters;
  readonly claimed: ClaimedJobs;
  readonly journal: Journal;
  readonly logs: Logs;
}

export function makeAside({ db, clock, counters, claimed, journal, logs }: AsideParts): Aside {
  const place = prepareRows(db, 'SELECT worker, queue, state, manual FROM jobs WHERE id = CAST(? AS INTEGER)');
  const keep = db.prepare('INSERT OR REPLACE INTO unreadable (id, at, reason, raw) VALUES (CAST(? AS INTEGER), ?, ?, ?)');
  const removeJob = db.prepare('DELETE FROM jobs WHERE id = CAST(? AS INTEGER)');
  const removeAttempts = db.prepare('DELETE FROM attempts WHERE job_id = CAST(? AS INTEGER)');
  const rawOf = makeRaw(db);

  const take = (id: string, reason: string): boolean => {
    const row = place.get(id);
    if (row === undefined) return false;
    const [worker, queue, state, manual] = row;
    keep.run(id, clock.now(), reason.slice(0, longestReason).toWellFormed(), rawOf(id));
    removeJob.run(id);
    removeAttempts.run(id);
    logs.remove(id);
    claimed.forget(id);
    counters.move(counters.line(String(worker), String(queue)), Number(state), absent, manual === 1 ? 1 : 0);
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
  return { take, read, readAll: (rows) => rows.map(read).filter((job) => job !== null) };
}

/** The rows of a record as JSON; integers that JavaScript does not reach are texts. */
function makeRaw(db: DatabaseSync): (id: string) => string {
  const job = db.prepare('SELECT * FROM jobs WHERE id = CAST(? AS INTEGER)');
  const attempts = db.prepare('SELECT * FROM attempts WHERE job_id = CAST(? AS INTEGER) ORDER BY fence');
  const log = db.prepare('SELECT * FROM logs WHERE job_id = CAST(? AS INTEGER)');
  const lines = db.prepare('SELECT * FROM lines WHERE job_id = CAST(? AS INTEGER) ORDER BY fence, number');
  for (const statement of [job, attempts, log, lines]) statement.setReadBigInts(true);
  const told = (_: string, value: unknown): unknown =>
    typeof value !== 'bigint' ? value : Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  return (id) => JSON.stringify({ job: job.get(id), attempts: attempts.all(id), log: log.get(id), lines: lines.all(id) }, told);
}

export function makeUnreadable({
  db,
  aside,
}: {
  readonly db: DatabaseSync;
  readonly aside: Aside;
}): Pick<WriterHandlers['upkeep'], 'setAside' | 'unreadable' | 'discard'> {
  const page = prepareRows(
    db,
    'SELECT CAST(id AS TEXT), at, reason, raw FROM unreadable WHERE id >= coalesce(CAST(? AS INTEGER), -9223372036854775808) ORDER BY id',
  );
  const count = prepareRows(db, 'SELECT count(*) FROM unreadable');
  const discard = db.prepare('DELETE FROM unreadable WHERE id = CAST(? AS INTEGER)');
  function* records(from: string | null) {
    for (const [id, at, reason, raw] of page.each(from)) yield { id: String(id), at: Number(at), reason: String(reason), raw: String(raw) };
  }
  return {
    setAside: aside.take,
    unreadable: (from, limit) => ({ ...pageOfUnreadable(records(from), limit), total: Number(count.get()?.[0]) }),
    discard: (id) => Number(discard.run(id).changes) > 0,
  };
}
