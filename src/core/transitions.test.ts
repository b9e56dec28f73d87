import { describe, expect, it } from 'vitest';
import { hasEnded, type Job, type JobState, type JobVerb, jobLifecycle, jobStates, jobVerbs, type NewJob, noResult } from './job.ts';
import type { Outcome } from './outcome.ts';
import { noRetry } from './retry.ts';
import {
  applyMove,
  archivedBy,
  cancelMoves,
  createJob,
  deletable,
  loseMoves,
  type Moves,
  maxLost,
  newestAttempt,
  releaseMoves,
  restartMoves,
  settleMoves,
} from './transitions.ts';

const now = 5_000;
const asked: NewJob = {
  ...{
    domain: 'd',
    queue: 'q',
    worker: 'w',
    name: 'n',
    comment: 'c',
    manual: true,
    priority: 3,
    payload: '1',
    url: 'u',
    headers: { a: 'b' },
  },
  options: { timeout: 9, retry: { ...noRetry, attempts: 3 }, onLost: 'retry', rules: 'v1' },
  ...{ start: null, owner: 'o', limit: 'l', about: '{}', idempotency: { key: 'k', digest: 'd' } },
};
const fresh = createJob(asked, '17', 1_000, 1_000);
const result = { ...noResult, statusCode: 200, output: 'out' };

/** A job as it would stand in the state. */
function jobIn(state: JobState): Job {
  const waits = state === 'scheduled' || state === 'queued';
  const attempted = { attempt: 2, fence: '40', holder: 'node', startedAt: 3_000 };
  return {
    ...fresh,
    state,
    run: 2,
    lost: 1,
    result: { ...result, output: 'before' },
    ...(waits ? { attempt: 1, fence: '39' } : attempted),
    ...(hasEnded(state) ? { endedAt: 4_000 } : {}),
  };
}

const outcomes: Readonly<Record<string, Outcome>> = {
  succeed: { kind: 'succeeded', result },
  skip: { kind: 'skipped', result },
  fail: { kind: 'failed', result, final: true },
  retry: { kind: 'failed', result },
  release: { kind: 'returned' },
  defer: { kind: 'deferred', result, delay: 500 },
};

/** What core decides for a verb; `null`: the store's own step (promote, claim), or a list of states (delete). */
function movesOf(verb: JobVerb, job: Job): Moves | null {
  if (verb === 'cancel') return cancelMoves;
  if (verb === 'restart') return restartMoves;
  if (verb === 'lose') return loseMoves(job);
  const outcome = outcomes[verb];
  return outcome === undefined ? null : settleMoves(job, outcome, 0.5);
}

describe('the lifecycle table', () => {
  const cells = jobVerbs.flatMap((verb) => jobStates.map((state) => ({ verb, state, to: jobLifecycle[verb][state]?.to ?? 'refused' })));

  it.each(cells.filter(({ verb, state }) => movesOf(verb, jobIn(state)) !== null))(
    'says of $verb in $state: $to, and so it is',
    ({ verb, state, to }) => {
      const job = jobIn(state);
      const move = movesOf(verb, job)?.[state];
      expect(move === undefined ? 'refused' : applyMove(job, move, now).state).toBe(to);
    },
  );

  it.each(jobStates)('says of delete in %s what deletable says', (state) => {
    expect(deletable.includes(state)).toBe(jobLifecycle.delete[state]?.to === 'gone');
  });

  it('promotes scheduled jobs and claims queued ones, nothing else', () => {
    expect(Object.keys(jobLifecycle.promote)).toEqual(['scheduled']);
    expect(jobLifecycle.promote.scheduled?.to).toBe('queued');
    expect(Object.keys(jobLifecycle.claim)).toEqual(['queued']);
    expect(jobLifecycle.claim.queued?.to).toBe('running');
  });

  it('lets no verb but restart and delete leave an end', () => {
    for (const { verb, state, to } of cells) {
      if (hasEnded(state) && verb !== 'restart' && verb !== 'delete') expect([verb, to]).toEqual([verb, 'refused']);
    }
  });

  it('moves a job that is being stopped to an end by whatever comes but another cancel', () => {
    for (const { verb, to } of cells.filter(({ state }) => state === 'stopping')) {
      if (to !== 'refused' && verb !== 'cancel') expect([verb, hasEnded(to as JobState)]).toEqual([verb, true]);
    }
  });
});

