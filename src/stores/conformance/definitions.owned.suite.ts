import { describe, expect, it } from 'vitest';
import { type DefinitionKey, ownerOf } from '../../core/definition.ts';
import type { Job } from '../../core/job.ts';
import { jobLimits } from '../../core/new-job.ts';
import { noEnds, noFacts, type Owned } from '../../core/owned.ts';
import { cancelMoves, deletable, restartMoves } from '../../core/transitions.ts';
import { fireNow, firingOf, found, putOf, trigger, walked } from './definitions.ts';
import { asked, minute, type Open, only, retrying, Subject, second, ttl } from './subject.ts';

/** What is due anew is due a moment later. */
const soon = 1_000;

export function ownedSuite(open: Open): void {
  factsSuite(open);
  wakingSuite(open);
  countsSuite(open);
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
      expect(await told()).toEqual({ newest: fact, succeeded: null, failed: null, manual: fact, live: 1, ended: null, gone: noEnds });
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
      expect(await told()).toEqual({ ...noFacts, live: 0, ended: null });
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

    const owner = ownerOf(trigger('a'));

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

    it('makes it due when it is the last one that lives, in whichever way they end', async () => {
      await subject.store.definitions.put([putOf('a', { due: 'never', dueOnEnd: true })]);
      await subject.pushAll(Array.from({ length: 4 }, () => asked({ owner })));
      const [first, second, third, fourth] = await subject.claim(4);
      if (first === undefined || second === undefined || third === undefined || fourth === undefined) throw new Error('four were pushed');
      await subject.succeed(first);
      await subject.store.jobs.change(second.id, cancelMoves);
      await subject.store.jobs.remove(first.id, deletable);
      expect(await due()).toEqual([]);
      // In one turn, so that a store may do them in one step.
      await Promise.all([subject.fail(second), subject.fail(third), subject.succeed(fourth)]);
      await subject.advance(soon);
      expect(await due()).toEqual(['a']);
      await fireNow(subject.store, 'a');
      await subject.store.jobs.change(third.id, restartMoves);
      expect(await due()).toEqual([]);
      await subject.store.jobs.change(third.id, cancelMoves);
      await subject.advance(soon);
      expect(await due()).toEqual(['a']);
    });

    it('makes it due at once although it was due later', async () => {
      await subject.store.definitions.put([putOf('a', { dueOnEnd: true })]);
      await fireNow(subject.store, 'a', { next: ((await found(subject.store, 'a')).due ?? 0) + 60 * minute });
      expect(await due()).toEqual([]);
      await subject.succeed(await subject.running({ owner }));
      await subject.advance(soon);
      expect(await due()).toEqual(['a']);
    });

    it('makes it due anew when it is due already, so that what was decided before is not carried out', async () => {
      await subject.store.definitions.put([putOf('a', { dueOnEnd: true })]);
      const job = await subject.running({ owner });
      const before = await found(subject.store, 'a');
      expect(before.owned.live).toBe(1);
      await subject.succeed(job);
      expect(only(await subject.store.definitions.fire([firingOf(before, { next: null })]))).toEqual({ kind: 'lost' });
      await subject.advance(soon);
      expect(await due()).toEqual(['a']);
      expect((await found(subject.store, 'a')).owned.live).toBe(0);
    });
  });
}

function countsSuite(open: Open): void {
  describe('how many jobs of a definition have ended', () => {
    const subject = new Subject(open);
    const owner = ownerOf(trigger('a'));
    const counts = async () => {
      const { live, ended, gone } = (await found(subject.store, 'a')).owned;
      return { live, ended, gone };
    };
    const retention = { ended: minute, journal: 1_000 * minute, told: null, idempotency: 1_000 * minute, output: 16_384, limit: 9 };

    it('is told of one that is due on their end, and of no other', async () => {
      await subject.store.definitions.put([putOf('a', { dueOnEnd: true }), putOf('b')]);
      expect(await counts()).toEqual({ live: 0, ended: noEnds, gone: noEnds });
      expect((await found(subject.store, 'b')).owned.ended).toBeNull();
      await subject.succeed(await subject.running({ owner }));
      await subject.succeed(await subject.running({ owner, manual: true }));
      const failed = await subject.running({ owner });
      await subject.fail(failed);
      await subject.store.jobs.change((await subject.push({ owner })).id, cancelMoves);
      await subject.push({ owner });
      await subject.push({ owner: ownerOf(trigger('b')) });
      expect(await counts()).toEqual({ live: 1, ended: { succeeded: 2, failed: 1, canceled: 1 }, gone: noEnds });
      await subject.store.jobs.change(failed.id, restartMoves);
      expect(await counts()).toMatchObject({ live: 2, ended: { succeeded: 2, failed: 0, canceled: 1 } });
    });

    it('keeps those whose records were deleted, or taken by retention', async () => {
      await subject.store.definitions.put([putOf('a', { dueOnEnd: true })]);
      const [deleted, swept, stays] = [
        await subject.running({ owner }),
        await subject.running({ owner }),
        await subject.running({ owner, manual: true }),
      ];
      await subject.fail(deleted);
      await subject.store.jobs.remove(deleted.id, deletable);
      await subject.succeed(swept);
      await subject.store.jobs.change(swept.id, restartMoves);
      await subject.store.jobs.change(swept.id, cancelMoves);
      await subject.advance(2 * minute);
      await subject.succeed(stays);
      expect(await subject.store.upkeep.sweep(retention)).toMatchObject({ jobs: 1 });
      const gone = { succeeded: 0, failed: 1, canceled: 1 };
      expect(await counts()).toEqual({ live: 0, ended: { succeeded: 1, failed: 1, canceled: 1 }, gone });
      for (let cursor: string | null = null; ; ) {
        const { next, repaired } = await subject.store.upkeep.scrub(cursor, 1_000);
        expect(repaired).toEqual({});
        cursor = next;
        if (cursor === null) break;
      }
      expect((await counts()).gone).toEqual(gone);
    });

    it('comes along with a copy, whose jobs that are there tell for themselves', async () => {
      await subject.store.definitions.put([putOf('a', { dueOnEnd: true })]);
      const [deleted, stays] = [await subject.running({ owner }), await subject.running({ owner })];
      await subject.fail(deleted);
      await subject.store.jobs.remove(deleted.id, deletable);
      await subject.succeed(stays);
      const definition = await found(subject.store, 'a');
      const copy = { definition: { ...definition, key: 'b' }, parts: [] };
      expect(await subject.store.definitions.restore([copy])).toEqual(['restored']);
      const { owned } = await found(subject.store, 'b');
      expect(owned).toMatchObject({
        live: 0,
        ended: { succeeded: 0, failed: 1, canceled: 0 },
        gone: { succeeded: 0, failed: 1, canceled: 0 },
      });
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
