import { describe, expect, it } from 'vitest';
import { type Job, type JobState, noResult } from '../../core/job.ts';
import type { Outcome } from '../../core/outcome.ts';
import { cancelMoves, restartMoves, settleMoves } from '../../core/transitions.ts';
import { failure, minute, type Open, only, refOf, result, retrying, Subject, second } from './subject.ts';

export function settleSuite(open: Open): void {
  describe('settle', () => {
    const subject = new Subject(open);

    it('ends a job with its result', async () => {
      const job = await subject.running({ payload: '1' });
      expect(await subject.succeed(job, 'fine')).toBe('settled');
      const ended = await subject.get(job.id);
      expect(ended).toEqual({ ...job, state: 'succeeded', endedAt: ended.endedAt, result: result('fine') });
      expect(ended.endedAt).toBeGreaterThanOrEqual(job.startedAt ?? Number.POSITIVE_INFINITY);
    });

    it('keeps a result byte for byte', async () => {
      const long = { output: '\u{1F600}\u0000\r\n'.repeat(100_000), stack: '\u0000\n"]]\n'.repeat(1_000) };
      const kept = { statusCode: null, outputCut: true, error: 'a\u0000é', cause: 'thrown', ...long } as const;
      const job = await subject.running();
      await subject.store.jobs.settle(refOf(job), settleMoves(job, { kind: 'succeeded', result: kept }, 0));
      expect((await subject.get(job.id)).result).toEqual(kept);
    });

    it('fails a job whose tries are used up', async () => {
      const job = await subject.running();
      expect(await subject.fail(job, 'no')).toBe('settled');
      expect(await subject.get(job.id)).toMatchObject({ state: 'failed', reason: '', attempt: 1, holder: 'node', result: failure('no') });
      expect(await subject.attempts(job.id)).toEqual([]);
    });

    it('cancels a job that its worker skipped', async () => {
      const job = await subject.running();
      await subject.store.jobs.settle(refOf(job), settleMoves(job, { kind: 'skipped', result: noResult }, 0));
      expect(await subject.get(job.id)).toMatchObject({ state: 'canceled', reason: 'skipped' });
    });

    it.each(['aborted', 'refused'] as const)('ends a job that was %s as succeeded, and says why', async (reason) => {
      const job = await subject.running();
      expect(await subject.store.jobs.settle(refOf(job), settleMoves(job, { kind: 'succeeded', result: noResult, reason }, 0))).toBe(
        'settled',
      );
      expect(await subject.get(job.id)).toMatchObject({ state: 'succeeded', reason, result: noResult });
    });

    it('fails a job whose time is up, though it has tries left, and keeps the cause', async () => {
      const job = await subject.running(retrying(5));
      const unfit = { ...noResult, error: 'no', cause: 'message' } as const;
      await subject.store.jobs.settle(refOf(job), settleMoves(job, { kind: 'failed', result: unfit, left: 0 }, 0));
      expect(await subject.get(job.id)).toMatchObject({ state: 'failed', reason: 'timeout', attempt: 1, result: unfit });
    });

    it('hints at the end', async () => {
      const job = await subject.running();
      expect(await subject.hintDuring('ended', () => subject.succeed(job))).toEqual({ kind: 'ended', ids: [job.id] });
    });

    it('hands a job back without burning an attempt', async () => {
      const job = await subject.running();
      expect(await subject.release(job)).toBe('settled');
      const back = await subject.get(job.id);
      expect(back).toEqual({ ...job, state: 'queued', attempt: 0, holder: '', startedAt: null });
      const { startedAt, fence, holder } = job;
      const earlier = only(await subject.attempts(job.id));
      expect(earlier).toEqual({
        run: 1,
        attempt: 1,
        fence,
        holder,
        startedAt,
        endedAt: earlier.endedAt,
        end: 'returned',
        result: noResult,
      });
      expect((await subject.claimOne()).attempt).toBe(1);
    });
  });

  describe('a deferral', () => {
    const subject = new Subject(open);
    const defer = (job: Job): Promise<unknown> =>
      subject.store.jobs.settle(refOf(job), settleMoves(job, { kind: 'deferred', result: failure('away'), delay: minute }, 0.5));

    it('waits its delay in scheduled without counting as an attempt, and leaves no history', async () => {
      const job = await subject.running(retrying(3));
      expect(await defer(job)).toBe('settled');
      const waiting = await subject.get(job.id);
      expect(waiting).toEqual({
        ...job,
        ...{ state: 'scheduled', attempt: 0, startedAt: null, holder: '', dueAt: waiting.dueAt, result: failure('away') },
      });
      expect(waiting.dueAt - (job.startedAt ?? 0)).toBeGreaterThanOrEqual(minute);
      expect(await subject.attempts(job.id)).toEqual([]);
      expect(await subject.claim()).toEqual([]);
      await subject.advance(minute);
      expect(await subject.claimOne()).toMatchObject({ id: job.id, attempt: 1 });
    });

    it('comes between attempts that count', async () => {
      const first = await subject.running(retrying(2));
      await subject.fail(first, 'once');
      await subject.advance(minute);
      expect(await defer(await subject.claimOne())).toBe('settled');
      await subject.advance(minute);
      const last = await subject.claimOne();
      expect(last.attempt).toBe(2);
      await subject.succeed(last);
      expect((await subject.get(last.id)).result).toEqual(result('done'));
      expect((await subject.attempts(last.id)).map((each) => each.attempt)).toEqual([1]);
    });

    it('cancels a job that is told to stop', async () => {
      const job = await subject.running(retrying(3));
      await subject.store.jobs.change(job.id, cancelMoves);
      await defer(job);
      expect(await subject.get(job.id)).toMatchObject({ state: 'canceled', reason: 'stopped', result: failure('away') });
    });
  });

  describe('a retry', () => {
    const subject = new Subject(open);

    it('waits its delay in scheduled, with the failure on the record and the attempt in the history', async () => {
      const job = await subject.running(retrying(3));
      expect(await subject.fail(job, 'once')).toBe('settled');
      const waiting = await subject.get(job.id);
      expect(waiting).toEqual({ ...job, state: 'scheduled', startedAt: null, holder: '', dueAt: waiting.dueAt, result: failure('once') });
      const attempt = only(await subject.attempts(job.id));
      expect(attempt).toMatchObject({ run: 1, attempt: 1, fence: job.fence, holder: 'node', end: 'failed', result: failure('once') });
      expect(waiting.dueAt).toBe((attempt.endedAt ?? 0) + minute);
    });

    it('comes when it is due, not before, and counts', async () => {
      const job = await subject.running(retrying(2));
      await subject.fail(job);
      await subject.advance(50 * second);
      expect(await subject.claim()).toEqual([]);
      await subject.advance(10 * second);
      const last = await subject.claimOne();
      expect(last.attempt).toBe(2);
      await subject.fail(last, 'twice');
      expect(await subject.get(job.id)).toMatchObject({ state: 'failed', result: failure('twice') });
      expect(await subject.attempts(job.id)).toHaveLength(1);
    });

    it('takes the wait that the worker asked for', async () => {
      const job = await subject.running(retrying(2));
      await subject.store.jobs.settle(refOf(job), settleMoves(job, { kind: 'failed', result: noResult, retryAfter: 50 * minute }, 0));
      const { dueAt } = await subject.get(job.id);
      const attempt = only(await subject.attempts(job.id));
      expect(dueAt).toBe((attempt.endedAt ?? 0) + 50 * minute);
    });

    it('tells earlier attempts newest first, as many as asked for', async () => {
      await subject.push(retrying(5));
      for (let i = 1; i <= 4; i++) {
        await subject.fail(await subject.claimOne(), `failure ${i}`);
        await subject.advance(60 * minute);
      }
      const job = only(await subject.listAll());
      const page = async (limit: number, before: string | null = null): Promise<readonly [readonly string[], boolean]> => {
        const { attempts, more } = await subject.store.jobs.attempts(job.id, { before, limit, output: 9 });
        return [attempts.map((each) => each.result.error), more];
      };
      expect(await page(9)).toEqual([['failure 4', 'failure 3', 'failure 2', 'failure 1'], false]);
      expect(await page(4)).toEqual([['failure 4', 'failure 3', 'failure 2', 'failure 1'], false]);
      expect(await page(2)).toEqual([['failure 4', 'failure 3'], true]);
      const [, third] = await subject.attempts(job.id);
      expect(await page(1, third?.fence)).toEqual([['failure 2'], true]);
      expect(await page(2, third?.fence)).toEqual([['failure 2', 'failure 1'], false]);
      expect(await page(2, '1')).toEqual([[], false]);
      expect(await subject.attempts('1')).toEqual([]);
    });
  });

  describe('a settle that comes too late', () => {
    const subject = new Subject(open);

    const expectLost = async (stale: Job): Promise<void> => {
      const before = [await subject.get(stale.id), await subject.attempts(stale.id), await subject.entries(0, 99)];
      expect(await subject.succeed(stale, 'stale')).toBe('lost');
      expect(await subject.fail(stale)).toBe('lost');
      expect(await subject.release(stale)).toBe('lost');
      expect([await subject.get(stale.id), await subject.attempts(stale.id), await subject.entries(0, 99)]).toEqual(before);
      expect(await subject.listAll()).toHaveLength(1);
    };

    it('is lost when the job waits again', async () => {
      const stale = await subject.running();
      await subject.release(stale);
      await expectLost(stale);
    });

    it('is lost under a newer attempt', async () => {
      const stale = await subject.running();
      await subject.release(stale);
      await subject.claimOne();
      await expectLost(stale);
    });

    it('is lost under a newer attempt that is being stopped', async () => {
      const stale = await subject.running();
      await subject.release(stale);
      await subject.claimOne();
      await subject.store.jobs.change(stale.id, cancelMoves);
      await expectLost(stale);
    });

    it('is lost after the end', async () => {
      const stale = await subject.running();
      await subject.succeed(stale);
      await expectLost(stale);
    });

    it('is lost after a restart', async () => {
      const stale = await subject.running();
      await subject.succeed(stale);
      await subject.store.jobs.change(stale.id, restartMoves);
      await expectLost(stale);
    });

    it('is lost for a job that is not there', async () => {
      expect(await subject.store.jobs.settle({ id: '77', fence: '1' }, restartMoves)).toBe('lost');
    });

    it('is lost when the moves do not know the state', async () => {
      const job = await subject.running();
      expect(await subject.store.jobs.settle(refOf(job), {})).toBe('lost');
      expect(await subject.store.jobs.settle(refOf(job), restartMoves)).toBe('lost');
      expect(await subject.get(job.id)).toEqual(job);
    });

    it('is lost for all but one of many at once', async () => {
      const job = await subject.running();
      const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? subject.succeed(job) : subject.fail(job))));
      expect(answers.filter((answer) => answer === 'settled')).toHaveLength(1);
    });
  });

  describe('a settle while stopping', () => {
    const subject = new Subject(open);

    it.each<[Outcome, JobState, string]>([
      [{ kind: 'succeeded', result: result('made it') }, 'succeeded', ''],
      [{ kind: 'failed', result: failure('stopped') }, 'canceled', 'stopped'],
      [{ kind: 'skipped', result: noResult }, 'canceled', 'skipped'],
      [{ kind: 'returned' }, 'canceled', 'stopped'],
    ])('of the outcome %j ends it %s', async (outcome, state, reason) => {
      const job = await subject.running(retrying(3));
      await subject.store.jobs.change(job.id, cancelMoves);
      expect(await subject.store.jobs.settle(refOf(job), settleMoves(job, outcome, 0))).toBe('settled');
      const ended = await subject.get(job.id);
      expect(ended).toMatchObject({ state, reason, attempt: 1, result: 'result' in outcome ? outcome.result : noResult });
      expect(ended.endedAt).not.toBeNull();
      expect(await subject.claim()).toEqual([]);
    });
  });
}
