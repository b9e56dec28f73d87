import { describe, expect, it } from 'vitest';
import { cancelMoves, deletable, restartMoves } from '../../core/transitions.ts';
import { asked, minute, type Open, only, retrying, Subject, second } from './subject.ts';

export function journalSuite(open: Open): void {
  describe('the journal', () => {
    const subject = new Subject(open);

    it('tells every move of a job, in order', async () => {
      const { id } = await subject.push({ ...retrying(2), start: { delay: minute } });
      await subject.advance(2 * minute);
      await subject.store.jobs.promote(9);
      await subject.release(await subject.claimOne());
      await subject.fail(await subject.claimOne());
      await subject.advance(2 * minute);
      await subject.store.jobs.promote(9);
      await subject.fail(await subject.claimOne());
      await subject.store.jobs.change(id, restartMoves);
      const job = await subject.claimOne();
      await subject.store.jobs.change(id, cancelMoves);
      await subject.store.jobs.change(id, cancelMoves);
      await subject.succeed(job);
      await subject.store.jobs.remove(id, deletable);
      const entries = await subject.entries(0, 99);
      expect(entries.flatMap(({ moved }) => moved.map(({ verb }) => verb))).toEqual([
        ...['push', 'promote', 'claim', 'release', 'claim', 'retry', 'promote', 'claim', 'fail'],
        ...['restart', 'claim', 'cancel', 'succeed', 'delete'],
      ]);
      expect(entries.every(({ moved }) => moved.every(({ ids }) => ids.length === 1 && ids[0] === id))).toBe(true);
    });

    it('has one entry for what happened in one step', async () => {
      const [a, b, c] = await subject.pushAll([asked(), asked(), asked({ start: { delay: minute } })]);
      await subject.advance(2 * minute);
      const before = (await subject.entries(0, 99)).at(-1)?.seq ?? 0;
      await subject.claim(9);
      expect(only(await subject.entries(before, 99)).moved).toEqual([
        { verb: 'promote', ids: [c?.id] },
        { verb: 'claim', ids: [a?.id, b?.id, c?.id] },
      ]);
    });

    it('is numbered upwards, with the time of each step, and read in slices', async () => {
      for (let i = 0; i < 5; i++) await subject.push();
      const entries = await subject.entries(0, 99);
      const jobs = await subject.listAll();
      const behind = entries.map(({ at }, i) => at - (jobs[i]?.createdAt ?? 0));
      expect(behind.every((each) => each >= 0 && each < 10 * second)).toBe(true);
      expect(entries.map(({ seq }) => seq)).toEqual([...new Set(entries.map(({ seq }) => seq))].toSorted((a, b) => a - b));
      expect(await subject.entries(entries[1]?.seq ?? 0, 2)).toEqual(entries.slice(2, 4));
      expect(await subject.entries(entries[4]?.seq ?? 0, 2)).toEqual([]);
    });

    it('has no entry for what changes nothing', async () => {
      const job = await subject.running();
      await subject.succeed(job);
      const before = await subject.entries(0, 99);
      await subject.succeed(job);
      await subject.store.jobs.change(job.id, cancelMoves);
      await subject.claim();
      await subject.store.jobs.promote(9);
      await subject.renew();
      expect(await subject.entries(0, 99)).toEqual(before);
    });
  });

  describe('a store', () => {
    const subject = new Subject(open);

    it('says where its data lie and what they survive', () => {
      const { durability, location } = subject.store;
      expect([durability.profile, durability.survives, location].every((text) => text.length > 0)).toBe(true);
    });

    it('gives no hint to a listener that has gone', async () => {
      let heard = 0;
      subject.store.onHint(() => {
        heard += 1;
      })();
      await subject.hintDuring('ready', () => subject.push());
      expect(heard).toBe(0);
    });

    it('answers store_unavailable once it is closed', async () => {
      await subject.store.close();
      await expect(subject.store.jobs.push([asked()])).rejects.toMatchObject({ code: 'store_unavailable' });
      await expect(subject.store.jobs.get('1')).rejects.toMatchObject({ code: 'store_unavailable' });
    });

    it('finishes what is under way before it closes', async () => {
      const pushed = subject.store.jobs.push([asked()]);
      await subject.store.close();
      expect(only(await pushed).kind).toBe('pushed');
    });
  });
}
