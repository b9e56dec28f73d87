/**
 * The file's tables. A file of an earlier version (1 to 6) becomes one of today when it is opened: by ordered steps, each in a
 * transaction of its own. A step that was released never changes: what is new is a further one.
 */
import type { DatabaseSync } from 'node:sqlite';
import { HatstandError } from '../../../core/errors.ts';

/**
 * `id` and `fence` are 63-bit numbers. Payload and output stand last, so that scans of the other columns do not touch
 * their overflow pages. `op` and `deadline` are set only while an attempt runs. Each state has its own partial index, so
 * that a move touches two of them at most.
 */
const version1 = `
  CREATE TABLE jobs (
    id INTEGER PRIMARY KEY,
    state INTEGER NOT NULL,
    queue TEXT NOT NULL,
    worker TEXT NOT NULL,
    manual INTEGER NOT NULL,
    priority INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    started_at INTEGER,
    ended_at INTEGER,
    deadline INTEGER,
    run INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    lost INTEGER NOT NULL,
    fence INTEGER NOT NULL,
    holder TEXT NOT NULL,
    op TEXT NOT NULL,
    reason TEXT NOT NULL,
    status_code INTEGER,
    output_cut INTEGER NOT NULL,
    domain TEXT NOT NULL,
    name TEXT NOT NULL,
    url TEXT NOT NULL,
    comment TEXT NOT NULL,
    error TEXT NOT NULL,
    options TEXT NOT NULL,
    headers TEXT,
    payload TEXT,
    output TEXT NOT NULL
  ) STRICT;
  CREATE INDEX jobs_ready ON jobs (queue, worker, manual, priority DESC, id) WHERE state = 1;
  CREATE INDEX jobs_due ON jobs (due_at) WHERE state = 0;
  CREATE INDEX jobs_held ON jobs (holder, op) WHERE state IN (2, 3);
  CREATE INDEX jobs_deadline ON jobs (deadline) WHERE deadline IS NOT NULL;
  CREATE INDEX jobs_ended ON jobs (ended_at) WHERE ended_at IS NOT NULL;
  CREATE INDEX jobs_by_end ON jobs (state, id) WHERE state >= 4;

  CREATE TABLE attempts (
    job_id INTEGER NOT NULL,
    fence INTEGER NOT NULL,
    run INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    holder TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    ending INTEGER NOT NULL,
    status_code INTEGER,
    error TEXT NOT NULL,
    output_cut INTEGER NOT NULL,
    output TEXT NOT NULL,
    PRIMARY KEY (job_id, fence)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE idempotency (
    domain TEXT NOT NULL,
    key TEXT NOT NULL,
    job_id INTEGER NOT NULL,
    digest TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (domain, key)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX idempotency_at ON idempotency (at);

  CREATE TABLE events (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
  CREATE INDEX events_at ON events (at);

  CREATE TABLE queues (
    name TEXT PRIMARY KEY,
    paused INTEGER NOT NULL,
    concurrency INTEGER,
    rate_max REAL,
    rate_per REAL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE nodes (
    incarnation TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    started_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE inbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    holder TEXT NOT NULL,
    job_id INTEGER NOT NULL,
    fence INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX inbox_holder ON inbox (holder, seq);

  CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  INSERT INTO meta (key, value) VALUES ('last_id', 0), ('last_event', 0), ('last_time', 0);
`;

/** Nodes that are gone stay for a while: `ending` says how they went, 0 left, 1 buried; NULL as long as they live. */
const version2 = `
  ALTER TABLE nodes ADD COLUMN address TEXT NOT NULL DEFAULT '';
  ALTER TABLE nodes ADD COLUMN server_id INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE nodes ADD COLUMN mode INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE nodes ADD COLUMN heard_at INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE nodes ADD COLUMN ending INTEGER;
`;

/**
 * The log of steps is the journal. Jobs get an owner, a limit and what they are about: the table is made anew, so that
 * payload and output still stand last. Those that have an owner stand in one of two indexes: while they live, in one that a
 * claim does not touch (`ended_at` is part of it so that counting reads nothing else); then in the other.
 */
