/** The part of jobs of the scrub: who holds them, how many there are, when one is due, and what lies beside them. */
import type { DatabaseSync } from 'node:sqlite';
import { loseMoves } from '../../../../core/transitions.ts';
import { stateCodes } from '../../file/codes.ts';
import { prepareRows } from '../../file/database.ts';
import { jobColumns, parkedFloor } from '../../file/rows/job.ts';
import { lineSumsSql } from '../../file/rows/log.ts';
import { absent, Counters, type Line, parked } from '../counters.ts';
import type { State } from '../state.ts';
import type { ScrubPart } from '../upkeep/scrub.ts';
import type { Waiting } from './after.ts';
import type { Mover } from './move.ts';
import { earliestSql } from './promote.ts';
import { makeWaitWalks } from './scrub-waits.ts';

type Check = ScrubPart['checks'][string];
type Walk = ScrubPart['walks'][string];

export const jobScrubSql = {
  orphans: `SELECT ${jobColumns} FROM jobs INDEXED BY jobs_held
    WHERE state IN (2, 3) AND deadline IS NULL AND holder NOT IN (SELECT incarnation FROM nodes WHERE ending IS NULL) ORDER BY id LIMIT ?`,
  sums: `SELECT (SELECT count(*) FROM jobs INDEXED BY jobs_due WHERE state = 0),
    (SELECT count(*) FROM jobs INDEXED BY jobs_ready WHERE state = 1),
    (SELECT count(*) FROM jobs INDEXED BY jobs_ready WHERE state = 1 AND manual = 1 AND priority > ${parkedFloor}),
    (SELECT count(*) FROM jobs INDEXED BY jobs_held WHERE state IN (2, 3)),
    (SELECT count(*) FROM jobs INDEXED BY jobs_by_end WHERE state >= 4)`,
  histories: `SELECT CAST(job_id AS TEXT), EXISTS (SELECT 1 FROM jobs WHERE id = job_id)
    FROM (SELECT DISTINCT job_id FROM attempts WHERE job_id > ? ORDER BY job_id LIMIT ?)`,
  logs: `SELECT CAST(job_id AS TEXT), lines, characters, EXISTS (SELECT 1 FROM jobs WHERE id = job_id)
    FROM logs WHERE job_id > CAST(? AS INTEGER) ORDER BY job_id`,
  expiries: `SELECT CAST(job_id AS TEXT), EXISTS (SELECT 1 FROM jobs WHERE id = job_id)
    FROM expiries WHERE job_id > CAST(? AS INTEGER) ORDER BY job_id LIMIT ?`,
  uniques: `SELECT CAST(job_id AS TEXT), EXISTS (SELECT 1 FROM jobs WHERE id = job_id)
    FROM (SELECT DISTINCT job_id FROM uniques INDEXED BY uniques_job WHERE job_id > CAST(? AS INTEGER) ORDER BY job_id LIMIT ?)`,
} as const;

export function makeJobScrub(state: State, mover: Mover, waiting: Waiting): ScrubPart {
  return {
    checks: { orphans: makeOrphansCheck(state, mover), counts: makeCountsCheck(state), due: makeDueCheck(state) },
    walks: {
      histories: makeHistoriesWalk(state),
      logs: makeLogsWalk(state),
      uniques: makeUniquesWalk(state),
      expiries: makeExpiriesWalk(state),
      ...makeWaitWalks(state, mover, waiting),
    },
  };
}

/** Attempts whose holder is a node that is gone: nobody else would ever take them back. */
function makeOrphansCheck({ db, aside }: State, mover: Mover): Check {
  const orphans = prepareRows(db, jobScrubSql.orphans);
  return (limit) => {
    const rows = orphans.all(limit);
    mover.handBack(aside.readAll(rows), loseMoves);
    return { checked: rows.length, wrong: rows.length };
  };
}

function makeDueCheck({ db, due }: State): Check {
  const earliest = earliestSql.map((sql) => prepareRows(db, sql));
  return () => {
    const least = earliest.flatMap((rows) => rows.get()?.[0] ?? []).map(Number);
    const missed = least.filter((at) => !due.covers(at));
    for (const at of missed) due.expect(at);
    return { checked: 1, wrong: Math.min(1, missed.length) };
  };
}

/** Earlier attempts of jobs that are no longer there. */
const makeHistoriesWalk = ({ db }: State): Walk => makeOrphansWalk(db, jobScrubSql.histories, 'DELETE FROM attempts WHERE job_id = ?');
/** What says that such a job is the only one of its scope. */
const makeUniquesWalk = ({ db }: State): Walk => makeOrphansWalk(db, jobScrubSql.uniques, 'DELETE FROM uniques WHERE job_id = ?');

const makeExpiriesWalk = ({ db }: State): Walk => makeOrphansWalk(db, jobScrubSql.expiries, 'DELETE FROM expiries WHERE job_id = ?');

function makeOrphansWalk(db: DatabaseSync, idsSql: string, removeSql: string): Walk {
  const ids = prepareRows(db, idsSql);
  const remove = db.prepare(removeSql);
  return (after, limit) => {
    const rows = ids.all(after ?? '0', limit);
    const orphaned = rows.filter(([, exists]) => exists === 0);
    for (const [id = null] of orphaned) remove.run(id);
    const next = rows.length < limit ? null : String(rows.at(-1)?.[0]);
    return { checked: rows.length, wrong: orphaned.length, next };
  };
}

/** Logs of jobs that are no longer there, and how many lines each has. */
function makeLogsWalk({ db, logs }: State): Walk {
  const next = prepareRows(db, jobScrubSql.logs);
  const sums = prepareRows(db, lineSumsSql);
  const count = db.prepare('UPDATE logs SET lines = ?, characters = ? WHERE job_id = ?');
  return (after, limit) => {
    let checked = 0;
    const orphans: string[] = [];
    const miscounted: (readonly [lines: number, characters: number, id: string])[] = [];
    let last: string | null = null;
    for (const [id, lines, characters, exists] of next.each(after ?? '-1')) {
      if (checked >= limit) break;
      last = String(id);
      const [there, size] = (sums.get(last) ?? []).map(Number);
      checked += 1 + (there ?? 0);
      if (exists === 0) orphans.push(last);
      else if (there !== lines || size !== characters) miscounted.push([there ?? 0, size ?? 0, last]);
    }
    for (const id of orphans) logs.remove(id);
    for (const log of miscounted) count.run(...log);
    return { checked, wrong: orphans.length + miscounted.length, next: checked >= limit ? last : null };
  };
}

/** Counting along an index costs as much as looking at one record for this many. */
const countedForOne = 100;

/**
 * How many jobs there are, by line, state and lane. The sums are compared first, which reads indexes alone; only when one
 * is wrong all is counted anew. A store with more jobs than are counted at once is left for a scrub with a larger limit.
 */
function makeCountsCheck({ db, counters }: State): Check {
  const sums = prepareRows(db, jobScrubSql.sums);
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
    inStates(queued, queued) + inStates(parked, parked),
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
