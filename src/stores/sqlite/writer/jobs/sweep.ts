/** The part of jobs, and of their idempotency keys, of the sweep. */
import { prepareRows } from '../../file/database.ts';
import type { Owned } from '../definitions/owned.ts';
import { makeEventKeySweep } from '../journal/sweep.ts';
import type { Limits } from '../limits/limits.ts';
import type { State } from '../state.ts';
import type { SweepPart, SweepParts } from '../upkeep/sweep.ts';
import { endedSizeSql, makeRemoval, mostBytes } from './removal.ts';

export const jobSweepSql = {
  jobs: `SELECT ${endedSizeSql}
    FROM jobs INDEXED BY jobs_ended WHERE ended_at IS NOT NULL AND ended_at < ? ORDER BY ended_at, id LIMIT ?`,
  moreJobs: 'SELECT 1 FROM jobs INDEXED BY jobs_ended WHERE ended_at IS NOT NULL AND ended_at < ? LIMIT 1',
  keys: `SELECT domain, key, EXISTS (SELECT 1 FROM jobs WHERE jobs.id = job_id AND jobs.state < 4)
    FROM idempotency INDEXED BY idempotency_at WHERE at < ? ORDER BY at LIMIT ?`,
} as const;

export function makeJobSweep(state: State, owned: Owned, limits: Pick<Limits, 'sweep'>): Pick<SweepParts, 'jobs' | 'keys'> {
  const [keys, eventKeys] = [makeSweepKeys(state), makeEventKeySweep(state)];
  const both: SweepPart = (retention) => {
    const [ofJobs, ofEvents] = [keys(retention), eventKeys(retention)];
    const { more } = limits.sweep(retention);
    return { count: ofJobs.count + ofEvents.count, more: ofJobs.more || ofEvents.more || more };
  };
  return { jobs: makeSweepJobs(state, owned), keys: both };
}

function makeSweepJobs(state: State, owned: Owned): SweepPart {
  const { db, clock } = state;
  const old = prepareRows(db, jobSweepSql.jobs);
  const more = prepareRows(db, jobSweepSql.moreJobs);
  const remove = makeRemoval(state, owned);
  return ({ ended, limit }) => {
    if (ended === null) return { count: 0, more: false };
    const before = clock.now() - ended;
    let count = 0;
    let bytes = 0;
    for (const job of old.all(before, limit)) {
      if (bytes > mostBytes) return { count, more: true };
      bytes += remove(job);
      count += 1;
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
