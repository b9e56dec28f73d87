/** One move of one record, as core/transitions.ts defines it, written with all that hangs on it. */
import type { Job } from '../../../../core/job.ts';
import { applyMove, archivedBy, type Move, type Moves } from '../../../../core/transitions.ts';
import { stateCodes } from '../../file/codes.ts';
import { prepareRows } from '../../file/database.ts';
import { attemptCells, insertAttemptSql } from '../../file/rows/attempt.ts';
import { jobColumns, moveCells, moveJobSql, readJob } from '../../file/rows/job.ts';
import { TapeReader } from '../../file/tape.ts';
import type { Line } from '../counters.ts';
import type { State } from '../state.ts';

export interface Mover {
  find(id: string): Job | null;
  /** Writes the move and answers the record as it is now. The caller has checked the guard. */
  move(job: Job, move: Move): Job;
  /** Moves jobs that have lost their holder; every held state has its move there. */
  handBack(jobs: readonly Job[], movesOf: (job: Job) => Moves): void;
}

export function makeMover(state: State): Mover {
  const { db, clock, counters, journal, hints, limited } = state;
  const find = prepareRows(db, `SELECT ${jobColumns} FROM jobs WHERE id = ?`);
  const update = db.prepare(moveJobSql);
  const archive = db.prepare(insertAttemptSql);

  const move = (job: Job, by: Move): Job => {
    const now = clock.now();
    const after = applyMove(job, by, now);
    const attempt = archivedBy(job, by, now);
    if (attempt !== null) archive.run(job.id, ...attemptCells(attempt));
    update.run(...moveCells(after));
    const line = counters.line(job.worker, job.queue);
    counters.move(line, stateCodes[job.state], stateCodes[after.state], job.manual ? 1 : 0);
    journal.moved(by.verb, job.id);
    announce(state, line, after);
    if (job.holder !== '' && limited.has(job.queue)) hints.readyAnyway();
    return after;
  };

  return {
    find(id) {
      const row = find.get(id);
      return row === undefined ? null : readJob(new TapeReader(row));
    },
    move,
    handBack(jobs, movesOf) {
      for (const job of jobs) {
        const by = movesOf(job)[job.state];
        if (by !== undefined) move(job, by);
      }
    },
  };
}

function announce({ hints, due }: State, line: Line, job: Job): void {
  if (job.state === 'queued') hints.ready(line);
  else if (job.state === 'scheduled') due.expect(job.dueAt);
  else if (job.endedAt !== null) hints.ended(job.id);
}
