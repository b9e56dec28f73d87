/** Pages of jobs. A search goes through the file in slices, so that no read lasts and other queries come between. */
import type { DatabaseSync } from 'node:sqlite';
import { setImmediate as turn } from 'node:timers/promises';
import { compareIds } from '../../../core/id.ts';
import type { JobQuery } from '../../../ports/store/jobs.ts';
import { isSearch, listLength, planList } from '../../list-plan.ts';
import type { Looked } from '../../match.ts';
import type { Search, Searcher } from '../../searcher.ts';
import { stateIn } from '../file/codes.ts';
import { prepareRows } from '../file/database.ts';
import { briefJobColumns, jobColumns } from '../file/rows/job.ts';
import type { Cell, Row } from '../file/tape.ts';
import { planMatch } from './list-match.ts';
import { type AccessPath, type AccessPaths, accessPathsOf, anywhere, type Source } from './list-paths.ts';
import { type Condition, termSql } from './list-sql.ts';
import { makePace } from './pace.ts';

/** A page's rows and the first record that was not looked at. */
export interface Page {
  readonly jobs: readonly Row[];
  readonly next: string | null;
}

/** Errors: those of `Searcher.begin`, and the signal's reason. */
export async function listJobs(db: DatabaseSync, query: JobQuery, searcher: Searcher, signal?: AbortSignal): Promise<Page> {
  const search = query.match === null ? null : await searcher.begin(query.match, signal);
  const page = await listBriefly(db, query, search, signal);
  return query.brief ? page : withTexts(db, page);
}

/** The jobs of the page with their payloads and outputs, until they are long enough. */
function withTexts(db: DatabaseSync, { jobs, next }: Page): Page {
  const get = prepareRows(db, `SELECT ${jobColumns} FROM jobs WHERE id = ?`);
  const whole: Row[] = [];
  let length = 0;
  for (const [id = null] of jobs) {
    if (length >= listLength) return { jobs: whole, next: textOrNull(id) };
    const row = get.get(id);
    if (row === undefined) continue;
    whole.push(row);
    length += row.slice(-2).reduce((sum: number, text) => sum + (typeof text === 'string' ? text.length : 0), 0);
  }
  return { jobs: whole, next };
}

async function listBriefly(db: DatabaseSync, query: JobQuery, search: Search | null, signal: AbortSignal | undefined): Promise<Page> {
  const walk = makeWalk(db, query, search);
  const pace = makePace();
  const end = query.lookAt === null ? null : walk.placeAfter(query.from, query.lookAt);
  const jobs: Row[] = [];
  let { first: path } = walk;
  for (let from = query.from; ; await turn()) {
    signal?.throwIfAborted();
    const slice = pace.begin();
    const sliceEnd = path.sliced ? sooner(walk.sliceEnd(path, from, pace.count), end, walk.compare) : end;
    const found = walk.read(path, from, sliceEnd, query.limit - jobs.length);
    slice.end();
    const { rows, stoppedAt } = await walk.matching(found, query.limit - jobs.length);
    for (const row of rows) jobs.push(row);
    const last = jobs.at(-1);
    if (jobs.length >= query.limit && last !== undefined) return { jobs, next: walk.placeBehind(String(last[0])) };
    if (stoppedAt !== null) return { jobs, next: stoppedAt };
    if (sliceEnd === end) return { jobs, next: end };
    from = sliceEnd;
    path = walk.rest;
  }
}

type Compare = (a: string, b: string) => number;

const sooner = (a: string | null, b: string | null, compare: Compare): string | null =>
  a === null ? b : b === null ? a : compare(a, b) < 0 ? a : b;

/** The records in the order of a query. Places are ids, inclusive at the start and exclusive at the end; `null`: open. */
interface Walk extends AccessPaths {
  readonly compare: Compare;
  /** The first record after the next `count` from `from` on. */
  placeAfter(from: string | null, count: number): string | null;
  /** The first record behind `id`. */
  placeBehind(id: string): string | null;
  /** Where a slice of `count` records that begins at `from` ends. */
  sliceEnd(path: AccessPath, from: string | null, count: number): string | null;
  /** Those that match as far as the SQL can tell: at most `limit` if that is all there is to tell. */
  read(path: AccessPath, from: string | null, to: string | null, limit: number): readonly Row[];
  matching(found: readonly Row[], limit: number): Promise<Matching>;
}

interface Matching {
  readonly rows: readonly Row[];
  /** The first record that was not looked at. */
  readonly stoppedAt: string | null;
}

