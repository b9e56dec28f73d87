/** What a query's regular expressions ask for: plain text goes into the SQL, the rest is matched here. */
import type { Looked, PatternPlan } from '../../list-plan.ts';
import { anySql, type Condition, containsSql, statesSql } from './list-sql.ts';

export interface MatchPlan {
  readonly conditions: readonly Condition[];
  /** `null`: the conditions say it all. */
  readonly matches: ((job: Looked) => boolean) | null;
}

export function planMatch(patterns: PatternPlan | null): MatchPlan {
  if (patterns === null) return { conditions: [], matches: null };
  const { name, term, termStates } = patterns;
  const conditions: Condition[] = [];
  if (name !== null && name.literal !== null) conditions.push(containsSql('name', name.literal));
  if (term !== null && term.literal !== null) {
    const { literal } = term;
    conditions.push(
      anySql([...(['name', 'comment', 'url'] as const).map((column) => containsSql(column, literal)), statesSql(termStates)]),
    );
  }
  const isPlain = [name, term].every((pattern) => pattern === null || pattern.literal !== null);
  return { conditions, matches: isPlain ? null : patterns.matches };
}
