import { describe, expect, it } from 'vitest';
import { ownerOf } from '../../core/definition.ts';
import type { NewJob } from '../../core/job.ts';
import { type LimitSettings, mostLimits, noLimit } from '../../core/limit.ts';
import { restartMoves } from '../../core/transitions.ts';
import { putOffFor, putOffNotes } from '../../core/window.ts';
import type { Pushed } from '../../ports/store/jobs.ts';
import { fireNow, found, putOf, trigger } from './definitions.ts';
import { jobOf, publishOf } from './journal.publish.suite.ts';
import { asked, minute, type Open, Subject, second } from './subject.ts';

const rate = (max: number, per = max * minute): LimitSettings => ({ ...noLimit, rate: { max, per } });
const kinds = (pushed: readonly { readonly kind: string }[]): readonly string[] => pushed.map(({ kind }) => kind);

export function limitSuite(open: Open): void {
  settingSuite(open);
  pushingSuite(open);
  causingSuite(open);
}

function settingSuite(open: Open): void {
  describe('limits', () => {
    const subject = new Subject(open);

    it('are set, shown and removed', async () => {
      const { limits } = subject.store;
      expect(await limits.list()).toEqual([]);
      await limits.configure('worker:w', rate(3));
      await limits.configure('tenant: \u001e;/%🎈', rate(2));
      await limits.configure('tenant:*', rate(1));
      const all = [
        { name: 'tenant: \u001e;/%🎈', ...rate(2), left: 2, held: null, parked: 0 },
        { name: 'tenant:*', ...rate(1), left: null, held: null, parked: null },
        { name: 'worker:w', ...rate(3), left: 3, held: null, parked: 0 },
      ];
      expect((await limits.list()).toSorted((a, b) => (a.name < b.name ? -1 : 1))).toEqual(all);
      await subject.push();
      expect(await limits.list()).toContainEqual({ name: 'worker:w', ...rate(3), left: 2, held: null, parked: 0 });
      expect([await limits.remove('worker:w'), await limits.remove('worker:w')]).toEqual([true, false]);
      expect(await limits.list()).toHaveLength(2);
    });

    it('are answered as they stand when they are set', async () => {
      const { limits } = subject.store;
      const settings: LimitSettings = { ...rate(3), concurrency: 1 };
      await subject.push();
      await subject.pushAll([asked(), asked()]);
      await subject.claim(1);
      const stands = { name: 'worker:w', ...settings, left: 3, held: 1, parked: 0 };
      expect(await limits.configure('worker:w', settings)).toEqual({ kind: 'configured', limit: stands });
      expect(await subject.claim(9)).toEqual([]);
      await subject.push({ worker: 'w' });
      expect(await limits.configure('worker:w', settings)).toEqual({ kind: 'configured', limit: { ...stands, left: 2, parked: 2 } });
      expect(await limits.configure('worker:*', rate(1))).toEqual({
        kind: 'configured',
        limit: { name: 'worker:*', ...rate(1), left: null, held: null, parked: null },
      });
    });

    it('stay as they are where only new ones are asked for', async () => {
      const { limits } = subject.store;
      expect(await limits.configure('k', rate(1), true)).toMatchObject({ kind: 'configured', limit: rate(1) });
      expect(await limits.configure('k', rate(2), true)).toMatchObject({ kind: 'exists', limit: rate(1) });
      expect(await limits.list()).toMatchObject([{ name: 'k', ...rate(1) }]);
    });

    it('are not counted where they neither bound how many run nor are paused', async () => {
      const { limits } = subject.store;
      await subject.running({ limit: 'k' });
      await limits.configure('k', rate(2));
      await limits.configure('other', { ...noLimit, concurrency: 1 });
      expect(await limits.list()).toEqual(expect.arrayContaining([expect.objectContaining({ name: 'k', held: null, parked: 0 })]));
      expect(await limits.configure('k', { ...noLimit, concurrency: 1 })).toMatchObject({ limit: { held: 1 } });
    });

    it('are so many at most, and those that are there are set all the same', { timeout: 60_000 }, async () => {
      const { limits } = subject.store;
      await Promise.all(Array.from({ length: mostLimits }, (_, at) => limits.configure(`k${at}`, rate(1))));
      const last = await Promise.all([limits.configure('more', rate(1)), limits.configure('more', rate(1), true)]);
      expect(last).toEqual([{ kind: 'tooMany' }, { kind: 'tooMany' }]);
      expect(await limits.configure('k7', rate(2))).toMatchObject({ kind: 'configured' });
      expect(await limits.list()).toHaveLength(mostLimits);
      await limits.remove('k8');
      expect(await limits.configure('more', rate(1))).toMatchObject({ kind: 'configured' });
    });

    it('count what was pushed before they were changed', async () => {
      const { limits, jobs } = subject.store;
      await limits.configure('worker:w', rate(2));
      await subject.push();
      await limits.configure('worker:w', rate(1));
      expect(kinds(await jobs.push([asked(), asked()]))).toEqual(['pushed', 'limited']);
      await subject.store.limits.remove('worker:w');
      expect(kinds(await jobs.push([asked(), asked()]))).toEqual(['pushed', 'pushed']);
    });
  });
}

