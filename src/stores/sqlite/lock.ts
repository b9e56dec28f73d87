/** Keeps a second process out of the folder, for as long as this process lives: also a kill -9 lets go of it. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { HatstandError } from '../../core/errors.ts';
import { checkVersion, faultOf } from './database.ts';

/**
 * Node has no flock, SQLite has: an open exclusive transaction on an empty file of its own. Throws `store_in_use` naming
 * the process that holds it. Answers how to let go.
 */
export function lockFolder(folder: string): () => void {
  const pidFile = join(folder, 'lock.pid');
  const db = new DatabaseSync(join(folder, 'lock'), { timeout: 0 });
  try {
    checkVersion(db);
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    if (faultOf(error) !== 'busy') throw error;
    throw new HatstandError(
      'store_in_use',
      `${folder} is used by ${holderOf(pidFile)}. Stop that process, or give this one a folder of its own.`,
    );
  }
  writeFileSync(pidFile, `${process.pid}\n`);
  return () => {
    rmSync(pidFile, { force: true });
    db.close();
  };
}

function holderOf(pidFile: string): string {
  try {
    return `process ${readFileSync(pidFile, 'utf8').trim()}`;
  } catch {
    return 'another process';
  }
}
