/** One attempt of a job: its request, the redirects that are followed under HQ's rules, and the outcome by the last answer. */
import { type Job, noResult } from '../core/job.ts';
import type { Outcome } from '../core/outcome.ts';
import { resolveTarget, type Target, type TargetFault } from '../core/target.ts';
import { failpoint } from '../failpoint.ts';
import { type Answer, Exchange, redirectOf } from './http-exchange.ts';
import { notDone, outcomeOf, unsendable } from './http-outcome.ts';
import type { OriginPools } from './http-pools.ts';
import type { Reach } from './http-reach.ts';
import { type HeaderList, headersFor, type JobHeaders, refererOf } from './http-request.ts';
import type { Stop } from './http-stop.ts';

/** Requests of one attempt, redirects included (HQ, that is Go's net/http). */
const mostRequests = 10;

interface AttemptMeans {
  readonly headers: JobHeaders;
  readonly outputBytes: number;
  readonly pools: OriginPools;
  readonly stop: Stop;
}

interface Hop {
  readonly target: Target;
  readonly method: 'POST' | 'GET';
  readonly headers: HeaderList;
  readonly reach: Reach;
}

interface Attempt {
  readonly outcome: Outcome;
  /** The first origin answered with a redirect that was followed, or would have been: the outcome is not its own. */
  readonly isRedirected: boolean;
}

export async function runAttempt(job: Job, first: Target, means: AttemptMeans): Promise<Attempt> {
  const { rules } = job.options;
  let hop: Hop = { target: first, method: 'POST', headers: headersFor(means.headers.list, first, first, ''), reach: 'any' };
  let repeated = false;
  for (let requests = 1; ; requests += 1) {
    const { answer, isPublic } = await exchange(job, hop, means);
    // The idempotency key tells the worker that a second request is the first one again (RFC 9110 §9.2.2).
    if (rules === 'v1' && !repeated && answer.fault?.kind === 'failed' && answer.fault.stale) {
      repeated = true;
      continue;
    }
    const followed = rules === 'hq' && answer.fault?.kind !== 'stopped';
    const location = followed ? redirectOf(answer.status, answer.headers) : null;
    if (location === null) {
      if (answer.fault === null) failpoint('dispatch.answered');
      return { outcome: outcomeOf(answer, hop.target.shown, job.options), isRedirected: hop.target !== first };
    }
    if (requests === mostRequests) return { outcome: notFollowed(location, `stopped after ${mostRequests} redirects`), isRedirected: true };
    const target = resolveTarget(hop.target, location);
    if ('fault' in target) return { outcome: targetOutcome(target, job), isRedirected: true };
    hop = redirected(hop, answer.status, isPublic, first, target, means.headers.list);
  }
}

/** The outcome of a job whose URL cannot be requested. */
export function targetOutcome({ fault, cause, shown }: TargetFault, job: Job): Outcome {
  if (fault === 'parse') return unsendable(`parse ${JSON.stringify(shown)}: ${cause}`, job.options, 'failed to create new request');
  return unsendable(cause, job.options, notDone(shown));
}

interface Reached {
  readonly answer: Answer;
  /** It came from a public address. */
  readonly isPublic: boolean;
}

async function exchange(job: Job, hop: Hop, { headers, outputBytes, pools, stop }: AttemptMeans): Promise<Reached> {
  const { origin, path } = hop.target;
  const run = new Exchange({ origin, outputBytes, decode: headers.decode, follow: job.options.rules === 'hq' });
  stop.onStop((by) => run.stop({ kind: 'stopped', by }));
  if (stop.reason !== null || pools.closed) {
    run.stop({ kind: 'stopped', by: stop.reason ?? 'shutdown' });
    return { answer: await run.answer, isPublic: false };
  }
  const body = hop.method === 'POST' ? job.payload : null;
  pools.dispatch(origin, { method: hop.method, path, headers: hop.headers as string[], body }, run, hop.reach);
  const answer = await run.answer;
  return { answer, isPublic: pools.release(origin, hop.reach) };
}

/** From a public address on, all that follow are to be public. */
function redirected(hop: Hop, status: number | null, isPublic: boolean, first: Target, target: Target, headers: HeaderList): Hop {
  const method = status === 307 || status === 308 ? hop.method : 'GET';
  const reach = isPublic || hop.reach === 'public' ? 'public' : 'others';
  return { target, method, headers: headersFor(headers, first, target, refererOf(hop.target, target)), reach };
}

function notFollowed(location: string, cause: string): Outcome {
  return { kind: 'failed', result: { ...noResult, error: `${notDone(location)}: ${cause}`, cause: 'answer' } };
}
