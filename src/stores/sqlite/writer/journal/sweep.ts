/** The journal's part of the sweep. */
import { prepareRows } from '../../file/database.ts';
import { metaKeys, type State } from '../state.ts';
import type { SweepParts } from '../upkeep/sweep.ts';

export const journalSweepSql = {
  remove: 'DELETE FROM journal WHERE seq IN (SELECT seq FROM journal INDEXED BY journal_at WHERE at < ? ORDER BY at LIMIT ?)',
  more: 'SELECT 1 FROM journal INDEXED BY journal_at WHERE at < ? LIMIT 1',
} as const;

export function makeJournalSweep({ db, clock, journal }: State): Pick<SweepParts, 'entries'> {
  const remove = db.prepare(journalSweepSql.remove);
  const more = prepareRows(db, journalSweepSql.more);
  const keepMeta = db.prepare('UPDATE meta SET value = ? WHERE key = ?');
  return {
    entries(retention) {
      const now = clock.now();
      const before = now - retention.journal;
      const count = Number(remove.run(before, retention.limit).changes);
      if (count > 0) {
        keepMeta.run(journal.lastSeq, metaKeys.lastEntry);
        keepMeta.run(now, metaKeys.lastTime);
      }
      return { count, more: count === retention.limit && more.get(before) !== undefined };
    },
  };
}