describe('createJob', () => {
  it('keeps what was asked for and begins the first run', () => {
    const { start: _, idempotency: __, ...kept } = asked;
    expect(fresh).toEqual({
      ...kept,
      ...{ id: '17', state: 'queued', reason: '', createdAt: 1_000, dueAt: 1_000, startedAt: null, endedAt: null },
      ...{ run: 1, attempt: 0, lost: 0, fence: '0', holder: '', result: noResult },
    });
  });

  it.each([
    [null, 'queued', 1_000],
    [{ delay: 0 }, 'queued', 1_000],
    [{ delay: 1 }, 'scheduled', 1_001],
    [{ at: 2_000 }, 'scheduled', 2_000],
    [{ at: 1_000 }, 'queued', 1_000],
    [{ at: -5 }, 'queued', 1_000],
    [{ delay: 0.2 }, 'scheduled', 1_001],
    [{ at: 2_000.5 }, 'scheduled', 2_001],
  ] as const)('with the start %j is %s, due at %d', (start, state, dueAt) => {
    expect(createJob({ ...asked, start }, '1', 1_000, 1_000)).toMatchObject({ state, dueAt });
  });
});

describe('settleMoves', () => {
  it('retries until the tries are used up', () => {
    const kinds = [1, 2, 3, 4].map(
      (attempt) => settleMoves({ ...jobIn('running'), attempt }, { kind: 'failed', result }, 0.5).running?.kind,
    );
    expect(kinds).toEqual(['retry', 'retry', 'end', 'end']);
  });

  it('waits the backoff, or longer if the worker asked for that', () => {
    expect(settleMoves(jobIn('running'), { kind: 'failed', result }, 0.5).running).toMatchObject({ delay: 2_000 });
    expect(settleMoves(jobIn('running'), { kind: 'failed', result, retryAfter: 7 }, 0.5).running).toMatchObject({ delay: 2_000 });
    expect(settleMoves(jobIn('running'), { kind: 'failed', result, retryAfter: 7_000 }, 0.5).running).toMatchObject({ delay: 7_000 });
  });

  it('does not retry what is final', () => {
    expect(settleMoves(jobIn('running'), { kind: 'failed', result, final: true }, 0).running).toMatchObject({ kind: 'end', to: 'failed' });
  });

  it('gives the reason of an end that is not plain', () => {
    const reasons = Object.values(outcomes).map((outcome) => {
      const { running, stopping } = settleMoves(jobIn('running'), outcome, 0);
      return [running, stopping].map((move) => (move?.kind === 'end' ? move.reason : null));
    });
    expect(reasons).toEqual([
      ['', ''],
      ['skipped', 'skipped'],
      ['', 'stopped'],
      [null, 'stopped'],
      [null, 'stopped'],
      [null, 'stopped'],
    ]);
  });
});

describe('loseMoves', () => {
  it(`hands back until the holder was lost ${maxLost} times`, () => {
    const kinds = Array.from({ length: maxLost }, (_, lost) => loseMoves({ ...jobIn('running'), lost }).running?.kind);
    expect(kinds).toEqual(['release', 'release', 'release', 'release', 'end']);
    expect(loseMoves({ ...jobIn('running'), lost: maxLost - 1 }).running).toMatchObject({ to: 'failed', reason: 'lost' });
  });

  it('fails at once what must not run twice', () => {
    const { options } = jobIn('running');
    expect(loseMoves({ lost: 0, options: { ...options, onLost: 'fail' } }).running).toMatchObject({ to: 'failed', reason: 'lost' });
    expect(loseMoves({ lost: 999, options: { ...options, onLost: 'always' } }).running).toMatchObject({ to: 'queued', lost: true });
  });
});

