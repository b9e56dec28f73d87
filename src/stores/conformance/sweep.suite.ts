import { describe, expect, it } from 'vitest';
import type { Job } from '../../core/job.ts';
import { cancelMoves, restartMoves } from '../../core/transitions.ts';
import type { Retention } from '../../ports/store/upkeep.ts';
import { asked, minute, type Open, only, Subject } from './subject.ts';

const keepAll: Retention = { ended: null, journal: 1_000 * minute, told: null, idempotency: 1_000 * minute, output: 16_384, limit: 100 };
const nothing = { jobs: 0, entries: 0, keys: 0, definitions: 0, outputs: 0, more: false };

export function sweepSuite(open: Open): void {
  describe('sweep', () => {
    const subject = new Subject(open);
    const ended = async (name: string): Promise<Job> => {
      const job = await subject.running({ name });
      await subject.succeed(job);
      return job;
    };
    const names = async (): Promise<string[]> => (await subject.listAll()).map(({ name }) => name);

    it('removes jobs by the time since their end, with their history', async () => {
      const old = await ended('old');
      await subject.store.jobs.change(old.id, restartMoves);
      await subject.succeed(await subject.claimOne());
      await subject.push({ name: 'waits', worker: 'nobody' });
      await subject.advance(30 * minute);
      await ended('young');
      await subject.advance(30 * minute);
      expect(await subject.store.upkeep.sweep({ ...keepAll, ended: 45 * minute })).toEqual({ ...nothing, jobs: 1 });
      expect(await names()).toEqual(['waits', 'young']);
      expect(await subject.attempts(old.id)).toEqual([]);
      expect(await subject.store.upkeep.sweep({ ...keepAll, ended: 45 * minute })).toEqual(nothing);
    });

    it('measures from the last end, not from the first', async () => {
      const job = await ended('again');
      await subject.advance(50 * minute);
      await subject.store.jobs.change(job.id, restartMoves);
      await subject.store.jobs.change(job.id, cancelMoves);
      await subject.advance(5 * minute);
      expect(await subject.store.upkeep.sweep({ ...keepAll, ended: 45 * minute })).toEqual(nothing);
    });

    it('keeps what has not ended, however old', async () => {
      const running = await subject.running({ name: 'runs' });
      await subject.push({ name: 'waits' });
      await subject.store.jobs.change(running.id, cancelMoves);
      await subject.push({ name: 'later', start: { delay: 1_000 * minute } });
      await subject.advance(900 * minute);
      expect(await subject.store.upkeep.sweep({ ...keepAll, ended: 0 })).toEqual(nothing);
      expect(await names()).toEqual(['runs', 'waits', 'later']);
    });

    it('keeps ended jobs for good when told so', async () => {
      await ended('kept');
      await subject.advance(900 * minute);
      expect(await subject.store.upkeep.sweep(keepAll)).toEqual(nothing);
    });

    it('removes at most `limit` at once, those that ended first, and tells whether there is more', async () => {
      for (const name of ['a', 'b', 'c', 'd', 'e']) {
        await ended(name);
        await subject.advance(minute);
      }
      await subject.advance(60 * minute);
      const retention = { ...keepAll, ended: 30 * minute, limit: 2 };
      expect(await subject.store.upkeep.sweep(retention)).toEqual({ ...nothing, jobs: 2, more: true });
      expect(await names()).toEqual(['c', 'd', 'e']);
      let removed = 2;
      for (let more = true; more; ) {
        const swept = await subject.store.upkeep.sweep(retention);
        removed += swept.jobs;
        more = swept.more;
      }
      expect(removed).toBe(5);
      expect(await names()).toEqual([]);
    });

    it('leaves the counts right', async () => {
      await ended('old');
      await subject.advance(60 * minute);
      await ended('young');
      await subject.store.upkeep.sweep({ ...keepAll, ended: 30 * minute });
      expect(only(await subject.store.jobs.count()).counts).toMatchObject({ succeeded: 1, queued: 0 });
    });
  });

  describe('sweep of the journal', () => {
    const subject = new Subject(open);

    it('removes those that are older, and numbers no event twice', async () => {
      await subject.push();
      await subject.push();
      await subject.advance(60 * minute);
      await subject.push();
      const before = await subject.entries(0, 9);
      expect(await subject.store.upkeep.sweep({ ...keepAll, journal: 30 * minute })).toEqual({ ...nothing, entries: 2 });
      expect(await subject.entries(0, 9)).toEqual(before.slice(2));
      await subject.advance(60 * minute);
      expect(await subject.store.upkeep.sweep({ ...keepAll, journal: 30 * minute })).toEqual({ ...nothing, entries: 1 });
      await subject.push();
      expect(only(await subject.entries(0, 9)).seq).toBeGreaterThan(before.at(-1)?.seq ?? 0);
    });

    it('removes at most `limit` at once', async () => {
      for (let i = 0; i < 3; i++) await subject.push();
      await subject.advance(60 * minute);
      const retention = { ...keepAll, journal: minute, limit: 2 };
      expect(await subject.store.upkeep.sweep(retention)).toEqual({ ...nothing, entries: 2, more: true });
      expect((await subject.store.upkeep.sweep(retention)).entries).toBe(1);
    });
  });

  describe('sweep of idempotency keys', () => {
    const subject = new Subject(open);
    const keyed = (digest = 'd') => asked({ idempotency: { key: 'k', digest } });
    const retention = { ...keepAll, idempotency: 30 * minute };
    const pushAgain = async (): Promise<string> => only(await subject.store.jobs.push([keyed('other')])).kind;

    it('keeps them as long as their job lives', async () => {
      await subject.store.jobs.push([keyed()]);
      await subject.advance(60 * minute);
      expect(await subject.store.upkeep.sweep(retention)).toEqual(nothing);
      const job = await subject.claimOne();
      expect(await subject.store.upkeep.sweep(retention)).toEqual(nothing);
      expect(await pushAgain()).toBe('conflict');
      await subject.succeed(job);
      await subject.advance(60 * minute);
      expect(await subject.store.upkeep.sweep(retention)).toEqual({ ...nothing, keys: 1 });
      expect(await pushAgain()).toBe('pushed');
    });

    it('looks at no more than `limit` at once, and not again soon at those whose job lives', async () => {
      const keys = ['a', 'b', 'c', 'd', 'e'];
      await subject.pushAll(keys.map((key) => asked({ idempotency: { key, digest: 'd' } })));
      await subject.advance(60 * minute);
      const few = { ...retention, limit: 2 };
      const looks = [await subject.store.upkeep.sweep(few), await subject.store.upkeep.sweep(few), await subject.store.upkeep.sweep(few)];
      expect(looks.map(({ more }) => more)).toEqual([true, true, false]);
      expect(await subject.store.upkeep.sweep(few)).toEqual(nothing);
      expect(only(await subject.store.jobs.push([asked({ idempotency: { key: 'a', digest: 'd' } })])).kind).toBe('replayed');
    });

    it('keeps young ones although their job has ended or is gone', async () => {
      await subject.store.jobs.push([keyed()]);
      const job = await subject.claimOne();
      await subject.succeed(job);
      expect(await subject.store.upkeep.sweep(retention)).toEqual(nothing);
      await subject.store.jobs.remove(job.id, ['succeeded']);
      expect(await subject.store.upkeep.sweep(retention)).toEqual(nothing);
      expect(only(await subject.store.jobs.push([keyed()]))).toMatchObject({ kind: 'replayed', id: job.id });
      await subject.advance(60 * minute);
      expect(await subject.store.upkeep.sweep(retention)).toEqual({ ...nothing, keys: 1 });
      expect(await pushAgain()).toBe('pushed');
    });
  });
}
