import { describe, expect, it } from 'vitest';
import type { StartBefore } from '../../core/expiry.ts';
import { timeOfId } from '../../core/id.ts';
import { fireNow, firingOf, found, partOf, putOf } from './definitions.ts';
import { asked, gap, minute, type Open, only, retrying, Subject, second, ttl } from './subject.ts';

const hour = 60 * minute;

export function timeSuite(open: Open): void {
  describe('the time of a store', () => {
    const subject = new Subject(open);

    it('is the one that its records show', async () => {
      const job = await subject.push();
      const { now, ahead, sweepsIn } = await subject.store.upkeep.time();
      expect(now - job.createdAt).toBeGreaterThanOrEqual(0);
      expect(now - job.createdAt).toBeLessThan(10 * second);
      expect([ahead, sweepsIn]).toEqual([0, 0]);
      await subject.advance(hour);
      expect((await subject.store.upkeep.time()).now - now).toBeGreaterThanOrEqual(hour);
    });
  });
}

/** What holds besides of a store that has the two clocks of one machine. `Opened.step` is there. */
export function steppingSuite(open: Open): void {
  describe('a wall clock that steps', () => {
    const subject = new Subject(open);
    const now = async (): Promise<number> => (await subject.store.upkeep.time()).now;
    /** About, for what passes by itself. */
    const about = (time: number) => expect.toSatisfy((other: number) => Math.abs(other - time) < 10 * second, `about ${time}`);

    it.each([hour, -hour])('by %i is what is shown', async (by) => {
      const before = await now();
      const running = await subject.running();
      await subject.step(by);
      expect(await now()).toEqual(about(before + by));
      await subject.succeed(running);
      expect(await subject.get(running.id)).toMatchObject({ startedAt: about(before), endedAt: about(before + by) });
      expect(await subject.push()).toMatchObject({ createdAt: about(before + by), dueAt: about(before + by) });
      const entry = (await subject.entries(0, 100)).at(-1);
      expect(entry?.at).toEqual(about(before + by));
    });

    it('moves what is due at a time: forward makes it due, back makes it wait', async () => {
      const start = await now();
      const job = await subject.push({ start: { at: start + 30 * minute } });
      await subject.step(hour);
      expect(await subject.request([])).toMatchObject({ nextIn: null });
      expect(await subject.get(job.id)).toMatchObject({ state: 'queued', dueAt: start + 30 * minute });
      const later = await subject.push({ start: { at: start + hour + 30 * minute } });
      await subject.step(-hour);
      expect((await subject.request([])).nextIn).toEqual(about(90 * minute));
      await subject.advance(hour);
      expect(await subject.store.jobs.promote(10)).toBe(0);
      await subject.advance(31 * minute);
      expect(await subject.store.jobs.promote(10)).toBe(1);
      expect(await subject.get(later.id)).toMatchObject({ state: 'queued', dueAt: start + 90 * minute });
    });

    it.each([hour, -hour])('by %i moves the time before which a job must start, and no time from its push', async (by) => {
      const start = await now();
      const options = (startBefore: StartBefore) => ({ options: { ...asked().options, startBefore } });
      const [interval, moment] = await subject.pushAll([
        asked(options({ delay: 10 * minute })),
        asked(options({ at: start + 30 * minute })),
      ]);
      await subject.step(by);
      await subject.store.jobs.promote(10);
      expect(await subject.stateOf(interval?.id ?? '')).toBe('queued');
      expect(await subject.stateOf(moment?.id ?? '')).toBe(by > 0 ? 'canceled' : 'queued');
      await subject.advance(11 * minute);
      await subject.store.jobs.promote(10);
      expect(await subject.stateOf(interval?.id ?? '')).toBe('canceled');
    });

    it.each([hour, -hour])('by %i changes nothing for what waits for others, but for a time of its own', async (by) => {
      const start = await now();
      const job = await subject.running();
      const options = { ...asked().options, after: { jobs: [job.id], onFailure: 'cancel' } } as const;
      const [plain, delayed, timed] = await subject.pushAll([
        asked({ options }),
        asked({ options, start: { delay: 10 * minute } }),
        asked({ options, start: { at: start + 30 * minute } }),
      ]);
      await subject.step(by);
      expect((await subject.get(delayed?.id ?? '')).dueAt).toEqual(about(start + by + 10 * minute));
      await subject.succeed(job);
      const atOnce = by > 0 ? [plain?.id, timed?.id] : [plain?.id];
      expect((await subject.claim(9)).map(({ id }) => id)).toEqual(atOnce);
      await subject.advance(11 * minute);
      expect((await subject.claim(9)).map(({ id }) => id)).toEqual([delayed?.id]);
    });

    it.each([hour, -hour])('by %i moves no delay and no backoff', async (by) => {
      const start = await now();
      const failed = await subject.running(retrying(2));
      await subject.fail(failed);
      const delayed = await subject.push({ start: { delay: 10 * minute } });
      await subject.step(by);
      const backoff = (await subject.get(failed.id)).dueAt - start - by;
      expect(backoff).toBeGreaterThan(30 * second);
      expect(backoff).toBeLessThan(2 * minute);
      expect(await subject.get(delayed.id)).toMatchObject({ state: 'scheduled', dueAt: about(start + by + 10 * minute) });
      expect((await subject.request([])).nextIn).toEqual(about(backoff));
      expect(await subject.store.jobs.promote(10)).toBe(0);
      await subject.advance(2 * minute);
      expect(await subject.store.jobs.promote(10)).toBe(1);
      await subject.advance(9 * minute);
      expect(await subject.store.jobs.promote(10)).toBe(1);
      // What is no longer scheduled shows the time it was due at.
      expect(await subject.get(delayed.id)).toMatchObject({ state: 'queued', dueAt: about(start + by + 10 * minute) });
    });

    it('finds jobs by the time at which they are due, as they show it', async () => {
      await subject.push({ start: { delay: 10 * minute } });
      await subject.step(-hour);
      const { dueAt } = only(await subject.listAll());
      const within = async (from: number, to: number): Promise<number> => {
        const filter = [{ field: 'due' as const, not: false, range: { from, to } }];
        const query = { match: null, order: 'oldest' as const, from: null, limit: 10, brief: true, lookAt: null };
        return (await subject.store.jobs.list({ ...query, filter })).jobs.length;
      };
      expect([await within(dueAt, dueAt + 1), await within(dueAt + 1, dueAt + hour)]).toEqual([1, 0]);
    });

    it('back takes nothing back from ids and fences, and is told as being behind them', async () => {
      const before = await subject.running();
      await subject.step(-hour);
      const after = await subject.running();
      expect(BigInt(after.id)).toBeGreaterThan(BigInt(before.id));
      expect(BigInt(after.fence)).toBeGreaterThan(BigInt(before.fence));
      expect(timeOfId(after.id)).toBeGreaterThan(after.createdAt);
      expect((await subject.store.upkeep.time()).ahead).toEqual(about(hour));
      await subject.advance(hour + minute);
      const later = await subject.running();
      expect(timeOfId(later.id)).toEqual(about(later.createdAt));
      expect((await subject.store.upkeep.time()).ahead).toBe(0);
    });

    it('ends no lease and no deadline, and lets none last longer', async () => {
      await subject.join('node', ttl);
      await subject.push();
      await subject.claim(1, { holder: 'browser', attemptTtl: ttl });
      for (const by of [hour, -2 * hour, hour]) {
        await subject.step(by);
        expect(await subject.store.nodes.bury(ttl, gap)).toEqual({ incarnations: [], attempts: 0 });
        expect(await subject.nodeOf('node')).toMatchObject({ leaseLeft: about(ttl), heardAgo: about(0) });
      }
      await subject.step(-hour);
      let attempts = 0;
      const incarnations: string[] = [];
      for (let passed = 0; passed < 2 * ttl; passed += 10 * second) {
        await subject.advance(10 * second);
        const buried = await subject.store.nodes.bury(ttl, gap);
        attempts += buried.attempts;
        incarnations.push(...buried.incarnations);
      }
      expect([attempts, incarnations]).toEqual([1, ['node']]);
    });

    it('neither fills a rate limit nor keeps it empty', async () => {
      await subject.store.queues.configure('q', { rate: { max: 1, per: minute } });
      await subject.pushAll([asked(), asked()]);
      expect(await subject.claim(2)).toHaveLength(1);
      for (const by of [hour, -2 * hour]) {
        await subject.step(by);
        expect(await subject.claim(2)).toHaveLength(0);
      }
      await subject.advance(minute + second);
      expect(await subject.claim(2)).toHaveLength(1);
    });

    it('forgets no idempotency key', async () => {
      const idempotency = { key: 'k', digest: 'd' };
      const { id, createdAt } = await subject.push({ idempotency });
      await subject.store.jobs.remove(id, ['queued']);
      const kept = await subject.push();
      expect(kept.id).not.toBe(id);
      for (const by of [48 * hour, -96 * hour]) {
        await subject.step(by);
        await subject.store.upkeep.sweep({
          ended: null,
          journal: 24 * hour,
          told: null,
          idempotency: 24 * hour,
          output: 16_384,
          limit: 100,
        });
        expect(await subject.store.jobs.push([asked({ idempotency })])).toEqual([{ kind: 'replayed', id, createdAt: about(createdAt) }]);
      }
    });

    it('removes nothing for its age for an hour after it has leapt forward by more than a day', async () => {
      const job = await subject.running();
      await subject.succeed(job);
      const retention = { ended: 24 * hour, journal: 24 * hour, told: null, idempotency: 24 * hour, output: 16_384, limit: 100 };
      const sweep = () => subject.store.upkeep.sweep(retention);
      const nothing = { jobs: 0, entries: 0, keys: 0, definitions: 0, outputs: 0, more: false };
      const sweepsIn = async () => (await subject.store.upkeep.time()).sweepsIn;
      await subject.step(4 * 365 * 24 * hour);
      expect(await sweep()).toEqual(nothing);
      expect(await sweepsIn()).toEqual(about(hour));
      await subject.step(-4 * 365 * 24 * hour);
      expect(await sweepsIn()).toBe(0);
      expect(await sweep()).toEqual(nothing);
      expect(await subject.stateOf(job.id)).toBe('succeeded');
      await subject.step(48 * hour);
      await subject.advance(hour);
      expect(await sweepsIn()).toBe(0);
      expect(await sweep()).toMatchObject({ jobs: 1 });
    });

    it('tells when a job was made to who pushes it again', async () => {
      await subject.step(-hour);
      await subject.push();
      const idempotency = { key: 'k', digest: 'd' };
      const { id, createdAt } = await subject.push({ idempotency });
      expect(await subject.store.jobs.push([asked({ idempotency })])).toEqual([{ kind: 'replayed', id, createdAt }]);
    });

    it('back leaves no entries of the far future in the journal', async () => {
      await subject.step(48 * hour);
      await subject.push();
      await subject.step(-48 * hour);
      await subject.push();
      const retention = { ended: null, journal: 24 * hour, told: null, idempotency: 24 * hour, output: 16_384, limit: 100 };
      expect(await subject.store.upkeep.sweep(retention)).toMatchObject({ entries: 1 });
      expect(await subject.entries(0, 10)).toHaveLength(1);
    });

    it('moves what a definition is due at, and no window', async () => {
      const { store } = subject;
      await store.definitions.put([putOf('ticks'), putOf('gathers', { due: 'never' })]);
      const start = await now();
      await fireNow(store, 'ticks', { next: start + 30 * minute });
      await store.definitions.gather([partOf('gathers', '1')]);
      await subject.step(hour);
      const due = await store.definitions.due(['trigger'], 10, 0);
      expect(due.definitions.map(({ key }) => key)).toEqual(['ticks']);
      expect(due.nextIn).toEqual(about(10 * minute));
      expect((await found(store, 'gathers')).window).toMatchObject({
        openedAt: about(start + hour),
        closesAt: about(start + hour + 10 * minute),
      });
      await subject.step(-hour);
      expect(await store.definitions.due(['trigger'], 10, 0)).toMatchObject({ definitions: [], nextIn: about(10 * minute) });
      await subject.advance(11 * minute);
      expect((await store.definitions.due(['trigger'], 10, 0)).definitions.map(({ key }) => key)).toEqual(['gathers']);
    });

    it('back lets a definition that is due at once be due at once', async () => {
      const { store } = subject;
      await store.definitions.put([putOf('a')]);
      const { definitions } = await store.definitions.due(['trigger'], 10, 0);
      const firing = firingOf(only(definitions), { jobs: [] });
      expect(await store.definitions.fire([firing])).toMatchObject([{ kind: 'fired' }]);
      await subject.step(-hour);
      await store.definitions.put([putOf('a')]);
      await subject.advance(1);
      const again = await store.definitions.due(['trigger'], 10, 0);
      expect(again.definitions.map(({ key }) => key)).toEqual(['a']);
      // A firing that comes twice meets its own tick never again.
      expect(await store.definitions.fire([{ ...firing, version: only(again.definitions).version }])).toEqual([{ kind: 'lost' }]);
    });

    it('is a hint that a definition may be due', async () => {
      expect(await subject.hintDuring('defined', () => subject.step(hour))).toEqual({ kind: 'defined' });
    });
  });
}
