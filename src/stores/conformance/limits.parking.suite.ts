import { describe, expect, it } from 'vitest';
import type { Job, NewJob } from '../../core/job.ts';
import { keysAtOnce, type LimitSettings, noLimit, parkedAtOnce } from '../../core/limit.ts';
import { cancelMoves, restartMoves, settleMoves } from '../../core/transitions.ts';
import { unreadableId } from '../../core/unreadable.ts';
import { anyQueue, asked, minute, type Open, refOf, retrying, Subject, unique } from './subject.ts';

const atOnce = (concurrency: number): LimitSettings => ({ ...noLimit, concurrency });

/** Limits of how many run: what is beyond them waits parked. */
export function parkingSuite(open: Open): void {
  describe('a limit of how many run', () => {
    const subject = new Subject(open);
    const of = (key: string, otherwise: Partial<NewJob> = {}): NewJob => asked({ limit: key, ...otherwise });
    const names = async (slots: number): Promise<readonly string[]> => (await subject.claim(slots)).map(({ name }) => name);
    const parked = async (): Promise<readonly string[]> =>
      (await subject.listAll()).filter(({ reason }) => reason !== '').map(({ name, reason, state }) => `${name} ${state}: ${reason}`);

    it('holds back what is beyond it, whichever lanes and workers it stands in, while others run', async () => {
      await subject.store.limits.configure('k', atOnce(2));
      const jobs = ['a', 'b', 'c', 'd'].map((name) => of('k', { name, queue: name, worker: name === 'b' ? 'v' : 'w' }));
      await subject.pushAll([...jobs, asked({ name: 'e' })]);
      const { jobs: begun } = await subject.request([anyQueue(9), anyQueue(9, 'v')]);
      expect(begun.filter(({ limit }) => limit === 'k')).toHaveLength(2);
      expect(begun.map(({ name }) => name)).toContain('e');
      expect(await subject.request([anyQueue(9), anyQueue(9, 'v')])).toMatchObject({ jobs: [] });
      const first = begun.find(({ limit }) => limit === 'k');
      if (first !== undefined) await subject.succeed(first);
      expect((await subject.request([anyQueue(9), anyQueue(9, 'v')])).jobs).toHaveLength(1);
    });

    it('shows what waits, counts it as queued, and lets the next one in as its lane has it', async () => {
      const { limits, jobs, queues } = subject.store;
      await limits.configure('k', atOnce(1));
      await subject.pushAll([
        of('k', { name: 'a' }),
        of('k', { name: 'b' }),
        of('k', { name: 'c', priority: 5 }),
        of('k', { name: 'd', manual: true }),
      ]);
      const [one] = await subject.claim(9);
      expect([one?.name, await parked()]).toEqual(['d', ['a queued: limit k', 'b queued: limit k', 'c queued: limit k']]);
      expect(await limits.list()).toMatchObject([{ name: 'k', held: 1, parked: 3 }]);
      expect(await jobs.count()).toMatchObject([{ counts: { queued: 3, running: 1 } }]);
      expect(await queues.list()).toMatchObject([{ counts: { queued: 3, running: 1 } }]);
      if (one !== undefined) await subject.succeed(one);
      const [next] = await subject.claim(9);
      expect([next?.name, next?.reason, next?.priority]).toEqual(['c', '', 5]);
      if (next !== undefined) await subject.succeed(next);
      expect(await names(9)).toEqual(['a']);
    });

    it.each(['succeeds', 'is handed back', 'fails and waits for another try', 'is lost', 'is deferred'] as const)(
      'lets one in when one %s',
      async (how) => {
        const { store } = subject;
        await store.limits.configure('k', atOnce(1));
        const [a] = await subject.pushAll([of('k', { name: 'a', ...retrying(2) }), of('k', { name: 'b' })]);
        await subject.join('other', minute);
        const job = (await subject.claim(2, { holder: 'other' }))[0];
        if (job === undefined || a === undefined) throw new Error('nothing has begun');
        if (how === 'succeeds') await subject.succeed(job);
        if (how === 'is handed back') await subject.release(job);
        if (how === 'fails and waits for another try') await subject.fail(job);
        if (how === 'is lost') await store.nodes.forget('other');
        if (how === 'is deferred') {
          const outcome = { kind: 'deferred', result: job.result, delay: minute } as const;
          await store.jobs.settle(refOf(job), settleMoves(job, outcome, 0.5));
        }
        expect(await names(9)).toHaveLength(1);
        expect(await store.limits.list()).toMatchObject([{ held: 1 }]);
      },
    );

    it('holds for jobs that were pushed and begun before it', async () => {
      await subject.pushAll([of('k'), of('k'), of('k')]);
      const [one, two] = await subject.claim(2);
      await subject.store.limits.configure('k', atOnce(2));
      expect(await subject.claim(9)).toEqual([]);
      if (one !== undefined) await subject.succeed(one);
      expect(await subject.claim(9)).toHaveLength(1);
      if (two !== undefined) await subject.succeed(two);
      expect(await subject.store.limits.list()).toMatchObject([{ held: 1, parked: 0 }]);
    });

    it('lets in as many as it is raised by, all when it goes, and none until enough have ended when it is lowered', async () => {
      const { limits } = subject.store;
      await limits.configure('k', atOnce(1));
      await subject.pushAll(Array.from({ length: 6 }, () => of('k')));
      const [one] = await subject.claim(9);
      await limits.configure('k', atOnce(3));
      expect(await subject.claim(9)).toHaveLength(2);
      await limits.configure('k', atOnce(2));
      if (one !== undefined) await subject.succeed(one);
      expect(await subject.claim(9)).toEqual([]);
      await limits.remove('k');
      expect(await subject.claim(9)).toHaveLength(3);
    });

    it('holds for a worker, a domain and a key at once', async () => {
      const { limits } = subject.store;
      await limits.configure('worker:w', atOnce(3));
      await limits.configure('domain:*', atOnce(2));
      await subject.pushAll([
        ...['a', 'b', 'c'].map((name) => asked({ name, domain: 'd' })),
        ...['x', 'y', 'z'].map((name) => asked({ name, domain: 'e' })),
      ]);
      expect(await names(9)).toEqual(['a', 'b', 'x']);
      expect(await parked()).toEqual(['c queued: limit domain:d', 'y queued: limit worker:w', 'z queued: limit worker:w']);
    });

    it('is left by jobs that are canceled or restarted while they wait', async () => {
      const { limits, jobs } = subject.store;
      await limits.configure('k', atOnce(1));
      const pushed = await subject.pushAll([of('k', { name: 'a' }), of('k', { name: 'b' }), of('k', { name: 'c' })]);
      const [one] = await subject.claim(9);
      const [, b] = pushed;
      expect(await jobs.change(b?.id ?? '', cancelMoves)).toMatchObject({
        kind: 'changed',
        job: { state: 'canceled', reason: '', priority: 0 },
      });
      expect(await limits.list()).toMatchObject([{ held: 1, parked: 1 }]);
      expect(await jobs.change(b?.id ?? '', restartMoves)).toMatchObject({ kind: 'changed', job: { state: 'queued', reason: '' } });
      if (one !== undefined) await subject.succeed(one);
      expect(await names(9)).toHaveLength(1);
      expect(await limits.list()).toMatchObject([{ held: 1, parked: 1 }]);
    });

    it('holds for jobs with halves of characters and signs of JSON in their texts', async () => {
      await subject.store.limits.configure('k', atOnce(1));
      await subject.store.limits.configure('domain:d', atOnce(1));
      const odd = { name: 'a"],[{', comment: '\\"\ud800', url: '\udfff\\', headers: { a: '\ud800]}"', b: '{[' }, about: '"\\ud800"' };
      const options = unique('ended', 'key:"],[\\{').options;
      await subject.pushAll([
        of('k', odd),
        of('k', { ...odd, options }),
        of('j', { ...odd, domain: 'd' }),
        of('', { ...odd, domain: 'd' }),
      ]);
      const [one, two, ...others] = await subject.claim(9);
      expect([one?.limit, two?.domain, others]).toEqual(['k', 'd', []]);
      expect((await subject.listAll()).flatMap(({ reason }) => reason || [])).toEqual(['limit k', 'limit domain:d']);
      for (const job of [one, two]) if (job !== undefined) await subject.succeed(job);
      expect(await subject.claim(9)).toHaveLength(2);
    });

    it('that is paused starts none until its time has come, and says when', async () => {
      const { limits, upkeep } = subject.store;
      const pausedUntil = (await upkeep.time()).now + 10 * minute;
      await limits.configure('k', { ...noLimit, pausedUntil });
      await subject.pushAll([of('k', { name: 'a' }), asked({ name: 'b' }), of('k', { name: 'c' })]);
      const { jobs, nextIn } = await subject.request([anyQueue(9)]);
      expect([jobs.map(({ name }) => name), await parked()]).toEqual([['b'], ['a queued: limit k', 'c queued: limit k']]);
      expect([(nextIn ?? 0) > 9 * minute, (nextIn ?? 0) <= 10 * minute]).toEqual([true, true]);
      expect(await limits.list()).toMatchObject([{ pausedUntil, parked: 2 }]);
      await subject.advance(10 * minute);
      expect(await limits.list()).toMatchObject([{ pausedUntil: null }]);
      expect(await names(9)).toEqual(['a', 'c']);
    });

    it('hides nothing that stands behind many that wait for it', { timeout: 60_000 }, async () => {
      await subject.store.limits.configure('k', atOnce(1));
      await subject.running(of('k'));
      await subject.pushAll(Array.from({ length: parkedAtOnce + 2 }, () => of('k')));
      await subject.pushAll([asked({ name: 'behind' })]);
      expect(await subject.request([anyQueue(1)])).toMatchObject({ jobs: [], nextIn: 0 });
      expect(await subject.store.limits.list()).toMatchObject([{ parked: parkedAtOnce }]);
      expect(await subject.request([anyQueue(2)])).toMatchObject({ jobs: [{ name: 'behind' }], nextIn: null });
      await subject.store.limits.remove('k');
      expect(await subject.claim(parkedAtOnce + 9)).toHaveLength(parkedAtOnce);
      expect(await subject.claim(9)).toHaveLength(2);
    });

    it('finds the key that has room among many that have none', { timeout: 60_000 }, async () => {
      const count = keysAtOnce + 200;
      const keys = Array.from({ length: count }, (_, at) => of(`t:${at}`));
      await subject.store.limits.configure('t:*', atOnce(1));
      await subject.pushAll(keys);
      const running: Job[] = [];
      while (running.length < count) running.push(...(await subject.claim(400)));
      await subject.pushAll(keys);
      for (let parked = 0; parked < count; parked += parkedAtOnce) expect(await subject.claim(1)).toEqual([]);
      await subject.store.limits.configure('t:*', atOnce(1));
      const last = running.find(({ limit }) => limit === `t:${count - 1}`);
      if (last !== undefined) await subject.succeed(last);
      const begun: Job[] = [];
      let nextIn: number | null = 0;
      for (let claims = 0; claims < 4 && nextIn === 0 && begun.length === 0; claims++) {
        const answer = await subject.request([anyQueue(1)]);
        begun.push(...answer.jobs);
        nextIn = answer.nextIn;
      }
      expect(begun.map(({ limit }) => limit)).toEqual([last?.limit]);
    });

    it('that lets in what another one holds up is looked at again at once', async () => {
      const { limits } = subject.store;
      await limits.configure('k', atOnce(1));
      await limits.configure('domain:d', atOnce(1));
      const one = await subject.running(of('k'));
      await subject.running({ domain: 'd' });
      await subject.pushAll([of('k', { name: 'a', domain: 'd', priority: 1 }), of('k', { name: 'b' })]);
      expect(await names(9)).toEqual([]);
      await subject.succeed(one);
      expect(await subject.request([anyQueue(9)])).toMatchObject({ jobs: [], nextIn: 0 });
      expect(await names(9)).toEqual(['b']);
      expect(await parked()).toEqual(['a queued: limit domain:d']);
    });

    it('that cannot be read holds nothing back any more', async () => {
      const { limits, upkeep } = subject.store;
      await limits.configure('k', atOnce(1));
      await subject.pushAll([of('k'), of('k'), of('k')]);
      expect(await subject.claim(9)).toHaveLength(1);
      expect(await upkeep.setAside(unreadableId('limit', 'k'), 'a test')).toBe(true);
      expect([(await subject.claim(9)).length, await limits.list(), await parked()]).toEqual([2, [], []]);
    });

    it('is not asked for what a claim that is repeated has begun', async () => {
      await subject.store.limits.configure('k', atOnce(1));
      await subject.pushAll([of('k'), of('k')]);
      const request = { operation: 'again' };
      const [first] = await subject.claim(9, request);
      expect(await subject.claim(9, request)).toEqual([first]);
    });

    it('uses up nothing of what a queue lets through', async () => {
      const { limits, queues } = subject.store;
      await queues.configure('q', { rate: { max: 2, per: 100 * minute } });
      await limits.configure('k', atOnce(1));
      await subject.pushAll([of('k', { name: 'a' }), of('k', { name: 'b' }), asked({ name: 'c' })]);
      expect(await names(9)).toEqual(['a', 'c']);
    });

    it('gives what room there is to those whose turn comes first', async () => {
      await subject.store.limits.configure('k', atOnce(3));
      const names = ['by hand 1', 'by hand 2', 'by hand 3', 'by hand 4', 'other 1', 'other 2'];
      await subject.pushAll(names.map((name) => of('k', { name, manual: name.startsWith('by hand') })));
      expect((await subject.claim(6)).map(({ name }) => name).toSorted()).toEqual(['by hand 1', 'by hand 2', 'other 1']);
    });

    it('never lets more run, whoever claims and settles at once', async () => {
      await subject.store.limits.configure('k', atOnce(3));
      await subject.pushAll(Array.from({ length: 40 }, (_, at) => of('k', { queue: `q${at % 3}`, manual: at % 4 === 0 })));
      let ended = 0;
      while (ended < 40) {
        const claims = await Promise.all([1, 2, 3].map(() => subject.claim(5)));
        const [limit] = await subject.store.limits.list();
        expect(limit?.held).toBeLessThanOrEqual(3);
        const running = claims.flat();
        expect(running.length).toBeGreaterThan(0);
        await Promise.all(running.map((job) => subject.succeed(job)));
        ended += running.length;
      }
      expect(await subject.store.limits.list()).toMatchObject([{ held: 0, parked: 0 }]);
    });
  });
}
