import { describe, expect, it } from 'vitest';
import { ownerOf } from '../../core/definition.ts';
import { replacedAtOnce } from '../../core/window.ts';
import { fireNow, firingOf, found, partOf, putOf, trigger } from './definitions.ts';
import { asked, kept, minute, type Open, only, Subject } from './subject.ts';

const owned = (key: string, otherwise: Parameters<typeof asked>[0] = {}) => asked({ owner: ownerOf(trigger(key)), ...otherwise });

export function fireSuite(open: Open): void {
  firingSuite(open);
  overlapSuite(open);
  windowSuite(open);
}

function firingSuite(open: Open): void {
  describe('fire', () => {
    const subject = new Subject(open);

    it('pushes the jobs, sets the state and what is due next, and tells it in one entry of the journal', async () => {
      await subject.store.definitions.put([putOf('a')]);
      const before = await found(subject.store, 'a');
      const next = (before.due ?? 0) + 10 * minute;
      const [entry] = (await subject.entries(0, 10)).slice(-1);
      const fired = await fireNow(subject.store, 'a', {
        next,
        state: 'tick 1',
        jobs: [owned('a', { name: 'one' }), owned('a', { name: 'two' })],
      });
      const ids = fired.kind === 'fired' ? fired.ids : [];
      expect((await Promise.all(ids.map((id) => subject.get(id)))).map(({ name, owner, state }) => [name, owner, state])).toEqual([
        ['one', 'trigger//a', 'queued'],
        ['two', 'trigger//a', 'queued'],
      ]);
      expect(await found(subject.store, 'a')).toMatchObject({
        version: before.version,
        state: 'tick 1',
        due: next,
        firedAt: before.due,
        changedAt: before.changedAt,
      });
      const written = only(await subject.entries(entry?.seq ?? 0, 10));
      expect(written.moved).toEqual([{ verb: 'push', ids }]);
      expect(written.fired).toEqual([
        { owner: 'trigger//a', version: before.version, tick: before.due, overlap: false, putOff: false, note: 'noted' },
      ]);
      expect(written.defined).toEqual([]);
    });

    it('makes its jobs ready at once, and says so', async () => {
      await subject.join('node', 100 * minute);
      await subject.store.definitions.put([putOf('a')]);
      expect(await subject.hintDuring('ready', () => fireNow(subject.store, 'a', { jobs: [owned('a')] }))).toEqual({
        kind: 'ready',
        workers: ['w'],
      });
      expect(await subject.claimOne()).toMatchObject({ owner: 'trigger//a', about: null });
    });

    it('does nothing under another version or tick, newer or older', async () => {
      await subject.store.definitions.put([putOf('a')]);
      const definition = await found(subject.store, 'a');
      const jobs = [owned('a')];
      for (const off of [{ version: -1 }, { version: 1 }, { tick: -1 }, { tick: 1 }]) {
        const { version = 0, tick = 0 } = off as { version?: number; tick?: number };
        const firing = firingOf(definition, { jobs });
        const [answer] = await subject.store.definitions.fire([{ ...firing, version: firing.version + version, tick: firing.tick + tick }]);
        expect(answer).toEqual({ kind: 'lost' });
      }
      expect(await found(subject.store, 'a')).toEqual(definition);
      expect(await subject.listAll()).toEqual([]);
    });

    it('happens once however often it is repeated', async () => {
      await subject.store.definitions.put([putOf('a')]);
      const firing = firingOf(await found(subject.store, 'a'), { jobs: [owned('a')] });
      const answers = await Promise.all([1, 2, 3].map(() => subject.store.definitions.fire([firing])));
      expect(
        answers
          .flat()
          .map(({ kind }) => kind)
          .toSorted(),
      ).toEqual(['fired', 'lost', 'lost']);
      expect(await subject.store.definitions.fire([firing])).toEqual([{ kind: 'lost' }]);
      expect(await subject.listAll()).toHaveLength(1);
    });

    it('happens once although a job ends at the tick that was fired', async () => {
      await subject.store.definitions.put([putOf('a', { dueOnEnd: true })]);
      await subject.push({ owner: ownerOf(trigger('a')) });
      const firing = firingOf(await found(subject.store, 'a'), { jobs: [owned('a')], overlap: 'replace' });
      const answers = await Promise.all([1, 2].map(() => subject.store.definitions.fire([firing])));
      expect(
        answers
          .flat()
          .map(({ kind }) => kind)
          .toSorted(),
      ).toEqual(['fired', 'lost']);
      expect((await found(subject.store, 'a')).firedAt).toBe(firing.tick);
    });

    it('is not due again through the ends of the jobs that it replaces', async () => {
      await subject.store.definitions.put([putOf('a', { dueOnEnd: true })]);
      await subject.push({ owner: ownerOf(trigger('a')) });
      const before = await found(subject.store, 'a');
      const next = (before.due ?? 0) + 60_000;
      await subject.store.definitions.fire([firingOf(before, { jobs: [owned('a')], overlap: 'replace', next })]);
      expect(await found(subject.store, 'a')).toMatchObject({ due: next, owned: { live: 1 } });
    });

    it('does each firing for itself', async () => {
      await subject.store.definitions.put([putOf('a'), putOf('b')]);
      const [a, b] = [await found(subject.store, 'a'), await found(subject.store, 'b')];
      const unknown = { ...firingOf(a), key: 'nobody' };
      const stale = { ...firingOf(a, { jobs: [owned('a')] }), version: 99 };
      const kinds = (await subject.store.definitions.fire([unknown, firingOf(b, { jobs: [owned('b')] }), stale, firingOf(a)])).map(
        ({ kind }) => kind,
      );
      expect(kinds).toEqual(['lost', 'fired', 'lost', 'fired']);
    });

    it('removes what is fired for the last time', async () => {
      await subject.store.definitions.put([putOf('a', { group: 'g' })]);
      const before = await found(subject.store, 'a');
      expect(await fireNow(subject.store, 'a', { next: 'removed', jobs: [owned('a')] })).toMatchObject({ kind: 'fired' });
      expect((await subject.store.definitions.list({ by: 'keys', keys: [trigger('a')] })).definitions).toEqual([]);
      const { definitions } = await subject.store.definitions.list({ by: 'version', kind: 'trigger', after: before.version, limit: 9 });
      expect(only(definitions)).toMatchObject({ key: 'a', body: null, group: '', due: null, state: 'fired', owned: { live: 1 } });
      expect(await subject.store.definitions.fire([firingOf(before)])).toEqual([{ kind: 'lost' }]);
    });

    it('is refused for one that was put again or removed meanwhile', async () => {
      await subject.store.definitions.put([putOf('a')]);
      const before = await found(subject.store, 'a');
      await subject.store.definitions.put([putOf('a', { due: 'same' })]);
      expect(await subject.store.definitions.fire([firingOf(before)])).toEqual([{ kind: 'lost' }]);
      const again = await found(subject.store, 'a');
      await subject.store.definitions.put([putOf('a', { body: null })]);
      expect(await subject.store.definitions.fire([firingOf(again)])).toEqual([{ kind: 'lost' }]);
    });

    it('answers jobs of idempotency keys that were there before', async () => {
      await subject.store.definitions.put([putOf('a')]);
      const job = owned('a', { idempotency: { key: 'tick', digest: 'd' } });
      const [pushed] = kept(await subject.store.jobs.push([job]));
      expect(await fireNow(subject.store, 'a', { jobs: [job] })).toEqual({ kind: 'fired', ids: [pushed?.id] });
    });
  });
}

