/**
 * Whether this process has the database alone. The lock beside it says so only while it is the lock by which the database was
 * used before: it may have been removed, or the database may be reached by a second name in another folder. So the database
 * remembers the lock's file; when this process holds another one, nobody else may have the database open at all.
 */
import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { HatstandError } from '../../../core/errors.ts';
import { prepareRows } from './database.ts';
import { faultOf } from './faults.ts';
import { inUse, type Lock } from './lock.ts';
import { makeOwnFile } from './own-rights.ts';

const key = 'lock';

/**
 * A connection to the database that may be the only one that writes. A database that is not there is made.
 *
 * @param lock the one beside it, which this process holds
 */
export function openAlone(file: string, lock: Pick<Lock, 'inode' | 'isNew'>): DatabaseSync {
  if (statSync(file, { throwIfNoEntry: false }) === undefined) {
    makeOwnFile(file);
    return connect(file);
  }
  if (!lock.isNew) {
    const db = connect(file);
    try {
      if (isKnownLock(db, lock.inode)) return db;
    } catch (error) {
      db.close();
      throw error;
    }
    db.close();
  }
  checkAlone(file);
  return connect(file);
}

const connect = (file: string): DatabaseSync => new DatabaseSync(file, { timeout: 5_000, enableForeignKeyConstraints: false });

/** Whether the database was last used under that lock: then whoever used it is gone. */
function isKnownLock(db: DatabaseSync, inode: number): boolean {
  if (prepareRows(db, "SELECT 1 FROM sqlite_schema WHERE name = 'meta'").get() === undefined) return false;
  return prepareRows(db, `SELECT value FROM meta WHERE key = '${key}'`).get()?.[0] === inode;
}

/** From now on the database knows the lock. */
export function keepLock(db: DatabaseSync, inode: number): void {
  if (isKnownLock(db, inode)) return;
  db.prepare('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)').run(key, inode);
}

/**
 * Every program that has the database open holds a lock of SQLite's on the file itself, whatever name it came by; it dies with
 * the process. Throws `store_in_use` when there is one, `store_unusable` when the file has two names: SQLite's log lies beside
 * one of them, and who comes by the other does not see what is in it.
 */
function checkAlone(file: string): void {
  const { nlink } = statSync(file);
  const probe = new DatabaseSync(file, { timeout: 0 });
  try {
    probe.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; ROLLBACK');
  } catch (error) {
    throw faultOf(error) === 'busy' ? inUse(dirname(file)) : error;
  } finally {
    probe.close();
  }
  if (nlink === 1) return;
  throw new HatstandError(
    'store_unusable',
    `${file} is one file with ${nlink} names (hard links), and what was kept last may lie in a log beside another of them. ` +
      'Start where it was used before, or remove the other names; to have a second store, copy the folder.',
  );
}
