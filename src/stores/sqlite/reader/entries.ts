/** Pages of the journal. */
import type { DatabaseSync } from 'node:sqlite';
import type { Gap } from '../../../ports/store/journal.ts';
import type { ReaderHandlers } from '../calls/calls.ts';
import type { PlaceAsked } from '../calls/journal.ts';
import { prepareRows } from '../file/database.ts';
import { entryColumns } from '../file/rows/entry.ts';
import type { Row } from '../file/tape.ts';

/** Characters of one page, about. */
const mostCharacters = 1024 * 1024;

export function makeEntries(db: DatabaseSync): ReaderHandlers['journal'] {
  const behind = prepareRows(db, `SELECT ${entryColumns} FROM journal WHERE seq > ? ORDER BY seq LIMIT ?`);
  const first = prepareRows(db, 'SELECT min(seq) FROM journal');
  const last = prepareRows(db, 'SELECT seq, at FROM journal ORDER BY seq DESC LIMIT 1');
  const meta = prepareRows(db, "SELECT (SELECT value FROM meta WHERE key = 'name'), (SELECT value FROM meta WHERE key = 'last_entry')");
  const time = prepareRows(db, 'SELECT at FROM journal WHERE seq = ?');
  const [begin, end] = [db.prepare('BEGIN'), db.prepare('COMMIT')];

  const gapAt = (after: PlaceAsked, here: { readonly store: string; readonly seq: number }): Gap | null => {
    const { store, seq, at } = after;
    const isHere = store === null || store === here.store;
    if (seq === 0) return isHere ? null : 'rewound';
    const seen = at === 0 ? undefined : time.get(seq)?.[0];
    if (!isHere || seq > here.seq || (seen !== undefined && seen !== at)) return 'rewound';
    return seq + 1 < Number(first.get()?.[0] ?? here.seq + 1) ? 'swept' : null;
  };

  return {
    // In one transaction: nothing is swept between the look for gaps and the page.
    entries(after, limit) {
      begin.run();
      try {
        const [name, lastSeq] = (meta.get() ?? []).map(Number);
        const [seq = lastSeq ?? 0, at = 0] = (last.get() ?? []).map(Number);
        const newest = { store: (name ?? 0).toString(36), seq, at };
        const gap = gapAt(after, newest);
        return { entries: gap === 'rewound' ? [] : bounded(behind.each(after.seq, limit)), gap, newest };
      } finally {
        end.run();
      }
    },
  };
}

/** One at least, if there is any. */
function bounded(rows: Iterable<Row>): readonly Row[] {
  const page: Row[] = [];
  let characters = 0;
  for (const row of rows) {
    for (const cell of row) if (typeof cell === 'string') characters += cell.length;
    if (page.length > 0 && characters > mostCharacters) break;
    page.push(row);
  }
  return page;
}
