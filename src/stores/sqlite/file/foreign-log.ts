/**
 * SQLite takes a log for that of whatever database lies beside it. After a backup was put in a database's place that is wrong:
 * what comes out is damaged, and closing it would write the log into the backup and remove it.
 */
import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { HatstandError } from '../../../core/errors.ts';
import { prepareRows } from './database.ts';
import { isDamage, reasonOf } from './faults.ts';

/** Bytes of a database and its log that are looked through at an opening: a quarter of a second. */
const lookedThrough = 64 * 1024 * 1024;

/**
 * Throws `store_unusable` when there is a log and the two do not go together; both are as they were then. Of large ones only
 * what any opening reads is looked at.
 */
export function checkLog(file: string): void {
  const log = sizeOf(`${file}-wal`);
  if (log === 0) return;
  const damage = damageOf(file, sizeOf(file) + log <= lookedThrough ? 'PRAGMA quick_check(1)' : 'SELECT value FROM meta');
  if (damage === null) return;
  throw new HatstandError('store_unusable', `${file} cannot be used with the log beside it: ${damage}. ${foreignLogAdvice(file)}`);
}

export const foreignLogAdvice = (file: string): string =>
  `If ${file} was restored from a backup, ${file}-wal and ${file}-shm are those of the database before: move both away, put the backup ` +
  'in its place again, and start. If it was not, put a backup in its place in the same way, or what `sqlite3` saves of it with `.recover`.';

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
