import { describe, expect, it } from 'vitest';
import { cancelMoves } from '../../core/transitions.ts';
import { asked, minute, noJobs, type Open, only, Subject } from './subject.ts';

/** Records that are set aside. How a store finds that it cannot read one is its own affair. */
export function unreadableSuite(open: Open): void {
  describe('what is set aside', () => {
    const subject = new Subject(open);
    const setAside = (id: string): Promise<boolean> => subject.store.upkeep.setAside(id, 'a word %; of its own');

    it('is no job any more, in whatever state it was', async () => {
      const running = await subject.running();
      const waiting = await subject.push({ start: { delay: minute } });
      const ended = await subject.push();
      await subject.store.jobs.change(ended.id, cancelMoves);
      const ready = await subject.push({ manual: true, payload: JSON.stringify('x'.repeat(5_000)) });
      const left = await subject.push();
      for (const { id } of [running, waiting, ended, ready]) {
        expect(await setAside(id)).toBe(true);
        expect(await subject.store.jobs.get(id)).toBeNull();
        expect(await subject.store.jobs.change(id, cancelMoves)).toEqual({ kind: 'missing' });
      }
      expect((await subject.listAll()).map(({ id }) => id)).toEqual([left.id]);
      expect(only(await subject.store.jobs.count())).toEqual({ worker: 'w', queue: 'q', counts: { ...noJobs, queued: 1 } });
      expect(await subject.succeed(running)).toBe('lost');
      expect((await subject.claim(9)).map(({ id }) => id)).toEqual([left.id]);
      expect((await subject.store.upkeep.scrub(null, 1_000)).repaired).toEqual({});
    });

    it('is told with its reason and all that was kept of it', async () => {
      const job = await subject.running({ payload: '"the payload"', comment: 'a comment' });
      await subject.fail(job);
      await setAside(job.id);
      const page = await subject.store.upkeep.unreadable(null, 10);
      expect(page).toEqual({ total: 1, next: null, records: [expect.objectContaining({ id: job.id, reason: 'a word %; of its own' })] });
      const record = only(page.records);
      for (const kept of ['the payload', 'a comment', job.fence]) expect(record.raw).toContain(kept);
      expect(Math.abs(record.at - job.createdAt)).toBeLessThan(minute);
    });

    it('is shown in pages, by id', async () => {
      const ids = (await subject.pushAll([asked(), asked(), asked()])).map(({ id }) => id);
      for (const id of ids.toReversed()) await setAside(id);
      const first = await subject.store.upkeep.unreadable(null, 2);
      expect(first).toMatchObject({ total: 3, next: ids[2], records: [{ id: ids[0] }, { id: ids[1] }] });
      expect(await subject.store.upkeep.unreadable(first.next, 2)).toMatchObject({ total: 3, next: null, records: [{ id: ids[2] }] });
      expect(await subject.store.upkeep.unreadable(null, 0)).toMatchObject({ total: 3, records: [] });
    });

    it('is removed for good', async () => {
      const { id } = await subject.push();
      expect(await subject.store.upkeep.discard(id)).toBe(false);
      await setAside(id);
      expect(await setAside(id)).toBe(false);
      expect(await subject.store.upkeep.discard(id)).toBe(true);
      expect(await subject.store.upkeep.discard(id)).toBe(false);
      expect(await subject.store.upkeep.unreadable(null, 10)).toEqual({ total: 0, next: null, records: [] });
      for (const wrong of ['', 'x', '9'.repeat(30)]) expect(await setAside(wrong)).toBe(false);
    });
  });
}
