/** Events: told once, with all that they cause, or not at all; and how readers learn that they have missed some. */
import { describe, expect, it } from 'vitest';
import { type NewEvent, sizeOfEvent } from '../../core/event.ts';
import type { NewJob } from '../../core/job.ts';
import type { Cause, JournalPlace, Publish, Published } from '../../ports/store/journal.ts';
import { fireNow, found, partOf, putOf, trigger } from './definitions.ts';
import { asked, entriesOf, minute, type Open, only, Subject } from './subject.ts';

export const eventOf = (otherwise: Partial<NewEvent> = {}): NewEvent => ({
  ...{ domain: '', type: 'io.files', verb: 'CREATED', id: 'a', doc: null, old: null, key: null },
  ...otherwise,
});

export const publishOf = (events: readonly NewEvent[], otherwise: Partial<Publish> = {}): Publish => ({
  ...{ events, causes: [], rules: null, follow: null },
  ...otherwise,
});

export const jobOf = (event: number | null, otherwise: Partial<NewJob> = {}): Cause => ({ event, job: asked(otherwise) });

export function publishSuite(open: Open): void {
  tellingSuite(open);
  guardSuite(open);
  placeSuite(open);
  keepingSuite(open);
}

const kinds = (published: Published): readonly string[] =>
  published.kind === 'published' ? [...published.events, ...published.causes].map(({ kind }) => kind) : [published.kind];

