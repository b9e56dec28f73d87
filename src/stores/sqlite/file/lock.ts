/** Keeps a second process out of the folder, for as long as this process lives: also a kill -9 lets go of it. */
import { accessSync, chmodSync, constants, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { HatstandError } from '../../../core/errors.ts';
import { own } from '../../../core/rights.ts';
import { checkVersion } from './database.ts';
import { faultOf } from './faults.ts';
import { identityOf } from './own-files.ts';
import { makeOwnFile } from './own-rights.ts';

export interface Lock {
  /** Of the lock's file: one that was put in its place has another. The database remembers it (alone.ts). */
  readonly inode: number;
  /** It was made for this: no database can know it yet. */
  readonly isNew: boolean;
  /** The folder's lock is still this one: else the folder is another one now, or somebody else's. */
  isInPlace(): boolean;
  /** Writes down which process this is, for the message that others get. */
  sign(): void;
  /** @param isUnused nothing was guarded with it: then nothing is left of a lock that was made for this */
  release(isUnused: boolean): void;
}

/**
 * Node has no flock, SQLite has: an open exclusive transaction on an empty file of its own. Throws `store_in_use` naming
 * the process that holds it, `store_unusable` when this user cannot lock the file.
 */
export function lockFolder(folder: string): Lock {
  const file = join(folder, 'lock');
  const pidFile = pidFileOf(folder);
  const isNew = statSync(file, { throwIfNoEntry: false }) === undefined;
  makeOwnFile(file);
  const db = new DatabaseSync(file, { timeout: 0 });
  try {
    checkVersion(db);
    checkWritable(file);
    closeToOthers(file);
    // A journal on the disk would need room, and a full disk must not keep the store from opening.
    db.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    throw faultOf(error) === 'busy' ? inUse(folder) : error;
  }
  let isSigned = false;
  const identity = identityOf(file);
  const isInPlace = (): boolean => identityOf(file) === identity;
  return {
    inode: inodeOf(file),
    isNew,
    isInPlace,
    sign() {
      isSigned = true;
      signPidFile(pidFile);
    },
    release(isUnused) {
      if (isInPlace()) {
        if (isSigned) removeFile(pidFile);
        if (isUnused && isNew) removeFile(file);
      }
      db.close();
    },
  };
}

/** SQLite opens a file that it may not write all the same, and its transactions then keep nobody out. */
function checkWritable(file: string): void {
  try {
    accessSync(file, constants.W_OK);
  } catch {
    throw new HatstandError(
      'store_unusable',
      `${file} keeps a second process out, and this user may not write it. Give the folder and all that is in it to the user that runs Hatstand (chown).`,
    );
  }
}

/** Whoever may read it may hold it. Nobody else has business with it, whoever may read the database. */
function closeToOthers(file: string): void {
  try {
    chmodSync(file, own.file);
  } catch {
    // It is another user's, who lets this one write it.
  }
}

/** As a number that SQLite and JavaScript can hold. */
const inodeOf = (file: string): number => Number(statSync(file, { bigint: true }).ino & BigInt(Number.MAX_SAFE_INTEGER));

export function inUse(folder: string): HatstandError {
  const holder = holderOf(pidFileOf(folder));
  return new HatstandError(
    'store_in_use',
    `${folder} is used by ${holder}. Stop that process, or give this one a folder of its own.${foreignLock(folder)}`,
  );
}

/** In a folder that others may write, the lock may be somebody else's, who keeps it for as long as they like. */
function foreignLock(folder: string): string {
  const file = join(folder, 'lock');
  const owner = statSync(file, { throwIfNoEntry: false })?.uid ?? 0;
  if (owner === 0 || process.geteuid === undefined || owner === process.geteuid()) return '';
  return ` ${file} belongs to user ${owner}, who may be keeping it locked: the folder should be writable for one user alone (chmod 700).`;
}

const pidFileOf = (folder: string): string => join(folder, 'lock.pid');

/** It serves a message alone: a full disk that has no room for it must not keep the store from opening. */
function signPidFile(pidFile: string): void {
  try {
    makeOwnFile(pidFile);
    writeFileSync(pidFile, `${process.pid}\n`);
  } catch {
    removeFile(pidFile);
  }
}

function removeFile(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // What is left keeps nobody out, and names a process that has ended at worst.
  }
}

/** What is in the file is taken for a process only when it looks like one: in a folder that others may write, it may be anything. */
function holderOf(pidFile: string): string {
  try {
    const pid = statSync(pidFile).size > 16 ? '' : readFileSync(pidFile, 'utf8').trim();
    return /^\d+$/.test(pid) ? `process ${pid}` : 'another process';
  } catch {
    return 'another process';
  }
}
