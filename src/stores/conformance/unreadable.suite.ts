import { describe, expect, it } from 'vitest';
import { noLoad } from '../../core/node.ts';
import { cancelMoves } from '../../core/transitions.ts';
import { fireNow, found, partOf, putOf, trigger } from './definitions.ts';
import { asked, gap, minute, node, noJobs, type Open, only, Subject, ttl } from './subject.ts';

/** Records that are set aside. How a store finds that it cannot read one is its own affair. */
export function unreadableSuite(open: Open): void {
  describe('what is set aside', () => {
    const subject = new Subject(open);
    const setAside = (id: string): Promise<boolean> => subject.store.upkeep.setAside(id, 'a word %; of its own');

    it('is no job any more, in whatever state it was', async () => {
      const running = await subject.running();
      const waiting = await subject.push({ start: { delay: minute } });
      const ended = await subject.push();
      await subject.store.jobs.change(ended.id, cancelMoves);
      const ready = await subject.push({ manual: true, payload: JSON.stringify('x'.repeat(5_000)) });
      const left = await subject.push();
      for (const { id } of [running, waiting, ended, ready]) {
        expect(await setAside(id)).toBe(true);
        expect(await subject.store.jobs.get(id)).toBeNull();
        expect(await subject.store.jobs.change(id, cancelMoves)).toEqual({ kind: 'missing' });
      }
      expect((await subject.listAll()).map(({ id }) => id)).toEqual([left.id]);
      expect(only(await subject.store.jobs.count())).toEqual({ worker: 'w', queue: 'q', counts: { ...noJobs, queued: 1 } });
      expect(await subject.succeed(running)).toBe('lost');
      expect((await subject.claim(9)).map(({ id }) => id)).toEqual([left.id]);
      expect((await subject.store.upkeep.scrub(null, 1_000)).repaired).toEqual({});
    });

    it('is told with its reason and all that was kept of it', async () => {
      const job = await subject.running({ payload: '"the payload"', comment: 'a comment' });
      await subject.fail(job);
      await setAside(job.id);
      const page = await subject.store.upkeep.unreadable(null, 10);
      expect(page).toEqual({ total: 1, next: null, records: [expect.objectContaining({ id: job.id, reason: 'a word %; of its own' })] });
      const record = only(page.records);
      for (const kept of ['the payload', 'a comment', job.fence]) expect(record.raw).toContain(kept);
      expect(Math.abs(record.at - job.createdAt)).toBeLessThan(minute);
    });

    it('is shown in pages, by id', async () => {
      const ids = (await subject.pushAll([asked(), asked(), asked()])).map(({ id }) => id);
      for (const id of ids.toReversed()) await setAside(id);
      const first = await subject.store.upkeep.unreadable(null, 2);
      expect(first).toMatchObject({ total: 3, next: ids[2], records: [{ id: ids[0] }, { id: ids[1] }] });
      expect(await subject.store.upkeep.unreadable(first.next, 2)).toMatchObject({ total: 3, next: null, records: [{ id: ids[2] }] });
      expect(await subject.store.upkeep.unreadable(null, 0)).toMatchObject({ total: 3, records: [] });
    });

    it('is a definition: it is removed, which its followers learn, and can be put again', async () => {
      const { definitions } = subject.store;
      await definitions.put([putOf('a b', { group: 'g', state: 'the state' }), putOf('other', { group: 'g' })]);
      await definitions.gather([partOf('a b', '"the part"')]);
      const before = await found(subject.store, 'a b');
      const id = 'definition:trigger//a b';
      expect(await setAside('definition:trigger//none')).toBe(false);
      expect(await setAside(id)).toBe(true);
      const page = { by: 'place', kind: 'trigger', domain: null, from: null, limit: 9 } as const;
      for (const group of [null, 'g'])
        expect((await definitions.list({ ...page, group })).definitions.map(({ key }) => key)).toEqual(['other']);
      const news = await definitions.list({ by: 'version', kind: 'trigger', after: before.version + 1, limit: 9 });
      expect(only(news.definitions)).toMatchObject({ key: 'a b', body: null, state: '', due: null, window: null, version: news.newest });
      expect((await definitions.due(['trigger'], 9, 0)).definitions.map(({ key }) => key)).toEqual(['other']);
      expect(only((await subject.entries(0, 99)).slice(-1)).defined).toEqual([{ owner: 'trigger//a b', version: news.newest }]);
      const record = only((await subject.store.upkeep.unreadable(null, 9)).records);
      expect(record.id).toBe(id);
      for (const kept of ['the state', 'the part', '{}']) expect(record.raw).toContain(kept);

      expect(await definitions.put([putOf('a b', { if: 0 })])).toMatchObject({ kind: 'put' });
      expect(await definitions.parts(trigger('a b'))).toEqual([]);
      expect(await fireNow(subject.store, 'a b', { jobs: [asked({ owner: 'trigger//a b' })] })).toMatchObject({ kind: 'fired' });
      expect(await fireNow(subject.store, 'other')).toMatchObject({ kind: 'fired' });
      expect((await subject.store.upkeep.scrub(null, 1_000)).repaired).toEqual({});
      expect(await subject.store.upkeep.discard(id)).toBe(true);
    });

    it('is an entry of the journal: the others stay', async () => {
      await subject.push();
      await subject.push();
      await subject.push();
      const [first, second, third] = await subject.entries(0, 9);
      expect(await setAside(`entry:${second?.seq}`)).toBe(true);
      expect(await subject.entries(0, 9)).toEqual([first, third]);
      expect(await subject.entries(first?.seq ?? 0, 9)).toEqual([third]);
      expect(await subject.entries(second?.seq ?? 0, 9)).toEqual([third]);
      for (const wrong of [second?.seq, 'x', '*', '-1']) expect(await setAside(`entry:${wrong}`)).toBe(false);
      expect(only((await subject.store.upkeep.unreadable(null, 9)).records).raw).toContain(second?.moved[0]?.ids[0]);
    });

    it('is the settings of a queue: it is paused until it is set again', async () => {
      const { queues } = subject.store;
      const job = await subject.push();
      await queues.configure('q', { concurrency: 7, rate: { max: 3, per: minute } });
      expect(await setAside('queue:none')).toBe(false);
      expect(await setAside('queue:q')).toBe(true);
      const paused = { paused: true, concurrency: null, rate: null };
      expect(only(await queues.list())).toMatchObject({ name: 'q', ...paused });
      expect(await subject.claim(9)).toEqual([]);
      expect(only((await subject.store.upkeep.unreadable(null, 9)).records)).toMatchObject({
        id: 'queue:q',
        raw: expect.stringContaining('7'),
      });
      expect(await queues.configure('q', { paused: false })).toMatchObject({ paused: false, concurrency: null });
      expect((await subject.claim(9)).map(({ id }) => id)).toEqual([job.id]);
    });

    it('is a node: it is forgotten, and what it held runs again', async () => {
      const { nodes } = subject.store;
      await subject.push();
      const running = await subject.claimOne({ holder: 'away' });
      await nodes.join(node('gone'), ttl);
      await nodes.leave('gone');
      expect(await setAside('node:none')).toBe(false);
      for (const id of ['node:away', 'node:gone']) expect(await setAside(id)).toBe(true);
      expect((await nodes.list()).filter(({ incarnation }) => ['away', 'gone'].includes(incarnation))).toEqual([]);
      expect(await nodes.renew('away', ttl, 0, { ...noLoad, slots: 1 })).toEqual({ kind: 'buried' });
      await nodes.bury(ttl, gap);
      await subject.store.upkeep.scrub(null, 1_000);
      expect((await subject.claim(9)).map(({ id }) => id)).toEqual([running.id]);
      expect((await subject.store.upkeep.unreadable(null, 9)).records.map(({ id }) => id)).toEqual(['node:away', 'node:gone']);
    });

    it('is removed for good', async () => {
      const { id } = await subject.push();
      expect(await subject.store.upkeep.discard(id)).toBe(false);
      await setAside(id);
      expect(await setAside(id)).toBe(false);
      expect(await subject.store.upkeep.discard(id)).toBe(true);
      expect(await subject.store.upkeep.discard(id)).toBe(false);
      expect(await subject.store.upkeep.unreadable(null, 10)).toEqual({ total: 0, next: null, records: [] });
      for (const wrong of ['', 'x', 'job:1', '9'.repeat(30)]) expect(await setAside(wrong)).toBe(false);
    });
  });
}
