/** The journal's part of the sweep. */
import type { DatabaseSync } from 'node:sqlite';
import { prepareRows } from '../../file/database.ts';
import { knownAtKey, knownEntryKey, lastTimeKey } from '../kept-time.ts';
import { metaKeys, type State } from '../state.ts';
import type { SweepPart, SweepParts } from '../upkeep/sweep.ts';
import type { Journal } from './journal.ts';

type Part = ReturnType<SweepPart>;

export const journalSweepSql = {
  remove: 'DELETE FROM journal WHERE seq IN (SELECT seq FROM journal INDEXED BY journal_at WHERE at < ? ORDER BY at LIMIT ?)',
  /** The clock was wrong when they were written. */
  removeAhead: 'DELETE FROM journal WHERE seq IN (SELECT seq FROM journal INDEXED BY journal_at WHERE at > ? ORDER BY at LIMIT ?)',
  more: 'SELECT 1 FROM journal INDEXED BY journal_at WHERE at < ? LIMIT 1',
  /** Of the newest entry before which events had fewer characters. */
  beyond: `SELECT seq FROM journal INDEXED BY journal_told
    WHERE told_from IS NOT NULL AND told_from >= 0 AND told_from < ? ORDER BY told_from DESC LIMIT 1`,
  removeBeyond: 'DELETE FROM journal WHERE seq IN (SELECT seq FROM journal WHERE seq <= ? ORDER BY seq LIMIT ?)',
  moreBeyond: 'SELECT 1 FROM journal WHERE seq <= ? LIMIT 1',
  keys: 'SELECT domain, key FROM event_keys INDEXED BY event_keys_at WHERE at < ? ORDER BY at LIMIT ?',
} as const;

export function makeJournalSweep({ db, clock, journal }: State): Pick<SweepParts, 'entries'> {
  const remove = db.prepare(journalSweepSql.remove);
  const removeAhead = db.prepare(journalSweepSql.removeAhead);
  const more = prepareRows(db, journalSweepSql.more);
  const beyond = makeSweepBeyond(db, journal);
  const keepMeta = db.prepare('UPDATE meta SET value = ? WHERE key = ?');
  return {
    entries(retention) {
      const now = clock.now();
      const before = now - retention.journal;
      const old = Number(remove.run(before, retention.limit).changes);
      const aged = old + Number(removeAhead.run(now + retention.journal, retention.limit - old).changes);
      const full = beyond(retention.told, retention.limit - aged);
      const count = aged + full.count;
      if (count > 0) {
        keepMeta.run(journal.lastSeq, metaKeys.lastEntry);
        keepMeta.run(now, knownAtKey);
        keepMeta.run(journal.lastSeq, knownEntryKey);
        keepMeta.run(Math.ceil(clock.micros() / 1_000), lastTimeKey);
      }
      return { count, more: full.more || (count === retention.limit && more.get(before) !== undefined) };
    },
  };
}

/** What lies before the events that may stay. */
function makeSweepBeyond(db: DatabaseSync, journal: Journal): (characters: number | null, limit: number) => Part {
  const beyond = prepareRows(db, journalSweepSql.beyond);
  const remove = db.prepare(journalSweepSql.removeBeyond);
  const more = prepareRows(db, journalSweepSql.moreBeyond);
  return (characters, limit) => {
    const last = characters === null ? undefined : beyond.get(journal.toldThrough - characters)?.[0];
    if (last === undefined) return { count: 0, more: false };
    const count = Number(remove.run(last, limit).changes);
    return { count, more: count === limit && more.get(last) !== undefined };
  };
}

/** Keys of events have nothing that must end first. */
export function makeEventKeySweep({ db, clock }: State): SweepPart {
  const old = prepareRows(db, journalSweepSql.keys);
  const remove = db.prepare('DELETE FROM event_keys WHERE domain = ? AND key = ?');
  return ({ idempotency, limit }) => {
    const keys = old.all(clock.steady() - idempotency, limit + 1);
    for (const [domain = null, key = null] of keys.slice(0, limit)) remove.run(domain, key);
    return { count: Math.min(keys.length, limit), more: keys.length > limit };
  };
}
