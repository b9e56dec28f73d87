/** The part of jobs, and of their idempotency keys, of the sweep. */
import { stateOf } from '../../file/codes.ts';
import { prepareRows } from '../../file/database.ts';
import { absent } from '../counters.ts';
import type { Owned } from '../definitions/owned.ts';
import { makeEventKeySweep } from '../journal/sweep.ts';
import type { State } from '../state.ts';
import type { SweepPart, SweepParts } from '../upkeep/sweep.ts';

/** Payloads, outputs and logs of no more bytes than this leave the file in one step, about: all their pages are gone through. */
const mostBytes = 32 * 1024 * 1024;

export const jobSweepSql = {
  jobs: `SELECT CAST(id AS TEXT), worker, queue, state, manual, coalesce(octet_length(payload), 0) + octet_length(output)
      + coalesce((SELECT characters FROM logs WHERE job_id = jobs.id), 0), owner
    FROM jobs INDEXED BY jobs_ended WHERE ended_at IS NOT NULL AND ended_at < ? ORDER BY ended_at, id LIMIT ?`,
  moreJobs: 'SELECT 1 FROM jobs INDEXED BY jobs_ended WHERE ended_at IS NOT NULL AND ended_at < ? LIMIT 1',
  keys: `SELECT domain, key, EXISTS (SELECT 1 FROM jobs WHERE jobs.id = job_id AND jobs.state < 4)
    FROM idempotency INDEXED BY idempotency_at WHERE at < ? ORDER BY at LIMIT ?`,
} as const;

export function makeJobSweep(state: State, owned: Owned): Pick<SweepParts, 'jobs' | 'keys'> {
  const [keys, eventKeys] = [makeSweepKeys(state), makeEventKeySweep(state)];
  const both: SweepPart = (retention) => {
    const [ofJobs, ofEvents] = [keys(retention), eventKeys(retention)];
    return { count: ofJobs.count + ofEvents.count, more: ofJobs.more || ofEvents.more };
  };
  return { jobs: makeSweepJobs(state, owned), keys: both };
}

function makeSweepJobs({ db, clock, counters, journal, logs }: State, owned: Owned): SweepPart {
  const old = prepareRows(db, jobSweepSql.jobs);
  const remove = db.prepare('DELETE FROM jobs WHERE id = ?');
  const more = prepareRows(db, jobSweepSql.moreJobs);
  const removeAttempts = db.prepare('DELETE FROM attempts WHERE job_id = ?');
  return ({ ended, limit }) => {
    if (ended === null) return { count: 0, more: false };
    const before = clock.now() - ended;
    let count = 0;
    let bytes = 0;
    for (const [id = null, worker, queue, state, manual, size, owner] of old.all(before, limit)) {
      if (bytes > mostBytes) return { count, more: true };
      bytes += Number(size);
      count += 1;
      remove.run(id);
      removeAttempts.run(id);
      logs.remove(id);
      counters.move(counters.line(String(worker), String(queue)), Number(state), absent, Number(manual));
      owned.forget({ owner: String(owner), state: stateOf(Number(state)) });
      journal.moved('delete', String(id));
    }
    return { count, more: count === limit && more.get(before) !== undefined };
  };
}

/** Looks at `limit` keys; those whose job has not ended count as new from now on, so that they are not looked at each time. */
function makeSweepKeys({ db, clock }: State): SweepPart {
  const oldKeys = prepareRows(db, jobSweepSql.keys);
  const removeKey = db.prepare('DELETE FROM idempotency WHERE domain = ? AND key = ?');
  const renewKey = db.prepare('UPDATE idempotency SET at = ? WHERE domain = ? AND key = ?');
  return ({ idempotency, limit }) => {
    const now = clock.steady();
    const keys = oldKeys.all(now - idempotency, limit + 1);
    let count = 0;
    for (const [domain = null, key = null, lives] of keys.slice(0, limit)) {
      if (lives === 1) renewKey.run(now, domain, key);
      else count += Number(removeKey.run(domain, key).changes);
    }
    return { count, more: keys.length > limit };
  };
}