function tellingSuite(open: Open): void {
  describe('publish', () => {
    const subject = new Subject(open);
    const publish = (events: readonly NewEvent[], otherwise: Partial<Publish> = {}): Promise<Published> =>
      subject.store.journal.publish(publishOf(events, otherwise));
    const told = async (): Promise<readonly NewEvent[]> =>
      (await subject.entries()).flatMap((entry) => entry.told.map(({ number: _, ...event }) => event));

    it('tells events in one entry, numbered and exactly as they came', async () => {
      const events = [
        eventOf({ domain: 'd', id: 'é 🎈', doc: '{ "a": "\\n\\u0000",\n "b": [1.0, 9007199254740993] }', old: 'null' }),
        eventOf({ verb: 'NOTIFIED', doc: '""', old: null, key: 'a key\n;/%' }),
        eventOf({ verb: 'DELETED', doc: null, old: '"🎈"' }),
      ];
      const answer = await publish(events);
      const entry = only(await subject.entries());
      expect(entry.told).toEqual(events.map((event, number) => ({ ...event, number })));
      expect(answer).toEqual({
        kind: 'published',
        events: events.map((_, number) => ({ kind: 'told', seq: entry.seq, number })),
        causes: [],
      });
      expect([entry.moved, entry.defined, entry.fired]).toEqual([[], [], []]);
    });

    it('pushes what they cause in the same entry', async () => {
      const answer = await publish([eventOf(), eventOf()], { causes: [jobOf(0, { name: 'one' }), jobOf(1, { name: 'two' })] });
      const jobs = await subject.listAll();
      expect(jobs.map(({ name, state }) => [name, state])).toEqual([
        ['one', 'queued'],
        ['two', 'queued'],
      ]);
      const entry = only(await subject.entries());
      expect(entry.moved).toEqual([{ verb: 'push', ids: jobs.map(({ id }) => id) }]);
      expect(entry.told).toHaveLength(2);
      expect(answer).toMatchObject({ causes: jobs.map(({ id, createdAt }) => ({ kind: 'pushed', id, createdAt })) });
    });

    it('pushes jobs of a definition, which learns of them', async () => {
      await subject.store.definitions.put([putOf('a', { due: 'never' })]);
      await publish([eventOf()], { causes: [jobOf(0, { owner: 'trigger//a', about: '{"event":1}' })] });
      expect((await found(subject.store, 'a')).owned).toMatchObject({ live: 1 });
      expect(await subject.claimOne()).toMatchObject({ owner: 'trigger//a', about: '{"event":1}' });
    });

    it('gathers parts for windows', async () => {
      await subject.store.definitions.put([putOf('a', { due: 'never' })]);
      const parts = [partOf('a', '1'), partOf('a', '2', { most: { parts: 1, characters: 100 } }), partOf('nobody', '3')];
      const answer = await publish([eventOf()], { causes: parts.map((part) => ({ event: 0, part })) });
      expect(kinds(answer)).toEqual(['told', 'gathered', 'dropped', 'missing']);
      expect(await subject.store.definitions.parts(trigger('a'))).toEqual(['1']);
      expect((await found(subject.store, 'a')).window).toMatchObject({ count: 1, dropped: 1 });
    });

    it('tells an event under a key once, and does what it causes once', async () => {
      const again = eventOf({ key: 'k' });
      const first = await publish([again, eventOf()], { causes: [jobOf(0), jobOf(1)] });
      const second = await publish([eventOf(), again], { causes: [jobOf(1), jobOf(0), { event: 1, part: partOf('a', '1') }] });
      expect(kinds(first)).toEqual(['told', 'told', 'pushed', 'pushed']);
      expect(kinds(second)).toEqual(['told', 'known', 'known', 'pushed', 'known']);
      const before = first.kind === 'published' ? first.events[0] : undefined;
      expect(second).toMatchObject({ events: [{}, { seq: before?.seq, number: before?.number }] });
      expect(await subject.listAll()).toHaveLength(3);
      expect(await told()).toHaveLength(3);
    });

    it('knows a key that comes twice in one step', async () => {
      const answer = await publish([eventOf({ key: 'k' }), eventOf({ key: 'k' })], { causes: [jobOf(0), jobOf(1)] });
      expect(kinds(answer)).toEqual(['told', 'known', 'pushed', 'known']);
      const entry = only(await subject.entries());
      expect(answer).toMatchObject({
        events: [
          { seq: entry.seq, number: 0 },
          { seq: entry.seq, number: 0 },
        ],
      });
    });

    it('keeps the keys of domains, and of jobs, apart', async () => {
      await subject.push({ idempotency: { key: 'k', digest: 'd' } });
      const answer = await publish([eventOf({ key: 'k' }), eventOf({ key: 'k', domain: 'other' })]);
      expect(kinds(answer)).toEqual(['told', 'told']);
    });

    it('takes two events of one document for two', async () => {
      await publish(
        Array.from({ length: 100 }, () => eventOf({ verb: 'UPDATED' })),
        {
          causes: Array.from({ length: 100 }, (_, event) => jobOf(event)),
        },
      );
      expect(await subject.listAll()).toHaveLength(100);
    });

    it('answers jobs of idempotency keys that were there before', async () => {
      const job = { idempotency: { key: 'k', digest: 'd' } };
      const { id } = await subject.push(job);
      expect(await publish([eventOf()], { causes: [jobOf(0, job)] })).toMatchObject({ causes: [{ kind: 'replayed', id }] });
      const other = jobOf(0, { idempotency: { key: 'k', digest: 'other' } });
      expect(await publish([eventOf()], { causes: [other] })).toMatchObject({ causes: [{ kind: 'conflict', id }] });
    });

    it('says that it has told something, and that there is something to claim', async () => {
      expect(await subject.hintDuring('told', () => publish([eventOf()]))).toEqual({ kind: 'told' });
      await subject.join('node', 100 * minute);
      expect(await subject.hintDuring('ready', () => publish([eventOf()], { causes: [jobOf(0)] }))).toEqual({
        kind: 'ready',
        workers: ['w'],
      });
    });

    it('does many at once, each for itself', async () => {
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, i) => publish([eventOf({ id: `${i}`, key: `${i % 25}` })], { causes: [jobOf(0)] })),
      );
      expect(answers.filter((answer) => kinds(answer)[0] === 'told')).toHaveLength(25);
      expect(await subject.listAll()).toHaveLength(25);
      expect(await told()).toHaveLength(25);
    });

    it('leaves no entry when it does nothing', async () => {
      await publish([]);
      expect(await subject.entries()).toEqual([]);
    });
  });
}

