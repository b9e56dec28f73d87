/** What may be asked by those who run attempts elsewhere. */
import type { Millis } from '../../core/duration.ts';
import { isEndOf } from '../../core/elsewhere.ts';
import { type EmittedText, emittedBy, emittedEvent } from '../../core/emitted.ts';
import { HatstandError } from '../../core/errors.ts';
import type { JobId } from '../../core/id.ts';
import { type AttemptEnd, type AttemptRef, hasEnded, type Job, type NewJob } from '../../core/job.ts';
import { forwardsLogs } from '../../core/log-event.ts';
import type { Outcome } from '../../core/outcome.ts';
import { cancelMoves, newestAttempt, releaseMoves, settleMoves } from '../../core/transitions.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import type { KeptJob, Report, Reported } from '../../ports/store/jobs.ts';
import type { Store } from '../../ports/store/store.ts';
import { makeBadTriggers } from '../bad-triggers.ts';
import { durableLimits } from '../durable-events.ts';
import { makeForwardLogs } from '../forwarded-logs.ts';
import type { PollRequest, Polls } from '../polls.ts';
import { shownOrNull } from '../readable.ts';
import type { ServedElsewhere } from '../served-elsewhere.ts';
import type { TaskKeepers } from '../task-keepers.ts';
import type { AttemptLive } from './attempt-live.ts';
import { type AskOfTask, makeAskOfTask } from './attempt-tasks.ts';
import type { ClusterKey } from './cluster-key.ts';
import { type Jobs, refusalOf } from './jobs.ts';

export type { PollRequest } from '../polls.ts';

export interface Attempts extends Pick<Polls, 'claim' | 'giveBack'> {
  /**
   * Keeps what is told of an attempt, and its deadline. Throws `attempt_lost`, and what the store throws.
   *
   * @param events what those hear who watch it now; what is numbered is kept, too
   */
  report(ref: AttemptRef, what: Report & { readonly ttl: Millis }, events?: readonly EmittedElsewhere[]): Promise<ReportedElsewhere>;
  /**
   * Ends an attempt, with the last that is told of it. It may be repeated when its answer was lost. Throws `attempt_lost`, and what the
   * store throws.
   */
  settle(ref: AttemptRef, outcome: Outcome, told: Pick<Report, 'progress' | 'lines'>): Promise<SettledElsewhere>;
  /** Keeps what an attempt of a task says, and answers what the task was told. */
  readonly task: AskOfTask;
  /** Pushes a job whose first attempt this holder has begun. Throws `conflict` when it cannot begin now, `queue_closed` or `limit_reached` when it is not taken. */
  begin(asked: NewJob, hold: Hold): Promise<Job>;
  /** When the first attempt of the job's run began. */
  firstStart(job: Job): Promise<number>;
  /** By which the cluster proves attempts. */
  readonly key: ClusterKey;
}

/** What an attempt that runs elsewhere has emitted. */
export interface EmittedElsewhere extends Pick<EmittedText, 'name' | 'data'> {
  /** Among those of the attempt that are to be kept; `null`: it is not. */
  readonly number: number | null;
  /** How long ago. */
  readonly ago: Millis;
  /** Nobody could be told then. */
  readonly late: boolean;
}

export interface ReportedElsewhere {
  /** `stopping`: the holder is to end the attempt. */
  readonly kind: 'reported' | 'stopping';
  /** What became of each of the jobs. */
  readonly pushed: readonly PushedByAttempt[];
}

export type PushedByAttempt =
  | KeptJob
  /** It is not kept, for this reason. */
  | { readonly kind: 'refused'; readonly error: HatstandError };

export interface SettledElsewhere {
  /** `repeated`: it was settled so before. */
  readonly kind: 'settled' | 'repeated';
  /** The run of its job has ended with it; else it is tried again. */
  readonly ended: boolean;
}

export type Hold = Pick<PollRequest, 'holder' | 'attemptTtl'>;

export interface AttemptsParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly jobs: Jobs;
  readonly polls: Polls;
  readonly served: ServedElsewhere;
  readonly attemptLive: AttemptLive;
  readonly keepers: Pick<TaskKeepers, 'of'>;
  readonly log: Logger;
  /** Bytes of an output that the history keeps. */
  readonly keep: number;
  readonly key: ClusterKey;
  random(): number;
  /** A text that nobody guesses. */
  secret(): string;
  /** There may be something to claim. */
  wake(): void;
}

