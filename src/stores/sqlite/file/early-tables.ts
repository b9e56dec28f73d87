/** The steps by which the tables of schema.ts became what they were in version 4. Each was released, and never changes. */

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

export const earlyVersions: readonly string[] = [version1, version2, `${jobsOfVersion3}${definitionsOfVersion3}`, version4];
