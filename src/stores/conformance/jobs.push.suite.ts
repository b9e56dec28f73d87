import { describe, expect, it } from 'vitest';
import { compareIds } from '../../core/id.ts';
import { createJob } from '../../core/transitions.ts';
import { anyQueue, asked, kept, minute, type Open, only, Subject } from './subject.ts';

const key = (name: string, digest = 'd1') => ({ idempotency: { key: name, digest } });

export function pushSuite(open: Open): void {
  describe('push', () => {
    const subject = new Subject(open);

    it('keeps the time that all attempts may take together', async () => {
      const options = { ...asked().options, totalTimeout: 90_000 };
      const [pushed] = kept(await subject.store.jobs.push([asked({ options })]));
      expect((await subject.get(pushed?.id ?? '')).options).toEqual(options);
    });

    it('keeps the job whole', async () => {
      const job = asked({
        domain: 'tenant',
        name: 'mail',
        comment: 'to all',
        manual: true,
        priority: -7,
        payload: '{"a":1.0}',
        url: 'http://127.0.0.1/x',
        headers: { B: '1', a: '2' },
        options: { timeout: 5_000, retry: { attempts: 3, backoff: 1, maxBackoff: 2 }, onLost: 'fail', rules: 'hq' },
      });
      const pushed = only(kept(await subject.store.jobs.push([job])));
      expect(pushed.kind).toBe('pushed');
      const record = await subject.get(pushed.id);
      expect(record).toEqual(createJob(job, pushed.id, pushed.createdAt, pushed.createdAt));
      expect(Object.keys(record.headers ?? {})).toEqual(['B', 'a']);
    });

    it.each([
      ['unicode beyond the basic plane', '"\u{1F600} é \u05D0 \uFFFD \u2028"'],
      ['blanks, order and digits as they came', ' { "b" : 1.000 , "a" : 12345678901234567890 }\n'],
      ['the text null', 'null'],
      ['an empty text', ''],
      ['a NUL in its middle', '"a\u0000b"'],
      ['signs between records, units and lines', '\u001e 1\u001f\n\u001e\n"'],
    ])('keeps a payload byte for byte: %s', async (_, payload) => {
      const job = await subject.push({ payload, name: payload, comment: payload });
      expect([job.payload, job.name, job.comment]).toEqual([payload, payload, payload]);
      const claimed = await subject.claimOne();
      expect([claimed.payload, claimed.name, claimed.comment]).toEqual([payload, payload, payload]);
    });

    it('keeps four mebibytes of payload', async () => {
      const payload = JSON.stringify('\u{1F600}x\u0416'.repeat(600_000));
      const job = await subject.push({ payload });
      expect(job.payload === payload).toBe(true);
    });

    it('tells no payload from an empty one', async () => {
      expect((await subject.push({ payload: null })).payload).toBeNull();
      expect((await subject.push({ payload: '' })).payload).toBe('');
    });

    it('gives rising ids in the order of the call', async () => {
      const names = Array.from({ length: 500 }, (_, i) => `job ${i}`);
      const pushed = kept(await subject.store.jobs.push(names.map((name) => asked({ name }))));
      const later = kept(await subject.store.jobs.push([asked(), asked()]));
      const ids = [...pushed, ...later].map(({ id }) => id);
      expect(ids.toSorted(compareIds)).toEqual(ids);
      expect(new Set(ids).size).toBe(502);
      expect((await subject.listAll()).slice(0, 500).map((job) => job.name)).toEqual(names);
    });

    it('answers nothing for no jobs', async () => {
      expect(await subject.store.jobs.push([])).toEqual([]);
    });

    it('keeps a delayed job scheduled', async () => {
      const job = await subject.push({ start: { delay: minute } });
      expect(job.state).toBe('scheduled');
      expect(job.dueAt).toBe(job.createdAt + minute);
    });

    it('keeps a job for a later time scheduled and one for an earlier time queued', async () => {
      const { createdAt } = await subject.push();
      const later = await subject.push({ start: { at: createdAt + minute } });
      expect([later.state, later.dueAt]).toEqual(['scheduled', createdAt + minute]);
      const earlier = await subject.push({ start: { at: 1 } });
      expect([earlier.state, earlier.dueAt]).toEqual(['queued', earlier.createdAt]);
    });

    it('is one step however many jobs it has', async () => {
      const pushed = kept(await subject.store.jobs.push([asked(), asked({ start: { delay: minute } }), asked()]));
      const entries = await subject.entries(0, 10);
      expect(only(entries).moved).toEqual([{ verb: 'push', ids: pushed.map(({ id }) => id) }]);
    });

    it('hints that a job is ready', async () => {
      expect(await subject.hintDuring('ready', () => subject.push())).toEqual({ kind: 'ready', workers: ['w'] });
    });

    it('hints at workers by their names, and at any when there are many', async () => {
      const hint = (workers: readonly string[]) =>
        subject.hintDuring('ready', () => subject.pushAll(workers.map((worker) => asked({ worker }))));
      const few = await hint(['a', 'b', 'a']);
      expect(few.kind === 'ready' && few.workers?.toSorted()).toEqual(['a', 'b']);
      expect(await hint(Array.from({ length: 33 }, (_, at) => `w${at}`))).toEqual({ kind: 'ready', workers: null });
    });

    it('hints at a job that a claim of the same turn did not ask for', async () => {
      await subject.join();
      const both = () => Promise.all([subject.push({ worker: 'other' }), subject.request([anyQueue(1)])]);
      expect(await subject.hintDuring('ready', both)).toEqual({ kind: 'ready', workers: ['other'] });
    });

    it('hints at what a claim of the same turn left', async () => {
      await subject.join();
      const both = () => Promise.all([subject.store.jobs.push([asked(), asked()]), subject.claim(1)]);
      expect(await subject.hintDuring('ready', both)).toEqual({ kind: 'ready', workers: ['w'] });
    });
  });

  describe('push with an idempotency key', () => {
    const subject = new Subject(open);

    it('gives the first job again', async () => {
      const first = only(kept(await subject.store.jobs.push([asked(key('k'))])));
      await subject.advance(minute);
      const again = only(kept(await subject.store.jobs.push([asked(key('k'))])));
      expect(again).toEqual({ kind: 'replayed', id: first.id, createdAt: first.createdAt });
      expect(await subject.listAll()).toHaveLength(1);
    });

    it('refuses another job under the same key and keeps the others of the call', async () => {
      const first = only(kept(await subject.store.jobs.push([asked(key('k'))])));
      const pushed = kept(await subject.store.jobs.push([asked({ name: 'before' }), asked(key('k', 'd2')), asked({ name: 'after' })]));
      expect(pushed.map(({ kind }) => kind)).toEqual(['pushed', 'conflict', 'pushed']);
      expect(pushed[1]?.id).toBe(first.id);
      expect((await subject.listAll()).map(({ name }) => name)).toEqual(['', 'before', 'after']);
    });

    it('sees the same key earlier in the same call', async () => {
      const pushed = kept(await subject.store.jobs.push([asked(key('k')), asked(key('k')), asked(key('k', 'd2'))]));
      expect(pushed.map(({ kind }) => kind)).toEqual(['pushed', 'replayed', 'conflict']);
      expect(new Set(pushed.map(({ id }) => id)).size).toBe(1);
    });

    it('keeps the domains apart', async () => {
      const pushed = kept(
        await subject.store.jobs.push([asked({ ...key('k'), domain: 'a' }), asked({ ...key('k'), domain: 'b' }), asked(key('k'))]),
      );
      expect(pushed.map(({ kind }) => kind)).toEqual(['pushed', 'pushed', 'pushed']);
    });

    it('makes one job of many calls at once', async () => {
      const pushed = (await Promise.all(Array.from({ length: 20 }, () => subject.store.jobs.push([asked(key('k'))])))).flat();
      expect(pushed.filter(({ kind }) => kind === 'pushed')).toHaveLength(1);
      expect(pushed.filter(({ kind }) => kind === 'replayed')).toHaveLength(19);
      expect(await subject.listAll()).toHaveLength(1);
    });

    it('gives the first job again after it has ended', async () => {
      const job = await subject.running(key('k'));
      await subject.succeed(job);
      expect(only(kept(await subject.store.jobs.push([asked(key('k'))])))).toMatchObject({ kind: 'replayed', id: job.id });
    });
  });
}
