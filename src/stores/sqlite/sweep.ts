/** Retention: what is old enough leaves the file, a bounded piece in one step. */
import { absent } from './counters.ts';
import { prepareRows } from './database.ts';
import { type Ledger, metaKeys } from './ledger.ts';
import type { Cell, TapeReader } from './tape.ts';

export const sweepSql = {
  jobs: `DELETE FROM jobs WHERE id IN (
    SELECT id FROM jobs INDEXED BY jobs_ended WHERE ended_at IS NOT NULL AND ended_at < ? ORDER BY ended_at, id LIMIT ?)
    RETURNING CAST(id AS TEXT), worker, queue, state, manual`,
  moreJobs: 'SELECT 1 FROM jobs INDEXED BY jobs_ended WHERE ended_at IS NOT NULL AND ended_at < ? LIMIT 1',
  events: 'DELETE FROM events WHERE seq IN (SELECT seq FROM events INDEXED BY events_at WHERE at < ? ORDER BY at LIMIT ?)',
  moreEvents: 'SELECT 1 FROM events INDEXED BY events_at WHERE at < ? LIMIT 1',
  keys: `SELECT domain, key, EXISTS (SELECT 1 FROM jobs WHERE jobs.id = job_id AND jobs.state < 4)
    FROM idempotency INDEXED BY idempotency_at WHERE at < ? ORDER BY at LIMIT ?`,
} as const;

/** The call `sweep`. */
export function makeSweep(ledger: Ledger): (call: TapeReader, reply: Cell[]) => void {
  const { db, clock, journal } = ledger;
  const sweepJobs = makeSweepJobs(ledger);
  const removeEvents = db.prepare(sweepSql.events);
  const moreEvents = prepareRows(db, sweepSql.moreEvents);
  const sweepKeys = makeSweepKeys(ledger);
  const keepMeta = db.prepare('UPDATE meta SET value = ? WHERE key = ?');

  return (call, reply) => {
    const now = clock.now();
    const ended = call.numberOrNull();
    const [events, idempotency, limit] = [call.number(), call.number(), call.number()];
    const jobs = ended === null ? { count: 0, more: false } : sweepJobs(now - ended, limit);
    const removedEvents = Number(removeEvents.run(now - events, limit).changes);
    if (removedEvents > 0) {
      keepMeta.run(journal.lastSeq, metaKeys.lastEvent);
      keepMeta.run(now, metaKeys.lastTime);
    }
    const keys = sweepKeys(now - idempotency, limit);
    const more = jobs.more || keys.more || (removedEvents === limit && moreEvents.get(now - events) !== undefined);
    reply.push(jobs.count, removedEvents, keys.count, more ? 1 : 0);
  };
}

type SweepPart = (before: number, limit: number) => { readonly count: number; readonly more: boolean };

/** Looks at `limit` keys; those whose job has not ended count as new from now on, so that they are not looked at each time. */
function makeSweepKeys({ db, clock }: Ledger): SweepPart {
  const oldKeys = prepareRows(db, sweepSql.keys);
  const removeKey = db.prepare('DELETE FROM idempotency WHERE domain = ? AND key = ?');
  const renewKey = db.prepare('UPDATE idempotency SET at = ? WHERE domain = ? AND key = ?');
  return (before, limit) => {
    const keys = oldKeys.all(before, limit + 1);
    let count = 0;
    for (const [domain = null, key = null, lives] of keys.slice(0, limit)) {
      if (lives === 1) renewKey.run(clock.now(), domain, key);
      else count += Number(removeKey.run(domain, key).changes);
    }
    return { count, more: keys.length > limit };
  };
}

function makeSweepJobs({ db, counters, journal }: Ledger): SweepPart {
  const removeJobs = prepareRows(db, sweepSql.jobs);
  const moreJobs = prepareRows(db, sweepSql.moreJobs);
  const removeAttempts = db.prepare('DELETE FROM attempts WHERE job_id = ?');
  return (before, limit) => {
    const rows = removeJobs.all(before, limit);
    for (const [id, worker, queue, state, manual] of rows) {
      removeAttempts.run(id ?? null);
      counters.move(counters.line(String(worker), String(queue)), Number(state), absent, Number(manual));
      journal.moved('delete', String(id));
    }
    return { count: rows.length, more: rows.length === limit && moreJobs.get(before) !== undefined };
  };
}
