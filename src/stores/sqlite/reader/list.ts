/** Pages of jobs. A search goes through the file in slices, so that no read lasts and other queries come between. */
import type { DatabaseSync } from 'node:sqlite';
import { setImmediate as turn } from 'node:timers/promises';
import { compareIds } from '../../../core/id.ts';
import type { JobQuery } from '../../../ports/store/jobs.ts';
import { isSearch, type ListPlan, type Looked, listLength, planList } from '../../list-plan.ts';
import { stateIn } from '../file/codes.ts';
import { prepareRows } from '../file/database.ts';
import { briefJobColumns, jobColumns } from '../file/rows/job.ts';
import type { Cell, Row } from '../file/tape.ts';
import { planMatch } from './list-match.ts';
import { type AccessPath, type AccessPaths, accessPathsOf, anywhere, type Source } from './list-paths.ts';
import { type Condition, termSql } from './list-sql.ts';

/** A page's rows and the first record that was not looked at. */
export interface Page {
  readonly jobs: readonly Row[];
  readonly next: string | null;
}

/** Records in one slice. */
const sliceLength = 2_000;

/** Throws `invalid_filter` for a regular expression that is none. */
export async function listJobs(db: DatabaseSync, query: JobQuery): Promise<Page> {
  const page = await listBriefly(db, query);
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

async function listBriefly(db: DatabaseSync, query: JobQuery): Promise<Page> {
  const walk = makeWalk(db, query, await planList(query));
  const end = query.lookAt === null ? null : walk.placeAfter(query.from, query.lookAt);
  const jobs: Row[] = [];
  let { first: path } = walk;
  for (let from = query.from; ; await turn()) {
    const sliceEnd = path.sliced ? sooner(walk.sliceEnd(path, from), end, walk.compare) : end;
    for (const row of walk.matching(path, from, sliceEnd, query.limit - jobs.length)) jobs.push(row);
    const last = jobs.at(-1);
    if (jobs.length >= query.limit && last !== undefined) return { jobs, next: walk.placeBehind(String(last[0])) };
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
  /** Where a slice that begins at `from` ends. */
  sliceEnd(path: AccessPath, from: string | null): string | null;
  matching(path: AccessPath, from: string | null, to: string | null, limit: number): readonly Row[];
}

function makeWalk(db: DatabaseSync, query: JobQuery, plan: ListPlan): Walk {
  const oldest = query.order === 'oldest';
  const words = oldest ? { from: '>=', to: '<', behind: '>', order: 'ASC' } : { from: '<=', to: '>', behind: '<', order: 'DESC' };
  const compare: Compare = oldest ? compareIds : (a, b) => compareIds(b, a);
  const match = planMatch(plan.patterns);
  const asked = [...plan.rest.map(termSql), ...match.conditions];
  const columns = briefJobColumns;

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
  const selectAll = (what: string, path: AccessPath, conditions: readonly Condition[], limit: number): readonly Row[] => {
    const found = path.sources.map((source) => select(what, source, conditions, limit));
    if (found.length === 1) return found[0] ?? [];
    return found
      .flat()
      .sort((a, b) => compare(String(a[0]), String(b[0])))
      .slice(0, limit);
  };
  const idAt = (source: Source, conditions: readonly Condition[], offset: number): string | null =>
    textOrNull(select('CAST(id AS TEXT)', source, conditions, 1, offset)[0]?.[0]);

  /** Reads what the expressions look at, and of the matching records the rest. */
  const matchHere = (matches: (job: Looked) => boolean, lookedAt: readonly Row[], limit: number): readonly Row[] => {
    const found: Row[] = [];
    const get = prepareRows(db, `SELECT ${columns} FROM jobs WHERE id = ?`);
    for (const [id, state, name, comment, url] of lookedAt) {
      const known = stateIn(Number(state));
      // One that cannot be read is on the page, where that is noticed.
      if (known !== null && !matches({ state: known, name: String(name), comment: String(comment), url: String(url) })) continue;
      const row = get.get(id ?? null);
      if (row !== undefined && found.push(row) === limit) break;
    }
    return found;
  };

  return {
    ...accessPathsOf(plan, isSearch(query)),
    compare,
    placeAfter: (from, count) => idAt(anywhere, range(from, null), count),
    placeBehind: (id) => idAt(anywhere, [{ sql: `id ${words.behind} ?`, cells: [id] }], 0),
    sliceEnd: (path, from) =>
      path.measure.map((source) => idAt(source, range(from, null), sliceLength)).reduce((a, b) => sooner(a, b, compare), null),
    matching(path, from, to, limit) {
      const conditions = [...range(from, to), ...asked];
      if (match.matches === null) return selectAll(columns, path, conditions, limit);
      return matchHere(match.matches, selectAll('CAST(id AS TEXT), state, name, comment, url', path, conditions, -1), limit);
    },
  };
}

const textOrNull = (cell: Cell | undefined): string | null => (typeof cell === 'string' ? cell : null);
