/** One move of one record, as core/transitions.ts defines it, written with all that hangs on it. */
import { leftOf } from '../../../../core/after.ts';
import { hasEnded, type Job, type JobState } from '../../../../core/job.ts';
import { parkedKey } from '../../../../core/limit.ts';
import { applyMove, archivedBy, type Move, type Moves } from '../../../../core/transitions.ts';
import { stateCodes } from '../../file/codes.ts';
import { prepareRows } from '../../file/database.ts';
import { attemptCells, insertAttemptSql, trimHistorySql } from '../../file/rows/attempt.ts';
import { steadyDue } from '../../file/rows/due.ts';
import { jobColumns, moveCells, moveJobSql } from '../../file/rows/job.ts';
import type { Line } from '../counters.ts';
import type { Owned } from '../definitions/owned.ts';
import { makeInbox } from '../nodes/inbox.ts';
import type { State } from '../state.ts';
import { makeParking } from './parking.ts';

export interface Mover {
  find(id: string): Job | null;
  /** Writes the move and answers the record as it is now. The caller has checked the guard. Who is to stop a job is told so. */
  move(job: Job, move: Move): Job;
  /** Moves jobs that have lost their holder; every held state has its move there. */
  handBack(jobs: readonly Job[], movesOf: (job: Job) => Moves): void;
}

export function makeMover(state: State, owned: Owned): Mover {
  const { db, clock, counters, journal, hints, limited, aside, tally, waits } = state;
  const parking = makeParking(state);
  const find = prepareRows(db, `SELECT ${jobColumns} FROM jobs WHERE id = ?`);
  const update = db.prepare(moveJobSql);
  const archive = db.prepare(insertAttemptSql);
  const trim = db.prepare(trimHistorySql);
  const inbox = makeInbox(state);

  const keepAttempt = (job: Job, by: Move, now: number): void => {
    const attempt = archivedBy(job, by, now);
    if (attempt === null) return;
    archive.run(job.id, ...attemptCells(attempt));
    trim.run(job.id);
  };

  const move = (job: Job, by: Move): Job => {
    if (by.kind === 'stop' && job.state === 'stopping') return job;
    const now = clock.now();
    const after = applyMove(job, by, now);
    keepAttempt(job, by, now);
    // Only a retry schedules, and it waits for so long.
    const due = after.state === 'scheduled' ? steadyDue(after.dueAt + clock.ahead()) : after.dueAt;
    const line = counters.line(job.worker, job.queue);
    if (parkedKey(job) !== null) parking.unpark(job.id, line, job.manual ? 1 : 0);
    counters.move(line, stateCodes[job.state], stateCodes[after.state], job.manual ? 1 : 0);
    update.run(...moveCells(after, due));
    const frees = isHeld(job.state) && !isHeld(after.state) && tally.ended(job);
    if (leftOf(job) !== null) waits.forget(job.id);
    if (hasEnded(after.state)) waits.ended(job.id, after.state);
    owned.follow(job, after);
    journal.moved(by.verb, job.id);
    announce(state, line, after, due);
    if (frees || (job.holder !== '' && limited.has(job.queue))) hints.readyAnyway();
    if (by.kind === 'stop') inbox.tellToCancel(job);
    return after;
  };

  return {
    find(id) {
      const row = find.get(id);
      return row === undefined ? null : aside.read(row);
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

const isHeld = (state: JobState): boolean => state === 'running' || state === 'stopping';

function announce({ hints, due }: State, line: Line, job: Job, dueColumn: number): void {
  if (job.state === 'queued') hints.ready(line);
  else if (job.state === 'scheduled') due.expect(dueColumn);
  else if (job.endedAt !== null) hints.ended(job.id);
}
