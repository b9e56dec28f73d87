/**
 * Workers that run in this process, and whose jobs are at a server: they are claimed over HTTP, as many as can run, and each attempt is
 * told to the server again and again until its result is kept. What the server cannot take now is sent again.
 */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Millis } from '../core/duration.ts';
import { elsewhereLimits } from '../core/elsewhere.ts';
import { HatstandError, messageOf } from '../core/errors.ts';
import type { AttemptRef, Job as JobRecord } from '../core/job.ts';
import type { Outcome } from '../core/outcome.ts';
import { type AttemptReporter, makeReports, type Reports } from '../engine/reports.ts';
import type { AttemptFunction, FunctionParts } from '../executors/function.ts';
import { hearStrays } from '../executors/strays.ts';
import type { AttemptProof, ClaimedAttempt, Client, SettleFields } from '../faces/client/client.ts';
import { isPassing } from '../faces/client/fault.ts';
import type { Executor, StopReason } from '../ports/executor.ts';
import type { Logger } from '../ports/logger.ts';
import type { Report, Reported } from '../ports/store/jobs.ts';
import { systemClock } from '../system/clock.ts';
import { makePushing } from './elsewhere-pushing.ts';
import { pushOf, recordOf } from './elsewhere-record.ts';
import { settleFieldsOf } from './elsewhere-result.ts';
import { type Job, jobView } from './job.ts';
import type { PushOptions } from './options.ts';
import { type Named, Pusher } from './pusher.ts';

export interface ElsewhereParts {
  readonly client: Pick<Client, 'attempts' | 'jobs'>;
  readonly name: string;
  readonly queues: readonly string[] | undefined;
  /** Attempts at once. */
  readonly concurrency: number;
  readonly holder: string;
  readonly attemptTtl: Millis;
  readonly log: Logger;
  /** Once, before any job is asked for. */
  init(signal: AbortSignal): Promise<void>;
  executor(parts: FunctionParts<Job<unknown>>): Executor;
}

/** A worker that runs in this process. */
export interface WorkerElsewhere {
  readonly name: string;
  /**
   * Resolves when it was stopped. Rejects when it cannot go on: its `init` failed, or the server refuses what it asks for, such as its
   * token. What passes, such as a server that is away, it waits for.
   */
  readonly ended: Promise<void>;
  /** Asks for no more jobs, lets those that run finish for so long, and hands the rest back. Stopping again is harmless. */
  stop(grace: Millis): Promise<void>;
}

/** One name for each process. */
export const holderHere = (): string =>
  `${hostname()
    .replaceAll(/[^A-Za-z0-9._-]/g, '-')
    .slice(0, longestHost)}.${process.pid}.${randomBytes(4).toString('hex')}`;
const longestHost = 80;

interface Held {
  readonly proof: AttemptProof;
  readonly stop: (reason: StopReason) => void;
}

const keyOf = ({ id, fence }: AttemptRef): string => `${id} ${fence}`;

/** How long until something is sent again that the server could not take. */
const againAfter = { first: 250, longest: 5_000 } as const;
/** What was told to stop says so within this. */
const returnWithin: Millis = 2_000;
const tellEvery: Millis = 500;