function makeWalk(db: DatabaseSync, query: JobQuery, search: Search | null): Walk {
  const plan = planList(query);
  const oldest = query.order === 'oldest';
  const words = oldest ? { from: '>=', to: '<', behind: '>', order: 'ASC' } : { from: '<=', to: '>', behind: '<', order: 'DESC' };
  const compare: Compare = oldest ? compareIds : (a, b) => compareIds(b, a);
  const match = planMatch(query.match);
  const asked = [...plan.rest.map(termSql), ...match.conditions];
  const columns = briefJobColumns;
  const isTold = search === null || match.isWhole;

  const range = (from: string | null, to: string | null): Condition[] => [
    ...(from === null ? [] : [{ sql: `id ${words.from} ?`, cells: [from] }]),
    ...(to === null ? [] : [{ sql: `id ${words.to} ?`, cells: [to] }]),
  ];
  const select = (what: string, source: Source, conditions: readonly Condition[], limit: number, offset = 0): readonly Row[] => {
    const all = [...source.conditions, ...conditions];
    const where = all.length === 0 ? '' : `WHERE ${all.map(({ sql }) => `(${sql})`).join(' AND ')}`;
    // The inner query touches nothing but its index; only what it finds is read whole.
    const found = `SELECT id FROM jobs ${source.index} ${where} ORDER BY id ${words.order} LIMIT CAST(? AS INTEGER) OFFSET CAST(? AS INTEGER)`;
    return prepareRows(db, `SELECT ${what} FROM jobs NOT INDEXED WHERE id IN (${found}) ORDER BY id ${words.order}`).all(
      ...all.flatMap(({ cells }) => cells),
      limit,
      offset,
    );
  };
  const sorted = (rows: readonly Row[]): readonly Row[] => rows.toSorted((a, b) => compare(String(a[0]), String(b[0])));
  const selectAll = (what: string, path: AccessPath, conditions: readonly Condition[], limit: number): readonly Row[] => {
    const [source, ...others] = path.sources;
    if (source !== undefined && others.length === 0) return select(what, source, conditions, limit);
    // All of one moment: what moves from one of them to another in between would be in both, or in none.
    db.exec('BEGIN');
    try {
      return sorted(path.sources.flatMap((each) => select(what, each, conditions, limit))).slice(0, limit);
    } finally {
      db.exec('COMMIT');
    }
  };
  const idAt = (source: Source, conditions: readonly Condition[], offset: number): string | null =>
    textOrNull(select('CAST(id AS TEXT)', source, conditions, 1, offset)[0]?.[0]);

  /** Reads what the expressions look at, and of the matching records the rest. */
  const matchHere = async ({ look }: Search, lookedAt: readonly Row[], limit: number): Promise<Matching> => {
    const rows: Row[] = [];
    const get = prepareRows(db, `SELECT ${columns} FROM jobs WHERE id = ?`);
    const hits = await look(lookedAt.map(readLooked), limit);
    for (const [at, [id = null]] of lookedAt.entries()) {
      if (hits[at] !== true) continue;
      const row = get.get(id);
      if (row !== undefined && rows.push(row) === limit) break;
    }
    return { rows, stoppedAt: textOrNull(lookedAt[hits.length]?.[0]) };
  };

  return {
    ...accessPathsOf(plan, plan.ids === null && isSearch(query)),
    compare,
    placeAfter: (from, count) => idAt(anywhere, range(from, null), count),
    placeBehind: (id) => idAt(anywhere, [{ sql: `id ${words.behind} ?`, cells: [id] }], 0),
    sliceEnd: (path, from, count) =>
      path.measure.map((source) => idAt(source, range(from, null), count)).reduce((a, b) => sooner(a, b, compare), null),
    read(path, from, to, limit) {
      const conditions = [...range(from, to), ...asked];
      if (isTold) return selectAll(columns, path, conditions, limit);
      return selectAll('CAST(id AS TEXT), state, name, comment, url', path, conditions, -1);
    },
    matching: async (found, limit) => (isTold ? { rows: found, stoppedAt: null } : matchHere(search, found, limit)),
  };
}

const readLooked = ([, state, name, comment, url]: Row): Looked => ({
  // One that cannot be read is told by whoever reads it whole.
  state: stateIn(Number(state)) ?? 'queued',
  name: String(name),
  comment: String(comment),
  url: String(url),
});

const textOrNull = (cell: Cell | undefined): string | null => (typeof cell === 'string' ? cell : null);