function pushingSuite(open: Open): void {
  describe('a limit', () => {
    const subject = new Subject(open);
    const push = (...jobs: readonly Partial<NewJob>[]): Promise<readonly Pushed[]> =>
      subject.store.jobs.push(jobs.map((job) => asked(job)));

    it('takes `max` at once and then evenly, and says when the next one', async () => {
      await subject.store.limits.configure('worker:w', rate(2));
      const pushed = await push({}, {}, {}, { worker: 'v' });
      expect(kinds(pushed)).toEqual(['pushed', 'pushed', 'limited', 'pushed']);
      const [, , limited] = pushed;
      expect(limited).toMatchObject({ kind: 'limited', key: 'worker:w' });
      const wait = limited?.kind === 'limited' ? limited.wait : 0;
      expect([wait > 50 * second, wait <= minute]).toEqual([true, true]);
      expect(await subject.listAll()).toHaveLength(3);
      await subject.advance(minute);
      expect(kinds(await push({}, {}))).toEqual(['pushed', 'limited']);
      await subject.advance(10 * minute);
      expect(kinds(await push({}, {}, {}))).toEqual(['pushed', 'pushed', 'limited']);
    });

    it('holds for a key, a worker and a domain, each for itself', async () => {
      const { limits } = subject.store;
      await limits.configure('k', rate(2));
      await limits.configure('domain:d', rate(3));
      await limits.configure('worker:w', rate(4));
      const both = { limit: 'k', domain: 'd' };
      expect(kinds(await push(both, both, both, { domain: 'd' }, { domain: 'd' }, {}, {}))).toEqual([
        ...['pushed', 'pushed', 'limited', 'pushed', 'limited', 'pushed', 'limited'],
      ]);
      expect(await push({ limit: 'k', worker: 'v' })).toMatchObject([{ key: 'k' }]);
      expect(await push({ domain: 'd', worker: 'v' })).toMatchObject([{ key: 'domain:d' }]);
    });

    it('counts a key that is that of the worker once', async () => {
      await subject.store.limits.configure('worker:w', rate(2));
      expect(kinds(await push({ limit: 'worker:w' }, { limit: 'worker:w' }, {}))).toEqual(['pushed', 'pushed', 'limited']);
    });

    it('by a pattern holds for each key that has none of its own', async () => {
      const { limits } = subject.store;
      await limits.configure('tenant:*', rate(1));
      await limits.configure('tenant:big', rate(2));
      await limits.configure('tenant:a:*', rate(3));
      const of = (key: string): Partial<NewJob> => ({ limit: key });
      const two = async (key: string): Promise<readonly string[]> => kinds(await push(of(key), of(key)));
      expect(await two('tenant:one')).toEqual(['pushed', 'limited']);
      expect(await two('tenant:two')).toEqual(['pushed', 'limited']);
      expect(await two('tenant:big')).toEqual(['pushed', 'pushed']);
      expect(await two('tenant:a:x')).toEqual(['pushed', 'pushed']);
      expect(await two('tenant')).toEqual(['pushed', 'pushed']);
      await limits.configure('*', rate(1));
      expect(await two('other')).toEqual(['pushed', 'limited']);
    });

    it('counts only jobs that are kept', async () => {
      const { limits, jobs, queues } = subject.store;
      await limits.configure('worker:w', rate(2));
      await queues.configure('closed', { closed: true });
      const keyed = { idempotency: { key: 'k', digest: 'd' } };
      expect(kinds(await push(keyed, keyed, { queue: 'closed' }))).toEqual(['pushed', 'replayed', 'closed']);
      const job = await subject.claimOne();
      await subject.succeed(job);
      expect(await jobs.change(job.id, restartMoves)).toMatchObject({ kind: 'changed' });
      expect(await limits.list()).toMatchObject([{ left: 1 }]);
      expect(kinds(await push({}, {}, keyed))).toEqual(['pushed', 'limited', 'replayed']);
    });

    it('holds for what an attempt pushes', async () => {
      const job = await subject.running();
      await subject.store.limits.configure('worker:v', rate(1));
      const pushed = [{ kind: 'pushed' }, { kind: 'limited', key: 'worker:v' }];
      expect(await subject.report(job, { push: [asked({ worker: 'v' }), asked({ worker: 'v' })] })).toMatchObject({
        kind: 'reported',
        pushed,
      });
    });

    it('is asked in the same step as a push that is made at the same time', async () => {
      await subject.store.limits.configure('worker:w', rate(5));
      const all = await Promise.all(Array.from({ length: 20 }, () => push({})));
      expect(kinds(all.flat()).filter((kind) => kind === 'pushed')).toHaveLength(5);
    });
  });
}