const jobsOfVersion3 = `
  ALTER TABLE events RENAME TO journal;
  DROP INDEX events_at;
  CREATE INDEX journal_at ON journal (at);
  UPDATE meta SET key = 'last_entry' WHERE key = 'last_event';

  CREATE TABLE jobs_3 (
    id INTEGER PRIMARY KEY,
    state INTEGER NOT NULL,
    queue TEXT NOT NULL,
    worker TEXT NOT NULL,
    manual INTEGER NOT NULL,
    priority INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    started_at INTEGER,
    ended_at INTEGER,
    deadline INTEGER,
    run INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    lost INTEGER NOT NULL,
    fence INTEGER NOT NULL,
    holder TEXT NOT NULL,
    op TEXT NOT NULL,
    reason TEXT NOT NULL,
    status_code INTEGER,
    output_cut INTEGER NOT NULL,
    owner TEXT NOT NULL,
    "limit" TEXT NOT NULL,
    domain TEXT NOT NULL,
    name TEXT NOT NULL,
    url TEXT NOT NULL,
    comment TEXT NOT NULL,
    error TEXT NOT NULL,
    options TEXT NOT NULL,
    headers TEXT,
    about TEXT,
    payload TEXT,
    output TEXT NOT NULL
  ) STRICT;
  INSERT INTO jobs_3 SELECT id, state, queue, worker, manual, priority, due_at, created_at, started_at, ended_at, deadline, run,
    attempt, lost, fence, holder, op, reason, status_code, output_cut, '', '', domain, name, url, comment, error, options, headers,
    NULL, payload, output FROM jobs;
  DROP TABLE jobs;
  ALTER TABLE jobs_3 RENAME TO jobs;
  CREATE INDEX jobs_ready ON jobs (queue, worker, manual, priority DESC, id) WHERE state = 1;
  CREATE INDEX jobs_due ON jobs (due_at) WHERE state = 0;
  CREATE INDEX jobs_held ON jobs (holder, op) WHERE state IN (2, 3);
  CREATE INDEX jobs_deadline ON jobs (deadline) WHERE deadline IS NOT NULL;
  CREATE INDEX jobs_ended ON jobs (ended_at) WHERE ended_at IS NOT NULL;
  CREATE INDEX jobs_by_end ON jobs (state, id) WHERE state >= 4;
  CREATE INDEX jobs_owned_live ON jobs (owner, manual, ended_at) WHERE owner <> '' AND ended_at IS NULL;
  CREATE INDEX jobs_owned_ended ON jobs (owner, state, manual) WHERE owner <> '' AND state >= 4;
`;

/**
 * A body is NULL once the definition was removed. The window's columns are NULL while nothing has been gathered; `characters`
 * is the sum of its parts'. `owned` holds what jobs did, for definitions that have had any.
 */
const definitionsOfVersion3 = `
  CREATE TABLE definitions (
    id INTEGER PRIMARY KEY,
    kind INTEGER NOT NULL,
    domain TEXT NOT NULL,
    key TEXT NOT NULL,
    version INTEGER NOT NULL,
    "group" TEXT NOT NULL,
    due INTEGER,
    fired_at INTEGER,
    due_on_end INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    opened_at INTEGER,
    closes_at INTEGER,
    count INTEGER,
    dropped INTEGER,
    characters INTEGER,
    due_at INTEGER GENERATED ALWAYS AS (min(coalesce(due, closes_at), coalesce(closes_at, due))) VIRTUAL,
    state TEXT NOT NULL,
    body TEXT
  ) STRICT;
  CREATE UNIQUE INDEX definitions_place ON definitions (kind, domain, key);
  CREATE INDEX definitions_version ON definitions (kind, version);
  CREATE INDEX definitions_group ON definitions (kind, "group", domain, key) WHERE "group" <> '';
  CREATE INDEX definitions_due ON definitions (kind, due_at) WHERE due_at IS NOT NULL;
  CREATE INDEX definitions_removed ON definitions (changed_at) WHERE body IS NULL;

  CREATE TABLE owned (definition INTEGER PRIMARY KEY, facts TEXT NOT NULL) STRICT;
  CREATE TABLE parts (seq INTEGER PRIMARY KEY, definition INTEGER NOT NULL, text TEXT NOT NULL) STRICT;
  CREATE INDEX parts_definition ON parts (definition);
  CREATE TABLE kinds (kind INTEGER PRIMARY KEY, version INTEGER NOT NULL, swept INTEGER NOT NULL) STRICT;
`;