function overlapSuite(open: Open): void {
  describe('fire, while earlier jobs live', () => {
    const subject = new Subject(open);

    /** A trigger with one waiting and one running job, due again. */
    async function busy(): Promise<void> {
      await subject.store.definitions.put([putOf('a')]);
      await fireNow(subject.store, 'a', { jobs: [owned('a', { name: 'runs' })] });
      await subject.claimOne();
      await subject.store.definitions.put([putOf('a')]);
      await fireNow(subject.store, 'a', { jobs: [owned('a', { name: 'waits' })] });
      await subject.store.definitions.put([putOf('a')]);
    }
    const names = async (): Promise<readonly string[]> => (await subject.listAll()).map(({ name, state }) => `${name} ${state}`);

    it('pushes all the same where that is allowed', async () => {
      await busy();
      expect(await fireNow(subject.store, 'a', { jobs: [owned('a', { name: 'new' })], overlap: 'allow' })).toMatchObject({ kind: 'fired' });
      expect(await names()).toEqual(['runs running', 'waits queued', 'new queued']);
    });

    it('skips, and does all but the push', async () => {
      await busy();
      const { due } = await found(subject.store, 'a');
      const next = (due ?? 0) + minute;
      expect(await fireNow(subject.store, 'a', { jobs: [owned('a')], overlap: 'skip', next, state: 'skipped' })).toEqual({
        kind: 'overlap',
      });
      expect(await names()).toEqual(['runs running', 'waits queued']);
      expect(await found(subject.store, 'a')).toMatchObject({ due: next, state: 'skipped' });
      expect((await subject.entries(0, 99)).at(-1)?.fired).toMatchObject([{ overlap: true, tick: due, note: 'noted' }]);
    });

    it('lets one wait beside one that runs', async () => {
      await busy();
      expect(await fireNow(subject.store, 'a', { jobs: [owned('a')], overlap: 'one' })).toEqual({ kind: 'overlap' });
      await subject.claimOne();
      await subject.store.definitions.put([putOf('a')]);
      expect(await fireNow(subject.store, 'a', { jobs: [owned('a', { name: 'new' })], overlap: 'one' })).toMatchObject({ kind: 'fired' });
      expect(await names()).toEqual(['runs running', 'waits running', 'new queued']);
    });

    it('replaces: what waits is canceled, what runs is told to stop', async () => {
      await busy();
      const told = subject.hintDuring('inbox', async () => {
        expect(await fireNow(subject.store, 'a', { jobs: [owned('a', { name: 'new' })], overlap: 'replace' })).toMatchObject({
          kind: 'fired',
        });
      });
      expect(await told).toEqual({ kind: 'inbox', holder: 'node' });
      expect(await names()).toEqual(['runs stopping', 'waits canceled', 'new queued']);
      expect((await subject.renew()) as object).toMatchObject({ inbox: [{ kind: 'cancel' }] });
    });

    it('replaces any number, some at a time, and pushes when all of them are told', async () => {
      await busy();
      const { due, version } = await found(subject.store, 'a');
      await subject.store.jobs.push(Array.from({ length: replacedAtOnce + 5 }, () => owned('a', { name: 'many' })));
      const replacing = { jobs: [owned('a', { name: 'new' })], overlap: 'replace' } as const;
      expect(await fireNow(subject.store, 'a', replacing)).toEqual({ kind: 'replacing' });
      expect(await found(subject.store, 'a')).toMatchObject({ due, version, owned: { live: 8 } });
      expect((await subject.entries(0, 99)).at(-1)?.fired).toEqual([]);
      expect(await fireNow(subject.store, 'a', replacing)).toMatchObject({ kind: 'fired', ids: { length: 1 } });
      const left = (await names()).filter((each) => !each.endsWith('canceled'));
      expect(left).toEqual(['runs stopping', 'new queued']);
    });

    it('cancels what lives, and pushes nothing', async () => {
      await busy();
      expect(await fireNow(subject.store, 'a', { overlap: 'cancel' })).toEqual({ kind: 'fired', ids: [] });
      expect(await names()).toEqual(['runs stopping', 'waits canceled']);
    });

    it('has nothing in its way when it pushes nothing, or only others have jobs', async () => {
      await busy();
      expect(await fireNow(subject.store, 'a', { overlap: 'skip' })).toEqual({ kind: 'fired', ids: [] });
      await subject.store.definitions.put([putOf('b')]);
      expect(await fireNow(subject.store, 'b', { jobs: [owned('b')], overlap: 'skip' })).toMatchObject({ kind: 'fired' });
    });
  });
}

