/** Connections to the file. */
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { HatstandError } from '../../../core/errors.ts';
import type { Cell, Row } from './tape.ts';

/** Before 3.51.3 a checkpoint could race with a writer and lose the WAL's newest pages. */
const oldest = [3, 51, 3] as const;

export interface WriterSettings {
  /** The file grows to no more pages than this; `null`: to the disk's end. */
  readonly maxPages: number | null;
}

/** Throws `store_unusable` when this Node's SQLite is too old. */
export function checkVersion(db: DatabaseSync): void {
  const text = String(db.prepare('SELECT sqlite_version() AS version').get()?.['version']);
  const parts = text.split('.').map(Number);
  const difference = oldest.map((part, index) => (parts[index] ?? 0) - part).find((part) => part !== 0) ?? 0;
  if (difference < 0) {
    throw new HatstandError('store_unusable', `SQLite ${oldest.join('.')} or newer is needed, this Node brings ${text}. Update Node.`);
  }
}

/** Makes the connection the one that writes. Also makes the log and its shared index. */
export function prepareWriter(db: DatabaseSync, settings: WriterSettings): void {
  checkVersion(db);
  // auto_vacuum counts only before the first table is made, so it stands before anything that writes.
  // NORMAL syncs at checkpoints alone; what is acknowledged waits for writer/disk/log-sync.ts.
  db.exec(`
    PRAGMA auto_vacuum = INCREMENTAL;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    PRAGMA temp_store = MEMORY;
    PRAGMA trusted_schema = OFF;
    PRAGMA mmap_size = 0;
    PRAGMA cache_size = -8000;
    PRAGMA wal_autocheckpoint = 0;
    PRAGMA journal_size_limit = 33554432;
  `);
  if (settings.maxPages !== null) db.exec(`PRAGMA max_page_count = ${settings.maxPages}`);
}

export function openReader(file: string): DatabaseSync {
  const db = new DatabaseSync(file, { readOnly: true, timeout: 5_000 });
  db.exec('PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 0; PRAGMA cache_size = -4000; PRAGMA trusted_schema = OFF;');
  return db;
}

/** A statement whose rows are arrays of cells, made anew for each answer. */
export interface Rows {
  all(...cells: Cell[]): readonly Cell[][];
  get(...cells: Cell[]): Row | undefined;
  /** Reads each row when it is asked for. */
  each(...cells: Cell[]): Iterable<Row>;
}

export function prepareRows(db: DatabaseSync, sql: string): Rows {
  const statement: StatementSync = db.prepare(sql);
  statement.setReturnArrays(true);
  const all = (...cells: Cell[]): readonly Cell[][] => statement.all(...cells) as unknown as readonly Cell[][];
  const exactly = (cells: readonly Cell[]): readonly Cell[][] => allExactly(statement, cells);
  return {
    all: (...cells) =>
      orExactly(
        () => all(...cells),
        () => exactly(cells),
      ),
    get: (...cells) =>
      orExactly(
        () => statement.get(...cells) as unknown as Row | undefined,
        () => exactly(cells)[0],
      ),
    *each(...cells) {
      let count = 0;
      try {
        for (const row of statement.iterate(...cells) as unknown as Iterable<Row>) {
          count += 1;
          yield row;
        }
      } catch (error) {
        if (!isBeyondNumbers(error)) throw error;
        yield* exactly(cells).slice(count);
      }
    },
  };
}

/** An integer of the file that JavaScript's numbers do not reach: nothing of ours writes one. */
const isBeyondNumbers = (error: unknown): boolean => error instanceof RangeError && 'code' in error && error.code === 'ERR_OUT_OF_RANGE';

function orExactly<T>(read: () => T, readExactly: () => T): T {
  try {
    return read();
  } catch (error) {
    if (isBeyondNumbers(error)) return readExactly();
    throw error;
  }
}

/** The same rows, with such integers as texts, so that one record does not keep the others from being read. */
function allExactly(statement: StatementSync, cells: readonly Cell[]): readonly Cell[][] {
  statement.setReadBigInts(true);
  try {
    const rows = statement.all(...cells) as unknown as readonly (Cell | bigint)[][];
    return rows.map((row) => row.map((cell) => (typeof cell === 'bigint' ? narrowed(cell) : cell)));
  } finally {
    statement.setReadBigInts(false);
  }
}

const narrowed = (whole: bigint): number | string => (Number.isSafeInteger(Number(whole)) ? Number(whole) : String(whole));
