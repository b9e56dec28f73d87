/**
 * Every legal move of a job, as pure decisions. A decision names one move for each state in which the job may be found; the
 * store picks by the state that it finds, and writes only if the guard holds. `applyMove` says what each move does to the
 * record: the memory store runs it, the other stores must agree with it (stores/conformance).
 */
import { failedReason, waitingReason } from './after.ts';
import type { Millis } from './duration.ts';
import type { JobId } from './id.ts';
import type { Attempt, AttemptEnd, EndState, Job, JobOptions, JobResult, JobState, JobVerb, NewJob } from './job.ts';
import { noResult } from './job.ts';
import { jobLimits } from './new-job.ts';
import type { Outcome } from './outcome.ts';
import { asHistory, cutError } from './output.ts';
import { waitAfter } from './retry.ts';

export type Move =
  /** `result` null keeps what the record shows. */
  | { readonly kind: 'end'; readonly verb: JobVerb; readonly to: EndState; readonly result: JobResult | null; readonly reason: string }
  /** `keep`: bytes of the output that the history keeps; the record shows all of it until the next attempt ends. */
  | {
      readonly kind: 'retry';
      readonly verb: 'retry';
      readonly to: 'scheduled';
      readonly delay: Millis;
      readonly result: JobResult;
      readonly keep: number;
    }
  | { readonly kind: 'defer'; readonly verb: 'defer'; readonly to: 'scheduled'; readonly delay: Millis; readonly result: JobResult }
  | { readonly kind: 'release'; readonly verb: 'release' | 'lose'; readonly to: 'queued'; readonly lost: boolean }
  | { readonly kind: 'stop'; readonly verb: 'cancel'; readonly to: 'stopping' }
  | { readonly kind: 'restart'; readonly verb: 'restart'; readonly to: 'queued'; readonly keep: number };

/** What to do with a job, by the state it is found in; a state that is missing refuses. */
export type Moves = Readonly<Partial<Record<JobState, Move>>>;

/** A job that has lost its holder this many times fails: it is probably the job that kills its holders. */
export const maxLost = 5;

const end = (verb: JobVerb, to: EndState, result: JobResult | null, reason = ''): Move => ({ kind: 'end', verb, to, result, reason });
const released: Move = { kind: 'release', verb: 'release', to: 'queued', lost: false };
const stopping: Move = { kind: 'stop', verb: 'cancel', to: 'stopping' };
const stopped = 'stopped';

/** A holder hands its attempt back without burning it. */
export const releaseMoves: Moves = { running: released, stopping: end('release', 'canceled', null, stopped) };

/** @param keep bytes of the newest output that the history keeps */
export function restartKeeping(keep: number): Moves {
  const restarted: Move = { kind: 'restart', verb: 'restart', to: 'queued', keep };
  return { succeeded: restarted, failed: restarted, canceled: restarted };
}

export const restartMoves: Moves = restartKeeping(jobLimits.historyOutput);

export const cancelMoves: Moves = {
  scheduled: end('cancel', 'canceled', null),
  queued: end('cancel', 'canceled', null),
  running: stopping,
  stopping,
};

/** Of a job that was to begin before now (expiry.ts), and never has. */
const expired = end('expire', 'canceled', null, 'expired');
export const expireMoves: Moves = { scheduled: expired, queued: expired };

/** Of a job that waits for another one, which has not done what it was waited for. */
export const awaitedFailed = (awaited: JobId): Move => end('cancel', 'canceled', null, failedReason(awaited));

/** Whether the move puts the job into its queue as a push does, which one that is closed does not take. */
export const entersQueue = ({ kind }: Move): boolean => kind === 'restart';

/** The states in which a record may be removed. */
export const deletable: readonly JobState[] = ['succeeded', 'failed', 'canceled'];

/**
 * What an attempt's outcome does to its job.
 *
 * @param random a number from [0, 1), for the backoff's jitter
 * @param keep bytes of its output that the history keeps once the job goes on
 */
export function settleMoves(job: Job, outcome: Outcome, random: number, keep: number = jobLimits.historyOutput): Moves {
  switch (outcome.kind) {
    case 'succeeded': {
      const success = end('succeed', 'succeeded', cutError(outcome.result), outcome.reason);
      return { running: success, stopping: success };
    }
    case 'skipped': {
      const skipped = end('skip', 'canceled', cutError(outcome.result), 'skipped');
      return { running: skipped, stopping: skipped };
    }
    case 'returned':
      return releaseMoves;
    case 'deferred': {
      const deferred: Move = { kind: 'defer', verb: 'defer', to: 'scheduled', delay: outcome.delay, result: outcome.result };
      return { running: deferred, stopping: end('defer', 'canceled', outcome.result, stopped) };
    }
    case 'failed': {
      const result = cutError(outcome.result);
      const canceled = end('fail', 'canceled', result, stopped);
      if (outcome.left === 0) return { running: end('fail', 'failed', result, 'timeout'), stopping: canceled };
      if (outcome.final === true || job.attempt >= job.options.retry.attempts) {
        return { running: end('fail', 'failed', result), stopping: canceled };
      }
      const delay = waitAfter(job.options.retry, job.attempt, random, outcome.retryAfter ?? null);
      if (outcome.left !== undefined && delay >= outcome.left)
        return { running: end('fail', 'failed', result, 'timeout'), stopping: canceled };
      const retry: Move = { kind: 'retry', verb: 'retry', to: 'scheduled', delay, result, keep };
      return { running: retry, stopping: canceled };
    }
  }
}

