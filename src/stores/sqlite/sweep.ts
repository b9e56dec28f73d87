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
  keys: `SELECT domain, key FROM idempotency INDEXED BY idempotency_at
    WHERE at < ? AND NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.id = job_id AND jobs.state < 4) ORDER BY at LIMIT ?`,
} as const;

/** The call `sweep`. */
export function makeSweep(ledger: Ledger): (call: TapeReader, reply: Cell[]) => void {
  const { db, clock, journal } = ledger;
  const sweepJobs = makeSweepJobs(ledger);
  const removeEvents = db.prepare(sweepSql.events);
  const moreEvents = prepareRows(db, sweepSql.moreEvents);
  const oldKeys = prepareRows(db, sweepSql.keys);
  const removeKey = db.prepare('DELETE FROM idempotency WHERE domain = ? AND key = ?');
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
    const keys = oldKeys.all(now - idempotency, limit + 1);
    for (const [domain, key] of keys.slice(0, limit)) removeKey.run(domain ?? null, key ?? null);
    const more = jobs.more || keys.length > limit || (removedEvents === limit && moreEvents.get(now - events) !== undefined);
    reply.push(jobs.count, removedEvents, Math.min(keys.length, limit), more ? 1 : 0);
  };
}

type SweepJobs = (before: number, limit: number) => { readonly count: number; readonly more: boolean };

function makeSweepJobs({ db, counters, journal }: Ledger): SweepJobs {
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