describe('applyMove', () => {
  const applied = (state: JobState, moves: Moves): Job => {
    const move = moves[state];
    if (move === undefined) throw new Error(`there is no move for ${state}`);
    return applyMove(jobIn(state), move, now);
  };

  it('ends with the result, the time and the reason', () => {
    const job = jobIn('running');
    const skipped = settleMoves(job, { kind: 'skipped', result }, 0);
    expect(applied('running', skipped)).toEqual({ ...job, state: 'canceled', reason: 'skipped', endedAt: now, result });
  });

  it('keeps the result of an earlier attempt when a waiting job is canceled', () => {
    const job = jobIn('scheduled');
    expect(applied('scheduled', cancelMoves)).toEqual({ ...job, state: 'canceled', endedAt: now });
  });

  it('retries after the delay, from the store’s now', () => {
    const job = jobIn('running');
    const retried = applied('running', settleMoves(job, { kind: 'failed', result, retryAfter: 5_000 }, 0));
    expect(retried).toEqual({ ...job, state: 'scheduled', dueAt: now + 5_000, startedAt: null, holder: '', result });
  });

  it('keeps times whole', () => {
    const retried = applied('running', settleMoves(jobIn('running'), { kind: 'failed', result, retryAfter: 5_000.5 }, 0));
    expect(retried.dueAt).toBe(now + 5_001);
  });

  it('defers without counting the attempt, and keeps why', () => {
    const job = jobIn('running');
    const deferred = applied('running', settleMoves(job, { kind: 'deferred', result, delay: 50 }, 0));
    const waits = { state: 'scheduled', dueAt: now + 50, attempt: job.attempt - 1, startedAt: null, holder: '' };
    expect(deferred).toEqual({ ...job, ...waits, result });
  });

  it('hands back without burning the attempt, and counts the losses', () => {
    const job = jobIn('running');
    const back = { ...job, state: 'queued', attempt: job.attempt - 1, startedAt: null, holder: '' };
    expect(applied('running', releaseMoves)).toEqual(back);
    expect(applied('running', loseMoves(job))).toEqual({ ...back, lost: job.lost + 1 });
  });

  it('restarts as if new, in a new run, under the fence that was', () => {
    const job = jobIn('failed');
    expect(applied('failed', restartMoves)).toEqual({ ...fresh, state: 'queued', run: job.run + 1, fence: job.fence, dueAt: now });
  });
});

describe('archivedBy and newestAttempt', () => {
  const archived = (state: JobState, moves: Moves) => {
    const move = moves[state];
    return move === undefined ? null : archivedBy(jobIn(state), move, now);
  };
  const shown = { run: 2, attempt: 2, fence: '40', holder: 'node', startedAt: 3_000 };

  it('keep the attempt that a retry, a release or a loss takes off the record', () => {
    const job = jobIn('running');
    expect(archived('running', settleMoves(job, { kind: 'failed', result }, 0))).toEqual({ ...shown, endedAt: now, end: 'failed', result });
    expect(archived('running', releaseMoves)).toEqual({ ...shown, endedAt: now, end: 'returned', result: noResult });
    expect(archived('running', loseMoves(job))).toEqual({ ...shown, endedAt: now, end: 'lost', result: noResult });
  });

  it('keep the attempt that had ended the run that a restart replaces', () => {
    for (const state of ['succeeded', 'failed', 'canceled'] as const) {
      expect(archived(state, restartMoves)).toEqual({ ...shown, endedAt: 4_000, end: state, result: jobIn(state).result });
      expect(archived(state, restartMoves)).toEqual(newestAttempt(jobIn(state)));
    }
    expect(newestAttempt({ ...jobIn('failed'), reason: 'lost' })?.end).toBe('lost');
  });

  it('leave on the record what ends the job or is told to stop', () => {
    expect(archived('running', settleMoves(jobIn('running'), { kind: 'succeeded', result }, 0))).toBeNull();
    expect(archived('running', cancelMoves)).toBeNull();
    expect(newestAttempt(jobIn('stopping'))).toEqual({ ...shown, endedAt: null, end: 'running', result: noResult });
  });

  it('know of none before the first', () => {
    expect(archived('queued', cancelMoves)).toBeNull();
    expect(newestAttempt(jobIn('queued'))).toBeNull();
    const canceled = { ...jobIn('canceled'), startedAt: null };
    expect(newestAttempt(canceled)).toBeNull();
    expect(restartMoves.canceled && archivedBy(canceled, restartMoves.canceled, now)).toBeNull();
  });
});