function causingSuite(open: Open): void {
  describe('a limit that is reached', () => {
    const subject = new Subject(open);
    const owned = (): NewJob => asked({ owner: ownerOf(trigger('a')) });

    it('puts a firing off, which is then counted', async () => {
      const { store } = subject;
      await store.definitions.put([putOf('a')]);
      await store.limits.configure('worker:w', rate(1));
      await subject.push();
      const before = await found(store, 'a');
      expect(await fireNow(store, 'a', { jobs: [owned()] })).toEqual({ kind: 'putOff', reason: 'limited' });
      expect((await subject.entries()).at(-1)?.fired).toMatchObject([{ putOff: true, note: putOffNotes.limited }]);
      expect((await found(store, 'a')).due).toBeGreaterThanOrEqual((before.due ?? 0) + putOffFor);
      await subject.advance(2 * minute);
      expect(await fireNow(store, 'a', { jobs: [owned()] })).toMatchObject({ kind: 'fired' });
      expect(kinds(await store.jobs.push([asked()]))).toEqual(['limited']);
    });

    it('takes a firing of more jobs than it ever has as soon as it is whole, and then waits for longer', async () => {
      const { store } = subject;
      await store.definitions.put([putOf('a')]);
      await store.limits.configure('worker:w', rate(2));
      expect(await fireNow(store, 'a', { jobs: [owned(), owned(), owned()] })).toMatchObject({ kind: 'fired' });
      await subject.advance(minute + second);
      expect(kinds(await store.jobs.push([asked()]))).toEqual(['limited']);
      await subject.advance(minute);
      expect(kinds(await store.jobs.push([asked()]))).toEqual(['pushed']);
    });

    it('refuses what events cause, and counts what is pushed for a reader that waits, without refusing it', async () => {
      const { store } = subject;
      await store.limits.configure('worker:w', rate(1));
      const causes = [jobOf(null), jobOf(null)];
      expect(await store.journal.publish(publishOf([], { causes }))).toMatchObject({ causes: [{ kind: 'pushed' }, { kind: 'limited' }] });
      const follow = { name: 'reader', from: 0, to: 1, waits: true };
      expect(await store.journal.publish(publishOf([], { causes, follow }))).toMatchObject({
        causes: [{ kind: 'pushed' }, { kind: 'pushed' }],
      });
      await subject.advance(minute + second);
      expect(kinds(await store.jobs.push([asked()]))).toEqual(['limited']);
      await subject.advance(minute);
      expect(kinds(await store.jobs.push([asked()]))).toEqual(['pushed']);
    });
  });
}
