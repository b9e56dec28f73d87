import { describe, expect, it } from 'vitest';
import { openQueue, type QueueRecord } from '../../core/queue.ts';
import { cancelMoves, deletable, restartMoves, settleMoves } from '../../core/transitions.ts';
import { anyQueue, asked, failure, minute, noJobs, type Open, refOf, retrying, Subject, second } from './subject.ts';

export function queueSuite(open: Open): void {
  describe('queues', () => {
    const subject = new Subject(open);
    const queueNamed = async (name: string): Promise<QueueRecord | undefined> =>
      (await subject.store.queues.list()).find((queue) => queue.name === name);

    it('exist as soon as a job names them, open', async () => {
      expect(await subject.store.queues.list()).toEqual([]);
      await subject.pushAll([asked({ queue: 'a' }), asked({ queue: 'a', worker: 'v' }), asked({ queue: 'b', start: { delay: minute } })]);
      const [a, b] = [await queueNamed('a'), await queueNamed('b')];
      expect(a).toEqual({ ...openQueue, name: 'a', counts: { ...noJobs, queued: 2 }, oldestWaiting: a?.oldestWaiting });
      expect(b).toEqual({ ...openQueue, name: 'b', counts: { ...noJobs, scheduled: 1 }, oldestWaiting: null });
    });

    it('tell how long their oldest ready job has waited', async () => {
      await subject.push();
      await subject.advance(2 * minute);
      await subject.push({ priority: 5 });
      const waiting = (await queueNamed('q'))?.oldestWaiting ?? 0;
      expect(waiting).toBeGreaterThanOrEqual(2 * minute);
      expect(waiting).toBeLessThan(2 * minute + 10 * second);
    });

    it('keep what they are told and change only what is named', async () => {
      expect(await subject.store.queues.configure('q', { concurrency: 3 })).toEqual({ ...openQueue, concurrency: 3 });
      const rate = { max: 5, per: minute };
      expect(await subject.store.queues.configure('q', { paused: true, rate })).toEqual({
        ...openQueue,
        paused: true,
        concurrency: 3,
        rate,
      });
      expect(await queueNamed('q')).toEqual({
        ...{ ...openQueue, name: 'q', paused: true, concurrency: 3, rate },
        ...{ counts: noJobs, oldestWaiting: null },
      });
      expect(await subject.store.queues.configure('q', { concurrency: null, rate: null })).toEqual({ ...openQueue, paused: true });
      expect(await subject.store.queues.configure('q', {})).toEqual({ ...openQueue, paused: true });
    });

    it('hint that there may be something to do when they are changed', async () => {
      await subject.store.queues.configure('q', { paused: true });
      expect(await subject.hintDuring('ready', () => subject.store.queues.configure('q', { paused: false }))).toEqual({
        kind: 'ready',
        workers: null,
      });
    });
  });

  describe('a paused queue', () => {
    const subject = new Subject(open);

    it('gives nothing, while others do', async () => {
      await subject.pushAll([asked(), asked({ queue: 'open' })]);
      await subject.store.queues.configure('q', { paused: true });
      expect((await subject.claim(9)).map(({ queue }) => queue)).toEqual(['open']);
      await subject.store.queues.configure('q', { paused: false });
      expect((await subject.claim(9)).map(({ queue }) => queue)).toEqual(['q']);
    });

    it('lets what runs come to its end', async () => {
      const job = await subject.running();
      await subject.store.queues.configure('q', { paused: true });
      expect(await subject.succeed(job)).toBe('settled');
    });
  });

  describe('a closed queue', () => {
    const subject = new Subject(open);
    const close = (closed = true): Promise<unknown> => subject.store.queues.configure('q', { closed });

    it('takes what came before it was closed, and nothing that comes behind it in the same moment', async () => {
      const job = await subject.running({ queue: 'r' });
      const [reported, , pushed] = await Promise.all([
        subject.report(job, { push: [asked()] }),
        close(),
        subject.store.jobs.push([asked(), asked({ queue: 'r' })]),
      ]);
      expect([reported, pushed]).toMatchObject([{ pushed: [{ kind: 'pushed' }] }, [{ kind: 'closed' }, { kind: 'pushed' }]]);
    });

    it('takes no jobs until it is opened, while others do', async () => {
      expect(await subject.store.queues.configure('q', { closed: true })).toEqual({ ...openQueue, closed: true });
      const pushed = await subject.store.jobs.push([asked(), asked({ queue: 'open' }), asked({ start: { delay: minute } })]);
      expect(pushed.map(({ kind }) => kind)).toEqual(['closed', 'pushed', 'closed']);
      expect((await subject.store.jobs.count()).map(({ queue }) => queue)).toEqual(['open']);
      await close(false);
      expect((await subject.store.jobs.push([asked()])).map(({ kind }) => kind)).toEqual(['pushed']);
    });

    it('answers a push that is repeated as before', async () => {
      const job = asked({ idempotency: { key: 'k', digest: 'd' } });
      const [first] = await subject.store.jobs.push([job]);
      await close();
      const other = asked({ idempotency: { key: 'k', digest: 'other' } });
      expect(await subject.store.jobs.push([job, other])).toMatchObject([{ ...first, kind: 'replayed' }, { kind: 'conflict' }]);
      const unknown = asked({ idempotency: { key: 'unknown', digest: 'd' } });
      expect(await subject.store.jobs.push([unknown])).toEqual([{ kind: 'closed' }]);
      await close(false);
      expect(await subject.store.jobs.push([unknown])).toMatchObject([{ kind: 'pushed' }]);
    });

    it('lets the jobs that it has go on, also by further tries', async () => {
      const job = await subject.running(retrying(2));
      await subject.push({ start: { delay: minute } });
      await close();
      await subject.fail(job);
      await subject.advance(2 * minute);
      const again = await subject.claim(9);
      expect(again).toHaveLength(2);
      for (const each of again) expect(await subject.succeed(each)).toBe('settled');
    });

    it('takes no restarts', async () => {
      const job = await subject.running();
      await subject.succeed(job);
      await close();
      const { store } = subject;
      expect(await store.jobs.change(job.id, restartMoves)).toEqual({ kind: 'closed', queue: 'q' });
      expect(await store.jobs.get(job.id)).toMatchObject({ state: 'succeeded', run: 1 });
      await close(false);
      expect(await store.jobs.change(job.id, restartMoves)).toMatchObject({ kind: 'changed', job: { run: 2 } });
    });

    it('takes none of a holder that tells of its attempt', async () => {
      const job = await subject.running({ queue: 'open' });
      await close();
      const pushed = [{ kind: 'closed' }, { kind: 'pushed' }];
      expect(await subject.report(job, { push: [asked(), asked({ queue: 'open' })] })).toMatchObject({ kind: 'reported', pushed });
    });

    it('takes what comes in as it was elsewhere', async () => {
      const job = await subject.push();
      await subject.store.jobs.change(job.id, cancelMoves);
      await subject.store.jobs.remove(job.id, deletable);
      await close();
      expect(await subject.store.jobs.restore([{ job, attempts: [] }])).toEqual(['restored']);
    });
  });

  describe('a queue with a concurrency', () => {
    const subject = new Subject(open);

    it('runs at most its concurrency at once, whoever runs them', async () => {
      await subject.store.queues.configure('q', { concurrency: 3 });
      await subject.pushAll(Array.from({ length: 6 }, (_, i) => asked({ worker: i % 2 === 0 ? 'w' : 'v' })));
      const first = await subject.claim(2);
      expect(first).toHaveLength(2);
      const { jobs } = await subject.request([anyQueue(5, 'v'), anyQueue(5, 'w')], { holder: 'other' });
      expect(jobs).toHaveLength(1);
      expect(await subject.claim(9)).toEqual([]);
      for (const job of first) await subject.succeed(job);
      expect((await subject.request([anyQueue(5, 'v'), anyQueue(5, 'w')])).jobs).toHaveLength(2);
    });

    it('counts those that are being stopped', async () => {
      await subject.store.queues.configure('q', { concurrency: 1 });
      const job = await subject.running();
      await subject.push();
      await subject.store.jobs.change(job.id, cancelMoves);
      expect(await subject.claim()).toEqual([]);
      await subject.fail(job);
      expect(await subject.claim()).toHaveLength(1);
    });

    it('keeps no other queue waiting', async () => {
      await subject.store.queues.configure('q', { concurrency: 0 });
      await subject.pushAll([asked(), asked({ queue: 'open' })]);
      expect((await subject.claim(9)).map(({ queue }) => queue)).toEqual(['open']);
    });
  });

  describe('a queue with a rate limit', () => {
    const subject = new Subject(open);

    it('starts `max` at once and then evenly', async () => {
      await subject.store.queues.configure('q', { rate: { max: 2, per: 2 * minute } });
      await subject.pushAll(Array.from({ length: 9 }, () => asked()));
      expect(await subject.claim(9)).toHaveLength(2);
      const limited = await subject.request([anyQueue(9)]);
      expect(limited.jobs).toEqual([]);
      expect(limited.nextIn).toBeLessThanOrEqual(minute);
      expect(limited.nextIn).toBeGreaterThan(50 * second);
      await subject.advance(minute);
      expect(await subject.claim(9)).toHaveLength(1);
      await subject.advance(50 * second);
      expect(await subject.claim(9)).toEqual([]);
    });

    it('saves up no more than its maximum', async () => {
      await subject.store.queues.configure('q', { rate: { max: 2, per: minute } });
      await subject.pushAll(Array.from({ length: 9 }, () => asked()));
      await subject.claim(9);
      await subject.advance(60 * minute);
      expect(await subject.claim(9)).toHaveLength(2);
    });

    it('knows of no time while its concurrency is used up', async () => {
      await subject.store.queues.configure('q', { concurrency: 1, rate: { max: 5, per: minute } });
      await subject.pushAll(Array.from({ length: 3 }, () => asked()));
      expect(await subject.request([anyQueue(9)])).toMatchObject({ jobs: [{ state: 'running' }], nextIn: null });
      expect(await subject.request([anyQueue(9)])).toEqual({ jobs: [], nextIn: null });
    });

    it('knows its time also behind very many queues that stand still', async () => {
      const paused = Array.from({ length: 130 }, (_, at) => `paused-${at}`);
      await Promise.all(paused.map((queue) => subject.store.queues.configure(queue, { paused: true })));
      await subject.pushAll(paused.map((queue) => asked({ queue })));
      await subject.store.queues.configure('q', { rate: { max: 1, per: minute } });
      await subject.pushAll([asked(), asked()]);
      expect(await subject.claim(9)).toHaveLength(1);
      expect((await subject.request([anyQueue(9)])).nextIn).toBeGreaterThan(50 * second);
    });

    it('counts what starts, also what is handed back', async () => {
      await subject.store.queues.configure('q', { rate: { max: 1, per: 60 * minute } });
      await subject.release(await subject.running());
      expect(await subject.claim()).toEqual([]);
    });

    it('does not count what is deferred, nor saves up more than its maximum by it', async () => {
      await subject.store.queues.configure('q', { rate: { max: 2, per: 60 * minute } });
      await subject.pushAll(Array.from({ length: 9 }, () => asked()));
      const outcome = { kind: 'deferred', result: failure('away'), delay: 60 * minute } as const;
      for (let i = 0; i < 3; i++) {
        for (const job of await subject.claim(2)) await subject.store.jobs.settle(refOf(job), settleMoves(job, outcome, 0.5));
      }
      const [stopped] = await subject.claim(1);
      if (stopped === undefined) throw new Error('a deferral kept its token');
      await subject.store.jobs.change(stopped.id, cancelMoves);
      await subject.store.jobs.settle(refOf(stopped), settleMoves(stopped, outcome, 0.5));
      expect(await subject.claim(9)).toHaveLength(2);
    });

    it('tells those who wait for a token that one was given back', async () => {
      await subject.store.queues.configure('q', { rate: { max: 1, per: 60 * minute } });
      const deferred = await subject.running();
      await subject.push({ name: 'waits' });
      expect(await subject.claim()).toEqual([]);
      const outcome = { kind: 'deferred', result: failure('away'), delay: 60 * minute } as const;
      await subject.hintDuring('ready', () => subject.store.jobs.settle(refOf(deferred), settleMoves(deferred, outcome, 0.5)));
      expect((await subject.claimOne()).name).toBe('waits');
    });
  });
}
