/** What is kept of records that cannot be read: all that the file had of them, under one name each. */
import type { DatabaseSync } from 'node:sqlite';
import { type UnreadableId, unreadablePlace } from '../../../../core/unreadable.ts';
import type { Cell } from '../../file/tape.ts';
import type { StoreClock } from '../clock.ts';

/** Which rows: a table, a condition and its cells. */
export type KeptRows = readonly [table: string, condition: string, ...cells: readonly Cell[]];

/** Within a transaction, before the rows go. One that is kept under this name already gives way. */
export type KeepAside = (id: UnreadableId, reason: string, rows: Readonly<Record<string, KeptRows>>) => void;

/** Characters of a reason. */
const longestReason = 1_024;

export function makeKeepAside(db: DatabaseSync, clock: Pick<StoreClock, 'now'>): KeepAside {
  const keep = db.prepare('INSERT OR REPLACE INTO unreadable (place, at, reason, raw) VALUES (?, ?, ?, ?)');
  return (id, reason, rows) => {
    const found = Object.entries(rows).map(([name, kept]) => [name, rowsOf(db, kept)]);
    const raw = JSON.stringify(Object.fromEntries(found), told).toWellFormed();
    keep.run(unreadablePlace(id.toWellFormed()), clock.now(), reason.slice(0, longestReason).toWellFormed(), raw);
  };
}

/** Integers that JavaScript does not reach are texts. */
const told = (_: string, value: unknown): unknown =>
  typeof value !== 'bigint' ? value : Number.isSafeInteger(Number(value)) ? Number(value) : String(value);

/** Stands where the bytes of a text are no UTF-8. */
const noCharacter = '\ufffd';
const mayBeBroken = (cell: unknown): cell is string => typeof cell === 'string' && cell.includes(noCharacter);

/** A text that may be no UTF-8 stands with its bytes: `{ "text": …, "hex": … }`. */
function rowsOf(db: DatabaseSync, [table, condition, ...cells]: KeptRows): readonly object[] {
  const select = db.prepare(`SELECT * FROM ${table} WHERE ${condition}`);
  select.setReadBigInts(true);
  const rows = select.all(...cells);
  if (!rows.some((row) => Object.values(row).some(mayBeBroken))) return rows;
  const names = Object.keys(rows[0] ?? {});
  const bytes = db.prepare(`SELECT ${names.map((name) => `hex("${name}") AS "${name}"`).join(', ')} FROM ${table} WHERE ${condition}`);
  const allBytes = bytes.all(...cells);
  return rows.map((row, at) => {
    const exact = ([name, cell]: readonly [string, unknown]): readonly [string, unknown] =>
      mayBeBroken(cell) ? [name, { text: cell, hex: String(allBytes[at]?.[name]).toLowerCase() }] : [name, cell];
    return Object.fromEntries(Object.entries(row).map(exact));
  });
}
