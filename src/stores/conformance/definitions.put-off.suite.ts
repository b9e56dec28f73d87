import { describe, expect, it } from 'vitest';
import { ownerOf } from '../../core/definition.ts';
import { noLimit } from '../../core/limit.ts';
import { type PutOffReason, putOffFor, putOffNotes } from '../../core/window.ts';
import { fireNow, firingOf, found, partOf, putOf, trigger } from './definitions.ts';
import { asked, minute, type Open, Subject } from './subject.ts';

const owned = (key: string, otherwise: Parameters<typeof asked>[0] = {}) => asked({ owner: ownerOf(trigger(key)), ...otherwise });

export function putOffSuite(open: Open): void {
  describe('a firing', () => {
    const subject = new Subject(open);

    it('is put off while the queue of one of its jobs is closed', async () => {
      const { store } = subject;
      await store.definitions.put([putOf('a')]);
      const before = await found(store, 'a');
      await store.queues.configure('q', { closed: true });
      const jobs = [owned('a', { queue: 'open' }), owned('a')];
      const firing = firingOf(before, { next: (before.due ?? 0) + 10 * minute, state: 'tick 1', jobs });
      expect(await store.definitions.fire([firing])).toEqual([{ kind: 'putOff', reason: 'closed' }]);
      const after = await found(store, 'a');
      expect(after).toEqual({ ...before, due: after.due });
      expect(after.due).toBeGreaterThanOrEqual((before.due ?? 0) + putOffFor);
      expect(after.due).toBeLessThan((before.due ?? 0) + putOffFor + minute);
      const noted = { owner: 'trigger//a', version: before.version, tick: before.due };
      expect((await subject.entries()).at(-1)?.fired).toEqual([{ ...noted, overlap: false, putOff: true, note: putOffNotes.closed }]);
      expect(await subject.listAll()).toEqual([]);
      await store.queues.configure('q', { closed: false });
      expect(await store.definitions.fire([firing])).toEqual([{ kind: 'lost' }]);
      await subject.advance(minute);
      expect(await fireNow(store, 'a', { jobs })).toMatchObject({ kind: 'fired' });
      expect(await subject.listAll()).toHaveLength(2);
    });

    it('that is put off again for the reason that is known is put off without another line in the journal', async () => {
      const { store } = subject;
      await store.definitions.put([putOf('a')]);
      await store.queues.configure('q', { closed: true });
      const lines = async () => (await subject.entries()).flatMap(({ fired }) => fired.map(({ note }) => note));
      const again = async (knownPutOff: PutOffReason | null) => {
        const { due } = await found(store, 'a');
        await subject.advance(minute);
        const fired = await fireNow(store, 'a', { jobs: [owned('a')], knownPutOff });
        expect((await found(store, 'a')).due).toBeGreaterThan(due ?? 0);
        return fired;
      };
      expect(await again(null)).toEqual({ kind: 'putOff', reason: 'closed' });
      expect(await again('closed')).toEqual({ kind: 'putOff', reason: 'closed' });
      expect(await lines()).toEqual([putOffNotes.closed]);
      // Another reason is news.
      await store.queues.configure('q', { closed: false });
      await store.limits.configure('domain:acme', { ...noLimit, rate: { max: 1, per: 86_400_000 } });
      await subject.push({ domain: 'acme', queue: 'other' });
      const limited = async (knownPutOff: PutOffReason) => {
        await subject.advance(minute);
        return fireNow(store, 'a', { jobs: [owned('a', { domain: 'acme' })], knownPutOff });
      };
      expect(await limited('closed')).toEqual({ kind: 'putOff', reason: 'limited' });
      expect(await limited('limited')).toEqual({ kind: 'putOff', reason: 'limited' });
      expect(await lines()).toEqual([putOffNotes.closed, putOffNotes.limited]);
    });

    it('cancels nothing, and leaves the window, while it is put off', async () => {
      const { store } = subject;
      await store.definitions.put([putOf('a', { due: 'never' })]);
      const earlier = await subject.push({ owner: 'trigger//a', queue: 'open' });
      await store.definitions.gather([partOf('a', '1', { wait: minute })]);
      await subject.advance(2 * minute);
      await store.queues.configure('q', { closed: true });
      const collecting = { jobs: [owned('a')], overlap: 'replace', collect: { payload: ['[', ']'], about: ['[', ',', ']'] } } as const;
      expect(await fireNow(store, 'a', collecting)).toEqual({ kind: 'putOff', reason: 'closed' });
      expect(await subject.stateOf(earlier.id)).toBe('queued');
      expect((await found(store, 'a')).window).toMatchObject({ count: 1 });
      await store.queues.configure('q', { closed: false });
      await subject.advance(minute);
      const fired = await fireNow(store, 'a', collecting);
      expect(fired).toMatchObject({ kind: 'fired' });
      expect((await subject.get(fired.kind === 'fired' ? (fired.ids[0] ?? '') : '')).payload).toBe('[1]');
      expect(await subject.stateOf(earlier.id)).toBe('canceled');
    });
  });
}
