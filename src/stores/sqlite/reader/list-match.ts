/** What of a query's expressions the SQL can ask for: plain text. */
import type { PatternMatch } from '../../../ports/store/jobs.ts';
import { plainPartOf, planText } from '../../match.ts';
import { anySql, type Condition, containsSql, statesSql } from './list-sql.ts';

export interface MatchPlan {
  readonly conditions: readonly Condition[];
  /** The conditions say it all. */
  readonly isWhole: boolean;
}

export function planMatch(match: PatternMatch | null): MatchPlan {
  if (match === null) return { conditions: [], isWhole: true };
  const plain = plainPartOf(match);
  const { name, term } = plain;
  const conditions: Condition[] = [];
  if (name !== null) conditions.push(containsSql('name', name));
  if (term !== null) {
    const { termStates } = planText(plain);
    conditions.push(anySql([...(['name', 'comment', 'url'] as const).map((column) => containsSql(column, term)), statesSql(termStates)]));
  }
  return { conditions, isWhole: name === match.name && term === match.term };
}