/** What happens to a job whose holder is gone. */
export function loseMoves(job: { readonly lost: number; readonly options: Pick<JobOptions, 'onLost'> }): Moves {
  const lostResult: JobResult = {
    ...noResult,
    error: `the holder was lost ${job.lost + 1} time(s) while running this job`,
    cause: 'lost',
  };
  const { onLost } = job.options;
  const gone = onLost === 'fail' || (onLost === 'retry' && job.lost + 1 >= maxLost);
  return {
    running: gone ? end('lose', 'failed', lostResult, 'lost') : { kind: 'release', verb: 'lose', to: 'queued', lost: true },
    stopping: end('lose', 'canceled', null, stopped),
  };
}

/** What of a job's record its push does not say. */
export type Standing = Omit<Job, keyof NewJob>;

/**
 * The standing of a job that is kept now.
 *
 * @param left for how many others it waits
 */
export function firstStanding(start: NewJob['start'], id: JobId, createdAt: number, now: number, left = 0): Standing {
  const dueAt = start === null ? now : Math.ceil('at' in start ? Math.max(now, start.at) : now + start.delay);
  return {
    id,
    state: dueAt > now || left > 0 ? 'scheduled' : 'queued',
    reason: left > 0 ? waitingReason(left) : '',
    createdAt,
    dueAt,
    startedAt: null,
    endedAt: null,
    run: 1,
    attempt: 0,
    lost: 0,
    fence: '0',
    holder: '',
    result: noResult,
  };
}

/**
 * The record that a push makes.
 *
 * @param left for how many others it waits
 */
export function createJob(asked: NewJob, id: JobId, createdAt: number, now: number, left = 0): Job {
  const standing = firstStanding(asked.start, id, createdAt, now, left);
  // Each field by its name: leaving some out of a copy takes several times as long.
  return {
    id,
    state: standing.state,
    domain: asked.domain,
    queue: asked.queue,
    worker: asked.worker,
    name: asked.name,
    comment: asked.comment,
    manual: asked.manual,
    priority: asked.priority,
    payload: asked.payload,
    url: asked.url,
    headers: asked.headers,
    options: asked.options,
    owner: asked.owner,
    limit: asked.limit,
    about: asked.about,
    reason: standing.reason,
    createdAt,
    dueAt: standing.dueAt,
    startedAt: standing.startedAt,
    endedAt: standing.endedAt,
    run: standing.run,
    attempt: standing.attempt,
    lost: standing.lost,
    fence: standing.fence,
    holder: standing.holder,
    result: standing.result,
  };
}

/** The record after the move; `now` is the store's clock. */
export function applyMove(job: Job, move: Move, now: number): Job {
  switch (move.kind) {
    case 'end':
      return {
        ...job,
        state: move.to,
        reason: move.reason,
        endedAt: now,
        result: move.result ?? job.result,
        lost: job.lost + (move.verb === 'lose' ? 1 : 0),
      };
    case 'retry':
      return { ...job, state: 'scheduled', dueAt: Math.ceil(now + move.delay), startedAt: null, holder: '', result: move.result };
    case 'defer': {
      const dueAt = Math.ceil(now + move.delay);
      return { ...job, state: 'scheduled', dueAt, startedAt: null, holder: '', attempt: job.attempt - 1, result: move.result };
    }
    case 'release':
      return { ...job, state: 'queued', startedAt: null, holder: '', attempt: job.attempt - 1, lost: job.lost + (move.lost ? 1 : 0) };
    case 'stop':
      return { ...job, state: 'stopping' };
    case 'restart':
      return {
        ...job,
        state: 'queued',
        reason: '',
        dueAt: now,
        startedAt: null,
        endedAt: null,
        run: job.run + 1,
        attempt: 0,
        lost: 0,
        holder: '',
        result: noResult,
      };
  }
}

/** The attempt that a move takes off the record and into its history; `null` when there is none to keep. */
export function archivedBy(job: Job, move: Move, now: number): Attempt | null {
  if (job.startedAt === null) return null;
  switch (move.kind) {
    case 'retry':
      return asHistory(attemptOf(job, 'failed', now, move.result), move.keep);
    case 'release':
      return attemptOf(job, move.lost ? 'lost' : 'returned', now, noResult);
    case 'restart': {
      const newest = newestAttempt(job);
      return newest === null ? null : asHistory(newest, move.keep);
    }
    default:
      return null;
  }
}

function attemptOf(job: Job, how: AttemptEnd, endedAt: number | null, result: JobResult): Attempt {
  return {
    run: job.run,
    attempt: job.attempt,
    fence: job.fence,
    holder: job.holder,
    startedAt: job.startedAt ?? 0,
    endedAt,
    end: how,
    result,
  };
}

/** The attempt that the record itself still shows: the running one, or the one that ended the job. */
export function newestAttempt(job: Job): Attempt | null {
  if (job.startedAt === null) return null;
  switch (job.state) {
    case 'running':
    case 'stopping':
      return attemptOf(job, 'running', null, noResult);
    case 'succeeded':
    case 'canceled':
      return attemptOf(job, job.state, job.endedAt, job.result);
    case 'failed':
      return attemptOf(job, job.reason === 'lost' ? 'lost' : 'failed', job.endedAt, job.result);
    default:
      return null;
  }
}
