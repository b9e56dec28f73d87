/** What the expressions of a query mean for a job. */
import { type Job, type JobState, jobStates } from '../core/job.ts';
import type { PatternMatch } from '../ports/store/jobs.ts';
import { type CompilePattern, isPlain, textPattern } from './pattern.ts';

/** What expressions look at. */
export type Looked = Pick<Job, 'state' | 'name' | 'comment' | 'url'>;

export interface MatchPlan {
  /** The states whose word the term matches. */
  readonly termStates: readonly JobState[];
  matches(job: Looked): boolean;
}

/** Throws what `compile` throws. */
export function planMatch(match: PatternMatch, compile: CompilePattern): MatchPlan {
  const name = match.name === null ? null : compile(match.name, 'name');
  const term = match.term === null ? null : compile(match.term, 'term');
  const termStates = jobStates.filter((state) => term?.test(match.stateWords[state]) === true);
  const matchesTerm = (job: Looked): boolean =>
    term === null || termStates.includes(job.state) || [job.name, job.comment, job.url].some((text) => term.test(text));
  return { termStates, matches: (job) => (name === null || name.test(job.name)) && matchesTerm(job) };
}

/** The part of it that is plain text, as a plan of its own: what it rules out does not match. */
export function plainPartOf({ name, term, stateWords }: PatternMatch): PatternMatch {
  return { name: name !== null && isPlain(name) ? name : null, term: term !== null && isPlain(term) ? term : null, stateWords };
}

/** Of a match all of whose expressions are plain text. */
export const planText = (match: PatternMatch): MatchPlan => planMatch(match, textPattern);
