import { describe, expect, it } from 'vitest';
import type { StartBefore } from '../../core/expiry.ts';
import { type NewJob, noResult } from '../../core/job.ts';
import { arrived } from '../../core/transfer.ts';
import { cancelMoves, deletable, restartMoves } from '../../core/transitions.ts';
import { fireNow, putOf } from './definitions.ts';
import { anyQueue, asked, minute, type Open, Subject, second, unique } from './subject.ts';

export const within = (startBefore: StartBefore, attempts = 1): Pick<NewJob, 'options'> => {
  const { options } = asked();
  return { options: { ...options, retry: { ...options.retry, attempts }, startBefore } };
};

export function expireSuite(open: Open): void {
  describe('a job that must start before a time', () => {
    const subject = new Subject(open);
    const present = async (): Promise<number> => (await subject.store.upkeep.time()).now;
    const tenMinutes = { delay: 10 * minute } as const;

    it('is canceled as expired by the first claim behind it, of whatever worker, and never begins', async () => {
      const job = await subject.push({ ...within(tenMinutes), worker: 'nobody' });
      expect(job.options.startBefore).toEqual(tenMinutes);
      await subject.advance(9 * minute);
      await subject.request([anyQueue(1, 'other')]);
      expect(await subject.stateOf(job.id)).toBe('queued');
      await subject.advance(2 * minute);
      expect((await subject.request([anyQueue(1, 'nobody')])).jobs).toEqual([]);
      const ended = await subject.get(job.id);
      expect(ended).toMatchObject({ state: 'canceled', reason: 'expired', startedAt: null, fence: '0', attempt: 0 });
      expect((await subject.entries()).at(-1)?.moved).toEqual([{ verb: 'expire', ids: [job.id] }]);
    });

    it('is canceled by the promotion, too, which nobody need ask for', async () => {
      const jobs = await subject.pushAll([
        asked(within(tenMinutes)),
        asked({ ...within({ at: (await present()) + minute }), start: null }),
      ]);
      await subject.advance(2 * minute);
      expect(await subject.store.jobs.promote(100)).toBe(1);
      expect(await Promise.all(jobs.map(({ id }) => subject.stateOf(id)))).toEqual(['queued', 'canceled']);
      await subject.advance(9 * minute);
      const told = await subject.hintDuring('ended', () => subject.store.jobs.promote(100));
      expect(told).toEqual({ kind: 'ended', ids: [jobs[0]?.id] });
    });

    it('runs on when it has begun in time, is tried again and comes back', async () => {
      const job = await subject.running(within(tenMinutes, 3));
      await subject.fail(job);
      const other = await subject.running({ ...within(tenMinutes), queue: 'r' });
      await subject.release(other);
      await subject.advance(11 * minute);
      expect(new Set((await subject.claim(9)).map(({ id }) => id))).toEqual(new Set([job.id, other.id]));
    });

    it('tells claims when to look', async () => {
      await subject.push({ ...within(tenMinutes), worker: 'v' });
      const { nextIn } = await subject.request([anyQueue(1)]);
      expect(nextIn).toBeGreaterThan(9 * minute);
      expect(nextIn).toBeLessThanOrEqual(10 * minute);
      await subject.advance(11 * minute);
      expect((await subject.request([anyQueue(1)])).nextIn).toBeNull();
    });

    it('that is scheduled, paused or parked expires as well', async () => {
      const { store } = subject;
      const scheduled = await subject.push({ ...within({ at: (await present()) + 10 * minute }), start: { delay: 60 * minute } });
      await store.queues.configure('p', { paused: true });
      const paused = await subject.push({ ...within(tenMinutes), queue: 'p' });
      await store.limits.configure('l', { concurrency: 0, rate: null, pausedUntil: null });
      const parked = await subject.push({ ...within(tenMinutes), limit: 'l' });
      expect(await subject.claim(9)).toEqual([]);
      expect(await subject.get(parked.id)).toMatchObject({ reason: 'limit l' });
      await subject.advance(11 * minute);
      expect(await subject.claim(9)).toEqual([]);
      for (const { id } of [scheduled, paused, parked])
        expect(await subject.get(id)).toMatchObject({ state: 'canceled', reason: 'expired' });
      expect((await store.limits.list())[0]).toMatchObject({ parked: 0 });
      await store.limits.configure('l', { concurrency: 1, rate: null, pausedUntil: null });
      expect(await subject.claim(9)).toEqual([]);
      expect((await store.upkeep.scrub(null, 10_000)).repaired).toEqual({});
    });

    it('knows no such time when a person restarts it', async () => {
      const expired = await subject.push(within(tenMinutes));
      const canceled = await subject.push(within(tenMinutes));
      await subject.store.jobs.change(canceled.id, cancelMoves);
      await subject.store.jobs.change(canceled.id, restartMoves);
      await subject.advance(11 * minute);
      await subject.store.jobs.promote(100);
      expect(await subject.stateOf(expired.id)).toBe('canceled');
      await subject.store.jobs.change(expired.id, restartMoves);
      await subject.advance(11 * minute);
      expect((await subject.claim(9)).map(({ id }) => id)).toEqual([expired.id, canceled.id]);
    });

    it('is unique no more then, and its trigger learns of it', async () => {
      const { store } = subject;
      await store.definitions.put([putOf('a', { dueOnEnd: true })]);
      const { options } = asked(unique('ended'));
      const job = asked({ owner: 'trigger//a', options: { ...options, startBefore: tenMinutes } });
      await fireNow(store, 'a', { next: null, jobs: [job] });
      await subject.advance(11 * minute);
      await store.jobs.promote(100);
      const [definition] = (await store.definitions.list({ by: 'keys', keys: [{ kind: 'trigger', domain: '', key: 'a' }] })).definitions;
      expect(definition).toMatchObject({ owned: { live: 0 } });
      expect(definition?.due).not.toBeNull();
      expect((await store.jobs.push([job]))[0]?.kind).toBe('pushed');
    });

    it('comes in with an import for what is left of its time', async () => {
      const now = await present();
      const like = await subject.push(within(tenMinutes));
      const copyOf = (id: string, createdAt: number) =>
        arrived({ job: { ...like, id, createdAt, dueAt: createdAt, result: noResult }, attempts: [] }, now);
      await subject.store.jobs.restore([copyOf('4194304', now - 5 * minute), copyOf('8388608', now)]);
      await subject.advance(6 * minute);
      await subject.store.jobs.promote(100);
      expect(await subject.get('4194304')).toMatchObject({ state: 'canceled', reason: 'expired' });
      expect(await subject.stateOf('8388608')).toBe('queued');
    });

    it('leaves nothing when it is deleted, swept or set aside', async () => {
      const [one, two, three] = await subject.pushAll([asked(within(tenMinutes)), asked(within(tenMinutes)), asked(within(tenMinutes))]);
      await subject.store.jobs.change(one?.id ?? '', cancelMoves);
      await subject.store.jobs.remove(one?.id ?? '', deletable);
      await subject.store.jobs.change(two?.id ?? '', cancelMoves);
      await subject.store.upkeep.setAside(three?.id ?? '', 'a test');
      await subject.advance(minute);
      const retention = { ended: second, journal: 99 * minute, told: null, idempotency: 99 * minute, output: 1_000, limit: 100 };
      expect(await subject.store.upkeep.sweep(retention)).toMatchObject({ jobs: 1 });
      await subject.store.upkeep.scrub(null, 10_000);
      expect(await subject.store.jobs.promote(100)).toBe(0);
      expect((await subject.store.upkeep.scrub(null, 10_000)).repaired).toEqual({});
    });

    it('never begins late, however many expire at once', async () => {
      const count = 2_500;
      await subject.store.jobs.push(Array.from({ length: count }, () => asked(within(tenMinutes))));
      await subject.advance(11 * minute);
      const job = await subject.push();
      const begun: string[] = [];
      for (let claims = 0; claims < 6; claims++) begun.push(...(await subject.claim(5)).map(({ id }) => id));
      expect(begun).toEqual([job.id]);
      const [line] = await subject.store.jobs.count();
      expect(line?.counts).toMatchObject({ canceled: count, queued: 0 });
    });
  });
}
