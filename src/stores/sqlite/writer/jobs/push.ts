/** Push: new records, or the ones that their idempotency keys had made before. */
import { timeOfId } from '../../../../core/id.ts';
import { noResult } from '../../../../core/job.ts';
import type { OwnedRecord } from '../../../../core/owned.ts';
import type { Pushed } from '../../../../ports/store/jobs.ts';
import type { WriterHandlers } from '../../calls/calls.ts';
import { stateCodes } from '../../file/codes.ts';
import { prepareRows } from '../../file/database.ts';
import { steadyDue } from '../../file/rows/due.ts';
import { makeInsertNewJob, type NewJobRow } from '../../file/rows/new-job.ts';
import type { StoreClock } from '../clock.ts';
import { absent } from '../counters.ts';
import type { Owned } from '../definitions/owned.ts';
import type { State } from '../state.ts';

export interface Pusher {
  push(job: NewJobRow): Pushed;
}

export function makePusher({ db, clock, ids, counters, journal, hints, due }: State, owned: Owned): Pusher {
  const insert = makeInsertNewJob(db);
  const findKey = prepareRows(db, findKeySql);
  const keepKey = db.prepare('INSERT INTO idempotency (domain, key, job_id, digest, at) VALUES (?, ?, ?, ?, ?)');

  const keyed = (job: NewJobRow): Pushed | null => {
    const known = job.key === null ? undefined : findKey.get(job.domain, job.key);
    if (known === undefined) return null;
    const id = String(known[0]);
    // Of a job that is gone its id tells when it was made.
    const createdAt = known[2] === null ? timeOfId(id) : Number(known[2]);
    return { kind: known[1] === job.digest ? 'replayed' : 'conflict', id, createdAt };
  };

  return {
    push(job) {
      const before = keyed(job);
      if (before !== null) return before;
      const now = clock.now();
      const id = ids.next(now);
      const dueAt = dueOf(job, clock);
      const state = dueAt === null ? stateCodes.queued : stateCodes.scheduled;
      insert({ id, state, dueAt: dueAt ?? now, createdAt: now }, job);
      if (job.owner !== '') owned.follow(null, recordOf(id, now, job));
      if (job.key !== null) keepKey.run(job.domain, job.key, id, job.digest, clock.steady());
      const line = counters.line(job.worker, job.queue);
      counters.move(line, absent, state, job.manual);
      journal.moved('push', id);
      if (dueAt === null) hints.ready(line);
      else due.expect(dueAt);
      return { kind: 'pushed', id, createdAt: now };
    },
  };
}

/** As long as it lives, its state does not count. */
const recordOf = (id: string, createdAt: number, { owner, manual }: NewJobRow): OwnedRecord => ({
  ...{ id, owner, manual: manual === 1, createdAt, endedAt: null, state: 'queued', result: noResult },
});

const findKeySql = `
  SELECT CAST(job_id AS TEXT), digest, (SELECT created_at FROM jobs WHERE id = job_id) FROM idempotency WHERE domain = ? AND key = ?`;

/** As core/transitions.ts createJob has it; whole milliseconds, never too early. `null`: now. */
function dueOf({ start, startTime }: NewJobRow, clock: StoreClock): number | null {
  if (start === 'now') return null;
  const due = Math.ceil(start === 'at' ? startTime : clock.steady() + startTime);
  if (start === 'at') return due > clock.now() ? due : null;
  return due > clock.steady() ? steadyDue(due) : null;
}

export function makePush(pusher: Pusher): Pick<WriterHandlers['jobs'], 'push'> {
  return { push: (jobs) => jobs.map((job) => pusher.push(job)) };
}
