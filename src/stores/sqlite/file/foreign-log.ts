/**
 * SQLite takes a log for that of whatever database lies beside it. After a backup was put in a database's place that is wrong:
 * what comes out is damaged, and closing it would write the log into the backup and remove it. Where no database is, SQLite
 * begins one, and a log of its own over the one that is there.
 */
import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { HatstandError } from '../../../core/errors.ts';
import { prepareRows } from './database.ts';
import { isDamage, reasonOf } from './faults.ts';

/** Bytes of a database and its log that are looked through at an opening: a quarter of a second. */
const lookedThrough = 64 * 1024 * 1024;

/**
 * Throws `store_unusable` when the database is another program's, or when there is a log and no database that goes with it; all
 * is as it was then. Of large ones only what any opening reads is looked at.
 */
export function checkFiles(file: string): void {
  const log = sizeOf(`${file}-wal`);
  if (sizeOf(file) > 0) checkWhose(file, log);
  else if (log > 0) throw withoutDatabase(file, log);
  if (log === 0) return;
  const damage = damageOf(file, sizeOf(file) + log <= lookedThrough ? 'PRAGMA quick_check(1)' : 'SELECT value FROM meta');
  if (damage === null) return;
  throw new HatstandError('store_unusable', `${file} cannot be used with the log beside it: ${damage}. ${foreignLogAdvice(file)}`);
}

export const foreignLogAdvice = (file: string): string =>
  `If ${file} was restored from a backup, ${file}-wal and ${file}-shm are those of the database before: move both away, put the backup ` +
  'in its place again, and start. If it was not, put a backup in its place in the same way, or what `sqlite3` saves of it with `.recover`.';

function withoutDatabase(file: string, log: number): HatstandError {
  return new HatstandError(
    'store_unusable',
    `${file} is missing or empty, and the log beside it, ${file}-wal, holds ${log} bytes of what was kept last: a new database would ` +
      `overwrite them. Put ${file} back in its place and start. To begin with an empty store, or with a backup, move ${file}-wal and ` +
      `${file}-shm away first.`,
    { file },
  );
}

/** What the file holds without its log: with it, it may look like the database to which the log belongs. */
function checkWhose(file: string, log: number): void {
  if (!isForeign(file)) return;
  const beside = log > 0 ? ` Beside it lies ${file}-wal, the log of a database that was there before: keep it with that one.` : '';
  throw new HatstandError(
    'store_unusable',
    `${file} is the database of another program: it has tables, and not those of Hatstand. Move it away, or name another folder.${beside}`,
    { file },
  );
}

/** A new database has no tables while all of them are in its log. */
function isForeign(file: string): boolean {
  const alone = pathToFileURL(file);
  alone.searchParams.set('immutable', '1');
  let db: DatabaseSync | null = null;
  try {
    db = new DatabaseSync(alone, { readOnly: true });
    const [tables, own] = prepareRows(db, "SELECT count(*), count(*) FILTER (WHERE name = 'meta') FROM sqlite_schema").get() ?? [];
    return Number(tables) > 0 && own === 0;
  } catch {
    // A kill may have left it half written, which its log mends.
    return false;
  } finally {
    db?.close();
  }
}

/** `null`: none was found. A connection that only reads leaves the log where it is. */
function damageOf(file: string, look: string): string | null {
  let db: DatabaseSync | null = null;
  try {
    db = new DatabaseSync(file, { readOnly: true, timeout: 0 });
    const found = prepareRows(db, look).get()?.[0];
    return typeof found === 'string' && found !== 'ok' ? found.replaceAll(/\s+/g, ' ') : null;
  } catch (error) {
    // What else keeps it from being read, the opening tells better.
    return isDamage(error) ? reasonOf(error) : null;
  } finally {
    db?.close();
  }
}

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;
