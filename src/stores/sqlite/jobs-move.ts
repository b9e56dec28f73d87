/** One move of one record, as core/transitions.ts defines it, written with all that hangs on it. */
import type { Job } from '../../core/job.ts';
import { applyMove, archivedBy, type Move } from '../../core/transitions.ts';
import { endCode, stateCodes } from './codes.ts';
import type { Line } from './counters.ts';
import { prepareRows } from './database.ts';
import type { Ledger } from './ledger.ts';
import { jobColumns, readJob } from './rows.ts';
import { TapeReader } from './tape.ts';

export interface Mover {
  find(id: string): Job | null;
  /** Writes the move and answers the record as it is now. The caller has checked the guard. */
  move(job: Job, move: Move): Job;
}

const updateSql = `
  UPDATE jobs SET state = ?1, reason = ?2, due_at = ?3, started_at = ?4, ended_at = ?5, run = ?6, attempt = ?7, lost = ?8,
    holder = ?9, status_code = ?10, error = ?11, output_cut = ?12, output = ?13,
    op = iif(?1 IN (2, 3), op, ''), deadline = iif(?1 IN (2, 3), deadline, NULL)
  WHERE id = ?14`;

const archiveSql = `
  INSERT INTO attempts (job_id, fence, run, attempt, holder, started_at, ended_at, ending, status_code, error, output_cut, output)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

export function makeMover(ledger: Ledger): Mover {
  const { db, clock, counters, journal } = ledger;
  const find = prepareRows(db, `SELECT ${jobColumns} FROM jobs WHERE id = ?`);
  const update = db.prepare(updateSql);
  const archive = db.prepare(archiveSql);

  const write = (job: Job): void => {
    const { result } = job;
    update.run(
      ...[stateCodes[job.state], job.reason, job.dueAt, job.startedAt, job.endedAt, job.run, job.attempt, job.lost, job.holder],
      ...[result.statusCode, result.error, result.outputCut ? 1 : 0, result.output, job.id],
    );
  };

  const keepAttempt = (job: Job, move: Move, now: number): void => {
    const attempt = archivedBy(job, move, now);
    if (attempt === null) return;
    const { result } = attempt;
    archive.run(
      ...[job.id, attempt.fence, attempt.run, attempt.attempt, attempt.holder, attempt.startedAt, attempt.endedAt],
      ...[endCode(attempt.end), result.statusCode, result.error, result.outputCut ? 1 : 0, result.output],
    );
  };

  return {
    find(id) {
      const row = find.get(id);
      return row === undefined ? null : readJob(new TapeReader(row));
    },
    move(job, move) {
      const now = clock.now();
      const moved = applyMove(job, move, now);
      const after = Number.isInteger(moved.dueAt) ? moved : { ...moved, dueAt: Math.ceil(moved.dueAt) };
      keepAttempt(job, move, now);
      write(after);
      const line = counters.line(job.worker, job.queue);
      counters.move(line, stateCodes[job.state], stateCodes[after.state], job.manual ? 1 : 0);
      journal.moved(move.verb, job.id);
      announce(ledger, line, after);
      if (job.holder !== '' && ledger.limited.has(job.queue)) journal.readyAnyway();
      return after;
    },
  };
}

function announce({ journal, due }: Ledger, line: Line, job: Job): void {
  if (job.state === 'queued') journal.ready(line);
  else if (job.state === 'scheduled') due.expect(job.dueAt);
  else if (job.endedAt !== null) journal.ended(job.id);
}