export function makeAttempts(parts: AttemptsParts): Attempts {
  const { store, polls, served } = parts;
  const live = parts.attemptLive;
  const [findBad, forwardLogs] = [makeBadTriggers(parts), makeForwardLogs(store.journal, parts.log)];

  async function settle(ref: AttemptRef, outcome: Outcome, told: Pick<Report, 'progress' | 'lines'>): Promise<SettledElsewhere> {
    const job = await store.jobs.get(ref.id);
    if (job === null) throw attemptLost(ref);
    // Before its result, while it is held: what is cut short between the two is found bad once more.
    if (outcome.kind === 'failed' && outcome.badTrigger !== undefined) await findBad({ ...job, fence: ref.fence }, outcome.badTrigger);
    const moves = settleMoves(job, outcome, parts.random(), parts.keep);
    const tells = told.progress !== null || told.lines.length > 0;
    const report = async (): Promise<Reported> => {
      const reported = await store.jobs.report(ref, { ...told, ttl: null, push: [] });
      if (reported.kind !== 'lost') live.tell(ref, { ...told, events: [] }, reported.known);
      return reported;
    };
    // Who listens hears of the lines before the end.
    const before = tells && forwardsLogs(job);
    if (before) await forward({ ...job, fence: ref.fence }, told.lines, await report());
    // In one turn, so that both travel as one step.
    const [, settled] = await Promise.all([tells && !before ? report() : null, store.jobs.settle(ref, moves)]);
    live.ended(ref);
    if (settled === 'lost') return settledBefore(ref, outcome);
    served.heard(ref.id, 0);
    parts.wake();
    const ended = moves.running?.kind === 'end' || (await endedBy(ref));
    return { kind: 'settled', ended };
  }

  /** Only what counts is told, and once: not what a zombie says, nor what comes again because its answer was lost. */
  async function forward(job: Job, lines: Report['lines'], reported: Reported): Promise<void> {
    if (reported.kind !== 'lost')
      await forwardLogs(
        job,
        lines.filter(({ number }) => number > reported.known),
      );
  }

  /** One that is kept already is known by its key. */
  async function keepAll(job: Job, events: readonly EmittedElsewhere[]): Promise<void> {
    const now = parts.clock.now();
    const kept = events.flatMap(({ number, name, data, ago, late }) =>
      number === null ? [] : [emittedEvent(emittedBy(job, { number, name, data, at: Math.max(0, now - ago) }), late)],
    );
    for (let from = 0; from < kept.length; from += durableLimits.atOnce) {
      await store.journal.publish({ events: kept.slice(from, from + durableLimits.atOnce), causes: [], rules: null, follow: null });
    }
  }

  /** A try that was to be followed by another one ends its job all the same when a cancel had come in between. */
  async function endedBy({ id, fence }: AttemptRef): Promise<boolean> {
    const job = await store.jobs.get(id);
    return job !== null && job.fence === fence && hasEnded(job.state);
  }

  /** The answer to the first time may have been lost. */
  async function settledBefore(ref: AttemptRef, outcome: Outcome): Promise<SettledElsewhere> {
    const job = await store.jobs.get(ref.id);
    const end = job === null ? null : await endOf(job, ref);
    if (job === null || end === null || !isEndOf(outcome, end)) throw attemptLost(ref);
    return { kind: 'repeated', ended: job.fence === ref.fence && hasEnded(job.state) };
  }

  /** Without its payload, which may be large. */
  async function briefly(id: JobId): Promise<Job | null> {
    const filter = [{ field: 'id', not: false, any: [id] }] as const;
    const { jobs } = await store.jobs.list({ filter, match: null, order: 'oldest', from: null, limit: 1, brief: true, lookAt: null });
    return jobs[0] ?? null;
  }

  async function endOf(job: Job, { id, fence }: AttemptRef): Promise<AttemptEnd | null> {
    const newest = newestAttempt(job);
    if (newest?.fence === fence) return newest.end;
    const { attempts } = await store.jobs.attempts(id, { before: (BigInt(fence) + 1n).toString(), limit: 1, output: 0 });
    return attempts.find((each) => each.fence === fence)?.end ?? null;
  }

  return {
    async claim(request, wait, signal) {
      const claimed = await polls.claim(request, wait, signal);
      for (const job of claimed) live.hold(job, request.attemptTtl);
      // What cannot be shown would make something else of the answer.
      const shown = await Promise.all(claimed.map((job) => shownOrNull(parts, job)));
      return shown.filter((job) => job !== null);
    },
    giveBack(request, jobs) {
      for (const job of jobs) live.ended(job);
      polls.giveBack(request, jobs);
    },
    settle,
    async report(ref, what, events = []) {
      const isTold = what.lines.length > 0 || events.some(({ number }) => number !== null);
      const job = isTold ? await briefly(ref.id) : null;
      const reporting = store.jobs.report(ref, what);
      // In the same turn, so that what is pushed and the claim that it makes worthwhile travel in one step.
      if (what.push.length > 0) parts.wake();
      const reported = await reporting;
      if (reported.kind === 'lost') throw attemptLost(ref);
      served.heard(ref.id, what.ttl);
      live.hold(ref, what.ttl);
      live.tell(ref, { ...what, events }, reported.known);
      if (job !== null) await keepAll({ ...job, fence: ref.fence }, events);
      if (job !== null) await forward({ ...job, fence: ref.fence }, what.lines, reported);
      const pushed = reported.pushed.map((each, at) =>
        'id' in each ? each : ({ kind: 'refused', error: refusalOf(what.push[at], each) } as const),
      );
      return { kind: reported.kind, pushed };
    },
    task: makeAskOfTask({ ...parts, find: briefly }),
    begin: makeBegin(parts),
    async firstStart({ id, run, startedAt }) {
      const { attempts } = await store.jobs.attempts(id, { before: null, limit: mostAttempts, output: 0 });
      return attempts.filter((each) => each.run === run).reduce((first, each) => Math.min(first, each.startedAt), startedAt ?? 0);
    },
    key: parts.key,
  };
}