function guardSuite(open: Open): void {
  describe('publish, guarded', () => {
    const subject = new Subject(open);
    const rules = async (group = 'event'): Promise<number> =>
      (await subject.store.definitions.list({ by: 'version', kind: 'trigger', after: 0, limit: 1, group })).newestOfGroup;
    const publish = (version: number): Promise<Published> =>
      subject.store.journal.publish(publishOf([eventOf()], { causes: [jobOf(0)], rules: version }));
    const put = (key: string, group: string, otherwise = {}): Promise<unknown> =>
      subject.store.definitions.put([putOf(key, { group, due: 'never', ...otherwise })]);

    it('does nothing under other rules than those that there are', async () => {
      expect(await publish(0)).toMatchObject({ kind: 'published' });
      await put('a', 'event');
      const version = await rules();
      expect(version).toBeGreaterThan(0);
      const before = await subject.entries();
      for (const other of [0, version - 1, version + 1]) expect(await publish(other)).toEqual({ kind: 'stale', version });
      expect(await subject.entries()).toEqual(before);
      expect(await subject.listAll()).toHaveLength(1);
      expect(await publish(version)).toMatchObject({ kind: 'published' });
    });

    it('counts what enters the group, changes in it, and leaves it, and nothing else', async () => {
      const seen: number[] = [];
      const note = async (): Promise<void> => void seen.push(await rules());
      await put('a', 'event');
      await note();
      await put('other', 'elsewhere');
      await note();
      await put('a', 'event');
      await note();
      await put('a', 'elsewhere');
      await note();
      await put('a', '');
      await note();
      await put('b', 'event', { due: 'now' });
      await note();
      await fireNow(subject.store, 'b', { next: 1e14 });
      await note();
      await put('b', 'event', { due: 'now' });
      await note();
      await fireNow(subject.store, 'b', { next: 'removed' });
      await note();
      await put('b', 'event');
      await put('b', '', { body: null });
      await note();
      const [a, b, c, d, e, f, g, h, i, j] = seen;
      expect([b, e, g]).toEqual([a, d, f]);
      const rising = [a, c, d, f, h, i, j];
      expect(rising).toEqual([...new Set(rising)].toSorted((x = 0, y = 0) => x - y));
      expect(await rules('elsewhere')).toBeGreaterThan(d ?? 0);
    });

    it('counts copies that come in', async () => {
      await put('a', 'event');
      const definition = await found(subject.store, 'a');
      await put('a', '', { body: null });
      const before = await rules();
      await subject.store.definitions.restore([{ definition: { ...definition, key: 'copy' }, parts: [] }]);
      expect(await rules()).toBeGreaterThan(before);
    });

    it('sees what is put in the same turn', async () => {
      const [, answer] = await Promise.all([put('a', 'event'), publish(0)]);
      expect(answer).toMatchObject({ kind: 'stale' });
    });

    it('moves a reader from where it stands, once', async () => {
      const follow = (from: number, to: number, name = 'reader') =>
        subject.store.journal.publish(publishOf([], { causes: [jobOf(null)], follow: { name, from, to, waits: false } }));
      expect(await follow(3, 4)).toEqual({ kind: 'moved', at: 0 });
      expect(kinds(await follow(0, 5))).toEqual(['pushed']);
      expect(await follow(0, 5)).toEqual({ kind: 'moved', at: 5 });
      const answers = await Promise.all([follow(5, 6), follow(5, 7)]);
      expect(answers.map(({ kind }) => kind).toSorted()).toEqual(['moved', 'published']);
      expect(await follow(0, 1, 'another: with a blank')).toMatchObject({ kind: 'published' });
      const farthest = 10 ** 15 - 1;
      expect(await follow(1, farthest, 'another: with a blank')).toMatchObject({ kind: 'published' });
      expect(await follow(1, 2, 'another: with a blank')).toEqual({ kind: 'moved', at: farthest });
      expect(await follow(farthest, 3, 'another: with a blank')).toMatchObject({ kind: 'published' });
      expect(await subject.listAll()).toHaveLength(5);
    });

    it('pushes nothing into a closed queue, and all else', async () => {
      await subject.store.queues.configure('q', { closed: true });
      const open = { job: asked({ queue: 'open' }), event: 0 };
      const answer = await subject.store.journal.publish(publishOf([eventOf()], { causes: [jobOf(0), open] }));
      expect(kinds(answer)).toEqual(['told', 'closed', 'pushed']);
      expect((await subject.listAll()).map(({ queue }) => queue)).toEqual(['open']);
    });

    it('moves no reader that waits for a queue to be opened', async () => {
      const follow = (waits: boolean, from: number, job = jobOf(null)) =>
        subject.store.journal.publish(publishOf([], { causes: [job], follow: { name: 'reader', from, to: from + 1, waits } }));
      await subject.store.queues.configure('q', { closed: true });
      expect(await follow(true, 0)).toEqual({ kind: 'closed', queue: 'q' });
      expect(kinds(await follow(true, 0, { job: asked({ queue: 'open' }), event: null }))).toEqual(['pushed']);
      expect(kinds(await follow(false, 1))).toEqual(['closed']);
      await subject.store.queues.configure('q', { closed: false });
      expect(kinds(await follow(true, 2))).toEqual(['pushed']);
    });
  });
}