/** Results tell a cause, `NULL` of old ones, and a stack. The table is made anew, so that payload and output still stand last. */
const version4 = `
  CREATE TABLE jobs_4 (
    id INTEGER PRIMARY KEY,
    state INTEGER NOT NULL,
    queue TEXT NOT NULL,
    worker TEXT NOT NULL,
    manual INTEGER NOT NULL,
    priority INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    started_at INTEGER,
    ended_at INTEGER,
    deadline INTEGER,
    run INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    lost INTEGER NOT NULL,
    fence INTEGER NOT NULL,
    holder TEXT NOT NULL,
    op TEXT NOT NULL,
    reason TEXT NOT NULL,
    status_code INTEGER,
    cause INTEGER,
    output_cut INTEGER NOT NULL,
    owner TEXT NOT NULL,
    "limit" TEXT NOT NULL,
    domain TEXT NOT NULL,
    name TEXT NOT NULL,
    url TEXT NOT NULL,
    comment TEXT NOT NULL,
    error TEXT NOT NULL,
    options TEXT NOT NULL,
    headers TEXT,
    about TEXT,
    stack TEXT NOT NULL DEFAULT '',
    payload TEXT,
    output TEXT NOT NULL
  ) STRICT;
  INSERT INTO jobs_4 SELECT id, state, queue, worker, manual, priority, due_at, created_at, started_at, ended_at, deadline, run,
    attempt, lost, fence, holder, op, reason, status_code, NULL, output_cut, owner, "limit", domain, name, url, comment, error,
    options, headers, about, '', payload, output FROM jobs;
  DROP TABLE jobs;
  ALTER TABLE jobs_4 RENAME TO jobs;
  CREATE INDEX jobs_ready ON jobs (queue, worker, manual, priority DESC, id) WHERE state = 1;
  CREATE INDEX jobs_due ON jobs (due_at) WHERE state = 0;
  CREATE INDEX jobs_held ON jobs (holder, op) WHERE state IN (2, 3);
  CREATE INDEX jobs_deadline ON jobs (deadline) WHERE deadline IS NOT NULL;
  CREATE INDEX jobs_ended ON jobs (ended_at) WHERE ended_at IS NOT NULL;
  CREATE INDEX jobs_by_end ON jobs (state, id) WHERE state >= 4;
  CREATE INDEX jobs_owned_live ON jobs (owner, manual, ended_at) WHERE owner <> '' AND ended_at IS NULL;
  CREATE INDEX jobs_owned_ended ON jobs (owner, state, manual) WHERE owner <> '' AND state >= 4;

  ALTER TABLE attempts ADD COLUMN cause INTEGER;
  ALTER TABLE attempts ADD COLUMN stack TEXT NOT NULL DEFAULT '';
`;

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
 * Which jobs wait for which; `cancels`: the failure of that one ends it. And ends of which those that wait have not been told. What waits
 * goes with its job; of a job that goes before it has ended, those that wait learn as of one that has failed.
 */
const version11 = `
  CREATE TABLE awaits (
    job_id INTEGER NOT NULL,
    awaited_id INTEGER NOT NULL,
    cancels INTEGER NOT NULL,
    PRIMARY KEY (job_id, awaited_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX awaits_awaited ON awaits (awaited_id, job_id);
  CREATE TABLE awaited_ends (job_id INTEGER PRIMARY KEY, state INTEGER NOT NULL) STRICT;
  CREATE INDEX awaited_ends_state ON awaited_ends (state, job_id);
  DROP TRIGGER jobs_removed;
  CREATE TRIGGER jobs_removed AFTER DELETE ON jobs BEGIN
    DELETE FROM uniques WHERE job_id = OLD.id;
    DELETE FROM expiries WHERE job_id = OLD.id;
    DELETE FROM awaits WHERE job_id = OLD.id;
    INSERT OR REPLACE INTO awaited_ends SELECT OLD.id, 5 WHERE OLD.state < 4 AND EXISTS (SELECT 1 FROM awaits WHERE awaited_id = OLD.id);
  END;
`;

/** A file of version n has the first n of them behind it. */
export const migrations: readonly string[] = [
  version1,
  version2,
  `${jobsOfVersion3}${definitionsOfVersion3}`,
  version4,
  version5,
  version6,
  version7,
  version8,
  version9,
  version10,
  version11,
];

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
