/** The calls for records that cannot be read. Each noun says how one of its own is set aside. */
import type { DatabaseSync } from 'node:sqlite';
import { readUnreadableId, type UnreadableKind, unreadableAt, unreadablePlace } from '../../../../core/unreadable.ts';
import { pageOfUnreadable } from '../../../unreadable.ts';
import type { WriterHandlers } from '../../calls/calls.ts';
import { prepareRows } from '../../file/database.ts';

/** Within a transaction. Answers whether there was one of this name. */
export type SetAside = (name: string, reason: string) => boolean;

export function makeUnreadable(
  db: DatabaseSync,
  takers: Readonly<Record<UnreadableKind, SetAside>>,
): Pick<WriterHandlers['upkeep'], 'setAside' | 'unreadable' | 'discard'> {
  const page = prepareRows(db, "SELECT place, at, reason, raw FROM unreadable WHERE place >= coalesce(?, '') ORDER BY place");
  const count = prepareRows(db, 'SELECT count(*) FROM unreadable');
  const discard = db.prepare('DELETE FROM unreadable WHERE place = ?');
  function* records(from: string | null) {
    for (const [place, at, reason, raw] of page.each(from))
      yield { id: unreadableAt(String(place)), at: Number(at), reason: String(reason), raw: String(raw) };
  }
  return {
    setAside(id, reason) {
      const read = readUnreadableId(id);
      return read !== null && takers[read.kind](read.name, reason);
    },
    unreadable: (from, limit) => ({
      ...pageOfUnreadable(records(from === null ? null : unreadablePlace(from)), limit),
      total: Number(count.get()?.[0]),
    }),
    discard: (id) => Number(discard.run(unreadablePlace(id)).changes) > 0,
  };
}
