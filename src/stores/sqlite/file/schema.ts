/**
 * The file's tables. A file of an earlier version (1 to 6) becomes one of today when it is opened: by ordered steps, each in a
 * transaction of its own. A step that was released never changes: what is new is a further one.
 */
import type { DatabaseSync } from 'node:sqlite';
import { HatstandError } from '../../../core/errors.ts';
import { earlyVersions } from './early-tables.ts';

/** Records that nobody can read, as JSON of their rows. */
const version5 = `
  CREATE TABLE unreadable (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, reason TEXT NOT NULL, raw TEXT NOT NULL) STRICT;
`;

/** All kinds of records may be unreadable: `place` is core's unreadablePlace. */
const version6 = `
  CREATE TABLE unreadable_6 (place TEXT PRIMARY KEY, at INTEGER NOT NULL, reason TEXT NOT NULL, raw TEXT NOT NULL) STRICT;
  INSERT INTO unreadable_6 SELECT printf('%019d', id), at, reason, raw FROM unreadable;
  DROP TABLE unreadable;
  ALTER TABLE unreadable_6 RENAME TO unreadable;
`;

/**
 * What attempts have told of their jobs, for jobs of which any has told anything. `fence` and `number` are those of the newest line
 * that was told, `lines` and `characters` what is kept, all of them NULL or 0 while there was none.
 */
const version7 = `
  CREATE TABLE logs (
    job_id INTEGER PRIMARY KEY,
    fence INTEGER,
    number INTEGER,
    lines INTEGER NOT NULL,
    characters INTEGER NOT NULL,
    dropped INTEGER NOT NULL,
    progress_fence INTEGER,
    progress_at INTEGER,
    progress TEXT
  ) STRICT;
  CREATE TABLE lines (
    job_id INTEGER NOT NULL,
    fence INTEGER NOT NULL,
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    level INTEGER NOT NULL,
    size INTEGER NOT NULL,
    text TEXT NOT NULL,
    fields TEXT,
    PRIMARY KEY (job_id, fence, number)
  ) STRICT, WITHOUT ROWID;
`;

/**
 * Entries tell events: `told` is what is written of them, `told_from` how many characters events had in all entries before. Of
 * each group of definitions the newest version is kept, and the file has a name, by which places in its journal are known.
 */
const version8 = `
  ALTER TABLE journal ADD COLUMN told TEXT;
  ALTER TABLE journal ADD COLUMN told_from INTEGER;
  CREATE INDEX journal_told ON journal (told_from) WHERE told_from IS NOT NULL;
  CREATE TABLE event_keys (
    domain TEXT NOT NULL,
    key TEXT NOT NULL,
    seq INTEGER NOT NULL,
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (domain, key)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX event_keys_at ON event_keys (at);
  CREATE TABLE followers (name TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE groups (
    kind INTEGER NOT NULL,
    "group" TEXT NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (kind, "group")
  ) STRICT, WITHOUT ROWID;
  INSERT INTO groups SELECT kind, "group", max(version) FROM definitions WHERE "group" <> '' GROUP BY kind, "group";
  INSERT INTO meta (key, value) VALUES ('name', abs(random() % 281474976710656));
`;

/**
 * Queues that take no jobs; limits, and how much of them jobs have used, by their keys and by the steady clock. Jobs that wait parked
 * are known by their priority alone (rows/job.ts), so that a claim of others does not touch their index.
 */
const version9 = `
  ALTER TABLE queues ADD COLUMN closed INTEGER NOT NULL DEFAULT 0;
  CREATE TABLE limits (name TEXT PRIMARY KEY, concurrency INTEGER, rate_max REAL, rate_per REAL, paused_until INTEGER) STRICT, WITHOUT ROWID;
  CREATE TABLE buckets (key TEXT PRIMARY KEY, tokens REAL NOT NULL, at REAL NOT NULL) STRICT, WITHOUT ROWID;
  CREATE INDEX buckets_at ON buckets (at);
  CREATE INDEX jobs_parked ON jobs (reason, manual DESC, priority DESC, id) WHERE priority <= -5000000;
`;

/**
 * Which unique job there is of each scope, by the steady clock; `until` is a word or so many milliseconds. And which jobs must begin
 * before a time, kept as `due_at` of jobs is. Both go with their job, by whatever way that goes.
 */
const version10 = `
  CREATE TABLE uniques (
    domain TEXT NOT NULL,
    scope TEXT NOT NULL,
    job_id INTEGER NOT NULL,
    until ANY NOT NULL, since INTEGER NOT NULL,
    PRIMARY KEY (domain, scope)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX uniques_job ON uniques (job_id);
  CREATE TABLE expiries (job_id INTEGER PRIMARY KEY, due_at INTEGER NOT NULL) STRICT;
  CREATE INDEX expiries_due ON expiries (due_at);
  CREATE TRIGGER jobs_removed AFTER DELETE ON jobs BEGIN
    DELETE FROM uniques WHERE job_id = OLD.id;
    DELETE FROM expiries WHERE job_id = OLD.id;
  END;
`;

/**
 * Which jobs wait for which; `cancels`: the failure of that one ends it. And ends of which those that wait have not been told: an end is
 * that of the round in which those wait that had begun to by then; who comes later waits in the next one. What waits goes with its job; of a job that goes before it has ended, those that wait learn as of one that has failed.
 */
const version11 = `
  CREATE TABLE awaits (
    job_id INTEGER NOT NULL,
    awaited_id INTEGER NOT NULL,
    round INTEGER NOT NULL,
    cancels INTEGER NOT NULL,
    PRIMARY KEY (job_id, awaited_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX awaits_awaited ON awaits (awaited_id, round, job_id);
  CREATE TABLE awaited_ends (
    job_id INTEGER NOT NULL,
    round INTEGER NOT NULL,
    state INTEGER NOT NULL,
    PRIMARY KEY (job_id, round)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX awaited_ends_state ON awaited_ends (state, job_id, round);
  DROP TRIGGER jobs_removed;
  CREATE TRIGGER jobs_removed AFTER DELETE ON jobs BEGIN
    DELETE FROM uniques WHERE job_id = OLD.id;
    DELETE FROM expiries WHERE job_id = OLD.id;
    DELETE FROM awaits WHERE job_id = OLD.id;
    INSERT OR IGNORE INTO awaited_ends
      SELECT OLD.id, round, 5 FROM awaits WHERE OLD.state < 4 AND awaited_id = OLD.id ORDER BY round DESC LIMIT 1;
  END;
`;

/** A file of version n has the first n of them behind it. */
export const migrations: readonly string[] = [...earlyVersions, version5, version6, version7, version8, version9, version10, version11];

/** Brings the file to today's tables. A file of a newer version is refused with `store_unusable`. */
export function migrate(db: DatabaseSync, file: string): void {
  const version = Number(db.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
  if (version > migrations.length) {
    throw new HatstandError(
      'store_unusable',
      `${file} was written by a newer version of Hatstand (its tables are version ${version}, this one knows up to ${migrations.length}). ` +
        'Start that version or a newer one; going back is not possible.',
    );
  }
  migrations.slice(version).forEach((step, index) => {
    db.exec(`BEGIN IMMEDIATE; ${step}; PRAGMA user_version = ${version + index + 1}; COMMIT;`);
  });
}
