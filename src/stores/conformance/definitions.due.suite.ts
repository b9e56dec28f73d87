import { describe, expect, it } from 'vitest';
import { dueAt } from '../../core/definition.ts';
import type { Due } from '../../ports/store/definitions.ts';
import { fireNow, found, putOf } from './definitions.ts';
import { minute, type Open, Subject } from './subject.ts';

export function dueSuite(open: Open): void {
  describe('due', () => {
    const subject = new Subject(open);
    const due = (limit = 100, behind = 0): Promise<Due> => subject.store.definitions.due(['trigger', 'task'], limit, behind);
    const keysOf = ({ definitions }: Due): readonly string[] => definitions.map(({ key }) => key);

    it('gives those due longest first, of the kinds asked for, and the present of the store', async () => {
      await subject.store.definitions.put([putOf('first'), putOf('script', { kind: 'script' }), putOf('never', { due: 'never' })]);
      await subject.advance(minute);
      await subject.store.definitions.put([putOf('second', { kind: 'task' })]);
      const answer = await due();
      expect(keysOf(answer)).toEqual(['first', 'second']);
      expect(answer.definitions[0]).toEqual(await found(subject.store, 'first'));
      expect(Math.abs(answer.now - (await subject.push()).createdAt)).toBeLessThan(minute);
      expect(answer.now).toBeGreaterThanOrEqual(dueAt(answer.definitions[1] ?? { due: null, window: null }) ?? Number.NaN);
    });

    it('gives no more than asked for, and says that there are more', async () => {
      await subject.store.definitions.put(['a', 'b', 'c'].map((key) => putOf(key)));
      const some = await due(2);
      expect(some.definitions).toHaveLength(2);
      expect(some.nextIn).toBe(0);
      expect((await due(3)).nextIn).toBeNull();
    });

    it('gives no more than about a megabyte of bodies', async () => {
      const large = JSON.stringify('x'.repeat(700_000));
      await subject.store.definitions.put(['a', 'b', 'c'].map((key) => putOf(key, { body: large })));
      const some = await due();
      expect(some.definitions.length).toBeGreaterThanOrEqual(1);
      expect(some.definitions.length).toBeLessThanOrEqual(2);
      expect(some.nextIn).toBe(0);
    });

    it('gives those due longest first, of whatever kind and size', async () => {
      const sized = (key: string, length: number) => putOf(key, { body: JSON.stringify('x'.repeat(length)) });
      for (const each of [sized('a', 900_000), sized('b', 200_000), { ...sized('c', 1), kind: 'task' as const }]) {
        await subject.store.definitions.put([each]);
        await subject.advance(minute);
      }
      expect(keysOf(await subject.store.definitions.due(['trigger', 'task'], 9, 0))).toEqual(['a']);
    });

    it('leaves what has not been due for long enough to others, and says when it will have been', async () => {
      await subject.store.definitions.put([putOf('a')]);
      const early = await due(9, 5 * minute);
      expect(early.definitions).toEqual([]);
      expect(early.nextIn).toBeGreaterThan(4 * minute);
      expect(early.nextIn).toBeLessThanOrEqual(5 * minute);
      await subject.advance(6 * minute);
      expect(keysOf(await due(9, 5 * minute))).toEqual(['a']);
    });

    it('says when the next one is due', async () => {
      await subject.store.definitions.put([putOf('a'), putOf('b')]);
      const { now } = await due();
      await fireNow(subject.store, 'a', { next: now + 30 * minute });
      await fireNow(subject.store, 'b', { next: now + 20 * minute });
      const { nextIn } = await due();
      expect(nextIn).toBeGreaterThan(19 * minute);
      expect(nextIn).toBeLessThanOrEqual(20 * minute);
      await subject.advance(25 * minute);
      expect(keysOf(await due())).toEqual(['b']);
    });
  });
}
