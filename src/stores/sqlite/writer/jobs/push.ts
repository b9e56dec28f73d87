/** Push: new records, or the ones that their idempotency keys had made before. */
import { timeOfId } from '../../../../core/id.ts';
import { noResult } from '../../../../core/job.ts';
import type { OwnedRecord } from '../../../../core/owned.ts';
import type { Pushed } from '../../../../ports/store/jobs.ts';
import type { WriterHandlers } from '../../calls/calls.ts';
import { stateCodes } from '../../file/codes.ts';
import { prepareRows } from '../../file/database.ts';
import { insertNewJobSql, type NewJobRow, newJobCells } from '../../file/rows/new-job.ts';
import { absent } from '../counters.ts';
import type { Owned } from '../definitions/owned.ts';
import type { State } from '../state.ts';

export interface Pusher {
  push(job: NewJobRow): Omit<Pushed, 'createdAt'>;
}

export function makePusher({ db, clock, ids, counters, journal, hints, due }: State, owned: Owned): Pusher {
  const insert = db.prepare(insertNewJobSql);
  const findKey = prepareRows(db, 'SELECT CAST(job_id AS TEXT), digest FROM idempotency WHERE domain = ? AND key = ?');
  const keepKey = db.prepare('INSERT INTO idempotency (domain, key, job_id, digest, at) VALUES (?, ?, ?, ?, ?)');

  const keyed = (job: NewJobRow): Omit<Pushed, 'createdAt'> | null => {
    const known = job.key === null ? undefined : findKey.get(job.domain, job.key);
    return known === undefined ? null : { kind: known[1] === job.digest ? 'replayed' : 'conflict', id: String(known[0]) };
  };

  return {
    push(job) {
      const before = keyed(job);
      if (before !== null) return before;
      const now = clock.now();
      const id = ids.next(now);
      const dueAt = dueTime(job, now);
      const createdAt = timeOfId(id);
      const state = dueAt > now ? stateCodes.scheduled : stateCodes.queued;
      insert.run(...newJobCells({ id, state, dueAt, createdAt }, job));
      if (job.owner !== '') owned.follow(null, recordOf(id, createdAt, job));
      if (job.key !== null) keepKey.run(job.domain, job.key, id, job.digest, now);
      const line = counters.line(job.worker, job.queue);
      counters.move(line, absent, state, job.manual);
      journal.moved('push', id);
      if (state === stateCodes.queued) hints.ready(line);
      else due.expect(dueAt);
      return { kind: 'pushed', id };
    },
  };
}

/** As long as it lives, its state does not count. */
const recordOf = (id: string, createdAt: number, { owner, manual }: NewJobRow): OwnedRecord => ({
  ...{ id, owner, manual: manual === 1, createdAt, endedAt: null, state: 'queued', result: noResult },
});

/** As core/transitions.ts createJob has it; whole milliseconds, never too early. */
function dueTime({ start, startTime }: NewJobRow, now: number): number {
  if (start === 'now') return now;
  return Math.ceil(start === 'at' ? Math.max(now, startTime) : now + startTime);
}

export function makePush(pusher: Pusher): Pick<WriterHandlers['jobs'], 'push'> {
  return { push: (jobs) => jobs.map((job) => pusher.push(job)) };
}
