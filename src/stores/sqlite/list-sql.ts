/** A filter as SQL; its meaning is core/filter.ts matchesFilter's. */
import type { Filter, FilterTerm, TextMatch, TimeRange } from '../../core/filter.ts';
import type { JobState } from '../../core/job.ts';
import { stateCodes, states } from './codes.ts';
import type { Cell } from './tape.ts';

/** A condition and what is bound to its question marks. */
export interface Condition {
  readonly sql: string;
  readonly cells: readonly Cell[];
}

export interface FilterPlan {
  /** The states that may match; `null`: all. */
  readonly states: readonly number[] | null;
  /** The ids that may match; `null`: all. */
  readonly ids: readonly string[] | null;
  /** All that the state and id do not decide. */
  readonly conditions: readonly Condition[];
}

export function planFilter(filter: Filter): FilterPlan {
  const conditions = filter.filter((term) => term.field !== 'state' && (term.field !== 'id' || term.not)).map(termSql);
  return { states: statesOf(filter), ids: idsOf(filter), conditions };
}

function statesOf(filter: Filter): readonly number[] | null {
  const terms = filter.filter((term) => term.field === 'state');
  const left = states.filter((state) => terms.every((term) => term.any.includes(state) !== term.not));
  return left.length === states.length ? null : left.map((state) => stateCodes[state]);
}

function idsOf(filter: Filter): readonly string[] | null {
  let ids: readonly string[] | null = null;
  for (const term of filter) {
    if (term.field !== 'id' || term.not) continue;
    const asked: readonly string[] = term.any.map(plainId);
    ids = ids === null ? asked : ids.filter((id) => asked.includes(id));
  }
  return ids;
}

const plainId = (id: string): string => BigInt(id).toString();

function termSql(term: FilterTerm): Condition {
  const condition = positiveSql(term);
  return term.not ? { sql: `NOT (${condition.sql})`, cells: condition.cells } : condition;
}

function positiveSql(term: FilterTerm): Condition {
  switch (term.field) {
    case 'state':
      return inSql(
        'state',
        term.any.map((state) => stateCodes[state]),
      );
    case 'id':
      return inSql('id', term.any);
    case 'created':
    case 'started':
    case 'ended':
    case 'due':
      return rangeSql(`${term.field}_at`, term.range);
    default:
      return anySql(term.any.map((match) => textSql(term.field, match)));
  }
}

function inSql(column: string, cells: readonly Cell[]): Condition {
  return { sql: `${column} IN (${cells.map(() => '?').join(', ')})`, cells };
}

/** Never NULL, so that it can be negated. */
function rangeSql(column: string, { from, to }: TimeRange): Condition {
  const bounds = [`${column} IS NOT NULL`, ...(from === null ? [] : [`${column} >= ?`]), ...(to === null ? [] : [`${column} < ?`])];
  return { sql: bounds.join(' AND '), cells: [from, to].filter((bound) => bound !== null) };
}

function textSql(column: string, { text, prefix }: TextMatch): Condition {
  return prefix ? { sql: `substr(${column}, 1, length(?)) = ?`, cells: [text, text] } : { sql: `${column} = ?`, cells: [text] };
}

export function anySql(conditions: readonly Condition[]): Condition {
  if (conditions.length === 0) return { sql: '0', cells: [] };
  return { sql: conditions.map(({ sql }) => `(${sql})`).join(' OR '), cells: conditions.flatMap(({ cells }) => cells) };
}

/** Plain text in the column. */
export function containsSql(column: 'name' | 'comment' | 'url', text: string): Condition {
  return { sql: `instr(${column}, ?) > 0`, cells: [text] };
}

export function stateSql(matching: readonly JobState[]): Condition {
  return inSql(
    'state',
    matching.map((state) => stateCodes[state]),
  );
}
