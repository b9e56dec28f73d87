/**
 * The call `scrub`: what is known twice is compared with the records. The first step looks at what runs and at the
 * counters, the others at the histories of jobs, a slice each. SQLite itself keeps its indexes true to their tables.
 */
import type { DatabaseSync } from 'node:sqlite';
import { loseMoves } from '../../core/transitions.ts';
import { stateCodes } from './codes.ts';
import { absent, Counters, type Line } from './counters.ts';
import { prepareRows } from './database.ts';
import type { Mover } from './jobs-move.ts';
import type { Ledger } from './ledger.ts';
import { handBack } from './nodes.ts';
import { jobColumns, readJob } from './rows.ts';
import { type Cell, TapeReader } from './tape.ts';

interface Found {
  readonly checked: number;
  readonly wrong: number;
}

/** Looks at so many records at most. */
type Look = (limit: number) => Found;

const live = 'SELECT incarnation FROM nodes WHERE ending IS NULL';
export const scrubSql = {
  orphans: `SELECT ${jobColumns} FROM jobs INDEXED BY jobs_held
    WHERE state IN (2, 3) AND deadline IS NULL AND holder NOT IN (${live}) ORDER BY id LIMIT ?`,
  sums: `SELECT (SELECT count(*) FROM jobs INDEXED BY jobs_due WHERE state = 0),
    (SELECT count(*) FROM jobs INDEXED BY jobs_ready WHERE state = 1),
    (SELECT count(*) FROM jobs INDEXED BY jobs_ready WHERE state = 1 AND manual = 1),
    (SELECT count(*) FROM jobs INDEXED BY jobs_held WHERE state IN (2, 3)),
    (SELECT count(*) FROM jobs INDEXED BY jobs_by_end WHERE state >= 4)`,
  due: 'SELECT due_at FROM jobs INDEXED BY jobs_due WHERE state = 0 ORDER BY due_at LIMIT 1',
  inbox: `DELETE FROM inbox WHERE seq IN (SELECT seq FROM inbox WHERE holder NOT IN (${live}) LIMIT ?)`,
  histories: `SELECT CAST(job_id AS TEXT), EXISTS (SELECT 1 FROM jobs WHERE id = job_id)
    FROM (SELECT DISTINCT job_id FROM attempts WHERE job_id > ? ORDER BY job_id LIMIT ?)`,
} as const;

export function makeScrub(ledger: Ledger, mover: Mover): (call: TapeReader, reply: Cell[]) => void {
  const looks: Readonly<Record<string, Look>> = {
    orphans: makeOrphansLook(ledger, mover),
    counts: makeCountsLook(ledger),
    due: makeDueLook(ledger),
    inbox: makeInboxLook(ledger),
  };
  const lookAtHistories = makeHistoriesLook(ledger);

  return (call, reply) => {
    const cursor = call.textOrNull();
    const limit = call.number();
    let checked = 0;
    const repaired: Record<string, number> = {};
    const add = (kind: string, found: Found): void => {
      checked += found.checked;
      if (found.wrong > 0) repaired[kind] = found.wrong;
    };
    if (cursor === null) for (const [kind, look] of Object.entries(looks)) add(kind, look(limit));
    const histories = lookAtHistories(cursor ?? '0', limit);
    add('histories', histories);
    reply.push(histories.next, checked, JSON.stringify(repaired));
  };
}

/** Attempts whose holder is a node that is gone: nobody else would ever take them back. */
function makeOrphansLook({ db }: Ledger, mover: Mover): Look {
  const orphans = prepareRows(db, scrubSql.orphans);
  return (limit) => {
    const jobs = orphans.all(limit).map((row) => readJob(new TapeReader(row)));
    for (const job of jobs) handBack(mover, job, loseMoves(job));
    return { checked: jobs.length, wrong: jobs.length };
  };
}

function makeDueLook({ db, due }: Ledger): Look {
  const earliest = prepareRows(db, scrubSql.due);
  return () => {
    const at = earliest.get()?.[0];
    if (typeof at !== 'number' || (due.next !== null && due.next <= at)) return { checked: 1, wrong: 0 };
    due.expect(at);
    return { checked: 1, wrong: 1 };
  };
}

function makeInboxLook({ db }: Ledger): Look {
  const remove = db.prepare(scrubSql.inbox);
  return (limit) => {
    const wrong = Number(remove.run(limit).changes);
    return { checked: wrong, wrong };
  };
}

/** Earlier attempts of jobs that are no longer there. */
function makeHistoriesLook({ db }: Ledger): (after: string, limit: number) => Found & { readonly next: string | null } {
  const histories = prepareRows(db, scrubSql.histories);
  const remove = db.prepare('DELETE FROM attempts WHERE job_id = ?');
  return (after, limit) => {
    const rows = histories.all(after, limit);
    const orphaned = rows.filter(([, exists]) => exists === 0);
    for (const [id = null] of orphaned) remove.run(id);
    const next = rows.length < limit ? null : String(rows.at(-1)?.[0]);
    return { checked: rows.length, wrong: orphaned.length, next };
  };
}

/** Counting along an index costs so much less than looking at records. */
const countedForOne = 100;

/**
 * How many jobs there are, by line, state and lane. The sums are compared first, which reads indexes alone; only when one
 * is wrong all is counted anew. A store with more jobs than are counted at once is left for a look with a larger limit.
 */
function makeCountsLook({ db, counters }: Ledger): Look {
  const sums = prepareRows(db, scrubSql.sums);
  return (limit) => {
    const lines = counters.lines();
    const known = sumsOf(lines);
    const jobs = known.reduce((sum, each) => sum + each, 0);
    if (jobs > limit * countedForOne) return { checked: 0, wrong: 0 };
    const right = (sums.get() ?? []).every((sum, at) => sum === known[at]);
    return { checked: jobs, wrong: right ? 0 : recount(db, counters) };
  };
}

/** Scheduled, queued, of these manual, held, ended. */
function sumsOf(lines: readonly Line[]): readonly number[] {
  const sum = (of: (line: Line) => number): number => lines.reduce((total, line) => total + of(line), 0);
  const inStates = (from: number, to: number) => sum(({ counts }) => counts.slice(from, to + 1).reduce((a, b) => a + b, 0));
  const { scheduled, queued, running, stopping, succeeded, canceled } = stateCodes;
  return [
    inStates(scheduled, scheduled),
    inStates(queued, queued),
    sum((line) => line.manual),
    inStates(running, stopping),
    inStates(succeeded, canceled),
  ];
}

/** Makes the counters those of the records. Answers by how many they were wrong. */
function recount(db: DatabaseSync, counters: Counters): number {
  const found = new Counters();
  found.load(db);
  let wrong = 0;
  const adjust = (line: Line, state: number, manual: number, by: number): void => {
    for (let left = Math.abs(by); left > 0; left--) counters.move(line, by < 0 ? state : absent, by < 0 ? absent : state, manual);
    wrong += Math.abs(by);
  };
  const lines = new Set([...counters.lines(), ...found.lines().map(({ worker, queue }) => counters.line(worker, queue))]);
  for (const line of lines) {
    const truth = found.line(line.worker, line.queue);
    for (const [state, count] of truth.counts.entries()) {
      const manual = state === stateCodes.queued ? truth.manual - line.manual : 0;
      const others = count - (line.counts[state] ?? 0) - manual;
      adjust(line, state, 1, manual);
      adjust(line, state, 0, others);
    }
  }
  return wrong;
}
