/** The thread in which regular expressions from clients are compiled and tried. One that takes too long ends with the thread. */
import { parentPort } from 'node:worker_threads';
import { HatstandError, messageOf } from '../core/errors.ts';
import type { PatternMatch } from '../ports/store/jobs.ts';
import { type MatchPlan, planMatch } from './match.ts';
import { compilePattern } from './pattern-re2.ts';
import type { LookAnswer, LookRequest } from './searcher.ts';

/** Expressions that stay compiled. They remember much of what they have seen. */
const mostPlans = 4;
/** After as long the others have their turn. */
const turnTime = 50;

if (parentPort === null) throw new Error('this file is the entry of a worker thread');
const port = parentPort;
/** The one used last is the last. */
const plans = new Map<string, MatchPlan>();

function planOf(match: PatternMatch): MatchPlan {
  const key = JSON.stringify(match);
  const plan = plans.get(key) ?? planMatch(match, compilePattern);
  plans.delete(key);
  plans.set(key, plan);
  const [oldest] = plans.keys();
  if (plans.size > mostPlans && oldest !== undefined) plans.delete(oldest);
  return plan;
}

/** Looks at one job at least, when there is any. */
function look({ match, jobs }: LookRequest): readonly boolean[] {
  const plan = planOf(match);
  const end = performance.now() + turnTime;
  const hits: boolean[] = [];
  for (const job of jobs) {
    hits.push(plan.matches(job));
    if (performance.now() > end) break;
  }
  return hits;
}

function answer(request: LookRequest): LookAnswer {
  try {
    return { kind: 'looked', hits: look(request) };
  } catch (error) {
    const known = error instanceof HatstandError ? error : new HatstandError('internal', messageOf(error));
    return { kind: 'refused', code: known.code, message: known.message, details: known.details };
  }
}

port.on('message', (request: LookRequest) => port.postMessage(answer(request)));
port.postMessage({ kind: 'ready' } satisfies LookAnswer);