function placeSuite(open: Open): void {
  describe('a reader of the journal', () => {
    const subject = new Subject(open);
    const publish = (count: number, otherwise: Partial<NewEvent> = {}): Promise<Published> =>
      subject.store.journal.publish(publishOf(Array.from({ length: count }, (_, i) => eventOf({ id: `${i}`, ...otherwise }))));
    const placeBehind = async (seq: number): Promise<JournalPlace> => {
      const { entries, newest } = await subject.store.journal.entries(0, 100);
      return { ...newest, seq, at: entries.find((entry) => entry.seq === seq)?.at ?? 0 };
    };
    const read = (place: JournalPlace | number) => subject.store.journal.entries(place, 100);

    it('goes on behind its place, with nothing missing', async () => {
      for (let i = 0; i < 4; i++) await publish(1);
      const [first, ...rest] = await subject.entries();
      const page = await read(await placeBehind(first?.seq ?? 0));
      expect(page).toEqual({ entries: rest, gap: null, newest: { store: page.newest.store, seq: rest.at(-1)?.seq, at: rest.at(-1)?.at } });
      expect(await read(page.newest)).toEqual({ entries: [], gap: null, newest: page.newest });
    });

    it('begins in an empty store', async () => {
      const { newest, ...page } = await read(0);
      expect(page).toEqual({ entries: [], gap: null });
      expect(newest).toMatchObject({ seq: 0, at: 0 });
      await publish(1);
      expect(await read(newest)).toMatchObject({ gap: null, entries: [{ told: [{ id: '0' }] }] });
    });

    it('is told when retention has taken what it has not seen, and gets the rest', async () => {
      await publish(1);
      const seen = (await read(0)).newest;
      await publish(1);
      const second = (await read(0)).newest;
      await subject.advance(10 * minute);
      await publish(1, { id: 'young' });
      await subject.store.upkeep.sweep({ ...keep, journal: 5 * minute });
      expect(await read(seen)).toMatchObject({ gap: 'swept', entries: [{ told: [{ id: 'young' }] }] });
      expect(await read(seen.seq)).toMatchObject({ gap: 'swept' });
      expect(await read(second)).toMatchObject({ gap: null, entries: [{ told: [{ id: 'young' }] }] });
      expect(await read(0)).toMatchObject({ gap: null, entries: [{ told: [{ id: 'young' }] }] });
      await subject.advance(10 * minute);
      await subject.store.upkeep.sweep({ ...keep, journal: 5 * minute });
      const { newest, ...page } = await read(second.seq + 1);
      expect(page).toEqual({ entries: [], gap: null });
      expect(newest.seq).toBe(second.seq + 1);
      expect(await read(second)).toMatchObject({ gap: 'swept', entries: [] });
    });

    it('is told when what it has seen is not there', async () => {
      await publish(1);
      await publish(1);
      const { newest } = await read(0);
      const elsewhere = [
        { ...newest, store: 'another' },
        { ...newest, seq: newest.seq + 1 },
        { ...newest, at: newest.at - 1 },
        { store: 'another', seq: 0, at: 0 },
        newest.seq + 1,
      ];
      for (const place of elsewhere) expect(await read(place)).toEqual({ entries: [], gap: 'rewound', newest });
    });

    it('gets about a megabyte at once', async () => {
      const doc = JSON.stringify('x'.repeat(400_000));
      for (let i = 0; i < 5; i++) await publish(1, { id: `${i}`, doc });
      const { entries } = await read(0);
      expect(entries).toHaveLength(2);
      expect((await read(entries.at(-1)?.seq ?? 0)).entries.map(({ told }) => only(told).id)).toEqual(['2', '3']);
      await publish(4, { doc });
      expect((await read(5)).entries).toHaveLength(1);
    });
  });
}

