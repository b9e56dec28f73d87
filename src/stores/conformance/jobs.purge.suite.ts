import { describe, expect, it } from 'vitest';
import { ownerOf } from '../../core/definition.ts';
import type { Job } from '../../core/job.ts';
import { cancelMoves, restartMoves } from '../../core/transitions.ts';
import { found, putOf, trigger } from './definitions.ts';
import { minute, type Open, only, Subject } from './subject.ts';

export function purgeSuite(open: Open): void {
  describe('purge', () => {
    const subject = new Subject(open);
    const succeeded = async (otherwise: Partial<Job> = {}): Promise<Job> => {
      const job = await subject.running(otherwise);
      await subject.succeed(job);
      return subject.get(job.id);
    };
    const endOf = ({ endedAt }: Job): number => endedAt ?? Number.NaN;
    const purge = (jobs: readonly Pick<Job, 'id'>[], endedBefore: number) =>
      subject.store.jobs.purge(
        jobs.map(({ id }) => id),
        endedBefore,
      );
    const later = async (): Promise<number> => (await subject.store.upkeep.time()).now + 60 * minute;

    it('removes the named jobs that ended before the time, with their history, and no others', async () => {
      const again = await succeeded();
      await subject.store.jobs.change(again.id, restartMoves);
      await subject.succeed(await subject.claimOne());
      const failed = await subject.running();
      await subject.fail(failed);
      const canceled = await subject.push();
      await subject.store.jobs.change(canceled.id, cancelMoves);
      const unnamed = await succeeded();
      expect(await purge([again, failed, canceled], await later())).toEqual({ count: 3, rest: 0 });
      expect((await subject.listAll()).map(({ id }) => id)).toEqual([unnamed.id]);
      expect(await subject.attempts(again.id)).toEqual([]);
      expect(only(await subject.store.jobs.count()).counts).toMatchObject({ succeeded: 1, failed: 0, canceled: 0 });
    });

    it('leaves what ended at the time or later, by its last end', async () => {
      const [old, again] = [await succeeded(), await succeeded()];
      await subject.advance(minute);
      await subject.store.jobs.change(again.id, restartMoves);
      await subject.succeed(await subject.claimOne());
      const young = await succeeded();
      expect(endOf(young)).toBeGreaterThan(endOf(old));
      expect(await purge([old, again, young], endOf(old))).toEqual({ count: 0, rest: 0 });
      expect(await purge([old, again, young], endOf(old) + 1)).toEqual({ count: 1, rest: 0 });
      expect((await subject.listAll()).map(({ id }) => id)).toEqual([again.id, young.id]);
    });

    it('leaves what has not ended, and misses what is not there', async () => {
      const stopping = await subject.running();
      await subject.store.jobs.change(stopping.id, cancelMoves);
      const jobs = [await subject.running(), stopping, await subject.push(), await subject.push({ start: { delay: minute } })];
      const none = [{ id: '123' }, { id: 'no id' }];
      expect(await purge([...jobs, ...none], await later())).toEqual({ count: 0, rest: 0 });
      expect(await subject.listAll()).toHaveLength(4);
      expect(await purge([], await later())).toEqual({ count: 0, rest: 0 });
    });

    it('counts a job that is named twice once, and tells that it is gone', async () => {
      const job = await succeeded();
      const before = (await subject.entries()).at(-1)?.seq ?? 0;
      expect(await purge([job, job], await later())).toEqual({ count: 1, rest: 0 });
      expect(only(await subject.entries(before)).moved).toEqual([{ verb: 'delete', ids: [job.id] }]);
    });

    it('and a restart at once leave the job either gone or running again', async () => {
      for (let i = 0; i < 10; i++) {
        const job = await succeeded();
        const [purged, restarted] = await Promise.all([purge([job], await later()), subject.store.jobs.change(job.id, restartMoves)]);
        expect([purged.count, restarted.kind]).toEqual(purged.count === 1 ? [1, 'missing'] : [0, 'changed']);
        if (purged.count === 0) await subject.succeed(await subject.claimOne());
      }
    });

    it('leaves with its owner what a job did', async () => {
      await subject.store.definitions.put([putOf('a', { due: 'never' })]);
      const job = await succeeded({ owner: ownerOf(trigger('a')) });
      const { owned } = await found(subject.store, 'a');
      await purge([job], await later());
      expect((await found(subject.store, 'a')).owned).toEqual(owned);
      expect(owned.succeeded?.id).toBe(job.id);
      expect((await subject.store.upkeep.scrub(null, 1_000)).repaired).toEqual({});
    });
  });
}
