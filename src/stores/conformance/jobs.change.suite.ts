import { describe, expect, it } from 'vitest';
import { type Job, type JobState, noResult } from '../../core/job.ts';
import { noLoad } from '../../core/node.ts';
import { cancelMoves, deletable, restartMoves } from '../../core/transitions.ts';
import { minute, type Open, only, refOf, result, retrying, Subject } from './subject.ts';

/** Brings one job into a state. */
async function jobIn(subject: Subject, state: JobState): Promise<Job> {
  if (state === 'scheduled') return subject.push({ start: { delay: minute } });
  if (state === 'queued') return subject.push();
  const job = await subject.running();
  if (state === 'stopping' || state === 'canceled') await subject.store.jobs.change(job.id, cancelMoves);
  if (state === 'failed' || state === 'canceled') await subject.fail(job);
  if (state === 'succeeded') await subject.succeed(job);
  return subject.get(job.id);
}

export function changeSuite(open: Open): void {
  describe('cancel', () => {
    const subject = new Subject(open);

    it.each<JobState>(['scheduled', 'queued'])('is final at once for a %s job', async (state) => {
      const job = await jobIn(subject, state);
      const changed = await subject.store.jobs.change(job.id, cancelMoves);
      const canceled = await subject.get(job.id);
      expect(changed).toEqual({ kind: 'changed', job: canceled });
      expect(canceled).toEqual({ ...job, state: 'canceled', endedAt: canceled.endedAt });
      expect(canceled.endedAt).toBeGreaterThanOrEqual(job.createdAt);
      await subject.advance(60 * minute);
      expect(await subject.claim(9)).toEqual([]);
    });

    it('hints at the end of a waiting job', async () => {
      const job = await subject.push();
      expect(await subject.hintDuring('ended', () => subject.store.jobs.change(job.id, cancelMoves))).toEqual({
        kind: 'ended',
        ids: [job.id],
      });
    });

    it('is final for a job that waits for its next try, which then shows its failure', async () => {
      const job = await subject.running(retrying(2));
      await subject.fail(job, 'first');
      await subject.store.jobs.change(job.id, cancelMoves);
      const canceled = await subject.get(job.id);
      expect([canceled.state, canceled.startedAt, canceled.result.error]).toEqual(['canceled', null, 'first']);
      expect(await subject.attempts(job.id)).toHaveLength(1);
    });

    it('leaves a running job to its holder', async () => {
      const job = await jobIn(subject, 'running');
      expect(await subject.store.jobs.change(job.id, cancelMoves)).toEqual({ kind: 'changed', job: { ...job, state: 'stopping' } });
      expect(await subject.get(job.id)).toEqual({ ...job, state: 'stopping' });
    });

    it.each<JobState>(['succeeded', 'failed', 'canceled'])('is refused for a job that has %s', async (state) => {
      const job = await jobIn(subject, state);
      expect(await subject.store.jobs.change(job.id, cancelMoves)).toEqual({ kind: 'refused', state });
      expect(await subject.get(job.id)).toEqual(job);
    });

    it('misses a job that is not there', async () => {
      expect(await subject.store.jobs.change('123', cancelMoves)).toEqual({ kind: 'missing' });
    });

    it('and a settle at once leave one end', async () => {
      for (let i = 0; i < 10; i++) {
        const job = await subject.running();
        const [changed, settled] = await Promise.all([subject.store.jobs.change(job.id, cancelMoves), subject.succeed(job)]);
        expect(settled).toBe('settled');
        expect(['changed', 'refused']).toContain(changed.kind);
        expect(await subject.stateOf(job.id)).toBe('succeeded');
      }
    });
  });

  describe('the stop of a running job', () => {
    const subject = new Subject(open);
    const inbox = async (ack: number) => {
      const renewed = await subject.store.nodes.renew('node', 60 * minute, ack, noLoad);
      return renewed.kind === 'renewed' ? renewed.inbox : [];
    };

    it('lies in the inbox of its holder until it is acknowledged', async () => {
      const job = await subject.running();
      expect(await inbox(0)).toEqual([]);
      await subject.store.jobs.change(job.id, cancelMoves);
      const message = only(await inbox(0));
      expect(message).toEqual({ kind: 'cancel', seq: message.seq, ...refOf(job) });
      expect(await inbox(0)).toEqual([message]);
      expect(await inbox(message.seq)).toEqual([]);
      expect(await inbox(0)).toEqual([]);
    });

    it('is told once, however often it is asked for', async () => {
      const job = await subject.running();
      const first = await subject.store.jobs.change(job.id, cancelMoves);
      expect(await subject.store.jobs.change(job.id, cancelMoves)).toEqual(first);
      expect(await inbox(0)).toHaveLength(1);
    });

    it('numbers its messages upwards and keeps those above the acknowledged one', async () => {
      const jobs = [await subject.running(), await subject.running(), await subject.running()];
      for (const job of jobs) await subject.store.jobs.change(job.id, cancelMoves);
      const messages = await inbox(0);
      expect(messages.map(({ id }) => id)).toEqual(jobs.map(({ id }) => id));
      expect(messages.map(({ seq }) => seq)).toEqual(messages.map(({ seq }) => seq).toSorted((a, b) => a - b));
      expect((await inbox(messages[1]?.seq ?? 0)).map(({ id }) => id)).toEqual([jobs[2]?.id]);
    });

    it('reaches no other node', async () => {
      await subject.join('other');
      const job = await subject.running();
      await subject.store.jobs.change(job.id, cancelMoves);
      expect(await subject.renew('other')).toMatchObject({ kind: 'renewed', inbox: [] });
    });

    it('hints at the inbox', async () => {
      const job = await subject.running();
      const hint = await subject.hintDuring('inbox', () => subject.store.jobs.change(job.id, cancelMoves));
      expect(hint).toEqual({ kind: 'inbox', holder: 'node' });
    });
  });

  describe('restart', () => {
    const subject = new Subject(open);

    it.each<JobState>(['succeeded', 'failed', 'canceled'])('runs a %s job anew', async (state) => {
      const job = await jobIn(subject, state);
      const changed = await subject.store.jobs.change(job.id, restartMoves);
      const again = await subject.get(job.id);
      expect(changed).toEqual({ kind: 'changed', job: again });
      const cleared = { reason: '', startedAt: null, endedAt: null, attempt: 0, lost: 0, holder: '', result: noResult };
      expect(again).toEqual({ ...job, ...cleared, state: 'queued', run: 2, dueAt: again.dueAt });
      expect(again.dueAt).toBeGreaterThanOrEqual(job.endedAt ?? Number.POSITIVE_INFINITY);
      expect(await subject.claimOne()).toMatchObject({ id: job.id, run: 2, attempt: 1 });
    });

    it('keeps the history, with the attempt that had ended the run', async () => {
      const job = await subject.running(retrying(2));
      await subject.fail(job, 'one');
      await subject.advance(60 * minute);
      await subject.succeed(await subject.claimOne(), 'two');
      const { endedAt } = await subject.get(job.id);
      await subject.store.jobs.change(job.id, restartMoves);
      const [last, first] = await subject.attempts(job.id);
      expect(last).toMatchObject({ run: 1, attempt: 2, end: 'succeeded', endedAt, result: result('two') });
      expect(first).toMatchObject({ run: 1, attempt: 1, end: 'failed', fence: job.fence });
    });

    it('tells a new run before the old one', async () => {
      const job = await subject.running();
      await subject.succeed(job, 'one');
      await subject.store.jobs.change(job.id, restartMoves);
      await subject.release(await subject.claimOne());
      await subject.succeed(await subject.claimOne(), 'two');
      await subject.store.jobs.change(job.id, restartMoves);
      const attempts = await subject.attempts(job.id);
      expect(attempts.map(({ run, end }) => [run, end])).toEqual([
        [2, 'succeeded'],
        [2, 'returned'],
        [1, 'succeeded'],
      ]);
    });

    it('archives nothing for a job that was canceled before it ran', async () => {
      const job = await subject.push();
      await subject.store.jobs.change(job.id, cancelMoves);
      await subject.store.jobs.change(job.id, restartMoves);
      expect(await subject.attempts(job.id)).toEqual([]);
    });

    it.each<JobState>(['scheduled', 'queued', 'running', 'stopping'])('is refused for a %s job', async (state) => {
      const job = await jobIn(subject, state);
      expect(await subject.store.jobs.change(job.id, restartMoves)).toEqual({ kind: 'refused', state });
      expect(await subject.get(job.id)).toEqual(job);
    });

    it('hints that a job is ready', async () => {
      const job = await jobIn(subject, 'failed');
      expect(await subject.hintDuring('ready', () => subject.store.jobs.change(job.id, restartMoves))).toEqual({
        kind: 'ready',
        workers: ['w'],
      });
    });
  });

  describe('remove', () => {
    const subject = new Subject(open);

    it.each<JobState>(['succeeded', 'failed', 'canceled'])('takes away a %s job with its history', async (state) => {
      const job = await jobIn(subject, state);
      await subject.store.jobs.change(job.id, restartMoves);
      await subject.store.jobs.change(job.id, cancelMoves);
      const last = await subject.get(job.id);
      expect(await subject.store.jobs.remove(job.id, deletable)).toEqual({ kind: 'changed', job: last });
      expect(await subject.store.jobs.get(job.id)).toBeNull();
      expect(await subject.attempts(job.id)).toEqual([]);
      expect(await subject.listAll()).toEqual([]);
      expect(await subject.store.jobs.remove(job.id, deletable)).toEqual({ kind: 'missing' });
    });

    it.each<JobState>(['scheduled', 'queued', 'running', 'stopping'])('is refused for a %s job', async (state) => {
      const job = await jobIn(subject, state);
      expect(await subject.store.jobs.remove(job.id, deletable)).toEqual({ kind: 'refused', state });
      expect(await subject.get(job.id)).toEqual(job);
    });

    it('gives its id to no later job', async () => {
      const job = await jobIn(subject, 'succeeded');
      await subject.store.jobs.remove(job.id, deletable);
      expect((await subject.push()).id).not.toBe(job.id);
    });
  });
}
