/** The attempts that a worker elsewhere holds, until the server has taken their results. */
import { aboutOf } from '../core/about.ts';
import { type Millis, timerDelay } from '../core/duration.ts';
import { HatstandError, messageOf } from '../core/errors.ts';
import type { AttemptRef, Job as JobRecord } from '../core/job.ts';
import type { Outcome } from '../core/outcome.ts';
import { taskIn, taskOfOwner } from '../core/task.ts';
import { type AttemptReporter, makeReports } from '../engine/reports.ts';
import type { AttemptProof, Client, PushedByAttempt, SettleFields } from '../faces/client/client.ts';
import { isPassing } from '../faces/client/fault.ts';
import type { StopReason } from '../ports/executor.ts';
import type { Logger } from '../ports/logger.ts';
import type { Pushed, Report, Reported } from '../ports/store/jobs.ts';
import { systemClock } from '../system/clock.ts';
import { makeKeepElsewhere } from './elsewhere-durable.ts';
import { type EventElsewhere, makeEmittedElsewhere } from './elsewhere-events.ts';
import type { Link } from './elsewhere-link.ts';
import { pushOf } from './elsewhere-record.ts';
import { settleFieldsOf } from './elsewhere-result.ts';
import { makeTaskElsewhere, type TaskElsewhere } from './elsewhere-task.ts';