function windowSuite(open: Open): void {
  describe('a window', () => {
    const subject = new Subject(open);
    const gather = (...texts: readonly string[]) => subject.store.definitions.gather(texts.map((text) => partOf('a', text)));
    const closing = async (): Promise<number> => (await found(subject.store, 'a')).window?.closesAt ?? Number.NaN;
    const collected = async (): Promise<readonly (string | null)[]> => (await subject.listAll()).map(({ payload }) => payload);
    const collect = { payload: ['{"all":[', ']}'], about: ['{"of":"ü#\\n","parts":', ',"not":', '}'] } as const;
    const aboutOf = async () =>
      JSON.parse((await subject.listAll()).at(-1)?.about ?? 'null') as { readonly parts: number; readonly not: number };
    const noted = async () => (await subject.entries(0, 99)).flatMap(({ fired }) => fired.map(({ note }) => note)).at(-1);

    it('opens with its first part and makes its definition due when it closes', async () => {
      await subject.store.definitions.put([putOf('a', { due: 'never' })]);
      expect(await subject.hintDuring('defined', () => gather('1', '{"b": 2.0}'))).toEqual({ kind: 'defined' });
      const { window, due } = await found(subject.store, 'a');
      expect(due).toBeNull();
      expect(window).toEqual({ openedAt: expect.any(Number), closesAt: (window?.openedAt ?? 0) + 10 * minute, count: 2, dropped: 0 });
      expect(await subject.store.definitions.parts(trigger('a'))).toEqual(['1', '{"b": 2.0}']);
      const { definitions, nextIn } = await subject.store.definitions.due(['trigger'], 9, 0);
      expect(definitions).toEqual([]);
      expect(nextIn).toBeGreaterThan(9 * minute);
      await subject.advance(11 * minute);
      expect((await subject.store.definitions.due(['trigger'], 9, 0)).definitions).toHaveLength(1);
    });

    it('is collected into the first job, its parts as they came', async () => {
      await subject.store.definitions.put([putOf('a', { due: 'never' })]);
      await gather('1', '{"b": 2.0}', '"ü"');
      await subject.advance(11 * minute);
      expect(await fireNow(subject.store, 'a', { jobs: [owned('a'), owned('a', { payload: '7' })], collect })).toMatchObject({
        kind: 'fired',
      });
      expect(await collected()).toEqual(['{"all":[1,{"b": 2.0},"ü"]}', '7']);
      expect((await found(subject.store, 'a')).window).toBeNull();
      expect(await subject.store.definitions.parts(trigger('a'))).toEqual([]);
      await gather('4');
      expect(await subject.store.definitions.parts(trigger('a'))).toEqual(['4']);
    });

    it('loses and doubles no part that comes while it is collected', async () => {
      await subject.store.definitions.put([putOf('a', { due: 'never' })]);
      await gather('1');
      await subject.advance(11 * minute);
      const firing = firingOf(await found(subject.store, 'a'), { jobs: [owned('a')], collect });
      await Promise.all([gather('2'), subject.store.definitions.fire([firing]), gather('3'), gather('4')]);
      const inJob = only(await collected());
      const left = await subject.store.definitions.parts(trigger('a'));
      expect(new Set([...JSON.parse(inJob ?? '{}').all.map(String), ...left])).toEqual(new Set(['1', '2', '3', '4']));
      expect(JSON.parse(inJob ?? '{}').all.length + left.length).toBe(4);
      expect(await aboutOf()).toEqual({ of: 'ü#\n', parts: 4 - left.length, not: 0 });
      expect(await noted()).toBe(`noted ${4 - left.length}`);
    });

    it('tells in the job and in the journal what was there when it was collected, not when that was decided', async () => {
      await subject.store.definitions.put([putOf('a', { due: 'never' })]);
      const few = { most: { parts: 3, characters: 100 } };
      await subject.store.definitions.gather([partOf('a', '1', few)]);
      await subject.advance(11 * minute);
      const firing = firingOf(await found(subject.store, 'a'), { jobs: [owned('a', { name: '# "#"', about: '{"older":1}' })], collect });
      await subject.store.definitions.gather(['2', '3', '4', '5'].map((text) => partOf('a', text, few)));
      await subject.store.definitions.fire([firing]);
      expect(await collected()).toEqual(['{"all":[1,2,3]}']);
      expect(await aboutOf()).toEqual({ of: 'ü#\n', parts: 3, not: 2 });
      expect([(await subject.listAll())[0]?.name, await noted()]).toEqual(['# "#"', 'noted 3, 2 did not fit']);
    });

    it('tells of nothing where nothing was gathered', async () => {
      await subject.store.definitions.put([putOf('a')]);
      await fireNow(subject.store, 'a', { jobs: [owned('a')], collect });
      expect([await collected(), await aboutOf(), await noted()]).toEqual([['{"all":[]}'], { of: 'ü#\n', parts: 0, not: 0 }, 'noted 0']);
    });

    it('stays as long as its first part said, unless its parts let it slide', async () => {
      await subject.store.definitions.put([putOf('a', { due: 'never' })]);
      await gather('1');
      const first = await closing();
      await subject.advance(5 * minute);
      await gather('2');
      expect(await closing()).toBe(first);
      const sliding = partOf('a', '3', { wait: 10 * minute, maxWait: 12 * minute });
      await subject.store.definitions.gather([sliding]);
      expect(await closing()).toBe(first + 2 * minute);
      await subject.advance(8 * minute);
      await subject.store.definitions.gather([sliding]);
      expect(await closing()).toBe(first + 2 * minute);
    });

    it('slides with each part, and is lost to a firing that was decided before', async () => {
      await subject.store.definitions.put([putOf('a', { due: 'never' })]);
      const sliding = partOf('a', '1', { wait: 10 * minute, maxWait: 60 * minute });
      await subject.store.definitions.gather([sliding]);
      const early = await found(subject.store, 'a');
      await subject.advance(5 * minute);
      await subject.store.definitions.gather([sliding]);
      expect((await closing()) - (early.window?.closesAt ?? 0)).toBeGreaterThan(4 * minute);
      expect(await subject.store.definitions.fire([firingOf(early, { jobs: [owned('a')], collect })])).toEqual([{ kind: 'lost' }]);
    });

    it('counts what does not fit', async () => {
      await subject.store.definitions.put([putOf('a', { due: 'never' })]);
      const most = { parts: 2, characters: 6 };
      const parts = ['"x"', '"long"', '"y"', '"z"'].map((text) => partOf('a', text, { most }));
      expect(await subject.store.definitions.gather(parts)).toEqual(['gathered', 'dropped', 'gathered', 'dropped']);
      expect((await found(subject.store, 'a')).window).toMatchObject({ count: 2, dropped: 2 });
    });

    it('is for definitions alone that are there', async () => {
      await subject.store.definitions.put([putOf('a', { body: null })]);
      expect(await subject.store.definitions.gather([partOf('a', '1'), partOf('nobody', '1')])).toEqual(['missing', 'missing']);
      expect(await subject.store.definitions.parts(trigger('nobody'))).toEqual([]);
    });

    it('goes with its definition, and stays when that is put again', async () => {
      await subject.store.definitions.put([putOf('a', { due: 'never' })]);
      await gather('1');
      const closes = await closing();
      await subject.store.definitions.put([putOf('a', { due: 'never', body: '[]' })]);
      expect(await closing()).toBe(closes);
      expect(await subject.store.definitions.parts(trigger('a'))).toEqual(['1']);
      await subject.store.definitions.put([putOf('a', { body: null })]);
      await subject.store.definitions.put([putOf('a', { due: 'never' })]);
      expect(await subject.store.definitions.parts(trigger('a'))).toEqual([]);
    });

    it('is left alone by a firing that does not collect it', async () => {
      await subject.store.definitions.put([putOf('a')]);
      await gather('1');
      const { due, window } = await found(subject.store, 'a');
      expect(await fireNow(subject.store, 'a', { next: (due ?? 0) + 60 * minute, jobs: [owned('a')] })).toMatchObject({ kind: 'fired' });
      expect(await found(subject.store, 'a')).toMatchObject({ due: (due ?? 0) + 60 * minute, window });
      expect(await collected()).toEqual([null]);
    });

    it('that has closed and is not collected closes again when its definition is due next', async () => {
      await subject.store.definitions.put([putOf('a', { due: 'never' })]);
      await gather('1');
      await subject.advance(11 * minute);
      const next = (await closing()) + 30 * minute;
      expect(await fireNow(subject.store, 'a', { next })).toMatchObject({ kind: 'fired' });
      expect(await found(subject.store, 'a')).toMatchObject({ due: next, window: { closesAt: next, count: 1 } });
      await subject.advance(31 * minute);
      expect(await fireNow(subject.store, 'a', { next: null })).toMatchObject({ kind: 'fired' });
      expect(await found(subject.store, 'a')).toMatchObject({ due: null, window: { closesAt: null, count: 1 } });
      expect(await subject.store.definitions.parts(trigger('a'))).toEqual(['1']);
    });

    it('that earlier jobs hold up waits for the end of one, and takes parts meanwhile', async () => {
      await subject.store.definitions.put([putOf('a')]);
      await fireNow(subject.store, 'a', { jobs: [owned('a')] });
      const job = await subject.claimOne();
      await gather('1');
      await subject.advance(11 * minute);
      expect(await fireNow(subject.store, 'a', { jobs: [owned('a')], overlap: 'skip', collect })).toEqual({ kind: 'overlap' });
      await gather('2');
      expect((await found(subject.store, 'a')).window).toMatchObject({ closesAt: null, count: 2 });
      expect((await subject.store.definitions.due(['trigger'], 9, 0)).definitions).toEqual([]);
      expect(await subject.hintDuring('defined', () => subject.succeed(job))).toEqual({ kind: 'defined' });
      expect((await subject.store.definitions.due(['trigger'], 9, 0)).definitions).toHaveLength(1);
      expect(await fireNow(subject.store, 'a', { jobs: [owned('a')], overlap: 'skip', collect })).toMatchObject({ kind: 'fired' });
      expect((await collected()).at(-1)).toBe('{"all":[1,2]}');
    });
  });
}
