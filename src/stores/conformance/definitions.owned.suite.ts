import { describe, expect, it } from 'vitest';
import { type DefinitionKey, ownerOf } from '../../core/definition.ts';
import type { Job } from '../../core/job.ts';
import { jobLimits } from '../../core/new-job.ts';
import type { Owned } from '../../core/owned.ts';
import { cancelMoves, deletable, restartMoves } from '../../core/transitions.ts';
import { found, putOf, trigger, walked } from './definitions.ts';
import { asked, minute, type Open, only, retrying, Subject, second, ttl } from './subject.ts';

export function ownedSuite(open: Open): void {
  factsSuite(open);
  wakingSuite(open);
  ownedJobsSuite(open);
}

function factsSuite(open: Open): void {
  describe('what the jobs of a definition did', () => {
    const subject = new Subject(open);
    const of = (otherwise: Partial<Job> = {}) => ({ owner: ownerOf(trigger('a')), ...otherwise });
    const define = () => subject.store.definitions.put([putOf('a', { due: 'never' })]);
    /** Told by the definition, and the same by a walk over the jobs. */
    async function told(key: DefinitionKey = trigger('a')): Promise<Owned> {
      const { owned } = await found(subject.store, key.key, key.domain);
      expect(owned).toEqual(await walked(subject.store, key));
      return owned;
    }
    const run = async (otherwise: Partial<Job> = {}): Promise<Job> => subject.running(of(otherwise));

    it('is told from the push on', async () => {
      await define();
      const waits = await subject.push(of({ manual: true }));
      const fact = { id: waits.id, at: waits.createdAt, end: null, error: '' };
      expect(await told()).toEqual({ newest: fact, succeeded: null, failed: null, manual: fact, live: 1 });
      await subject.push({ owner: ownerOf(trigger('b')) });
      await subject.push();
      expect((await told()).live).toBe(1);
    });

    it('is told of each end, with its time and error', async () => {
      await define();
      const succeeded = await run();
      await subject.succeed(succeeded);
      const failed = await run();
      await subject.fail(failed, 'broken');
      const owned = await told();
      expect(owned.succeeded).toEqual({ id: succeeded.id, at: (await subject.get(succeeded.id)).endedAt, end: 'succeeded', error: '' });
      expect(owned.failed).toMatchObject({ id: failed.id, end: 'failed', error: 'broken' });
      expect(owned.newest).toEqual(owned.failed);
      expect(owned.live).toBe(0);
    });

    it('is told of an error that was cut within a character', async () => {
      await define();
      await subject.fail(await run(), 'cut \ud83d');
      expect((await told()).failed).toMatchObject({ end: 'failed' });
    });

    it('is right when runs overlap and the older one ends last', async () => {
      await define();
      const [older, newer] = [await run(), await run()];
      await subject.succeed(newer, 'new');
      await subject.advance(minute);
      await subject.succeed(older, 'old');
      expect((await told()).succeeded?.id).toBe(newer.id);
      const [failsLast, failsFirst] = [await run(), await run()];
      await subject.fail(failsFirst, 'first');
      await subject.fail(failsLast, 'last');
      expect((await told()).failed).toMatchObject({ id: failsFirst.id, error: 'first' });
    });

    it('is right when a job is tried again, canceled while it waits or stopped while it runs', async () => {
      await define();
      const tried = await run(retrying(2));
      await subject.fail(tried);
      expect((await told()).live).toBe(1);
      await subject.store.jobs.change(tried.id, cancelMoves);
      expect(await told()).toMatchObject({ live: 0, failed: null, newest: { end: 'canceled' } });
      const waits = await subject.push(of({ manual: true }));
      await subject.store.jobs.change(waits.id, cancelMoves);
      expect((await told()).manual).toMatchObject({ end: 'canceled' });
      const stops = await run();
      await subject.store.jobs.change(stops.id, cancelMoves);
      expect((await told()).live).toBe(1);
      await subject.fail(stops);
      expect(await told()).toMatchObject({ live: 0, failed: null });
    });

    it('is right when its holder is buried, leaves or is forgotten, or an outside holder is too late', async () => {
      await define();
      const fails = { options: { ...asked().options, onLost: 'fail' as const } };
      await subject.push(of(fails));
      await subject.claimOne({ holder: 'outside', attemptTtl: 5 * second });
      await subject.push(of());
      await subject.claimOne({ holder: 'leaves' });
      await subject.store.nodes.leave('leaves');
      expect((await told()).live).toBe(2);
      await subject.buryFor(2 * ttl);
      expect(await told()).toMatchObject({ live: 1, failed: { error: expect.stringContaining('lost') } });
      await subject.push(of(fails));
      await subject.claim(2, { holder: 'forgotten' });
      await subject.store.nodes.forget('forgotten');
      expect((await told()).live).toBe(1);
      await subject.push(of(fails));
      await subject.join('dies', ttl);
      await subject.claim(2, { holder: 'dies' });
      await subject.buryFor(3 * ttl);
      expect(await told()).toMatchObject({ live: 1, newest: { end: 'failed' } });
    });

    it('is right when ended jobs are restarted, and when they end again', async () => {
      await define();
      const [first, second] = [await run({ manual: true }), await run()];
      await subject.fail(first, 'first');
      await subject.fail(second, 'second');
      await subject.store.jobs.change(second.id, restartMoves);
      expect(await told()).toMatchObject({ live: 1, failed: { id: first.id }, newest: { id: second.id, end: null } });
      await subject.store.jobs.change(first.id, restartMoves);
      expect(await told()).toMatchObject({ live: 2, failed: null, manual: { end: null } });
      for (const job of await subject.claim(2)) await subject.succeed(job);
      expect(await told()).toMatchObject({ live: 0, succeeded: { id: second.id } });
    });

    it('is right when jobs are deleted', async () => {
      await define();
      const [older, newer] = [await run({ manual: true }), await run({ manual: true })];
      await subject.succeed(older);
      await subject.succeed(newer);
      await subject.store.jobs.remove(newer.id, deletable);
      expect(await told()).toMatchObject({ live: 0, newest: { id: older.id }, succeeded: { id: older.id }, manual: { id: older.id } });
      await subject.store.jobs.remove(older.id, deletable);
      expect(await told()).toEqual({ newest: null, succeeded: null, failed: null, manual: null, live: 0 });
    });

    it('outlives the records that retention takes', async () => {
      await define();
      const job = await run();
      await subject.fail(job, 'long ago');
      await subject.advance(10 * minute);
      const retention = { ended: minute, journal: 1_000 * minute, told: null, idempotency: 1_000 * minute, output: 16_384, limit: 9 };
      expect(await subject.store.upkeep.sweep(retention)).toMatchObject({ jobs: 1 });
      expect((await found(subject.store, 'a')).owned).toMatchObject({
        live: 0,
        failed: { id: job.id, error: 'long ago' },
        newest: { id: job.id },
      });
      const next = await run();
      await subject.succeed(next);
      expect((await found(subject.store, 'a')).owned).toMatchObject({ failed: { id: job.id }, newest: { id: next.id }, live: 0 });
    });

    it('is right for a definition that comes after its jobs', async () => {
      const [ended, waits] = [await run(), await subject.push(of())];
      await subject.succeed(ended);
      await define();
      expect(await told()).toMatchObject({ live: 1, newest: { id: waits.id }, succeeded: { id: ended.id } });
    });
  });
}

