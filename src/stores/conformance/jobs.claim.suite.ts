import { describe, expect, it } from 'vitest';
import { compareIds } from '../../core/id.ts';
import { type Job, jobStates, type NewJob } from '../../core/job.ts';
import { cancelMoves, settleMoves } from '../../core/transitions.ts';
import { anyQueue, asked, kept, minute, node, type Open, only, refOf, result, retrying, Subject, second, ttl } from './subject.ts';

const namesOf = (jobs: readonly Job[]): readonly string[] => jobs.map(({ name }) => name);

export function claimSuite(open: Open): void {
  describe('claim', () => {
    const subject = new Subject(open);

    it('starts an attempt', async () => {
      const pushed = await subject.push({ payload: '[1]' });
      const claimed = await subject.claimOne();
      const { startedAt, fence } = claimed;
      expect(claimed).toEqual({ ...pushed, state: 'running', attempt: 1, holder: 'node', startedAt, fence });
      expect(startedAt).toBeGreaterThanOrEqual(pushed.createdAt);
      expect(compareIds(fence, '0')).toBeGreaterThan(0);
      expect(await subject.get(pushed.id)).toEqual(claimed);
    });

    it('answers each of many jobs whole, whatever it brings along', async () => {
      await subject.push({ name: 'tried', ...retrying(2) });
      const [tried] = await subject.claim(1);
      if (tried === undefined) throw new Error('nothing was claimed');
      await subject.store.jobs.settle(tried, settleMoves(tried, { kind: 'failed', result: result('so far') }, 0));
      await subject.advance(minute);
      await subject.pushAll([
        asked({ name: 'short', payload: '1' }),
        asked({ name: 'like the first', payload: '2' }),
        asked({ name: 'long', payload: 'long'.repeat(10_000) }),
        asked({ name: 'none', priority: -1 }),
        asked({ name: 'divided', payload: 'a\u001eb' }),
        asked({ name: 'long too', payload: 'l'.repeat(2_000) }),
        asked({ name: 'last', payload: '' }),
      ]);
      const claimed = await subject.claim(9);
      expect(namesOf(claimed).toSorted()).toEqual(['divided', 'last', 'like the first', 'long', 'long too', 'none', 'short', 'tried']);
      for (const job of claimed) expect(await subject.get(job.id)).toEqual(job);
    });

    it('answers an operation that is repeated in the same turn with the same attempts', async () => {
      await subject.pushAll([asked(), asked()]);
      const request = { operation: 'twice', holder: 'node', wants: () => [anyQueue(1)], attemptTtl: minute };
      const [first, again] = await Promise.all([subject.store.jobs.claim(request), subject.store.jobs.claim(request)]);
      expect(first.jobs).toHaveLength(1);
      expect(again.jobs).toEqual(first.jobs);
    });

    it('keeps what an operation begins in the turn in which its earlier attempts end', async () => {
      await subject.store.nodes.join(node('node'), ttl);
      await subject.pushAll([asked(), asked()]);
      const request = { operation: 'again', holder: 'node', wants: () => [anyQueue(1)], attemptTtl: null };
      const job = only((await subject.store.jobs.claim(request)).jobs);
      const success = settleMoves(job, { kind: 'succeeded', result: result('done') }, 0);
      const [, again] = await Promise.all([subject.store.jobs.settle(job, success), subject.store.jobs.claim(request)]);
      const other = only(again.jobs);
      expect(other.id).not.toBe(job.id);
      const held = await subject.store.nodes.reconcile('node', [refOf(other)], []);
      expect(held).toEqual({ abort: [], released: [] });
      expect((await subject.get(other.id)).state).toBe('running');
    });

    it('serves thousands of queues in one step', async () => {
      const queues = 4_500;
      await subject.pushAll(Array.from({ length: queues }, (_, i) => asked({ queue: `q${i}` })));
      expect(await subject.claim(queues)).toHaveLength(queues);
    });

    it('takes no more than there are slots', async () => {
      await subject.pushAll(Array.from({ length: 5 }, () => asked()));
      expect(await subject.claim(3)).toHaveLength(3);
      expect(await subject.claim(3)).toHaveLength(2);
      expect(await subject.claim(3)).toEqual([]);
    });

    it('takes only jobs of the worker and of the queues it names', async () => {
      await subject.pushAll([
        asked({ name: 'a' }),
        asked({ name: 'b', worker: 'other' }),
        asked({ name: 'c', queue: 'far' }),
        asked({ name: 'd', queue: 'near' }),
      ]);
      const { jobs } = await subject.request([{ worker: 'w', queues: ['near', 'nowhere'], slots: 9 }]);
      expect(namesOf(jobs)).toEqual(['d']);
      expect(namesOf(await subject.claim(9)).toSorted()).toEqual(['a', 'c']);
    });

    it('serves several wants in one step', async () => {
      await subject.pushAll([asked({ name: 'a' }), asked({ name: 'b', worker: 'v' }), asked({ name: 'c', worker: 'v' })]);
      const { jobs } = await subject.request([anyQueue(1, 'v'), anyQueue(5, 'w')]);
      expect(namesOf(jobs).toSorted()).toEqual(['a', 'b']);
    });

    it('takes the higher priority first and the older job within one', async () => {
      const priorities = [0, 5, -3, 5, 0, 1_000_000];
      await subject.pushAll(priorities.map((priority, i) => asked({ priority, name: String(i) })));
      expect(namesOf(await subject.claim(2))).toEqual(['5', '1']);
      expect(namesOf(await subject.claim(9))).toEqual(['3', '0', '4', '2']);
    });

    it.each([1, 5, 12])('serves the manual lane two to one, %i at a time', async (slots) => {
      const lane = (manual: boolean): NewJob[] => Array.from({ length: 6 }, () => asked({ manual, name: manual ? 'm' : 'o' }));
      await subject.pushAll([...lane(false), ...lane(true)]);
      let order = '';
      for (let jobs = await subject.claim(slots); jobs.length > 0; jobs = await subject.claim(slots)) order += namesOf(jobs).join('');
      expect(order).toBe('mmommommoooo');
    });

    it.each(['one by one', 'at once'] as const)('begins the turns of the lanes anew once the jobs have gone, asked %s', async (asks) => {
      const lanes = [asked({ manual: true, name: 'm' }), asked({ manual: true }), asked({ manual: true }), asked({ name: 'o' })];
      const before = await subject.pushAll(lanes);
      for (const job of await subject.claim(2)) await subject.succeed(job);
      const { jobs } = subject.store;
      const calls = [
        ...before.map(
          ({ id }) =>
            () =>
              jobs.remove(id, jobStates),
        ),
        () => jobs.push(lanes),
      ];
      if (asks === 'at once') await Promise.all(calls.map((call) => call()));
      else for (const call of calls) await call();
      expect(namesOf(await subject.claim())).toEqual(['m']);
    });

    it('keeps priority within the lanes', async () => {
      await subject.pushAll([
        asked({ priority: 9, name: 'o9' }),
        asked({ manual: true, name: 'm0' }),
        asked({ manual: true, priority: 1, name: 'm1' }),
      ]);
      expect(namesOf(await subject.claim(3))).toEqual(['m1', 'm0', 'o9']);
    });

    it.each([1, 4])('serves every queue in turn, %i at a time', async (slots) => {
      const queues = ['c', 'a', 'b'];
      await subject.pushAll(
        queues.flatMap((queue) => Array.from({ length: queue === 'a' ? 20 : 4 }, () => asked({ queue, priority: queue === 'a' ? 9 : 0 }))),
      );
      const served: string[] = [];
      while (served.length < 12) served.push(...(await subject.claim(slots)).map(({ queue }) => queue));
      for (let turn = 0; turn < 12; turn += 3) expect(new Set(served.slice(turn, turn + 3))).toEqual(new Set(queues));
    });

    it('gives a job that comes back a larger fence', async () => {
      await subject.push();
      let last = '0';
      for (let i = 0; i < 5; i++) {
        const job = await subject.claimOne();
        expect(compareIds(job.fence, last)).toBeGreaterThan(0);
        last = job.fence;
        await subject.release(job);
      }
    });

    it('gives no job twice and loses none to eight nodes at once', async () => {
      const pushed = kept(
        await subject.store.jobs.push(Array.from({ length: 300 }, (_, i) => asked({ queue: `q${i % 3}`, manual: i % 5 === 0 }))),
      );
      const nodes = Array.from({ length: 8 }, (_, i) => `node-${i}`);
      for (const node of nodes) await subject.join(node);
      const drain = async (holder: string): Promise<string[]> => {
        const ids: string[] = [];
        for (let jobs = await subject.claim(5, { holder }); jobs.length > 0; jobs = await subject.claim(5, { holder })) {
          for (const job of jobs) expect(job.holder).toBe(holder);
          ids.push(...jobs.map(({ id }) => id));
          expect(await Promise.all(jobs.map((job) => subject.succeed(job)))).not.toContain('lost');
        }
        return ids;
      };
      const ids = (await Promise.all(nodes.map(drain))).flat();
      expect(ids.toSorted(compareIds)).toEqual(pushed.map(({ id }) => id));
    });
  });

  describe('a claim repeated because its reply was lost', () => {
    const subject = new Subject(open);

    it('gives the same attempts and starts no more', async () => {
      await subject.pushAll(Array.from({ length: 5 }, () => asked()));
      const operation = subject.operation();
      const first = await subject.claim(3, { operation });
      const again = await subject.claim(3, { operation });
      expect(again.toSorted((a, b) => compareIds(a.id, b.id))).toEqual(first.toSorted((a, b) => compareIds(a.id, b.id)));
      expect(await subject.claim(9)).toHaveLength(2);
    });

    it('gives them also when one of them is being stopped', async () => {
      await subject.push();
      const operation = subject.operation();
      const first = await subject.claimOne({ operation });
      await subject.store.jobs.change(first.id, cancelMoves);
      const again = await subject.claimOne({ operation });
      expect(again).toEqual({ ...first, state: 'stopping' });
    });

    it('is a new claim when there was nothing to give', async () => {
      const operation = subject.operation();
      expect(await subject.claim(1, { operation })).toEqual([]);
      await subject.push();
      expect(await subject.claim(1, { operation })).toHaveLength(1);
    });

    it('gives another operation nothing of it', async () => {
      await subject.push();
      await subject.claimOne();
      expect(await subject.claim(1)).toEqual([]);
    });

    it('gives a buried node nothing', async () => {
      await subject.join('short', second);
      await subject.push();
      const operation = subject.operation();
      const lost = await subject.claimOne({ holder: 'short', operation });
      expect(await subject.buryFor(2 * minute)).toBe(1);
      expect(await subject.claim(1, { holder: 'short', operation })).toEqual([]);
      expect(await subject.stateOf(lost.id)).toBe('queued');
    });
  });

  describe('claim and time', () => {
    const subject = new Subject(open);

    it('leaves a scheduled job until it is due and promotes it then', async () => {
      await subject.push({ start: { delay: minute } });
      const early = await subject.request([anyQueue(1)]);
      expect(early.jobs).toEqual([]);
      expect(early.nextIn).toBeLessThanOrEqual(minute);
      expect(early.nextIn).toBeGreaterThan(minute - 10 * second);
      await subject.advance(50 * second);
      expect(await subject.claim()).toEqual([]);
      await subject.advance(10 * second);
      expect(await subject.claim()).toHaveLength(1);
    });

    it('knows of nothing more when nothing waits', async () => {
      expect(await subject.request([anyQueue(1)])).toEqual({ jobs: [], nextIn: null });
    });

    it('takes the oldest of those that fell due together', async () => {
      const first = await subject.push({ start: { delay: 2 * minute } });
      await subject.push({ start: { delay: minute } });
      await subject.advance(3 * minute);
      expect((await subject.claimOne()).id).toBe(first.id);
    });
  });

  describe('promote', () => {
    const subject = new Subject(open);

    it('queues what is due, as many as asked for, due longest first', async () => {
      const delays = [3, 1, 2, 60];
      const jobs = await subject.pushAll(delays.map((each) => asked({ start: { delay: each * minute } })));
      expect(await subject.store.jobs.promote(10)).toBe(0);
      await subject.advance(10 * minute);
      expect(await subject.store.jobs.promote(2)).toBe(2);
      expect(await Promise.all(jobs.map(({ id }) => subject.stateOf(id)))).toEqual(['scheduled', 'queued', 'queued', 'scheduled']);
      expect(await subject.store.jobs.promote(10)).toBe(1);
      expect(await subject.store.jobs.promote(10)).toBe(0);
    });

    it('hints that jobs are ready', async () => {
      await subject.push({ start: { delay: minute } });
      await subject.advance(2 * minute);
      expect(await subject.hintDuring('ready', () => subject.store.jobs.promote(10))).toEqual({ kind: 'ready', workers: ['w'] });
    });
  });

  describe('an outside holder', () => {
    const subject = new Subject(open);
    const outside = { holder: 'browser', attemptTtl: minute };

    it('claims without having joined and settles like a node', async () => {
      await subject.push();
      const job = await subject.claimOne(outside);
      expect(job.holder).toBe('browser');
      expect(await subject.succeed(job)).toBe('settled');
      expect(await subject.buryFor(2 * minute)).toBe(0);
      expect(await subject.stateOf(job.id)).toBe('succeeded');
    });

    it('loses its attempt past the deadline, unless it reports', async () => {
      await subject.pushAll([asked(), asked()]);
      const [kept, lost] = await subject.claim(2, outside);
      if (kept === undefined || lost === undefined) throw new Error('two jobs were pushed');
      await subject.advance(50 * second);
      expect(await subject.store.nodes.bury(minute, minute)).toEqual({ incarnations: [], attempts: 0 });
      expect(await subject.report(refOf(kept), { ttl: minute })).toMatchObject({ kind: 'reported' });
      await subject.advance(20 * second);
      expect(await subject.store.nodes.bury(minute, minute)).toEqual({ incarnations: [], attempts: 1 });
      expect(await subject.get(lost.id)).toMatchObject({ state: 'queued', lost: 1, attempt: 0, holder: '' });
      expect(await subject.stateOf(kept.id)).toBe('running');
      expect(await subject.report(refOf(lost), { ttl: minute })).toMatchObject({ kind: 'lost' });
    });

    it('may report late, as long as nobody has taken the attempt back', async () => {
      await subject.push();
      const job = await subject.claimOne(outside);
      await subject.advance(5 * minute);
      expect(await subject.report(refOf(job), { ttl: minute })).toMatchObject({ kind: 'reported' });
      expect((await subject.store.nodes.bury(minute, minute)).attempts).toBe(0);
    });

    it('learns of a stop when it reports', async () => {
      await subject.push();
      const job = await subject.claimOne(outside);
      await subject.store.jobs.change(job.id, cancelMoves);
      expect(await subject.report(refOf(job), { ttl: minute })).toMatchObject({ kind: 'stopping' });
      expect(await subject.fail(job)).toBe('settled');
      expect(await subject.stateOf(job.id)).toBe('canceled');
    });

    it('cannot report under another fence or after the end', async () => {
      await subject.push();
      const job = await subject.claimOne(outside);
      expect(await subject.report({ id: job.id, fence: '1' }, { ttl: minute })).toMatchObject({ kind: 'lost' });
      await subject.succeed(job);
      expect(await subject.report(refOf(job), { ttl: minute })).toMatchObject({ kind: 'lost' });
      expect(await subject.report({ id: '1', fence: '1' }, { ttl: minute })).toMatchObject({ kind: 'lost' });
    });

    it('has its deadline anew with each attempt', async () => {
      const pushed = await subject.push();
      await subject.release(await subject.claimOne(outside));
      const job = only(await subject.claim());
      await subject.advance(5 * minute);
      expect((await subject.store.nodes.bury(60 * minute, minute)).attempts).toBe(0);
      expect(await subject.get(pushed.id)).toEqual(job);
    });
  });
}
