/** Runs a job by POSTing it to its URL. HQ's rules and `/v1`'s stricter ones differ in headers, redirects and what succeeds. */
import { causeMeanings, sentNothing } from '../core/cause.ts';
import type { Millis } from '../core/duration.ts';
import { type Job, noResult } from '../core/job.ts';
import { jobLimits } from '../core/new-job.ts';
import type { Pass, Why } from '../core/origin.ts';
import type { Outcome } from '../core/outcome.ts';
import { parseTarget, type Target } from '../core/target.ts';
import type { Executor, StopSignal } from '../ports/executor.ts';
import type { Logger } from '../ports/logger.ts';
import { runAttempt, targetOutcome } from './http-attempt.ts';
import { Origins } from './http-origins.ts';
import { notDone, unsendable } from './http-outcome.ts';
import { OriginPools } from './http-pools.ts';
import type { ReachRules } from './http-reach.ts';
import { headersOf } from './http-request.ts';
import { Stop } from './http-stop.ts';

interface HttpExecutorOptions {
  /** Stands in the User-Agent: `HQ/<version>`, or `Hatstand/<version>` under `/v1`. */
  readonly version: string;
  /** Bytes of an answer that are kept. Default: 1 MiB. */
  readonly outputBytes?: number;
  /** Where redirects may lead. Default: this process listens nowhere. */
  readonly reach?: ReachRules;
  /** Hears of origins that are away or back. */
  readonly log?: Pick<Logger, 'info' | 'warn'>;
}

/** It tells nothing of its attempts while they run. */
export interface HttpExecutor extends Omit<Executor, 'run'> {
  run(job: Job, signal: StopSignal): Promise<Outcome>;
}

/** Connections are kept alive between attempts until `close`, which ends what is still under way as `returned`. */
export function makeHttpExecutor({ version, outputBytes = jobLimits.outputBytes, reach, log }: HttpExecutorOptions): HttpExecutor {
  const pools = new OriginPools({}, reach);
  const origins = new Origins({
    onAway: (origin, error) => log?.warn('origin.away', { origin, error }),
    onBack: (origin, after) => log?.info('origin.back', { origin, seconds: Math.round(after / 100) / 10 }),
  });

  async function send(job: Job, signal: StopSignal, admitted: (target: Target) => Pass | Outcome): Promise<Outcome> {
    const target = parseTarget(job.url);
    if ('fault' in target) return targetOutcome(target, job);
    const headers = headersOf(job, version);
    if ('cause' in headers) return unsendable(headers.cause, job.options, notDone(target.shown));
    const pass = admitted(target);
    if ('kind' in pass) return pass;
    const stop = new Stop(signal, job.options.timeout);
    try {
      const { outcome, isRedirected } = await runAttempt(job, target, { headers, outputBytes, pools, stop });
      origins.learn(target, pass, isRedirected ? 'redirected' : outcome);
      return job.options.rules === 'hq' ? outcome : unburnt(outcome, target);
    } finally {
      stop.release();
    }
  }

  function admitted(target: Target): Pass | Outcome {
    const verdict = origins.admit(target);
    if (verdict.kind === 'send') return verdict.pass;
    const result = { ...noResult, error: `Nothing was sent: ${whyText(target, verdict.why)}`, cause: verdict.why.cause };
    return verdict.kind === 'wait' ? { kind: 'deferred', delay: verdict.delay, result } : { kind: 'failed', result };
  }

  /** An attempt that sent nothing to an origin that is away does not count. */
  function unburnt(outcome: Outcome, target: Target): Outcome {
    if (outcome.kind !== 'failed' || outcome.final === true || !sentNothing(outcome.result.cause)) return outcome;
    const delay: Millis | null = origins.waitWith(target);
    return delay === null ? outcome : { kind: 'deferred', delay, result: outcome.result };
  }

  return {
    async run(job, signal) {
      if (pools.closed) return { kind: 'returned' };
      // HQ's jobs have one attempt, whatever the web app does.
      return await send(job, signal, job.options.rules === 'hq' ? (target) => origins.passOf(target) : admitted);
    },
    close: () => pools.close(),
  };
}

function whyText({ origin }: Target, { of, cause }: Why): string {
  if (of === 'return' || cause === null) return `${origin} is back, and its jobs come little by little`;
  return of === 'origin'
    ? `${origin} is away (${causeMeanings[cause]}), and other jobs ask whether it is back`
    : `${origin} serves other paths and not this one (${causeMeanings[cause]}), and other jobs ask whether it does again`;
}
