/**
 * The call `scrub`: what is known twice is compared with the records. The first step looks at all that waits or runs, the
 * others at the histories of ended jobs, a slice each. SQLite itself keeps its indexes true to their tables.
 */
import { loseMoves } from '../../core/transitions.ts';
import { stateCodes } from './codes.ts';
import { absent, type Counters, type Line } from './counters.ts';
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
const counted = (index: string, states: string): string =>
  `SELECT worker, queue, state, manual, count(*) FROM (
    SELECT worker, queue, state, manual FROM jobs INDEXED BY ${index} WHERE ${states} LIMIT ?) GROUP BY 1, 2, 3, 4`;

export const scrubSql = {
  orphans: `SELECT ${jobColumns} FROM jobs INDEXED BY jobs_held
    WHERE state IN (2, 3) AND deadline IS NULL AND holder NOT IN (${live}) ORDER BY id LIMIT ?`,
  waiting: counted('jobs_ready', 'state = 1'),
  scheduled: counted('jobs_due', 'state = 0'),
  held: counted('jobs_held', 'state IN (2, 3)'),
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

/** How many jobs wait or run, by line, state and lane. More than the limit are left for a look with a larger one. */
function makeCountsLook({ db, counters }: Ledger): Look {
  const groups = [
    { rows: prepareRows(db, scrubSql.waiting), states: [stateCodes.queued] },
    { rows: prepareRows(db, scrubSql.scheduled), states: [stateCodes.scheduled] },
    { rows: prepareRows(db, scrubSql.held), states: [stateCodes.running, stateCodes.stopping] },
  ];
  return (limit) => {
    let [checked, wrong] = [0, 0];
    for (const { rows, states } of groups) {
      const recount = makeRecount(counters, rows.all(limit + 1));
      checked += recount.jobs;
      if (recount.jobs <= limit) for (const state of states) wrong += recount.correct(state);
    }
    return { checked, wrong };
  };
}

/** What the records say, beside what the counters say. */
function makeRecount(counters: Counters, rows: readonly (readonly Cell[])[]): { readonly jobs: number; correct(state: number): number } {
  const found = new Map<Line, Map<string, number>>(counters.lines().map((line) => [line, new Map()]));
  let jobs = 0;
  for (const [worker, queue, state, manual, count] of rows) {
    const line = counters.line(String(worker), String(queue));
    const counts = found.get(line) ?? new Map<string, number>();
    found.set(line, counts.set(`${state}/${manual}`, Number(count)));
    jobs += Number(count);
  }

  /** Answers by how many the counter was wrong. */
  const adjust = (line: Line, state: number, manual: number, by: number): number => {
    for (let left = Math.abs(by); left > 0; left--) counters.move(line, by < 0 ? state : absent, by < 0 ? absent : state, manual);
    return Math.abs(by);
  };

  return {
    jobs,
    correct(state) {
      let wrong = 0;
      for (const [line, counts] of found) {
        const manual = counts.get(`${state}/1`) ?? 0;
        const others = counts.get(`${state}/0`) ?? 0;
        const known = state === stateCodes.queued ? line.manual : manual;
        const knownOthers = (line.counts[state] ?? 0) - known;
        wrong += adjust(line, state, 1, manual - known) + adjust(line, state, 0, others - knownOthers);
      }
      return wrong;
    },
  };
}
