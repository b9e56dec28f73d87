import { describe, expect, it } from 'vitest';
import { compareIds, furthestId } from '../../core/id.ts';
import type { Job, JobState } from '../../core/job.ts';
import { arrived, type JobCopy } from '../../core/transfer.ts';
import { cancelMoves, restartMoves } from '../../core/transitions.ts';
import { asked, minute, noJobs, type Open, only, retrying, Subject, second } from './subject.ts';

export function restoreSuite(open: Open): void {
  describe('restore', () => {
    const subject = new Subject(open);
    const other = new Subject(open);

    async function copyOf(from: Subject, job: Job): Promise<JobCopy> {
      return { job: await from.get(job.id), attempts: (await from.attempts(job.id)).toReversed() };
    }

    /** One job in each state, with histories. */
    async function every(from: Subject): Promise<Readonly<Record<JobState, Job>>> {
      const succeeded = await from.running(retrying(2));
      await from.fail(succeeded);
      await from.advance(2 * minute);
      await from.succeed(await from.claimOne());
      const failed = await from.running({ name: 'named', headers: { a: 'b' }, url: 'http://x/', payload: '{ "a": 1.0 }' });
      await from.fail(failed);
      await from.store.jobs.change(failed.id, restartMoves);
      await from.fail(await from.claimOne());
      const [running, stopping] = [await from.running({ domain: 'd' }), await from.running()];
      await from.store.jobs.change(stopping.id, cancelMoves);
      const [scheduled, canceled] = [await from.push({ start: { delay: 5 * minute } }), await from.push({ start: { delay: minute } })];
      await from.store.jobs.change(canceled.id, cancelMoves);
      const queued = await from.push({ manual: true, priority: 7 });
      return { scheduled, queued, running, stopping, succeeded, failed, canceled };
    }

    async function copies(from: Subject): Promise<readonly JobCopy[]> {
      const jobs = Object.values(await every(from));
      const found = await Promise.all(jobs.map((job) => copyOf(from, job)));
      return found.map((copy) => arrived(copy, copy.job.createdAt + second));
    }

    it('keeps jobs as they were, with their histories', async () => {
      const all = await copies(other);
      expect(await subject.store.jobs.restore(all)).toEqual(all.map(() => 'restored'));
      for (const copy of all) expect(await copyOf(subject, copy.job)).toEqual(copy);
      const counts = { ...noJobs, queued: 2, scheduled: 1, succeeded: 1, failed: 1, canceled: 2 };
      expect(only(await subject.store.jobs.count())).toEqual({ worker: 'w', queue: 'q', counts });
      const restored = (await subject.entries(0, 99)).flatMap(({ moved }) => moved);
      expect(restored.map(({ verb }) => verb)).toEqual(['push']);
      expect(restored[0]?.ids).toEqual(all.map(({ job }) => job.id));
    });

    it('leaves alone what is there already', async () => {
      const all = await copies(other);
      const half = all.slice(0, 3);
      await subject.store.jobs.restore(half);
      const job = await subject.claimOne();
      expect(await subject.store.jobs.restore(all)).toEqual(all.map((_, i) => (i < 3 ? 'exists' : 'restored')));
      expect(await subject.get(job.id)).toEqual(job);
      const entries = await subject.entries(0, 99);
      expect(await subject.store.jobs.restore(all)).toEqual(all.map(() => 'exists'));
      expect(await subject.entries(0, 99)).toEqual(entries);
    });

    it('lets what waits go on under greater fences, and ended jobs be restarted and swept', async () => {
      const all = await copies(other);
      const byId = new Map(all.map(({ job }) => [job.id, job]));
      expect(await subject.hintDuring('ready', () => subject.store.jobs.restore(all))).toEqual({ kind: 'ready', workers: ['w'] });
      await subject.advance(10 * minute);
      const claimed = await subject.claim(9);
      expect(claimed).toHaveLength(3);
      for (const job of claimed) {
        expect(compareIds(job.fence, byId.get(job.id)?.fence ?? '0')).toBeGreaterThan(0);
        expect(await subject.succeed(job)).toBe('settled');
      }
      const ended = all.find(({ job }) => job.state === 'failed')?.job.id ?? '';
      expect(await subject.store.jobs.change(ended, restartMoves)).toMatchObject({ kind: 'changed', job: { run: 3 } });
      await subject.advance(60 * minute);
      await subject.store.upkeep.sweep({
        ended: 30 * minute,
        journal: 1_000 * minute,
        told: null,
        idempotency: minute,
        output: 16_384,
        limit: 99,
      });
      expect((await subject.listAll()).map(({ id }) => id)).toEqual([ended]);
    });

    it('sweeps what ended first although it came in last', async () => {
      await subject.advance(120 * minute);
      const here = await subject.running();
      await subject.succeed(here);
      await other.succeed(await other.running());
      const old = await copyOf(other, only(await other.listAll()));
      await subject.store.jobs.restore([old]);
      const keep = { journal: 1_000 * minute, told: null, idempotency: 1_000 * minute, output: 16_384, limit: 1 };
      await subject.store.upkeep.sweep({ ...keep, ended: 60 * minute });
      expect((await subject.listAll()).map(({ id }) => id)).toEqual([here.id]);
    });

    it('makes ids as before behind one that is beyond all that are made', async () => {
      const last = { ...(await other.push()), id: '9223372036854775807' };
      await subject.store.jobs.restore([{ job: last, attempts: [] }]);
      const [first, second_] = await subject.pushAll([asked(), asked()]);
      expect(compareIds(second_?.id ?? '0', first?.id ?? '0')).toBeGreaterThan(0);
      expect(compareIds(second_?.id ?? '0', furthestId)).toBeLessThan(0);
    });

    it('makes ids afterwards that are greater than theirs', async () => {
      const job = await other.push();
      const ahead = { ...job, id: (BigInt(job.id) + (BigInt(minute) << 22n)).toString() };
      await subject.store.jobs.restore([{ job: ahead, attempts: [] }]);
      const [first, second_] = await subject.pushAll([asked(), asked()]);
      expect(compareIds(first?.id ?? '0', ahead.id)).toBeGreaterThan(0);
      expect(compareIds(second_?.id ?? '0', first?.id ?? '0')).toBeGreaterThan(0);
    });
  });
}
