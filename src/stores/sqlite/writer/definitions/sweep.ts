/** The part of definitions of the sweep: those that were removed long enough ago leave the file. */
import { prepareRows } from '../../file/database.ts';
import type { State } from '../state.ts';
import type { SweepParts } from '../upkeep/sweep.ts';

export const definitionSweepSql = {
  remove: `DELETE FROM definitions WHERE id IN (
    SELECT id FROM definitions INDEXED BY definitions_removed WHERE body IS NULL AND changed_at < ? ORDER BY changed_at, id LIMIT ?)
    RETURNING id, kind, version`,
  more: 'SELECT 1 FROM definitions INDEXED BY definitions_removed WHERE body IS NULL AND changed_at < ? LIMIT 1',
} as const;

export function makeDefinitionSweep({ db, clock }: State): Pick<SweepParts, 'definitions'> {
  const remove = prepareRows(db, definitionSweepSql.remove);
  const more = prepareRows(db, definitionSweepSql.more);
  const removeFacts = db.prepare('DELETE FROM owned WHERE definition = ?');
  const keepSwept = db.prepare('UPDATE kinds SET swept = max(swept, ?) WHERE kind = ?');
  return {
    definitions({ journal, limit }) {
      const before = clock.now() - journal;
      const rows = remove.all(before, limit);
      for (const [id = null, kind = null, version = null] of rows) {
        removeFacts.run(id);
        keepSwept.run(version, kind);
      }
      return { count: rows.length, more: rows.length === limit && more.get(before) !== undefined };
    },
  };
}
