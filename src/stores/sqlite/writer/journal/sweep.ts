/** The journal's part of the sweep. */
import { prepareRows } from '../../file/database.ts';
import { knownAtKey, knownEntryKey, lastTimeKey } from '../kept-time.ts';
import { metaKeys, type State } from '../state.ts';
import type { SweepParts } from '../upkeep/sweep.ts';

export const journalSweepSql = {
  remove: 'DELETE FROM journal WHERE seq IN (SELECT seq FROM journal INDEXED BY journal_at WHERE at < ? ORDER BY at LIMIT ?)',
  /** The clock was wrong when they were written. */
  removeAhead: 'DELETE FROM journal WHERE seq IN (SELECT seq FROM journal INDEXED BY journal_at WHERE at > ? ORDER BY at LIMIT ?)',
  more: 'SELECT 1 FROM journal INDEXED BY journal_at WHERE at < ? LIMIT 1',
} as const;

export function makeJournalSweep({ db, clock, journal }: State): Pick<SweepParts, 'entries'> {
  const remove = db.prepare(journalSweepSql.remove);
  const removeAhead = db.prepare(journalSweepSql.removeAhead);
  const more = prepareRows(db, journalSweepSql.more);
  const keepMeta = db.prepare('UPDATE meta SET value = ? WHERE key = ?');
  return {
    entries(retention) {
      const now = clock.now();
      const before = now - retention.journal;
      const old = Number(remove.run(before, retention.limit).changes);
      const count = old + Number(removeAhead.run(now + retention.journal, retention.limit - old).changes);
      if (count > 0) {
        keepMeta.run(journal.lastSeq, metaKeys.lastEntry);
        keepMeta.run(now, knownAtKey);
        keepMeta.run(journal.lastSeq, knownEntryKey);
        keepMeta.run(Math.ceil(clock.micros() / 1_000), lastTimeKey);
      }
      return { count, more: count === retention.limit && more.get(before) !== undefined };
    },
  };
}