const keep = { ended: null, journal: 1_000 * minute, told: null, idempotency: 1_000 * minute, output: 16_384, limit: 100 };

function keepingSuite(open: Open): void {
  describe('events in a sweep', () => {
    const subject = new Subject(open);
    const event = eventOf({ doc: JSON.stringify('x'.repeat(1_000)) });
    const publish = (): Promise<Published> => subject.store.journal.publish(publishOf([event, event]));

    it('leave with their entries when they are too many, and all that came before', async () => {
      await subject.push();
      for (let i = 0; i < 5; i++) await publish();
      await subject.push();
      const before = await subject.entries();
      const size = 2 * sizeOfEvent(event);
      const sweep = (told: number, limit = 100) => subject.store.upkeep.sweep({ ...keep, told, limit });
      expect(await sweep(5 * size)).toMatchObject({ entries: 0, more: false });
      expect(await sweep(5 * size - 1, 1)).toMatchObject({ entries: 1, more: true });
      expect(await sweep(5 * size - 1, 1)).toMatchObject({ entries: 1, more: false });
      expect(await subject.entries()).toEqual(before.slice(2));
      expect(await sweep(2 * size)).toMatchObject({ entries: 2, more: false });
      expect(await sweep(2 * size)).toMatchObject({ entries: 0, more: false });
      expect(await subject.entries()).toEqual(before.slice(4));
      await publish();
      expect(await sweep(2 * size)).toMatchObject({ entries: 1 });
      expect(await sweep(0)).toMatchObject({ entries: 3 });
      expect(await sweep(0)).toMatchObject({ entries: 0 });
    });

    it('leave by their age, after which what is left is counted anew', async () => {
      for (let i = 0; i < 3; i++) await publish();
      await subject.advance(10 * minute);
      await publish();
      expect(await subject.store.upkeep.sweep({ ...keep, journal: 5 * minute })).toMatchObject({ entries: 3 });
      expect(await subject.store.upkeep.sweep({ ...keep, told: 2 * sizeOfEvent(event) })).toMatchObject({ entries: 0 });
      expect(await entriesOf(subject.store)).toHaveLength(1);
    });

    it('leave their keys behind for as long as those of jobs are kept', async () => {
      const keyed = publishOf([eventOf({ key: 'k' })], { causes: [jobOf(0)] });
      await subject.store.journal.publish(keyed);
      const retention = { ...keep, journal: minute, idempotency: 20 * minute };
      await subject.advance(10 * minute);
      expect(await subject.store.upkeep.sweep(retention)).toMatchObject({ entries: 1, keys: 0 });
      expect(kinds(await subject.store.journal.publish(keyed))).toEqual(['known', 'known']);
      await subject.advance(11 * minute);
      expect(await subject.store.upkeep.sweep(retention)).toMatchObject({ keys: 1, more: false });
      expect(kinds(await subject.store.journal.publish(keyed))).toEqual(['told', 'pushed']);
      for (let i = 0; i < 3; i++) await subject.store.journal.publish(publishOf([eventOf({ key: `${i}` })]));
      await subject.advance(30 * minute);
      expect(await subject.store.upkeep.sweep({ ...keep, idempotency: minute, limit: 3 })).toMatchObject({ keys: 3, more: true });
      expect(await subject.store.upkeep.sweep({ ...keep, idempotency: minute, limit: 3 })).toMatchObject({ keys: 1, more: false });
    });
  });
}
