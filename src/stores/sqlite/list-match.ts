/** What a query's regular expressions ask for: plain text goes into the SQL, the rest is matched here. */
import type { JobState } from '../../core/job.ts';
import type { PatternMatch } from '../../ports/store/jobs.ts';
import type { Pattern } from '../pattern.ts';
import { states } from './codes.ts';
import { anySql, type Condition, containsSql, stateSql } from './list-sql.ts';

/** What is looked at to match. */
export interface Looked {
  readonly state: JobState;
  readonly name: string;
  readonly comment: string;
  readonly url: string;
}

export interface MatchPlan {
  readonly conditions: readonly Condition[];
  /** `null`: the conditions say it all. */
  readonly matches: ((job: Looked) => boolean) | null;
}

/** Throws `invalid_filter` naming the expression at fault. */
export async function planMatch(match: PatternMatch | null): Promise<MatchPlan> {
  if (match === null) return { conditions: [], matches: null };
  // The engine for regular expressions is large, and most readers never need it.
  const { compilePattern } = await import('../pattern.ts');
  const name = match.name === null ? null : compilePattern(match.name, 'name');
  const term = match.term === null ? null : compilePattern(match.term, 'term');
  const words = states.filter((state) => term?.test(match.stateWords[state]) === true);
  const conditions: Condition[] = [];
  const tests: ((job: Looked) => boolean)[] = [];
  if (name !== null) {
    if (name.literal !== null) conditions.push(containsSql('name', name.literal));
    else tests.push((job) => name.test(job.name));
  }
  if (term !== null) {
    if (term.literal !== null) conditions.push(literalTerm(term.literal, words));
    else tests.push(termTest(term, words));
  }
  return { conditions, matches: tests.length === 0 ? null : (job) => tests.every((test) => test(job)) };
}

function literalTerm(text: string, words: readonly JobState[]): Condition {
  return anySql([containsSql('name', text), containsSql('comment', text), containsSql('url', text), stateSql(words)]);
}

function termTest(term: Pattern, words: readonly JobState[]): (job: Looked) => boolean {
  const byState = new Set(words);
  return ({ state, name, comment, url }) => byState.has(state) || term.test(name) || term.test(comment) || term.test(url);
}
