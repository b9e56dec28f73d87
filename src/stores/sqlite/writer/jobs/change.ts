/** What people ask for of one named job: it is moved, or removed. */
import type { WriterHandlers } from '../../calls/calls.ts';
import { stateOf } from '../../file/codes.ts';
import { prepareRows } from '../../file/database.ts';
import { jobColumn, jobColumns, readJob } from '../../file/rows/job.ts';
import { TapeReader } from '../../file/tape.ts';
import { absent } from '../counters.ts';
import type { Owned } from '../definitions/owned.ts';
import type { State } from '../state.ts';
import type { Mover } from './move.ts';

export function makeChange(state: State, mover: Mover, owned: Owned): Pick<WriterHandlers['jobs'], 'change' | 'remove'> {
  const { db, counters, journal } = state;
  const find = prepareRows(db, `SELECT ${jobColumns} FROM jobs WHERE id = ?`);
  const removeJob = db.prepare('DELETE FROM jobs WHERE id = ?');
  const removeAttempts = db.prepare('DELETE FROM attempts WHERE job_id = ?');
  return {
    change(id, moves) {
      const job = mover.find(id);
      if (job === null) return { kind: 'missing' };
      const move = moves[job.state];
      if (move === undefined) return { kind: 'refused', state: job.state };
      mover.move(job, move);
      return { kind: 'changed', job: find.get(id) ?? [] };
    },
    remove(id, from) {
      const row = find.get(id);
      if (row === undefined) return { kind: 'missing' };
      const code = Number(row[jobColumn.state]);
      const state = stateOf(code);
      if (!from.includes(state)) return { kind: 'refused', state };
      removeJob.run(id);
      removeAttempts.run(id);
      const line = counters.line(String(row[jobColumn.worker]), String(row[jobColumn.queue]));
      counters.move(line, code, absent, Number(row[jobColumn.manual]));
      if (row[jobColumn.owner] !== '') owned.follow(readJob(new TapeReader(row)), null);
      journal.moved('delete', String(row[jobColumn.id]));
      return { kind: 'changed', job: row };
    },
  };
}
