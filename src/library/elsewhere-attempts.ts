/** The attempts that a worker elsewhere holds, until the server has taken their results. */
import type { Millis } from '../core/duration.ts';
import { HatstandError, messageOf } from '../core/errors.ts';
import type { AttemptRef, Job as JobRecord } from '../core/job.ts';
import type { Outcome } from '../core/outcome.ts';
import { type AttemptReporter, makeReports } from '../engine/reports.ts';
import type { AttemptProof, Client, PushedByAttempt, SettleFields } from '../faces/client/client.ts';
import { isPassing } from '../faces/client/fault.ts';
import type { StopReason } from '../ports/executor.ts';
import type { Logger } from '../ports/logger.ts';
import type { Pushed, Report, Reported } from '../ports/store/jobs.ts';
import { systemClock } from '../system/clock.ts';
import type { Link } from './elsewhere-link.ts';
import { pushOf } from './elsewhere-record.ts';
import { settleFieldsOf } from './elsewhere-result.ts';

export interface HeldElsewhere {
  /** It is told to the server that the attempt is held, until its result is kept. Answers to whom its function tells of it. */
  hold(job: JobRecord, proof: AttemptProof, stop: (reason: StopReason) => void): AttemptReporter;
  /** Repeats until the server answers. Answers whether its job's run has ended with it, as far as the server says so. */
  settle(job: JobRecord, outcome: Outcome): Promise<boolean>;
  size(): number;
  stopAll(reason: StopReason): void;
  /** Sends what has been told since. */
  tick(): Promise<void>;
  /** From now on a result is offered once. */
  giveUp(): void;
}

export interface HeldElsewhereParts {
  readonly client: Pick<Client, 'attempts'>;
  readonly attemptTtl: Millis;
  readonly log: Logger;
  readonly link: Link;
}

interface Held {
  readonly proof: AttemptProof;
  readonly reporter: AttemptReporter;
  readonly stop: (reason: StopReason) => void;
  readonly endBeat: () => void;
}

const keyOf = ({ id, fence }: AttemptRef): string => `${id} ${fence}`;
/** What could not be told is told again so soon, or when it is told anyway. */
const againAfter: Millis = 1_000;

export function makeHeldElsewhere({ client: { attempts }, attemptTtl, log, link }: HeldElsewhereParts): HeldElsewhere {
  const held = new Map<string, Held>();
  let isGivenUp = false;

  async function report(ref: AttemptRef, what: Report): Promise<Reported> {
    const attempt = held.get(keyOf(ref));
    if (attempt === undefined) return { kind: 'lost' };
    try {
      const { state, pushed } = await attempts.report(ref.id, attempt.proof, { attemptTtl, ...toldIn(what) });
      link.worked();
      const createdAt = systemClock.now();
      return { kind: state === 'stopping' ? 'stopping' : 'reported', pushed: pushed.map((each) => pushedOf(each, createdAt)), known: 0 };
    } catch (error) {
      if (isLost(error)) return { kind: 'lost' };
      // What passes is told later.
      throw isPassing(error) ? new HatstandError('store_unavailable', error.message, error.details, { cause: error }) : error;
    }
  }

  const reports = makeReports({
    store: { jobs: { report } },
    forwardLogs: null,
    live: null,
    clock: systemClock,
    log,
    wake: () => undefined,
  });

  /** The server takes the attempt back unless it hears of it. Answers how to end it. */
  function beat(job: JobRecord, stop: (reason: StopReason) => void): () => void {
    let forget = (): void => undefined;
    let isOver = false;
    const next = (delay: Millis): void => {
      if (!isOver) forget = systemClock.after(delay, () => void tell());
    };
    async function tell(): Promise<void> {
      try {
        const { kind } = await report(job, { ttl: null, progress: null, lines: [], push: [] });
        if (kind === 'stopping') stop('canceled');
        if (kind === 'lost') stop('lost');
        else next(attemptTtl / 3);
      } catch (error) {
        link.away(error);
        next(Math.min(attemptTtl / 3, againAfter));
      }
    }
    next(attemptTtl / 3);
    return () => {
      isOver = true;
      forget();
    };
  }

  /** Whether to offer it again, and which result then. */
  function nextTry(job: JobRecord, result: SettleFields, error: unknown): SettleFields | null {
    // What is not taken now is not taken later: whoever waits for the job learns why.
    if (result.outcome === 'succeeded' && isOfResult(error))
      return { outcome: 'failed', error: `its result was refused: ${messageOf(error)}`, retry: false };
    if (isPassing(error) && !isGivenUp) return result;
    if (isLost(error)) log.warn('job.lost', { job: job.id, fence: job.fence, outcome: result.outcome });
    else log.error('job.not_settled', { job: job.id, error: messageOf(error) });
    return null;
  }

  async function offer(job: JobRecord, { proof, reporter }: Held, outcome: Outcome): Promise<boolean> {
    let result: SettleFields | null = settleFieldsOf(outcome);
    for (let tries = 0; result !== null; tries++) {
      try {
        await reporter.flush();
        const { ended } = await attempts.settle(job.id, proof, result);
        link.worked();
        log.debug('job.ended', { job: job.id, fence: job.fence, outcome: result.outcome });
        return ended;
      } catch (error) {
        result = nextTry(job, result, error);
        if (!isPassing(error)) continue;
        link.away(error);
        if (result !== null) await link.pause(tries);
      }
    }
    return false;
  }

  return {
    hold(job, proof, stop) {
      const reporter = reports.of(job, stop);
      held.set(keyOf(job), { proof, reporter, stop, endBeat: beat(job, stop) });
      return reporter;
    },
    async settle(job, outcome) {
      const attempt = held.get(keyOf(job));
      if (attempt === undefined) return false;
      const ended = await offer(job, attempt, outcome);
      attempt.endBeat();
      attempt.reporter.close();
      held.delete(keyOf(job));
      return ended;
    },
    size: () => held.size,
    stopAll(reason) {
      for (const { stop } of held.values()) stop(reason);
    },
    tick: reports.tick,
    giveUp() {
      isGivenUp = true;
    },
  };
}

function pushedOf(each: PushedByAttempt, createdAt: number): Pushed {
  if ('id' in each) return { ...each, createdAt };
  const { code, limit, retryAfter, job } = each.error;
  if (code === 'awaited_missing') return { kind: 'dangling', awaited: String(job) };
  return code === 'limit_reached' ? { kind: 'limited', key: String(limit), wait: Number(retryAfter) * 1_000 } : { kind: 'closed' };
}

/** As the protocol has it. */
const toldIn = ({ progress, lines, push }: Report) => ({
  ...(progress === null ? {} : { progress: JSON.parse(progress) as unknown }),
  lines: lines.map(({ fields, ago, ...line }) => ({
    ...line,
    ago: `${Math.round(ago)}ms`,
    ...(fields === null ? {} : { fields: JSON.parse(fields) as object }),
  })),
  push: push.map(pushOf),
});

const isLost = (error: unknown): boolean => error instanceof HatstandError && error.code === 'attempt_lost';

/** The server does not take what came of an attempt. */
const isOfResult = (error: unknown): boolean =>
  error instanceof HatstandError && ['too_large', 'invalid_request', 'invalid_json'].includes(error.code);
