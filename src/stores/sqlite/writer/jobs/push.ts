/** Push: new records, or the ones that their idempotency keys had made before. */
import { timeOfId } from '../../../../core/id.ts';
import { noResult } from '../../../../core/job.ts';
import type { OwnedRecord } from '../../../../core/owned.ts';
import type { DeferredPush, KeptJob, Pushed } from '../../../../ports/store/jobs.ts';
import type { WriterHandlers } from '../../calls/calls.ts';
import { stateCodes } from '../../file/codes.ts';
import { prepareRows } from '../../file/database.ts';
import { steadyDue } from '../../file/rows/due.ts';
import { makeInsertNewJob, type NewJobRow } from '../../file/rows/new-job.ts';
import type { StoreClock } from '../clock.ts';
import { absent } from '../counters.ts';
import type { Owned } from '../definitions/owned.ts';
import type { Limits } from '../limits/limits.ts';
import type { State } from '../state.ts';
import type { Waiting } from './after.ts';
import type { Expiries } from './expiries.ts';
import type { Duplicate, Uniques } from './uniques.ts';

export interface Pusher {
  push(job: NewJobRow): Pushed;
  /** Whatever its queue and limits say. */
  pushAnyway(job: NewJobRow): KeptJob;
  /** Why these jobs are not taken together. */
  refusal(jobs: readonly NewJobRow[]): DeferredPush | null;
  /** The first of them that is there already; `null`: none is. */
  duplicate(jobs: readonly NewJobRow[]): Duplicate | null;
}

export interface PusherParts {
  readonly owned: Owned;
  readonly limits: Limits;
  readonly uniques: Uniques;
  readonly expiries: Expiries;
  readonly waiting: Waiting;
}

export function makePusher(
  { db, clock, ids, counters, journal, hints, due, closed }: State,
  { owned, limits, uniques, expiries, waiting }: PusherParts,
): Pusher {
  const insert = makeInsertNewJob(db);
  const findKey = prepareRows(db, findKeySql);
  const keepKey = db.prepare('INSERT INTO idempotency (domain, key, job_id, digest, at) VALUES (?, ?, ?, ?, ?)');

  const keyed = (job: NewJobRow): KeptJob | null => {
    const known = job.key === null ? undefined : findKey.get(job.domain, job.key);
    if (known === undefined) return null;
    const id = String(known[0]);
    // Of a job that is gone its id tells when it was made.
    const createdAt = known[2] === null ? timeOfId(id) : Number(known[2]);
    return { kind: known[1] === job.digest ? 'replayed' : 'conflict', id, createdAt };
  };

  const keep = (job: NewJobRow): KeptJob => {
    const now = clock.now();
    const id = ids.next(now);
    const left = job.after === null ? 0 : waiting.begin({ ...job, id }, job.after);
    // What waits for others alone is due as if after a delay of nothing: whatever the wall clock does, once they have ended it is due.
    const dueAt = dueOf(job, clock) ?? (left > 0 ? steadyDue(Math.floor(clock.steady())) : null);
    const state = dueAt === null ? stateCodes.queued : stateCodes.scheduled;
    insert({ id, state, dueAt: dueAt ?? now, createdAt: now }, job);
    if (left > 0) waiting.holdBack(id, left);
    if (job.owner !== '') owned.follow(null, recordOf(id, now, job));
    if (job.key !== null) keepKey.run(job.domain, job.key, id, job.digest, clock.steady());
    if (job.unique !== null) uniques.keep({ ...job, id });
    if (job.startBefore !== null) expiries.keep({ id, createdAt: now }, job.startBefore);
    const line = counters.line(job.worker, job.queue);
    counters.move(line, absent, state, job.manual);
    limits.use(job);
    journal.moved('push', id);
    if (dueAt === null) hints.ready(line);
    else if (left === 0) due.expect(dueAt);
    return left === 0 ? { kind: 'pushed', id, createdAt: now } : { kind: 'pushed', id, createdAt: now, left };
  };

  /** What an earlier push has made. Who repeats a push means the job of that one. */
  const earlier = (job: NewJobRow): KeptJob | null => keyed(job) ?? uniques.duplicateOf(job);

  return {
    push(job) {
      const before = earlier(job);
      if (before !== null) return before;
      const dangling = job.after === null ? null : waiting.danglingOf(job, job.after);
      if (dangling !== null) return dangling;
      if (closed.has(job.queue)) return { kind: 'closed' };
      return limits.refusal([job]) ?? keep(job);
    },
    pushAnyway: (job) => earlier(job) ?? keep(job),
    refusal: (jobs) => (jobs.some(({ queue }) => closed.has(queue)) ? { kind: 'closed' } : limits.refusal(jobs)),
    duplicate(jobs) {
      for (const job of jobs) {
        const there = uniques.duplicateOf(job);
        if (there !== null) return there;
      }
      return null;
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