export interface HeldElsewhere {
  /** It is told to the server that the attempt is held, until its result is kept. Answers to whom its function tells of it. */
  hold(job: JobRecord, proof: AttemptProof, stop: (reason: StopReason) => void): Holding;
  /** Repeats until the server answers. Answers whether its job's run has ended with it, as far as the server says so. */
  settle(job: JobRecord, outcome: Outcome): Promise<boolean>;
  size(): number;
  stopAll(reason: StopReason): void;
  /** Tasks are to go on elsewhere: nobody waits for their end. */
  handOverTasks(): void;
  /** Ends attempts of tasks that another one may have soon, since the server has not been heard of. */
  endLate(): void;
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

/** What the executor of an attempt is given. */
export interface Holding {
  readonly reporter: AttemptReporter;
  /** `undefined`: its job belongs to no task. */
  readonly task: TaskElsewhere | undefined;
}

interface Held extends Holding {
  readonly proof: AttemptProof;
  readonly stop: (reason: StopReason) => void;
  readonly endBeat: () => void;
  /** For how long the server may be away; `null`: it need not be there. */
  readonly longest: Millis | null;
  /** When the newest report was sent that the server has answered. */
  heardAt: Millis;
}

const keyOf = ({ id, fence }: AttemptRef): string => `${id} ${fence}`;
/** Of the ttl: then a task is told to end. */
const endsAt = 3 / 4;
/** For which an answer is waited in any case. */
const leastWithin: Millis = 1_000;
/** What could not be told is told again so soon, or as soon as the server answers anybody, or when it is told anyway. */
const againAfter: Millis = 1_000;

export function makeHeldElsewhere({ client: { attempts }, attemptTtl, log, link }: HeldElsewhereParts): HeldElsewhere {
  const held = new Map<string, Held>();
  const emitted = makeEmittedElsewhere();
  let isGivenUp = false;

  /** What nobody hears of is gone, as for those who begin to watch later. */
  async function tellEmitted(ref: AttemptRef): Promise<void> {
    await report(ref, nothing).catch((error) => notTold(ref, error));
  }

  function notTold({ id, fence }: AttemptRef, error: unknown): void {
    if (isPassing(error)) link.away(error);
    else log.error('job.not_told', { job: id, fence, error: messageOf(error) });
  }

  async function report(ref: AttemptRef, what: Report, events: readonly EventElsewhere[] = emitted.take(ref)): Promise<Reported> {
    const attempt = held.get(keyOf(ref));
    if (attempt === undefined) return { kind: 'lost' };
    const sentAt = systemClock.monotonic();
    // A connection that stands still must not be waited for while the deadline passes.
    const within = AbortSignal.timeout(timerDelay(Math.max(leastWithin, attemptTtl / 3)));
    try {
      const told = { attemptTtl, ...toldIn(what), ...eventsIn(events) };
      const { state, pushed } = await attempts.report(ref.id, attempt.proof, told, within);
      link.worked();
      attempt.heardAt = sentAt;
      const createdAt = systemClock.now();
      return { kind: state === 'stopping' ? 'stopping' : 'reported', pushed: pushed.map((each) => pushedOf(each, createdAt)), known: 0 };
    } catch (error) {
      if (isLost(error)) return { kind: 'lost' };
      // What passes is told later.
      throw isPassing(error) || within.aborted ? new HatstandError('store_unavailable', messageOf(error), {}, { cause: error }) : error;
    }
  }

  const reports = makeReports({
    store: { jobs: { report } },
    forwardLogs: null,
    live: { begun: () => undefined, ended: () => undefined, tell: emitted.tell },
    clock: systemClock,
    log,
    keepEvent: makeKeepElsewhere(link, async (job, event) => (await report(job, nothing, [...emitted.take(job), event])).kind !== 'lost'),
    wake: () => undefined,
  });

  /** The server takes the attempt back unless it hears of it. Answers how to end it. */
  function beat(job: JobRecord, stop: (reason: StopReason) => void, first: Millis): () => void {
    let forget = (): void => undefined;
    let isOver = false;
    const next = (delay: Millis): void => {
      if (!isOver) forget = systemClock.after(delay, () => void tell());
    };
    async function tell(): Promise<void> {
      try {
        const { kind } = await report(job, nothing);
        if (kind === 'stopping') stop('canceled');
        if (kind === 'lost') stop('lost');
        else next(attemptTtl / 3);
      } catch (error) {
        notTold(job, error);
        if (isPassing(error) && !isOver) forget = link.after(Math.min(attemptTtl / 3, againAfter), () => void tell());
        else next(attemptTtl / 3);
      }
    }
    next(first);
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
        if (emitted.waiting().some(({ id }) => id === job.id)) await tellEmitted(job);
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

  const ageOf = (job: JobRecord): Millis => systemClock.monotonic() - (held.get(keyOf(job))?.heardAt ?? 0);

  function taskOf(job: JobRecord, proof: AttemptProof, stop: (reason: StopReason) => void): TaskElsewhere | undefined {
    if (taskOfOwner(job.owner) === null) return undefined;
    const isDetached = (): boolean => ageOf(job) > attemptTtl / 2;
    return makeTaskElsewhere({ attempts, job, proof, link, log, isDetached, stop });
  }

  /** Before the server takes it back, so that no task runs twice. */
  function endLate(): void {
    for (const { longest, heardAt, stop } of held.values()) {
      if (longest !== null && systemClock.monotonic() - heardAt >= longest) stop('lost');
    }
  }

  return {
    hold(job, proof, stop) {
      const [reporter, task] = [reports.of(job, stop), taskOf(job, proof, stop)];
      const longest = task === undefined ? null : Math.max(endsAt * attemptTtl, taskIn(aboutOf(job))?.maxDetached ?? 0);
      // Of a claim that was repeated the deadline may be older than its answer.
      const first = task === undefined ? attemptTtl / 3 : 0;
      held.set(keyOf(job), { proof, reporter, task, stop, longest, endBeat: beat(job, stop, first), heardAt: systemClock.monotonic() });
      return { reporter, task };
    },
    handOverTasks() {
      for (const { task } of held.values()) task?.handOver();
    },
    async settle(job, outcome) {
      const attempt = held.get(keyOf(job));
      if (attempt === undefined) return false;
      const ended = await offer(job, attempt, outcome);
      attempt.endBeat();
      attempt.task?.close();
      attempt.reporter.close();
      held.delete(keyOf(job));
      return ended;
    },
    size: () => held.size,
    stopAll(reason) {
      for (const { stop } of held.values()) stop(reason);
    },
    endLate,
    async tick() {
      await reports.tick();
      await Promise.all(emitted.waiting().map(tellEmitted));
    },
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

const nothing: Report = { ttl: null, progress: null, lines: [], push: [] };

const eventsIn = (events: readonly EventElsewhere[]) => (events.length === 0 ? {} : { events: events.map(eventTold) });

const eventTold = ({ name, data, kept }: EventElsewhere) => ({
  name,
  ...(data === null ? {} : { data: JSON.parse(data) as unknown }),
  ...(kept === undefined ? {} : { number: kept.number, ago: `${Math.max(0, Math.round(kept.ago))}ms`, late: kept.late }),
});

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
