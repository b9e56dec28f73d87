/** Where a store's files lie, made before it is opened, and as it was before when the opening fails. */
import { lstatSync, readlinkSync, realpathSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { HatstandError } from '../../../core/errors.ts';
import { makeOwnFolder, warningsOf } from './own-rights.ts';

export interface Home {
  /** The folder in which the database really lies: its log, its lock and its ballast lie beside it, whichever links lead there. */
  readonly folder: string;
  readonly file: string;
  /** By which the database was asked for. */
  readonly name: string;
  /** What of it other users may read or change, in sentences. */
  warnings(): readonly string[];
  /** Whether there is neither a database nor what one has left. Asked under the lock, for another process may just make it. */
  isNew(): boolean;
  /** Removes what came into the folder with a database that was new. Only under the lock, and when nobody uses the files. */
  clear(): void;
  /** Removes the folders that were made, as far as they are empty. */
  leave(): void;
}

const database = 'hatstand.db';
/** All that a store makes, without its lock. The database goes last: a log without it keeps a store from opening. */
const files = [`${database}-wal`, `${database}-shm`, 'ballast', database];

/** Throws `invalid_config` when one of its files is none, what the system says when the folder cannot be made, or an Error when something else is in its place. */
export function prepareHome(path: string): Home {
  const made = makeFolders(path);
  try {
    const name = join(path, database);
    const file = realFile(join(realpathSync(path), database));
    const folder = dirname(file);
    const own = [...new Set([file, ...[...files, 'lock'].map((name) => join(folder, name))])];
    for (const path of own) checkKind(path, wrongKinds);
    // It serves a message alone.
    const pidFile = join(folder, 'lock.pid');
    checkKind(pidFile, waitingKinds);
    return {
      folder,
      file,
      name,
      warnings: () => warningsOf(folder, [...own, pidFile]),
      isNew: () => ['', '-wal', '-shm'].every((ending) => statSync(file + ending, { throwIfNoEntry: false }) === undefined),
      clear() {
        for (const name of files) removeFile(join(folder, name));
      },
      leave: () => removeFolders(made),
    };
  } catch (error) {
    removeFolders(made);
    throw error;
  }
}

/**
 * One after the other: where there can be no folder, as in /proc, Node's own recursion never ends. Answers those that were
 * made, the outermost first.
 */
function makeFolders(path: string): readonly string[] {
  const missing: string[] = [];
  for (let at = path; !isThere(at); at = dirname(at)) missing.unshift(at);
  if (missing.length === 0 && !statSync(path).isDirectory()) throw new Error(`${path} is not a folder`);
  const made: string[] = [];
  try {
    for (const folder of missing) if (makeFolder(folder)) made.push(folder);
    return made;
  } catch (error) {
    removeFolders(made);
    throw error;
  }
}

function isThere(path: string): boolean {
  if (statSync(path, { throwIfNoEntry: false }) !== undefined) return true;
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true) throw deadLink(path);
  return false;
}

const deadLink = (path: string): Error => new Error(`${path} is a link to ${readlinkSync(path)}, which is not there`);

/** `false`: somebody else has just made it. */
function makeFolder(path: string): boolean {
  try {
    makeOwnFolder(path);
    return true;
  } catch (error) {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return false;
    throw error;
  }
}

function removeFolders(made: readonly string[]): void {
  for (const folder of made.toReversed()) {
    try {
      rmdirSync(folder);
    } catch {
      // It is in use by now: so are those around it.
      return;
    }
  }
}

/** What cannot be removed stays: the error that is told is the one that kept the store from opening. */
function removeFile(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // A disk that refuses this has refused the opening already.
  }
}

type Kind = readonly [is: 'isFIFO' | 'isSocket' | 'isCharacterDevice' | 'isBlockDevice' | 'isDirectory', kind: string];

/** Whoever opens such a thing may wait for ever. */
const waitingKinds: readonly Kind[] = [
  ['isFIFO', 'a named pipe'],
  ['isSocket', 'a socket'],
  ['isCharacterDevice', 'a device'],
  ['isBlockDevice', 'a device'],
];
const wrongKinds: readonly Kind[] = [...waitingKinds, ['isDirectory', 'a folder']];

function checkKind(file: string, kinds: readonly Kind[]): void {
  const stats = statSync(file, { throwIfNoEntry: false });
  const kind = kinds.find(([is]) => stats?.[is]() === true);
  if (kind !== undefined) throw wrongKind(file, kind[1]);
}

const wrongKind = (file: string, kind: string): HatstandError =>
  new HatstandError('invalid_config', `${file} must be a file of the store's own, and is ${kind}. Remove it, or name another folder.`, {
    file,
  });

/** SQLite follows links to find where its log belongs, and so does everything else that lies beside the database. */
const realFile = (file: string): string => (isThere(file) ? realpathSync(file) : file);
