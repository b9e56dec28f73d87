/** What people ask for of one named job: it is moved, or removed. */
import { entersQueue } from '../../../../core/transitions.ts';
import type { WriterHandlers } from '../../calls/calls.ts';
import { stateCodes } from '../../file/codes.ts';
import { prepareRows } from '../../file/database.ts';
import { jobColumns } from '../../file/rows/job.ts';
import { absent } from '../counters.ts';
import type { Owned } from '../definitions/owned.ts';
import type { State } from '../state.ts';
import type { Mover } from './move.ts';

export function makeChange(state: State, mover: Mover, owned: Owned): Pick<WriterHandlers['jobs'], 'change' | 'remove'> {
  const { db, counters, journal, logs, closed, aside } = state;
  const find = prepareRows(db, `SELECT ${jobColumns} FROM jobs WHERE id = ?`);
  const removeJob = db.prepare('DELETE FROM jobs WHERE id = ?');
  const removeAttempts = db.prepare('DELETE FROM attempts WHERE job_id = ?');
  return {
    change(id, moves) {
      const job = mover.find(id);
      if (job === null) return { kind: 'missing' };
      const move = moves[job.state];
      if (move === undefined) return { kind: 'refused', state: job.state };
      const { queue } = job;
      if (entersQueue(move) && closed.has(queue)) return { kind: 'closed', queue };
      mover.move(job, move);
      return { kind: 'changed', job: find.get(id) ?? [] };
    },
    remove(id, from) {
      const row = find.get(id);
      if (row === undefined) return { kind: 'missing' };
      const job = aside.read(row);
      if (job === null) return { kind: 'missing' };
      if (!from.includes(job.state)) return { kind: 'refused', state: job.state };
      removeJob.run(id);
      removeAttempts.run(id);
      logs.remove(id);
      counters.move(counters.line(job.worker, job.queue), stateCodes[job.state], absent, job.manual ? 1 : 0);
      if (job.owner !== '') owned.follow(job, null);
      journal.moved('delete', job.id);
      return { kind: 'changed', job: row };
    },
  };
}
