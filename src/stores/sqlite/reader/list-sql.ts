/** A filter as SQL; its meaning is core/filter.ts matchesFilter's. */
import type { FailureCause } from '../../../core/cause.ts';
import type { FilterTerm, TextMatch, TimeRange } from '../../../core/filter.ts';
import type { JobState } from '../../../core/job.ts';
import { causeCode, stateCodes } from '../file/codes.ts';
import { dueAtSql } from '../file/rows/due.ts';
import type { Cell } from '../file/tape.ts';

/** A condition and what is bound to its question marks. */
export interface Condition {
  readonly sql: string;
  readonly cells: readonly Cell[];
}

export function termSql(term: FilterTerm): Condition {
  const condition = positiveSql(term);
  return term.not ? { sql: `NOT (${condition.sql})`, cells: condition.cells } : condition;
}

function positiveSql(term: FilterTerm): Condition {
  switch (term.field) {
    case 'state':
      return statesSql(term.any);
    case 'cause':
      return causesSql(term.any);
    case 'id':
      return inSql('id', term.any);
    case 'created':
    case 'started':
    case 'ended':
    case 'due':
      return rangeSql(term.field === 'due' ? dueAtSql : `${term.field}_at`, term.range);
    default:
      return textSql(term.field === 'limit' ? '"limit"' : term.field, term.any);
  }
}

function inSql(column: string, cells: readonly Cell[]): Condition {
  return { sql: `${column} IN (${cells.map(() => '?').join(', ')})`, cells };
}

/** Never NULL, so that it can be negated; so are ranges. */
function causesSql(causes: readonly FailureCause[]): Condition {
  return { sql: `cause IS NOT NULL AND cause IN (${causes.map(causeCode).join(', ')})`, cells: [] };
}

function rangeSql(column: string, { from, to }: TimeRange): Condition {
  const bounds = [`${column} IS NOT NULL`, ...(from === null ? [] : [`${column} >= ?`]), ...(to === null ? [] : [`${column} < ?`])];
  return { sql: bounds.join(' AND '), cells: [from, to].filter((bound) => bound !== null) };
}

function textSql(column: string, any: readonly TextMatch[]): Condition {
  const exact = any.filter(({ prefix }) => !prefix).map(({ text }) => text);
  const prefixes = any.filter(({ prefix }) => prefix);
  return anySql([
    ...(exact.length === 0 ? [] : [inSql(column, exact)]),
    ...prefixes.map(({ text }) => ({ sql: `substr(${column}, 1, length(?)) = ?`, cells: [text, text] })),
  ]);
}

/** Halved again and again: SQLite bounds how deep an expression is, and a chain is as deep as it is long. */
export function anySql(conditions: readonly Condition[]): Condition {
  const [first, ...others] = conditions;
  if (first === undefined) return { sql: '0', cells: [] };
  if (others.length === 0) return first;
  const middle = conditions.length >> 1;
  const halves = [anySql(conditions.slice(0, middle)), anySql(conditions.slice(middle))];
  return { sql: halves.map(({ sql }) => `(${sql})`).join(' OR '), cells: halves.flatMap(({ cells }) => cells) };
}

/** Plain text in the column. */
export function containsSql(column: 'name' | 'comment' | 'url', text: string): Condition {
  return { sql: `instr(${column}, ?) > 0`, cells: [text] };
}

export function statesSql(states: readonly JobState[]): Condition {
  return { sql: `state IN (${states.map((state) => stateCodes[state]).join(', ')})`, cells: [] };
}
