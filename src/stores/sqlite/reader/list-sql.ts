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
      return anySql(term.any.map((match) => textSql(term.field, match)));
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

export function statesSql(states: readonly JobState[]): Condition {
  return { sql: `state IN (${states.map((state) => stateCodes[state]).join(', ')})`, cells: [] };
}
