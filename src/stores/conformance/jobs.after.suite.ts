import { describe, expect, it } from 'vitest';
import type { JobId } from '../../core/id.ts';
import { type After, type Job, type NewJob, noResult } from '../../core/job.ts';
import { arrived } from '../../core/transfer.ts';
import { cancelMoves, createJob, deletable, restartMoves, settleMoves } from '../../core/transitions.ts';
import type { Pushed } from '../../ports/store/jobs.ts';
import { firingOf, found, putOf } from './definitions.ts';
import { within } from './jobs.expire.suite.ts';
import { anyQueue, asked, kept, minute, type Open, only, refOf, retrying, Subject, second, unique } from './subject.ts';

/** Waits for these jobs, in a queue of its own unless something else is said. */
export const behind = (jobs: readonly Pick<Job, 'id'>[], onFailure: After['onFailure'] = 'cancel'): Pick<NewJob, 'options'> => {
  return { options: { ...asked().options, after: { jobs: jobs.map(({ id }) => id), onFailure } } };
};

export function afterSuite(open: Open): void {
  describe('a job that waits for others', () => {
    const subject = new Subject(open);
    const pushOne = async (otherwise: Partial<NewJob>): Promise<Pushed> => only(await subject.store.jobs.push([asked(otherwise)]));
    const end = (job: Pick<Job, 'id'>): Promise<unknown> => subject.store.jobs.change(job.id, cancelMoves);
    const claimed = async (slots = 9): Promise<readonly JobId[]> => (await subject.claim(slots)).map(({ id }) => id);
    /** Ids go on from one that came from a clock a minute ahead: those that follow are known. Answers what came in, and the last id. */
    const goAhead = async (job: Job): Promise<readonly [Job, JobId]> => {
      const ahead = { ...job, id: String(BigInt(job.id) + (BigInt(minute) << 22n)), state: 'queued', result: noResult } as const;
      await subject.store.jobs.restore([arrived({ job: ahead, attempts: [] }, job.createdAt)]);
      return [ahead, (await subject.push()).id];
    };
    const standing = async ({ id }: Pick<Job, 'id'>): Promise<string> => {
      const { state, reason } = await subject.get(id);
      return `${state} ${reason}`;
    };

    it('is scheduled until all of them have ended, and tells how many are left', async () => {
      const [a, b] = [await subject.running(), await subject.running()];
      const waiting = await subject.push(behind([a, b]));
      expect(waiting).toMatchObject({ state: 'scheduled', reason: 'after 2 left', fence: '0' });
      expect(waiting.options.after).toEqual({ jobs: [a.id, b.id], onFailure: 'cancel' });
      expect(await claimed()).toEqual([]);
      await subject.succeed(a);
      expect(await claimed()).toEqual([]);
      expect(await standing(waiting)).toBe('scheduled after 1 left');
      await subject.succeed(b);
      expect(await claimed()).toEqual([waiting.id]);
      expect(await standing(waiting)).toBe('running ');
      const verbs = (await subject.entries()).flatMap(({ moved }) => moved).filter(({ ids }) => ids.includes(waiting.id));
      expect(verbs.map(({ verb }) => verb)).toEqual(['push', 'promote', 'claim']);
    });

    it('is answered with how many are left, so that nobody has to read it to know how it stands', async () => {
      const [a, b] = [await subject.running(), await subject.running()];
      await subject.succeed(b);
      const { now } = await subject.store.upkeep.time();
      const pushes = [
        asked(behind([a])),
        asked({ ...behind([a, await subject.push()], 'start'), start: { delay: minute } }),
        asked({ ...behind([a]), start: { at: now + minute } }),
        asked(behind([b])),
        asked(),
      ];
      const pushed = await subject.store.jobs.push(pushes);
      expect(pushed.map((each) => (each.kind === 'pushed' ? (each.left ?? 0) : each.kind))).toEqual([1, 2, 1, 0, 0]);
      expect(pushed.map((each) => 'left' in each)).toEqual([true, true, true, false, false]);
      for (const [at, job] of pushes.entries()) {
        const each = pushed[at];
        if (each?.kind !== 'pushed') return expect.fail();
        const { dueAt, ...record } = createJob(job, each.id, each.createdAt, each.createdAt, each.left);
        const { dueAt: due, ...found } = await subject.get(each.id);
        expect(found).toEqual(record);
        expect(Math.abs(due - dueAt)).toBeLessThanOrEqual(1);
      }
      const told = await subject.report(a, { push: [asked(), asked(behind([a]))] });
      expect(told).toMatchObject({ pushed: [{ kind: 'pushed' }, { kind: 'pushed', left: 1 }] });
    });

    it('is found and counted as scheduled', async () => {
      const job = await subject.running();
      const waiting = await subject.push(behind([job]));
      const filter = [{ field: 'state', not: false, any: ['scheduled'] }] as const;
      const query = { filter, match: null, order: 'oldest', from: null, limit: 9, brief: false, lookAt: null } as const;
      expect((await subject.store.jobs.list(query)).jobs).toEqual([waiting]);
      expect(only(await subject.store.jobs.count()).counts).toMatchObject({ scheduled: 1, running: 1 });
    });

    it('is ready without a claim, too, and whoever claims is told to look', async () => {
      const job = await subject.running();
      const waiting = await subject.push(behind([job]));
      expect(await subject.hintDuring('ready', () => subject.succeed(job))).toMatchObject({ kind: 'ready' });
      expect(await subject.store.jobs.promote(100)).toBeGreaterThan(0);
      expect(await subject.stateOf(waiting.id)).toBe('queued');
    });

    it('waits for its own time besides', async () => {
      const job = await subject.running();
      const { now } = await subject.store.upkeep.time();
      const delayed = await subject.push({ ...behind([job]), start: { delay: 10 * minute } });
      const timed = await subject.push({ ...behind([job]), start: { at: now + 20 * minute } });
      const past = await subject.push({ ...behind([job]), start: { at: now - minute } });
      expect(await standing(delayed)).toBe('scheduled after 1 left');
      await subject.succeed(job);
      expect(await claimed()).toEqual([past.id]);
      expect(await standing(delayed)).toBe('scheduled ');
      expect((await subject.request([anyQueue(1)])).nextIn).toBeLessThanOrEqual(10 * minute);
      await subject.advance(11 * minute);
      expect(await claimed()).toEqual([delayed.id]);
      await subject.advance(10 * minute);
      expect(await claimed()).toEqual([timed.id]);
    });

    it('is due at once when its own time comes before the others have ended', async () => {
      const job = await subject.running();
      const delayed = await subject.push({ ...behind([job]), start: { delay: minute } });
      await subject.advance(2 * minute);
      const { jobs, nextIn } = await subject.request([anyQueue(1)]);
      expect([jobs, nextIn]).toEqual([[], null]);
      await subject.succeed(job);
      expect(await claimed()).toEqual([delayed.id]);
    });

    it('is not held up by a clock that has been put back since it was pushed', async () => {
      const job = await subject.running();
      const [ahead, last] = await goAhead(job);
      const waiting = await subject.push(behind([job]));
      await subject.succeed(job);
      expect(await claimed()).toEqual([ahead.id, last, waiting.id]);
    });

    it('is canceled as soon as one fails, and so are those behind it', async () => {
      const [a, b] = [await subject.running(), await subject.running()];
      const first = await subject.push(behind([a, b]));
      const second = await subject.push(behind([first]));
      const third = await subject.push(behind([b, second]));
      await subject.fail(a);
      const told = await subject.hintDuring('ended', () => subject.store.jobs.promote(100));
      expect(told).toEqual({ kind: 'ended', ids: [first.id, second.id, third.id] });
      expect(await Promise.all([first, second, third].map(standing))).toEqual([
        `canceled after ${a.id}`,
        `canceled after ${first.id}`,
        `canceled after ${second.id}`,
      ]);
      expect((await subject.entries()).at(-1)?.moved).toEqual([{ verb: 'cancel', ids: [first.id, second.id, third.id] }]);
      await subject.succeed(b);
      expect(await claimed()).toEqual([]);
      expect(await standing(third)).toBe(`canceled after ${second.id}`);
    });

    it('starts all the same if that is asked for', async () => {
      const [a, b] = [await subject.running(), await subject.push()];
      const waiting = await subject.push(behind([a, b], 'start'));
      await subject.fail(a);
      await end(b);
      expect(await claimed()).toEqual([waiting.id]);
    });

    it('waits on while an attempt is tried again, comes back, or its job is being stopped', async () => {
      const job = await subject.running(retrying(2));
      const waiting = await subject.push(behind([job]));
      await subject.fail(job);
      await subject.advance(2 * minute);
      const again = await subject.claimOne();
      await subject.release(again);
      const last = await subject.claimOne();
      await end(last);
      expect(await standing(waiting)).toBe('scheduled after 1 left');
      await subject.store.jobs.settle(refOf(last), settleMoves(last, { kind: 'skipped', result: noResult }, 0.5));
      expect(await claimed()).toEqual([]);
      expect(await standing(waiting)).toBe(`canceled after ${job.id}`);
    });

    it('counts those that have ended before as they have ended', async () => {
      const [good, bad] = [await subject.running(), await subject.running()];
      await subject.succeed(good);
      await subject.fail(bad);
      expect(await subject.stateOf((await subject.push(behind([good]))).id)).toBe('queued');
      expect(await subject.stateOf((await subject.push(behind([good, bad], 'start'))).id)).toBe('queued');
      expect(await claimed()).toHaveLength(2);
      const waiting = await subject.push(behind([good, bad]));
      expect(await claimed()).toEqual([]);
      expect(await standing(waiting)).toBe(`canceled after ${bad.id}`);
    });

    it('is refused when one of them is not there or is of another domain, and others of the call are kept', async () => {
      const job = await subject.push();
      const elsewhere = await subject.push({ domain: 'd' });
      expect(await pushOne(behind([job, { id: '12345' }]))).toEqual({ kind: 'dangling', awaited: '12345' });
      expect(await pushOne(behind([elsewhere]))).toEqual({ kind: 'dangling', awaited: elsewhere.id });
      expect(await pushOne({ ...behind([elsewhere]), domain: 'd' })).toMatchObject({ kind: 'pushed' });
      const pushed = await subject.store.jobs.push([asked(), asked(behind([{ id: '9' }])), asked(behind([job]))]);
      expect(pushed.map(({ kind }) => kind)).toEqual(['pushed', 'dangling', 'pushed']);
      await end(job);
      await subject.store.jobs.remove(job.id, deletable);
      expect(await pushOne(behind([job]))).toEqual({ kind: 'dangling', awaited: job.id });
    });

    it('is kept as any other when one before it in the call named its id before it was there', async () => {
      const job = await subject.running();
      const [ahead, last] = await goAhead(job);
      const [first = '', second = '', third = ''] = [1n, 2n, 3n].map((steps) => String(BigInt(last) + steps));
      const guess = behind([{ id: first }, { id: second }, { id: third }]);
      const pushed = await subject.store.jobs.push([asked(guess), asked(behind([job])), asked(behind([job])), asked(guess), asked()]);
      expect(pushed.map((each) => (each.kind === 'pushed' ? each.id : each.kind))).toEqual(['dangling', first, second, 'dangling', third]);
      for (const id of [first, second]) expect(await standing({ id })).toBe('scheduled after 1 left');
      expect(await claimed()).toEqual([ahead.id, last, third]);
      await subject.succeed(job);
      expect(await claimed()).toEqual([first, second]);
    });

    it('is the job of its idempotency key, whatever has become of the others', async () => {
      const job = await subject.running();
      const push = { ...behind([job]), idempotency: { key: 'k', digest: 'd' } };
      const waiting = await subject.push(push);
      await subject.succeed(job);
      await subject.store.jobs.remove(job.id, deletable);
      expect(await pushOne(push)).toMatchObject({ kind: 'replayed', id: waiting.id });
    });

    it('may be pushed by the attempt for which it waits', async () => {
      const job = await subject.running();
      const reported = await subject.report(job, { push: [asked(behind([job]))] });
      await subject.succeed(job);
      expect(await claimed()).toEqual(reported.kind === 'reported' ? reported.pushed.map((each) => ('id' in each ? each.id : '')) : []);
    });

    it('is canceled by people at once, and starts when they restart it, whatever it waited for', async () => {
      const job = await subject.running();
      const waiting = await subject.push(behind([job]));
      const next = await subject.push(behind([waiting], 'start'));
      expect(await subject.store.jobs.change(waiting.id, restartMoves)).toEqual({ kind: 'refused', state: 'scheduled' });
      await end(waiting);
      expect(await standing(waiting)).toBe('canceled ');
      expect(await claimed()).toEqual([next.id]);
      await subject.store.jobs.change(waiting.id, restartMoves);
      expect(await claimed()).toEqual([waiting.id]);
      await subject.fail(job);
      await subject.store.jobs.promote(100);
      expect(await standing(waiting)).toBe('running ');
    });

    it('has waited when somebody restarts the others, deletes them, or they are swept', async () => {
      const [a, b, c] = [await subject.running(), await subject.running(), await subject.running()];
      const waiting = await subject.push(behind([a, b, c]));
      for (const job of [a, b, c]) await subject.succeed(job);
      await subject.store.jobs.change(a.id, restartMoves);
      await subject.store.jobs.remove(b.id, deletable);
      await subject.advance(minute);
      const retention = { ended: second, journal: 99 * minute, told: null, idempotency: 99 * minute, output: 1_000, limit: 100 };
      expect(await subject.store.upkeep.sweep(retention)).toMatchObject({ jobs: 1 });
      expect(await claimed()).toEqual([a.id, waiting.id]);
    });

    it('waits for the end that comes after it began to, whatever is still told of an earlier one', async () => {
      const job = await subject.running();
      const first = await subject.push(behind([job]));
      await subject.fail(job);
      await subject.store.jobs.change(job.id, restartMoves);
      const second = await subject.push(behind([job]));
      const copy = { ...second, id: '4194304', result: noResult };
      expect(await subject.store.jobs.restore([arrived({ job: copy, attempts: [] }, second.createdAt)])).toEqual(['restored']);
      await subject.store.jobs.promote(100);
      expect(await standing(first)).toBe(`canceled after ${job.id}`);
      for (const waiting of [second, copy]) expect(await standing(waiting)).toBe('scheduled after 1 left');
      await subject.succeed(await subject.claimOne());
      expect(new Set(await claimed())).toEqual(new Set([copy.id, second.id]));
      expect((await subject.store.upkeep.scrub(null, 10_000)).repaired).toEqual({});
    });

    it('is told of the first end after it began to wait, also when a second one comes before', async () => {
      const job = await subject.running();
      await subject.store.jobs.push(Array.from({ length: 1_200 }, () => asked(behind([job]))));
      await subject.succeed(job);
      await subject.store.jobs.promote(1_000);
      await subject.store.jobs.change(job.id, restartMoves);
      const last = await subject.push(behind([job]));
      await end(job);
      await subject.store.jobs.promote(1_000);
      expect(only(await subject.store.jobs.count()).counts).toMatchObject({ scheduled: 0, queued: 1_200, canceled: 2 });
      expect(await standing(last)).toBe(`canceled after ${job.id}`);
    });

    it('expires while it waits, is unique while it waits, and its queue may be paused', async () => {
      const job = await subject.running();
      const { options } = asked(behind([job]));
      const expiring = await subject.push({
        options: { ...options, ...within({ delay: 10 * minute }).options, ...behind([job]).options, startBefore: { delay: 10 * minute } },
      });
      const scoped = { options: { ...options, ...unique('started', 'key:a').options, after: options.after } } as Pick<NewJob, 'options'>;
      const only = await subject.push({ ...scoped, queue: 'p' });
      expect(await pushOne({ ...scoped, queue: 'p' })).toMatchObject({ kind: 'duplicate', id: only.id });
      await subject.store.queues.configure('p', { paused: true });
      await subject.advance(11 * minute);
      expect(await claimed()).toEqual([]);
      expect(await standing(expiring)).toBe('canceled expired');
      await subject.succeed(job);
      expect(await claimed()).toEqual([]);
      expect(await standing(only)).toBe('queued ');
    });

    it('is told of every way to end: of losses, and of those that expire', async () => {
      const lost = await subject.running({ options: { ...asked().options, onLost: 'fail' } });
      const late = await subject.push({ ...within({ delay: minute }), worker: 'nobody' });
      const [first, second] = [await subject.push(behind([lost])), await subject.push(behind([late]))];
      await subject.store.nodes.forget('node');
      await subject.advance(2 * minute);
      await subject.store.jobs.promote(100);
      await subject.store.jobs.promote(100);
      expect(await Promise.all([first, second].map(standing))).toEqual([`canceled after ${lost.id}`, `canceled after ${late.id}`]);
    });

    it('comes in with an import: what is not there has ended, what has failed ends it, and for the others it waits', async () => {
      const running = await subject.running();
      const failed = await subject.running();
      await subject.fail(failed);
      const like = await subject.push(behind([running]));
      const copyOf = (id: string, jobs: readonly Pick<Job, 'id'>[], reason = 'after 2 left') =>
        arrived({ job: { ...like, ...behind(jobs), id, reason, result: noResult }, attempts: [] }, like.createdAt);
      const copies = [
        copyOf('4194304', [{ id: '7' }, { id: '4194304' }]),
        copyOf('8388608', [{ id: '7' }, running]),
        copyOf('12582912', [failed, running]),
        copyOf('16777216', [failed], ''),
      ];
      expect(await subject.store.jobs.restore(copies)).toEqual(copies.map(() => 'restored'));
      expect(await standing({ id: '8388608' })).toBe('scheduled after 1 left');
      expect(new Set(await claimed())).toEqual(new Set(['4194304', '16777216']));
      expect(await standing({ id: '12582912' })).toBe(`canceled after ${failed.id}`);
      await subject.succeed(running);
      expect(new Set(await claimed())).toEqual(new Set(['8388608', like.id]));
      expect((await subject.store.upkeep.scrub(null, 10_000)).repaired).toEqual({});
    });

    it('goes when it is set aside; one that waits for a job that is set aside is canceled', async () => {
      const [a, b] = [await subject.running(), await subject.running()];
      const [one, two] = [await subject.push(behind([a])), await subject.push(behind([b]))];
      expect(await subject.store.upkeep.setAside(one.id, 'a test')).toBe(true);
      expect(await subject.store.upkeep.setAside(b.id, 'a test')).toBe(true);
      await subject.succeed(a);
      expect(await claimed()).toEqual([]);
      expect(await standing(two)).toBe(`canceled after ${b.id}`);
      await subject.store.upkeep.scrub(null, 10_000);
      expect((await subject.store.upkeep.scrub(null, 10_000)).repaired).toEqual({});
      expect(await subject.store.jobs.promote(100)).toBe(0);
    });

    it('belongs to its definition while it waits, and is replaced with its others', async () => {
      const job = await subject.running();
      const waiting = await subject.push({ ...behind([job]), owner: 'trigger//a' });
      await end(waiting);
      expect(await standing(waiting)).toBe('canceled ');
      await subject.succeed(job);
      expect((await subject.store.upkeep.scrub(null, 10_000)).repaired).toEqual({});
    });

    it('leaves nothing when it is replaced in the turn in which it was pushed', async () => {
      const { jobs, definitions, upkeep } = subject.store;
      const job = await subject.running();
      await definitions.put([putOf('a')]);
      const replacing = firingOf(await found(subject.store, 'a'), { jobs: [asked({ owner: 'trigger//a' })], overlap: 'replace' });
      const [pushed] = await Promise.all([jobs.push([asked({ ...behind([job]), owner: 'trigger//a' })]), definitions.fire([replacing])]);
      expect(await standing(only(kept(pushed)))).toBe('canceled ');
      expect((await upkeep.scrub(null, 10_000)).repaired).toEqual({});
    });

    it('takes more of a step when it is canceled: as much as it still waited for', async () => {
      const jobs = kept(await subject.store.jobs.push(Array.from({ length: 50 }, () => asked())));
      await subject.store.jobs.push(Array.from({ length: 30 }, () => asked(behind(jobs))));
      await end(only(jobs.slice(0, 1)));
      expect(await subject.store.jobs.promote(100)).toBe(1_000);
      expect(only(await subject.store.jobs.count()).counts).toMatchObject({ scheduled: 10, canceled: 21 });
      expect(await subject.store.jobs.promote(100)).toBe(501);
      expect(only(await subject.store.jobs.count()).counts).toMatchObject({ scheduled: 0, canceled: 31 });
    });

    it('takes its part of a step: as many as may wait for one job are told in several', async () => {
      const count = 2_500;
      const job = await subject.running();
      const all = await subject.store.jobs.push(Array.from({ length: count }, () => asked(behind([job]))));
      expect(all.every(({ kind }) => kind === 'pushed')).toBe(true);
      await subject.succeed(job);
      const first = await subject.request([anyQueue(1)]);
      expect([first.jobs.length, first.nextIn]).toEqual([1, 0]);
      expect(only(await subject.store.jobs.count()).counts).toMatchObject({ scheduled: 1_500, queued: 999, running: 1 });
      await subject.store.jobs.promote(1_000);
      await subject.store.jobs.promote(1_000);
      expect(only(await subject.store.jobs.count()).counts).toMatchObject({ scheduled: 0, queued: 2_499 });
      expect((await subject.store.upkeep.scrub(null, 10_000)).repaired).toEqual({});
    });
  });
}
