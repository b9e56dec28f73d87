/**
 * The spool: a small SQLite file in a folder of this machine. Processes that are given the same folder share it, and whoever comes next
 * finds what was left.
 */
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { HatstandError, messageOf } from '../../core/errors.ts';
import type { Spool, SpooledText } from '../../ports/spool.ts';
import { faultOf } from '../sqlite/file/faults.ts';
import { makeOwnFile, makeOwnFolder } from '../sqlite/file/own-rights.ts';

export const spoolLimits = {
  /** Bytes of the file. */
  size: 64 * 1024 * 1024,
} as const;

const pageSize = 4_096;
/** For others that write to it (ms): nothing else happens meanwhile, so whoever asks tries again. */
const lockedFor = 100;
const lockedAtOpening = 1_000;
/** Its texts go along when its file is made anew. */
const allTexts = 'SELECT place, text FROM texts ORDER BY place LIMIT ?';

/** Opened when it is first asked for something, which throws `store_unusable` when it cannot be opened. */
export function makeSpool(folder: string, size: number = spoolLimits.size): Spool {
  const location = join(resolve(folder), 'spool.db');
  let opened: Opened | null = null;
  /** What was in files that are not there any more, until it is in one that is. */
  let left: readonly string[] = [];
  /** In which `oldest` has looked: places of another file are others. */
  let lookedIn: Opened | null = null;

  function close(): void {
    opened?.db.close();
    opened = null;
  }

  /** What goes into a file that somebody has removed, or replaced, is gone with this process: what it holds goes into a new one. */
  function leaveRemoved(): void {
    if (opened === null || inodeOf(location) === opened.inode) return;
    left = [...left, ...textsIn(opened.db)];
    close();
  }

  function asked<T>(call: (db: DatabaseSync) => T): T {
    leaveRemoved();
    opened ??= { db: open(location, size), inode: inodeOf(location) };
    try {
      addTo(opened.db, left);
      left = [];
      return call(opened.db);
    } catch (error) {
      throw refusalOf(error, location);
    }
  }

  return {
    location,
    add(texts) {
      asked((db) => addTo(db, texts));
    },
    oldest(limit) {
      const texts = asked((db) => db.prepare(allTexts).all(limit).map(rowOf));
      lookedIn = opened;
      return texts;
    },
    remove: (upTo) => asked((db) => void (opened === lookedIn && db.prepare('DELETE FROM texts WHERE place <= ?').run(upTo))),
    close,
  };
}

/** `null`: there is none. */
const inodeOf = (file: string): bigint | null => statSync(file, { bigint: true, throwIfNoEntry: false })?.ino ?? null;

interface Opened {
  readonly db: DatabaseSync;
  readonly inode: bigint | null;
}

/** All of them, or none. */
function addTo(db: DatabaseSync, texts: readonly string[]): void {
  if (texts.length === 0) return;
  db.exec('BEGIN IMMEDIATE');
  try {
    const insert = db.prepare('INSERT INTO texts (text) VALUES (?)');
    for (const text of texts) insert.run(text);
    db.exec('COMMIT');
  } catch (error) {
    // A full disk has rolled it back already.
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

/** Of a file that nobody finds any more: what can still be read. */
function textsIn(db: DatabaseSync): readonly string[] {
  try {
    return db
      .prepare(allTexts)
      .all(-1)
      .map((row) => rowOf(row).text);
  } catch {
    return [];
  }
}

const rowOf = (row: Readonly<Record<string, unknown>>): SpooledText => ({ place: Number(row['place']), text: String(row['text']) });

/** Processes that share it may begin together. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  mkdirSync(dirname(folder), { recursive: true });
  try {
    makeOwnFolder(folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  }
}

function open(file: string, size: number): DatabaseSync {
  let db: DatabaseSync | null = null;
  try {
    makeFolder(dirname(file));
    makeOwnFile(file);
    db = new DatabaseSync(file, { timeout: lockedAtOpening });
    // Places are given once: whoever removes what it has seen removes nothing that came since.
    db.exec(`
      PRAGMA page_size = ${pageSize};
      PRAGMA auto_vacuum = FULL;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA trusted_schema = OFF;
      PRAGMA max_page_count = ${Math.ceil(size / pageSize)};
      CREATE TABLE IF NOT EXISTS texts (place INTEGER PRIMARY KEY AUTOINCREMENT, text TEXT NOT NULL) STRICT;
      PRAGMA busy_timeout = ${lockedFor};
    `);
    return db;
  } catch (error) {
    db?.close();
    // Another one makes it, or keeps it locked: it can be tried again.
    if (faultOf(error) === 'busy') throw refusalOf(error, file);
    const message = `The spool ${file} cannot be used: ${messageOf(error)}. Give a folder that this process may write to.`;
    throw new HatstandError('store_unusable', message, {}, { cause: error });
  }
}

function refusalOf(error: unknown, location: string): HatstandError {
  if (faultOf(error) === 'full')
    return new HatstandError(
      'store_full',
      `The spool ${location} is full, and its store is away: nothing more is kept until that is back.`,
    );
  return new HatstandError('store_failed', `The spool ${location} could not do this: ${messageOf(error)}.`, {}, { cause: error });
}
