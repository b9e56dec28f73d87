import { describe, expect, it } from 'vitest';
import { cancelMoves } from '../../core/transitions.ts';
import { asked, minute, type Open, retrying, Subject } from './subject.ts';

export function scrubSuite(open: Open): void {
  describe('scrub', () => {
    const subject = new Subject(open);

    /** Goes through everything in steps. */
    async function scrubAll(limit: number): Promise<{ checked: number; repaired: readonly unknown[]; steps: number }> {
      let [cursor, checked, steps]: [string | null, number, number] = [null, 0, 0];
      const repaired: unknown[] = [];
      do {
        const step = await subject.store.upkeep.scrub(cursor, limit);
        checked += step.checked;
        if (Object.keys(step.repaired).length > 0) repaired.push(step.repaired);
        cursor = step.next;
        steps += 1;
      } while (cursor !== null && steps < 1_000);
      return { checked, repaired, steps };
    }

    it('finds an empty store in order', async () => {
      expect(await subject.store.upkeep.scrub(null, 100)).toMatchObject({ next: null, repaired: {} });
    });

    it('finds nothing wrong with jobs in every state, in steps of any size, and changes nothing', async () => {
      for (let i = 0; i < 4; i++) {
        const job = await subject.running(retrying(3));
        if (i > 0) await subject.fail(job);
        if (i > 1) await subject.store.jobs.change(job.id, cancelMoves);
        if (i > 2) await subject.store.jobs.remove(job.id, ['canceled']);
      }
      await subject.succeed(await subject.running());
      await subject.pushAll([asked(), asked({ start: { delay: minute } }), asked({ queue: 'r', manual: true })]);
      await subject.claim(1, { holder: 'outside', attemptTtl: minute });
      const before = [await subject.listAll(), await subject.store.jobs.count(), await subject.entries(0, 999)];
      for (const limit of [1, 3, 1_000]) {
        const { checked, repaired, steps } = await scrubAll(limit);
        expect(repaired).toEqual([]);
        expect(checked).toBeGreaterThan(0);
        expect(steps).toBeLessThan(1_000);
      }
      expect([await subject.listAll(), await subject.store.jobs.count(), await subject.entries(0, 999)]).toEqual(before);
    });

    it('goes on although what its cursor names is gone', async () => {
      await subject.pushAll(Array.from({ length: 9 }, () => asked()));
      const { next } = await subject.store.upkeep.scrub(null, 2);
      for (const job of await subject.listAll()) {
        await subject.store.jobs.change(job.id, cancelMoves);
        await subject.store.jobs.remove(job.id, ['canceled']);
      }
      const step = await subject.store.upkeep.scrub(next, 1_000);
      expect(step.repaired).toEqual({});
    });
  });
}
