import { describe, expect, it } from 'vitest';
import { type NewJob, noResult } from '../../core/job.ts';
import { arrived } from '../../core/transfer.ts';
import { cancelMoves, deletable, restartMoves, settleMoves } from '../../core/transitions.ts';
import { putOffNotes } from '../../core/window.ts';
import type { Pushed } from '../../ports/store/jobs.ts';
import { fireNow, found, partOf, putOf } from './definitions.ts';
import { eventOf } from './journal.publish.suite.ts';
import { asked, kept, minute, type Open, only, refOf, Subject, second, unique } from './subject.ts';

const owned = (otherwise: Partial<NewJob>): NewJob => asked({ owner: 'trigger//a', ...otherwise });

export function uniqueSuite(open: Open): void {
  describe('a unique job', () => {
    const subject = new Subject(open);
    const pushOne = async (otherwise: Partial<NewJob>): Promise<Pushed> => only(await subject.store.jobs.push([asked(otherwise)]));
    const kindOf = async (otherwise: Partial<NewJob>): Promise<Pushed['kind']> => (await pushOne(otherwise)).kind;

    it('is there once: another push is answered with it, and keeps nothing', async () => {
      const job = await subject.push({ ...unique('ended'), payload: '1' });
      expect(await pushOne({ ...unique('ended'), payload: '2' })).toEqual({ kind: 'duplicate', id: job.id, createdAt: job.createdAt });
      expect(await subject.listAll()).toEqual([job]);
      expect(job.options.unique).toEqual({ scope: 'worker', until: 'ended' });
    });

    it('lasts until it has ended, however often it is tried', async () => {
      const job = await subject.running(unique('ended', 'worker', 2));
      expect(await kindOf(unique('ended'))).toBe('duplicate');
      await subject.fail(job);
      expect(await kindOf(unique('ended'))).toBe('duplicate');
      await subject.store.jobs.change(job.id, cancelMoves);
      expect(await kindOf(unique('ended'))).toBe('pushed');
      expect(await kindOf(unique('ended'))).toBe('duplicate');
    });

    it('lasts until its first attempt begins: a retry has begun, an attempt that was handed back has not', async () => {
      const first = await subject.running(unique('started', 'worker', 2));
      await subject.release(first);
      expect(await kindOf(unique('started'))).toBe('duplicate');
      await subject.fail(await subject.claimOne());
      expect(await kindOf(unique('started'))).toBe('pushed');
      expect(await kindOf(unique('started'))).toBe('duplicate');
    });

    it('that is handed back at the same moment as another is pushed, waits as if it had not begun', async () => {
      const job = await subject.running(unique('started'));
      const [, pushed] = await Promise.all([subject.release(job), pushOne(unique('started'))]);
      expect(pushed).toMatchObject({ kind: 'duplicate', id: job.id });
    });

    it('that is restarted at the same moment as another is pushed, counts', async () => {
      const job = await subject.running(unique('started'));
      await subject.succeed(job);
      const [, pushed] = await Promise.all([subject.store.jobs.change(job.id, restartMoves), pushOne(unique('started'))]);
      expect(pushed).toMatchObject({ kind: 'duplicate', id: job.id });
    });

    it('lasts for a time from its push, also when it has ended, and goes when it is deleted', async () => {
      const job = await subject.running(unique(10 * minute));
      await subject.succeed(job);
      await subject.advance(9 * minute);
      expect(await kindOf(unique(10 * minute))).toBe('duplicate');
      await subject.advance(2 * minute);
      const next = await subject.running(unique(10 * minute));
      await subject.succeed(next);
      await subject.store.jobs.remove(next.id, deletable);
      expect(await kindOf(unique(10 * minute))).toBe('pushed');
    });

    it('lasts as the one that is there says, not as the other push does', async () => {
      await subject.running(unique('started'));
      expect(await kindOf(unique('ended'))).toBe('pushed');
      expect(await kindOf(unique(1))).toBe('duplicate');
    });

    it('is the only one of its worker, of its domain, or of its key, and domains never meet', async () => {
      expect(await kindOf(unique('ended'))).toBe('pushed');
      expect(await kindOf({ ...unique('ended'), worker: 'v' })).toBe('pushed');
      expect(await kindOf({ ...unique('ended'), domain: 'd' })).toBe('pushed');
      expect(await kindOf(unique('ended', 'domain'))).toBe('pushed');
      expect(await kindOf({ ...unique('ended', 'domain'), worker: 'v' })).toBe('duplicate');
      expect(await kindOf(unique('ended', 'key:a b/%'))).toBe('pushed');
      expect(await kindOf({ ...unique('ended', 'key:a b/%'), worker: 'v', queue: 'r' })).toBe('duplicate');
      expect(await kindOf({ ...unique('ended', 'key:a b/%'), domain: 'd' })).toBe('pushed');
      expect(await kindOf({})).toBe('pushed');
    });

    it('is one of the two in one push', async () => {
      const pushed = await subject.store.jobs.push([asked(unique('started')), asked(), asked(unique('started'))]);
      expect(pushed.map(({ kind }) => kind)).toEqual(['pushed', 'pushed', 'duplicate']);
      expect(kept(pushed)[2]?.id).toBe(kept(pushed)[0]?.id);
    });

    it('that is scheduled is there', async () => {
      await subject.push({ ...unique('started'), start: { delay: minute } });
      expect(await kindOf(unique('started'))).toBe('duplicate');
    });

    it('is not what a repeated push is answered with: that is what its key has made', async () => {
      const idempotency = { key: 'k', digest: 'd' };
      const first = await subject.running({ ...unique('ended'), idempotency });
      await subject.succeed(first);
      const second = await subject.push(unique('ended'));
      expect(await pushOne({ ...unique('ended'), idempotency })).toMatchObject({ kind: 'replayed', id: first.id });
      // A key of a push that was answered so is free.
      const other = { key: 'other', digest: 'd' };
      expect(await pushOne({ ...unique('ended'), idempotency: other })).toMatchObject({ kind: 'duplicate', id: second.id });
      await subject.store.jobs.change(second.id, cancelMoves);
      expect(await kindOf({ ...unique('ended'), idempotency: other })).toBe('pushed');
    });

    it('is answered before its queue and limits are asked', async () => {
      await subject.push(unique('ended'));
      await subject.store.queues.configure('q', { closed: true });
      expect(await kindOf(unique('ended'))).toBe('duplicate');
      expect(await kindOf({})).toBe('closed');
    });

    it('that a person restarts runs beside another one, and counts again where there is none', async () => {
      const first = await subject.running(unique('ended'));
      await subject.succeed(first);
      const second = await subject.running(unique('ended'));
      expect((await subject.store.jobs.change(first.id, restartMoves)).kind).toBe('changed');
      expect(await pushOne(unique('ended'))).toMatchObject({ kind: 'duplicate', id: second.id });
      await subject.succeed(second);
      expect(await kindOf(unique('ended'))).toBe('pushed');
      const third = await subject.claim(9);
      for (const job of third) await subject.succeed(job);
      const last = third.find(({ id }) => id !== first.id);
      await subject.store.jobs.change(last?.id ?? '', restartMoves);
      expect(await pushOne(unique('ended'))).toMatchObject({ kind: 'duplicate', id: last?.id });
    });

    it('is told to the attempt that pushes it, too', async () => {
      const job = await subject.running();
      const first = await subject.report(job, { push: [asked({ ...unique('ended'), worker: 'v' })] });
      const again = await subject.report(job, { push: [asked({ ...unique('ended'), worker: 'v' })] });
      expect([first, again].flatMap((each) => (each.kind === 'lost' ? [] : each.pushed.map(({ kind }) => kind)))).toEqual([
        'pushed',
        'duplicate',
      ]);
    });

    it('comes in with an import as it was, unless there is one', async () => {
      const moments = { createdAt: await presentOf(), run: 1 };
      const long = await subject.push({ ...unique('ended', 'key:long') });
      const copyOf = (id: string, otherwise: Partial<NewJob>, createdAt = moments.createdAt) =>
        arrived({ job: { ...long, ...otherwise, id, createdAt, dueAt: createdAt, result: noResult }, attempts: [] }, createdAt);
      await subject.store.jobs.restore([
        copyOf('4194304', unique('ended', 'key:a')),
        copyOf('8388608', unique(10 * minute, 'key:b'), moments.createdAt - 9 * minute),
        copyOf('12582912', unique(10 * minute, 'key:c'), moments.createdAt - 11 * minute),
        copyOf('16777216', unique('ended', 'key:long')),
      ]);
      expect(await pushOne(unique('ended', 'key:a'))).toEqual({ kind: 'duplicate', id: '4194304', createdAt: moments.createdAt });
      expect(await pushOne(unique('ended', 'key:b'))).toMatchObject({
        ...{ kind: 'duplicate', id: '8388608', createdAt: moments.createdAt - 9 * minute },
      });
      expect(await kindOf(unique('ended', 'key:c'))).toBe('pushed');
      expect(await pushOne(unique('ended', 'key:long'))).toMatchObject({ kind: 'duplicate', id: long.id });
    });

    it('that has come in when it was over counts for nothing, also when it is restarted', async () => {
      const job = await subject.running(unique('ended'));
      await subject.succeed(job);
      const ended = await subject.get(job.id);
      const over = { ...ended, id: '4194304', options: unique('ended', 'key:over').options };
      await subject.store.jobs.restore([{ job: over, attempts: [] }]);
      expect(await subject.store.jobs.change(over.id, restartMoves)).toMatchObject({ kind: 'changed' });
      expect(await kindOf(unique('ended', 'key:over'))).toBe('pushed');
    });

    it('leaves nothing when it is swept or set aside', async () => {
      const job = await subject.running(unique(10 * minute));
      await subject.succeed(job);
      await subject.advance(minute);
      const retention = { ended: second, journal: 99 * minute, told: null, idempotency: 99 * minute, output: 1_000, limit: 100 };
      expect(await subject.store.upkeep.sweep(retention)).toMatchObject({ jobs: 1 });
      const other = await subject.push(unique('ended'));
      expect(await subject.store.upkeep.setAside(other.id, 'a test')).toBe(true);
      expect(await kindOf(unique('ended'))).toBe('pushed');
      expect((await subject.store.upkeep.scrub(null, 1_000)).repaired).toEqual({});
    });

    it('is not pushed by a tick that finds it there: the journal says so, and the schedule goes on', async () => {
      const { store } = subject;
      await store.definitions.put([putOf('a')]);
      const { due } = await found(store, 'a');
      const next = (due ?? 0) + 10 * minute;
      const jobs = [owned(unique('ended')), owned({}), owned(unique('ended'))];
      const first = await fireNow(store, 'a', { next, jobs });
      expect(first.kind === 'fired' && first.ids).toHaveLength(2);
      expect((await subject.entries()).at(-1)?.fired).toMatchObject([
        { overlap: false, note: 'noted; 1 not pushed: there is one already' },
      ]);
      await subject.advance(11 * minute);
      expect(await fireNow(store, 'a', { next: next + minute, jobs: [owned(unique('ended'))], note: '' })).toEqual({
        kind: 'fired',
        ids: [],
      });
      expect((await subject.entries()).at(-1)?.fired).toMatchObject([{ overlap: false, note: '1 not pushed: there is one already' }]);
      expect((await found(store, 'a')).due).toBe(next + minute);
      expect(await subject.listAll()).toHaveLength(2);
    });

    it('lets what a window has gathered wait until there may be another one', async () => {
      const { store } = subject;
      const job = await subject.running(unique('ended'));
      await store.definitions.put([putOf('a', { due: 'never' })]);
      await store.definitions.gather([partOf('a', '1', { wait: minute })]);
      await subject.advance(2 * minute);
      const collecting = { jobs: [owned(unique('ended'))], collect: { payload: ['[', ']'], about: ['[', ',', ']'] } } as const;
      expect(await fireNow(store, 'a', collecting)).toEqual({ kind: 'putOff', reason: 'duplicate' });
      expect((await subject.entries()).at(-1)?.fired).toMatchObject([{ putOff: true, note: putOffNotes.duplicate }]);
      expect((await found(store, 'a')).window).toMatchObject({ count: 1 });
      await subject.succeed(job);
      await subject.advance(minute);
      const fired = await fireNow(store, 'a', collecting);
      expect((await subject.get(fired.kind === 'fired' ? (fired.ids[0] ?? '') : '')).payload).toBe('[1]');
    });

    it('is caused by the first of many events', async () => {
      const { store } = subject;
      const events = ['1', '2'].map((id) => eventOf({ id }));
      const causes = events.map((_, at) => ({ event: at, job: asked(unique('started')) }));
      const published = await store.journal.publish({ events, causes, rules: null, follow: null });
      expect(published.kind === 'published' && published.causes.map(({ kind }) => kind)).toEqual(['pushed', 'duplicate']);
      expect(await subject.listAll()).toHaveLength(1);
    });

    it('ends with whatever ends it', async () => {
      const job = await subject.running(unique('ended'));
      await subject.store.jobs.settle(refOf(job), settleMoves(job, { kind: 'skipped', result: noResult }, 0.5));
      expect(await kindOf(unique('ended'))).toBe('pushed');
    });

    async function presentOf(): Promise<number> {
      return (await subject.store.upkeep.time()).now;
    }
  });
}
