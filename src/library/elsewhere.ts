/**
 * Workers that run in this process, and whose jobs are at a server: they are claimed over HTTP, as many as can run, and each attempt is
 * told to the server again and again until its result is kept. What the server cannot take now is sent again.
 */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { type Millis, timerDelay } from '../core/duration.ts';
import { elsewhereLimits } from '../core/elsewhere.ts';
import { HatstandError, messageOf } from '../core/errors.ts';
import type { Job as JobRecord } from '../core/job.ts';
import { parseTime } from '../core/time.ts';
import type { AttemptFunction, FunctionParts } from '../executors/function.ts';
import { hearStrays } from '../executors/strays.ts';
import type { ClaimedAttempt, Client } from '../faces/client/client.ts';
import { isPassing } from '../faces/client/fault.ts';
import type { Executor, StopReason } from '../ports/executor.ts';
import type { Logger } from '../ports/logger.ts';
import { systemClock } from '../system/clock.ts';
import { makeHeldElsewhere } from './elsewhere-attempts.ts';
import { type Link, makeLink } from './elsewhere-link.ts';
import { makePushing, saidJobOf } from './elsewhere-pushing.ts';
import { recordOf } from './elsewhere-record.ts';
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

/** What was told to stop says so within this. */
const returnWithin: Millis = 2_000;
const tellEvery: Millis = 500;
const fenceEvery: Millis = 250;

export function startElsewhere(parts: ElsewhereParts): WorkerElsewhere {
  const { client, log } = parts;
  const stopping = new AbortController();
  const link = makeLink(parts.name, log);
  const held = makeHeldElsewhere({ ...parts, link });
  const claims = makeClaims(parts, link, stopping.signal);
  const firstStarts = new WeakMap<JobRecord, number>();
  const executor = parts.executor({
    worker: parts.name,
    log,
    viewOf: jobView,
    firstStart: async (job) => firstStarts.get(job) ?? job.startedAt ?? systemClock.now(),
    push: makePush(client),
  });
  /** A slot has fallen free. */
  let freed = (): void => undefined;

  async function perform({ job: json, proof, ...told }: ClaimedAttempt): Promise<void> {
    const job = recordOf(json, told);
    firstStarts.set(job, parseTime(told.firstStartedAt, 'firstStartedAt'));
    const abort = new AbortController();
    const { reporter, task } = held.hold(job, proof, (reason) => abort.abort(reason));
    if (job.state === 'stopping') abort.abort('canceled' satisfies StopReason);
    const outcome = await executor.run(job, abort.signal, reporter, task);
    const ended = await held.settle(job, outcome);
    freed();
    if (ended) executor.ended?.(job, outcome);
  }

  async function run(): Promise<void> {
    await parts.init(stopping.signal);
    while (!stopping.signal.aborted) {
      const free = parts.concurrency - held.size();
      if (free === 0) await slotFree(stopping.signal);
      else {
        for (const attempt of await claims.claim(free))
          perform(attempt).catch((error: unknown) => log.error('job.not_run', { job: attempt.job.id, error: messageOf(error) }));
      }
    }
  }

  /** Or the signal has aborted. */
  function slotFree(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      freed = () => {
        signal.removeEventListener('abort', freed);
        resolve();
      };
      if (signal.aborted) freed();
      else signal.addEventListener('abort', freed, { once: true });
    });
  }

  async function emptied(within: Millis): Promise<void> {
    const late = AbortSignal.timeout(timerDelay(within));
    while (held.size() > 0 && !late.aborted) await slotFree(late);
  }

  let telling = true;
  const fenceOn = (): void =>
    void systemClock.after(fenceEvery, () => {
      held.endLate();
      if (telling) fenceOn();
    });
  const tellOn = (): void => void systemClock.after(tellEvery, () => void held.tick().finally(() => telling && tellOn()));

  async function finish(grace: Millis): Promise<void> {
    stopping.abort();
    await loop.catch(() => undefined);
    held.handOverTasks();
    await emptied(grace);
    held.stopAll('shutdown');
    held.giveUp();
    await emptied(returnWithin);
    telling = false;
    await executor.close();
    endStrays();
  }

  const endStrays = hearStrays();
  tellOn();
  fenceOn();
  const loop = run();
  let finished: Promise<void> | null = null;
  const ended = loop
    .catch(async (error: unknown) => {
      if (stopping.signal.aborted) return;
      finished = finish(0);
      await finished;
      throw error;
    })
    .then(async () => void (await finished));

  return {
    name: parts.name,
    ended,
    stop(grace) {
      finished ??= finish(grace);
      return finished;
    },
  };
}

interface Claims {
  /** Repeats itself until it is answered: then it gives what was claimed the first time. */
  claim(max: number): Promise<readonly ClaimedAttempt[]>;
}

function makeClaims({ client: { attempts }, log, ...parts }: ElsewhereParts, link: Link, stopping: AbortSignal): Claims {
  const boot = randomBytes(8).toString('base64url');
  let operations = 0;

  const asked = (operation: string) => ({
    ...{ holder: parts.holder, operation, workers: [parts.name], queues: parts.queues, attemptTtl: parts.attemptTtl },
  });

  /** Jobs may have begun for a claim that was broken off: they are handed back. */
  async function leftBehind(operation: string): Promise<readonly ClaimedAttempt[]> {
    try {
      const claimed = await attempts.claim({ ...asked(operation), max: 0, wait: 0 }, AbortSignal.timeout(returnWithin));
      await Promise.all(claimed.map(({ job, proof }) => attempts.settle(job.id, proof, { outcome: 'released' })));
    } catch (error) {
      // Their deadline hands them back.
      log.debug('claim.left', { worker: parts.name, error: messageOf(error) });
    }
    return [];
  }

  return {
    async claim(max) {
      const operation = `${boot}.${++operations}`;
      for (let tries = 0; !stopping.aborted; tries++) {
        try {
          const claimed = await attempts.claim({ ...asked(operation), max: Math.min(max, elsewhereLimits.jobs) }, stopping);
          link.worked();
          return claimed;
        } catch (error) {
          if (stopping.aborted) break;
          if (!isPassing(error)) throw error;
          link.away(error);
          await link.pause(tries, stopping);
        }
      }
      return leftBehind(operation);
    },
  };
}

/** Child jobs go with a report of their attempt. */
function makePush(client: Pick<Client, 'jobs'>): FunctionParts<Job<unknown>>['push'] {
  const stopped = (): HatstandError => new HatstandError('shutting_down', 'This worker was stopped.');
  const pusher = new Pusher({ jobs: makePushing(client), stopped, isStopped: () => false, newJobOf: saidJobOf });
  return (attempt, worker, message, options) => pusher.pushFrom(attempt, worker as Named, message, options as PushOptions);
}

/** A function as the executor of it calls it. */
export type ElsewhereFunction = AttemptFunction<Job<unknown>>;
