/** Keeps a second process out of the folder, for as long as this process lives: also a kill -9 lets go of it. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { HatstandError } from '../../../core/errors.ts';
import { checkVersion } from './database.ts';
import { faultOf } from './faults.ts';

/**
 * Node has no flock, SQLite has: an open exclusive transaction on an empty file of its own. Throws `store_in_use` naming
 * the process that holds it. Answers how to let go.
 */
export function lockFolder(folder: string): () => void {
  const pidFile = join(folder, 'lock.pid');
  const db = new DatabaseSync(join(folder, 'lock'), { timeout: 0 });
  try {
    checkVersion(db);
    // A journal on the disk would need room, and a full disk must not keep the store from opening.
    db.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    if (faultOf(error) !== 'busy') throw error;
    throw new HatstandError(
      'store_in_use',
      `${folder} is used by ${holderOf(pidFile)}. Stop that process, or give this one a folder of its own.`,
    );
  }
  signPidFile(pidFile);
  return () => {
    removePidFile(pidFile);
    db.close();
  };
}

/** It serves a message alone: a full disk that has no room for it must not keep the store from opening. */
function signPidFile(pidFile: string): void {
  try {
    writeFileSync(pidFile, `${process.pid}\n`);
  } catch {
    removePidFile(pidFile);
  }
}

function removePidFile(pidFile: string): void {
  try {
    rmSync(pidFile, { force: true });
  } catch {
    // What is left names a process that has ended at worst.
  }
}

function holderOf(pidFile: string): string {
  try {
    return `process ${readFileSync(pidFile, 'utf8').trim()}`;
  } catch {
    return 'another process';
  }
}