export function startElsewhere(parts: ElsewhereParts): WorkerElsewhere {
  const { client, log } = parts;
  const stopping = new AbortController();
  const held = new Map<string, Held>();
  const boot = randomBytes(8).toString('base64url');
  let operations = 0;
  /** Results are sent once more, and no more. */
  let isGivenUp = false;
  let freed = (): void => undefined;
  let isPassedBy = false;

  const pusher = new Pusher({
    jobs: makePushing(client),
    stopped: () => new HatstandError('shutting_down', 'This worker was stopped.'),
    isStopped: () => false,
  });
  const firstStarts = new WeakMap<JobRecord, number>();
  const executor = parts.executor({
    worker: parts.name,
    log,
    viewOf: jobView,
    firstStart: async (job) => firstStarts.get(job) ?? job.startedAt ?? Date.now(),
    push: (attempt, worker, message, options) => pusher.pushFrom(attempt, worker as Named, message, options as PushOptions),
  });
  const reports: Reports = makeReports({ store: { jobs: { report } }, clock: systemClock, log, wake: () => undefined });

  async function report(ref: AttemptRef, what: Report): Promise<Reported> {
    const attempt = held.get(keyOf(ref));
    if (attempt === undefined) return { kind: 'lost' };
    try {
      const { state, pushed } = await client.attempts.report(ref.id, attempt.proof, {
        attemptTtl: parts.attemptTtl,
        ...(what.progress === null ? {} : { progress: JSON.parse(what.progress) as unknown }),
        lines: what.lines.map(({ fields, ago, ...line }) => ({
          ...{ ...line, ago: `${Math.round(ago)}ms` },
          ...(fields === null ? {} : { fields: JSON.parse(fields) as object }),
        })),
        push: what.push.map(pushOf),
      });
      noteWorked();
      const createdAt = Date.now();
      return { kind: state === 'stopping' ? 'stopping' : 'reported', pushed: pushed.map((each) => ({ ...each, createdAt })) };
    } catch (error) {
      if (error instanceof HatstandError && error.code === 'attempt_lost') return { kind: 'lost' };
      // What passes is told later.
      throw isPassing(error) ? new HatstandError('store_unavailable', error.message, error.details, { cause: error }) : error;
    }
  }

  function noteWorked(): void {
    if (isPassedBy) log.info('server.reached', { worker: parts.name });
    isPassedBy = false;
  }

  /** Told once, until the server answers again. */
  function notePassing(error: unknown): void {
    if (!isPassedBy) log.warn('server.away', { worker: parts.name, error: messageOf(error) });
    isPassedBy = true;
  }

  /** Sooner when it is woken by a stop. */
  function pause(tries: number, signal?: AbortSignal): Promise<void> {
    const delay = Math.min(againAfter.first * 2 ** Math.min(tries, 10), againAfter.longest);
    return new Promise((resolve) => {
      const end = (): void => {
        forget();
        signal?.removeEventListener('abort', end);
        resolve();
      };
      const forget = systemClock.after(delay, end);
      if (signal?.aborted === true) end();
      else signal?.addEventListener('abort', end, { once: true });
    });
  }

  const asked = (operation: string) => ({
    ...{ holder: parts.holder, operation, workers: [parts.name], queues: parts.queues, attemptTtl: parts.attemptTtl },
  });

  /** Repeats itself until it is answered: then it gives what was claimed the first time. */
  async function claim(max: number): Promise<readonly ClaimedAttempt[]> {
    const operation = `${boot}.${++operations}`;
    for (let tries = 0; ; tries++) {
      try {
        const claimed = await client.attempts.claim({ ...asked(operation), max: Math.min(max, elsewhereLimits.jobs) }, stopping.signal);
        noteWorked();
        return claimed;
      } catch (error) {
        if (stopping.signal.aborted) return leftBehind(operation);
        if (!isPassing(error)) throw error;
        notePassing(error);
        await pause(tries, stopping.signal);
        if (stopping.signal.aborted) return leftBehind(operation);
      }
    }
  }

  /** Jobs may have begun for a claim that was broken off: they are handed back. */
  async function leftBehind(operation: string): Promise<readonly ClaimedAttempt[]> {
    try {
      const claimed = await client.attempts.claim({ ...asked(operation), max: 0, wait: 0 }, AbortSignal.timeout(returnWithin));
      await Promise.all(claimed.map(({ job, proof }) => client.attempts.settle(job.id, proof, { outcome: 'released' })));
    } catch (error) {
      // Their deadline hands them back.
      log.debug('claim.left', { worker: parts.name, error: messageOf(error) });
    }
    return [];
  }

  /** The server takes the attempt back unless it hears of it. Answers how to end it. */
  function beat(job: JobRecord, stop: (reason: StopReason) => void): () => void {
    let forget = (): void => undefined;
    let isOver = false;
    const next = (delay: Millis): void => {
      if (!isOver) forget = systemClock.after(delay, () => void tell());
    };
    const usual = parts.attemptTtl / 3;
    async function tell(): Promise<void> {
      try {
        const { kind } = await report(job, { ttl: null, progress: null, lines: [], push: [] });
        if (isOver) return;
        if (kind === 'stopping') stop('canceled');
        if (kind === 'lost') stop('lost');
        else next(usual);
      } catch (error) {
        notePassing(error);
        next(Math.min(usual, againAfter.longest / 5));
      }
    }
    next(usual);
    return () => {
      isOver = true;
      forget();
    };
  }

  async function perform({ job: json, proof, ...told }: ClaimedAttempt): Promise<void> {
    const job = recordOf(json, told);
    firstStarts.set(job, Date.parse(told.firstStartedAt));
    const abort = new AbortController();
    const stop = (reason: StopReason): void => abort.abort(reason);
    held.set(keyOf(job), { proof, stop });
    if (job.state === 'stopping') stop('canceled');
    const reporter = reports.of(job, stop);
    const endBeat = beat(job, stop);
    const outcome = await executor.run(job, abort.signal, reporter);
    const ended = await settle(job, proof, outcome, reporter);
    endBeat();
    reporter.close();
    held.delete(keyOf(job));
    freed();
    if (ended) executor.ended?.(job, outcome);
  }

  /** Whether its job's run has ended with it, as far as the server says so. */
  async function settle(job: JobRecord, proof: AttemptProof, outcome: Outcome, reporter: AttemptReporter): Promise<boolean> {
    let result: SettleFields = settleFieldsOf(outcome);
    for (let tries = 0; ; tries++) {
      try {
        await reporter.flush();
        const { kind, ended } = await client.attempts.settle(job.id, proof, result);
        noteWorked();
        log.debug('job.ended', { job: job.id, fence: job.fence, outcome: outcome.kind, kind });
        return ended;
      } catch (error) {
        if (error instanceof HatstandError && error.code === 'attempt_lost') {
          log.warn('job.lost', { job: job.id, fence: job.fence, outcome: outcome.kind });
          return false;
        }
        if (!isPassing(error) && result.outcome === 'succeeded' && isOfResult(error)) {
          // What is not taken now is not taken later: whoever waits for the job learns why.
          result = { outcome: 'failed', error: `its result was refused: ${messageOf(error)}`, retry: false };
          continue;
        }
        if (!isPassing(error) || isGivenUp) {
          log.error('job.not_settled', { job: job.id, error: messageOf(error) });
          return false;
        }
        notePassing(error);
        await pause(tries);
      }
    }
  }

  async function run(): Promise<void> {
    await parts.init(stopping.signal);
    while (!stopping.signal.aborted) {
      if (held.size >= parts.concurrency) {
        await slotFree();
        continue;
      }
      for (const attempt of await claim(parts.concurrency - held.size)) {
        perform(attempt).catch((error: unknown) => log.error('job.not_run', { job: attempt.job.id, error: messageOf(error) }));
      }
    }
  }

  function slotFree(): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        stopping.signal.removeEventListener('abort', end);
        freed = () => undefined;
        resolve();
      };
      stopping.signal.addEventListener('abort', end, { once: true });
      freed = end;
    });
  }

  const emptied = async (within: Millis): Promise<void> => {
    const until = systemClock.monotonic() + within;
    while (held.size > 0 && systemClock.monotonic() < until) {
      await new Promise<void>((resolve) => {
        const forget = systemClock.after(Math.max(0, until - systemClock.monotonic()), resolve);
        freed = () => {
          forget();
          resolve();
        };
      });
    }
  };

  let isTelling = true;
  function tellOn(): void {
    systemClock.after(tellEvery, () => void reports.tick().finally(() => isTelling && tellOn()));
  }

  async function finish(grace: Millis): Promise<void> {
    stopping.abort();
    await loop.catch(() => undefined);
    await emptied(grace);
    for (const { stop } of held.values()) stop('shutdown');
    isGivenUp = true;
    await emptied(returnWithin);
    isTelling = false;
    await executor.close();
    endStrays();
  }

  const endStrays = hearStrays();
  tellOn();
  const loop = run();
  let finished: Promise<void> | null = null;
  const ended = (async () => {
    try {
      await loop;
      await finished;
    } catch (error) {
      if (stopping.signal.aborted) return;
      finished ??= finish(0);
      await finished;
      throw error;
    }
  })();

  return {
    name: parts.name,
    ended,
    stop: (grace) => (finished ??= finish(grace)),
  };
}

/** The server does not take what came of an attempt. */
const isOfResult = (error: unknown): boolean =>
  error instanceof HatstandError && ['too_large', 'invalid_request', 'invalid_json'].includes(error.code);

/** A function as the executor of it calls it. */
export type ElsewhereFunction = AttemptFunction<Job<unknown>>;