/** As many as a history has. */
const mostAttempts = 100;

const attemptLost = ({ id, fence }: AttemptRef): HatstandError =>
  new HatstandError(
    'attempt_lost',
    `This attempt of job ${id} is not held any more: it has ended, or was not heard of before its deadline, and may run elsewhere. Stop working on it.`,
    { job: id, fence },
  );

/** Jobs of others that are claimed, and given back, before one's own is found. */
const mostOthers = 32;

/**
 * Nobody polls for jobs of this worker (`reservedWorkers`). Others of them may wait all the same: somebody has pushed them by its name.
 * Push and claim are asked for in one turn, so that they travel as one step: a job that nobody has begun is not left behind.
 */
async function begin({ store, jobs, secret, clock }: AttemptsParts, asked: NewJob, { holder, attemptTtl }: Hold): Promise<Job> {
  const want = { worker: asked.worker, queues: [asked.queue], slots: 1 };
  const others: Job[] = [];
  const claim = async (): Promise<Job | null> => {
    const { jobs: begun } = await store.jobs.claim({ holder, operation: secret(), attemptTtl, wants: () => [want] });
    return begun[0] ?? null;
  };
  const [pushing, claiming] = [jobs.push([asked]), claim()];
  // Looked at behind the push.
  claiming.catch(() => undefined);
  try {
    const [pushed] = await pushing;
    if (pushed?.kind === 'refused') throw pushed.error;
    if (pushed === undefined || pushed.kind === 'conflict') throw new Error('the store did not keep the job');
    const begun = await ownOf(pushed.job.id, { others, first: claiming, claim, clock }).catch(async (error: unknown) => {
      await store.jobs.change(pushed.job.id, cancelMoves).catch(() => undefined);
      throw error;
    });
    if (begun !== null) return begun;
    await store.jobs.change(pushed.job.id, cancelMoves);
    throw notBegun(pushed.job);
  } catch (error) {
    // It was claimed for a push that failed.
    const first = await claiming.catch(() => null);
    if (first !== null && !others.includes(first)) others.push(first);
    throw error;
  } finally {
    await Promise.all(others.map((other) => store.jobs.settle(other, releaseMoves)));
  }
}

interface Claiming {
  /** Jobs of others, which have to be given back. */
  readonly others: Job[];
  readonly first: Promise<Job | null>;
  readonly clock: Pick<Clock, 'after'>;
  claim(): Promise<Job | null>;
}

/** A launch at another node may hold it for a moment, and gives it back. */
const looks = { times: 5, apart: 20 } as const;

/** The job itself, among those that are claimed one after the other; `null`: it cannot begin now. */
async function ownOf(id: JobId, { others, first, clock, claim }: Claiming): Promise<Job | null> {
  let missed = 0;
  for (let begun = await first; others.length < mostOthers; begun = await claim()) {
    if (begun?.id === id) return begun;
    if (begun !== null) others.push(begun);
    else if (++missed === looks.times) return null;
    else await new Promise<void>((resolve) => void clock.after(looks.apart, resolve));
  }
  return null;
}

/** Those of one queue begin one after the other, so that none gets the job of another one. */
function makeBegin(parts: AttemptsParts): Attempts['begin'] {
  const last = new Map<string, Promise<unknown>>();
  return (asked, hold) => {
    const line = `${asked.queue}/${asked.worker}`;
    const begun = (last.get(line) ?? Promise.resolve()).then(() => begin(parts, asked, hold));
    const over = begun
      .catch(() => undefined)
      .then(() => {
        if (last.get(line) === over) last.delete(line);
      });
    last.set(line, over);
    return begun;
  };
}

const notBegun = ({ id, queue, worker }: Job): HatstandError =>
  new HatstandError(
    'conflict',
    `The job ${id} could not begin: the queue ${JSON.stringify(queue)} is paused or at its limit, a limit of one of its keys is full, or too many jobs of the worker ${JSON.stringify(worker)} wait there. It is canceled; try again.`,
    { job: id },
  );
