/** Ended jobs that go for their age, with all that belongs to them. What they did stays with their owner. */
import { stateOf } from '../../file/codes.ts';
import type { Row } from '../../file/tape.ts';
import { absent } from '../counters.ts';
import type { Owned } from '../definitions/owned.ts';
import type { State } from '../state.ts';

/** Payloads, outputs and logs of no more bytes than this leave the file in one step, about: all their pages are gone through. */
export const mostBytes = 32 * 1024 * 1024;

/** What a removal takes of a job: the last column but one has the bytes that leave the file. */
export const endedSizeSql = `CAST(id AS TEXT), worker, queue, state, manual, coalesce(octet_length(payload), 0) + octet_length(output)
      + coalesce((SELECT characters FROM logs WHERE job_id = jobs.id), 0), owner`;

/** Answers about how many bytes leave the file. */
export function makeRemoval({ db, counters, journal, logs }: State, owned: Owned): (ended: Row) => number {
  const removeJob = db.prepare('DELETE FROM jobs WHERE id = ?');
  const removeAttempts = db.prepare('DELETE FROM attempts WHERE job_id = ?');
  return ([id = null, worker, queue, state, manual, size, owner]) => {
    removeJob.run(id);
    removeAttempts.run(id);
    logs.remove(id);
    counters.move(counters.line(String(worker), String(queue)), Number(state), absent, Number(manual));
    owned.forget({ owner: String(owner), state: stateOf(Number(state)) });
    journal.moved('delete', String(id));
    return Number(size);
  };
}