function wakingSuite(open: Open): void {
  describe('the end of a job', () => {
    const subject = new Subject(open);
    const due = async (): Promise<readonly string[]> =>
      (await subject.store.definitions.due(['trigger'], 9, 0)).definitions.map(({ key }) => key);

    it('makes a definition due that asks for it, and no other', async () => {
      await subject.store.definitions.put([putOf('asks', { due: 'never', dueOnEnd: true }), putOf('not', { due: 'never' })]);
      const [asks, not] = [
        await subject.running({ owner: ownerOf(trigger('asks')), ...retrying(2) }),
        await subject.running({ owner: ownerOf(trigger('not')) }),
      ];
      await subject.fail(asks);
      await subject.succeed(not);
      expect(await due()).toEqual([]);
      const ending = async () => {
        await subject.store.jobs.change(asks.id, cancelMoves);
      };
      expect(await subject.hintDuring('defined', ending)).toEqual({ kind: 'defined' });
      expect(await due()).toEqual(['asks']);
    });

    it('makes it due at once although it was due later, and not later than it was', async () => {
      await subject.store.definitions.put([putOf('a', { dueOnEnd: true })]);
      const early = (await found(subject.store, 'a')).due;
      await subject.advance(minute);
      await subject.succeed(await subject.running({ owner: ownerOf(trigger('a')) }));
      expect((await found(subject.store, 'a')).due).toBe(early);
    });
  });
}

function ownedJobsSuite(open: Open): void {
  describe('a job of a definition', () => {
    const subject = new Subject(open);

    it('keeps its owner, its limit and what it is about', async () => {
      const fields = { owner: 'trigger/acme/a b%;/c', limit: 'mail:tenant 7', about: '{"tick": 1.0}' };
      const pushed = await subject.push(fields);
      expect(pushed).toMatchObject(fields);
      const job = await subject.claimOne();
      expect(job).toMatchObject(fields);
      await subject.fail(job);
      await subject.store.jobs.change(job.id, restartMoves);
      expect(await subject.get(job.id)).toMatchObject(fields);
      expect(only(await subject.listAll())).toMatchObject(fields);
    });

    it('is found by its owner', async () => {
      const owners = ['trigger//a', 'trigger//b', 'trigger//a', '', 'trigger//ab'];
      const jobs = await subject.pushAll(owners.map((owner) => asked({ owner })));
      const listed = async (text: string, prefix = false): Promise<readonly number[]> => {
        const filter = [{ field: 'owner' as const, not: false, any: [{ text, prefix }] }];
        const page = await subject.store.jobs.list({
          filter,
          match: null,
          order: 'oldest',
          from: null,
          limit: 9,
          brief: true,
          lookAt: null,
        });
        return page.jobs.map(({ id }) => jobs.findIndex((job) => job.id === id));
      };
      expect(await listed('trigger//a')).toEqual([0, 2]);
      expect(await listed('trigger//a', true)).toEqual([0, 2, 4]);
      expect(await listed('')).toEqual([3]);
      expect(await listed('trigger//none')).toEqual([]);
    });

    it('keeps the newest attempts of a long history', async () => {
      await subject.push(retrying(jobLimits.attempts));
      const fences: string[] = [];
      for (let i = 0; i < jobLimits.history + 3; i++) {
        const job = await subject.claimOne();
        fences.push(job.fence);
        await subject.release(job);
      }
      const attempts = await subject.attempts(only(await subject.listAll()).id);
      expect(attempts.map(({ fence }) => fence)).toEqual(fences.slice(-jobLimits.history).toReversed());
    });
  });
}
