import { describe, expect, it } from 'vitest';
import { noEnds, noFacts } from '../../core/owned.ts';
import type { DefinitionPlace, DefinitionQuery, Put } from '../../ports/store/definitions.ts';
import { found, putOf, trigger } from './definitions.ts';
import { minute, type Open, only, refOf, Subject } from './subject.ts';

const keepAll = { ended: null, journal: 1_000 * minute, told: null, idempotency: 1_000 * minute, output: 16_384, limit: 100 };

export function definitionSuite(open: Open): void {
  putSuite(open);
  listSuite(open);
  followSuite(open);
}

function putSuite(open: Open): void {
  describe('put', () => {
    const subject = new Subject(open);
    const put = (...puts: ReturnType<typeof putOf>[]): Promise<Put> => subject.store.definitions.put(puts);
    const versionOf = (answer: Put): number => (answer.kind === 'put' ? only(answer.versions) : Number.NaN);

    it('keeps a definition as it is given', async () => {
      const body = '{"every": 1.0, "text": "ä \\u0000 €"}';
      const key = { kind: 'source', domain: 'acme', key: 'a/b c:%;ü.js' } as const;
      const version = versionOf(await put(putOf('', { ...key, body, group: 'g', state: 'words', due: 'never', dueOnEnd: true })));
      const { definitions } = await subject.store.definitions.list({ by: 'keys', keys: [key] });
      const { changedAt, owned, ...definition } = only(definitions);
      expect(definition).toEqual({
        ...key,
        version,
        group: 'g',
        body,
        state: 'words',
        due: null,
        firedAt: null,
        dueOnEnd: true,
        window: null,
      });
      expect(owned).toEqual({ ...noFacts, live: 0, ended: noEnds });
      expect(Math.abs((await subject.push()).createdAt - changedAt)).toBeLessThan(minute);
    });

    it('gives each put of a kind a greater version', async () => {
      const first = await put(putOf('a'), putOf('b'), putOf('s', { kind: 'script' }));
      const second = await put(putOf('a'));
      const versions = first.kind === 'put' ? first.versions : [];
      expect(versions[0]).toBeLessThan(versions[1] ?? 0);
      expect(versionOf(second)).toBeGreaterThan(versions[1] ?? 0);
      expect((await found(subject.store, 'a')).version).toBe(versionOf(second));
    });

    it('leaves the state, and what it is due for, when it is told to', async () => {
      await put(putOf('a', { state: 'one', due: 'now' }));
      const { due } = await found(subject.store, 'a');
      await subject.advance(minute);
      await put(putOf('a', { state: null, due: 'same', body: '[]' }));
      expect(await found(subject.store, 'a')).toMatchObject({ state: 'one', due, body: '[]' });
      await put(putOf('a', { state: 'two', due: 'never' }));
      expect(await found(subject.store, 'a')).toMatchObject({ state: 'two', due: null });
      await put(putOf('a', { body: null }));
      await put(putOf('a', { state: null }));
      expect((await found(subject.store, 'a')).state).toBe('');
      await put(putOf('new', { state: null, due: 'same' }));
      expect(await found(subject.store, 'new')).toMatchObject({ state: '', due: null });
    });

    it('is refused as a whole when one version is another than asked for', async () => {
      const version = versionOf(await put(putOf('a')));
      expect(await put(putOf('new', { if: 0 }), putOf('a', { if: version + 7 }))).toEqual({ kind: 'stale', at: 1, version });
      expect((await subject.store.definitions.list({ by: 'keys', keys: [trigger('new')] })).definitions).toEqual([]);
      expect(await put(putOf('a', { if: 0 }))).toEqual({ kind: 'stale', at: 0, version });
      expect(await put(putOf('none', { if: 3 }))).toEqual({ kind: 'stale', at: 0, version: 0 });
      expect(await put(putOf('a', { if: version }), putOf('new', { if: 0 }))).toMatchObject({ kind: 'put' });
    });

    it('is for none where one was removed', async () => {
      await put(putOf('a', { state: 'old' }));
      const removed = versionOf(await put(putOf('a', { body: null })));
      expect((await subject.store.definitions.list({ by: 'keys', keys: [trigger('a')] })).definitions).toEqual([]);
      expect(await put(putOf('a', { if: removed }))).toEqual({ kind: 'stale', at: 0, version: 0 });
      expect(versionOf(await put(putOf('a', { if: 0 })))).toBeGreaterThan(removed);
    });

    it('under an attempt is refused once that is not held any more', async () => {
      const job = await subject.running();
      expect(await subject.store.definitions.put([putOf('a')], refOf(job))).toMatchObject({ kind: 'put' });
      await subject.succeed(job);
      expect(await subject.store.definitions.put([putOf('b')], refOf(job))).toEqual({ kind: 'lost' });
      expect(await subject.store.definitions.put([putOf('b')], { id: '77', fence: '1' })).toEqual({ kind: 'lost' });
      expect((await subject.store.definitions.list({ by: 'keys', keys: [trigger('a'), trigger('b')] })).definitions).toHaveLength(1);
    });

    it('is told by a hint and in the journal', async () => {
      expect(await subject.hintDuring('defined', () => put(putOf('a'), putOf('b', { domain: 'd' })))).toEqual({ kind: 'defined' });
      const note = 'paused; 50% / "until" é\ud83d\ude00\n -';
      await put(putOf('a', { body: null, note }), putOf('b', { note: '' }), putOf('b', { domain: 'd', note: '-' }));
      const versions = [(await found(subject.store, 'b', 'd')).version];
      const entries = await subject.entries(0, 10);
      expect(entries.map(({ moved, fired }) => [...moved, ...fired])).toEqual([[], []]);
      expect(entries.map(({ defined }) => defined.map(({ owner }) => owner))).toEqual([
        ['trigger//a', 'trigger/d/b'],
        ['trigger//a', 'trigger//b', 'trigger/d/b'],
      ]);
      expect(entries[1]?.defined[2]?.version).toBe(versions[0]);
      expect(entries.map(({ defined }) => defined.map((each) => each.note))).toEqual([
        [undefined, undefined],
        [note, undefined, '-'],
      ]);
    });
  });
}

function listSuite(open: Open): void {
  describe('a list of definitions', () => {
    const subject = new Subject(open);
    type Place = Extract<DefinitionQuery, { readonly by: 'place' }>;
    const byPlace = async (otherwise: Partial<Place> = {}): Promise<readonly string[]> => {
      const query: Place = { by: 'place', kind: 'trigger', domain: null, group: null, from: null, limit: 100, ...otherwise };
      const { definitions } = await subject.store.definitions.list(query);
      return definitions.map(({ domain, key }) => `${domain}/${key}`);
    };

    it('is empty for a kind without any', async () => {
      expect(await subject.store.definitions.list({ by: 'version', kind: 'env', after: 0, limit: 9 })).toEqual({
        ...{ definitions: [], next: null, newest: 0, newestOfGroup: 0, complete: true, more: false },
      });
    });

    it('need not be read to count those of a group of a domain', async () => {
      const { definitions } = subject.store;
      const of = (domain: string, group: string) => ({ domain, group });
      await definitions.put([putOf('a', of('d', 'g')), putOf('b!', of('d', 'g')), putOf('c', of('d', 'g')), putOf('d', of('d', 'h'))]);
      await definitions.put([putOf('a', of('d!', 'g')), putOf('a', of('', 'g')), putOf('a', { ...of('d', 'g'), kind: 'env' })]);
      const count = (domain: string, group: string, limit = 9) => definitions.count({ kind: 'trigger', domain, group, limit });
      expect([await count('d', 'g'), await count('d', 'g', 2), await count('', 'g'), await count('d!', 'g')]).toEqual([3, 2, 1, 1]);
      expect([await count('d', 'h'), await count('e', 'g'), await count('d', 'none')]).toEqual([1, 0, 0]);
      await definitions.put([putOf('a', { domain: 'd', body: null }), putOf('c', of('d', 'h'))]);
      expect([await count('d', 'g'), await count('d', 'h')]).toEqual([1, 2]);
    });

    it('has those asked for by their keys, in that order', async () => {
      await subject.store.definitions.put([putOf('a'), putOf('b'), putOf('a', { domain: 'd' }), putOf('a', { kind: 'env' })]);
      const keys = [trigger('b'), trigger('none'), trigger('a', 'd'), trigger('a')];
      const { definitions } = await subject.store.definitions.list({ by: 'keys', keys });
      expect(definitions.map(({ kind, domain, key }) => [kind, domain, key])).toEqual([
        ['trigger', '', 'b'],
        ['trigger', 'd', 'a'],
        ['trigger', '', 'a'],
      ]);
    });

    it('is in the order of domains and of the bytes of keys, of one domain or of all', async () => {
      const places = ['/a', '/a b', '/a%', '/a/b', '/ä', '/\u{10000}', '/\uff5e', 'a/z', 'a-b/a', 'a.b/a', 'b/a'];
      const puts = places.toReversed().map((place) => {
        const [domain = '', ...key] = place.split('/');
        return putOf(key.join('/'), { domain });
      });
      await subject.store.definitions.put([...puts, putOf('other', { kind: 'env' })]);
      expect(await byPlace()).toEqual(['/a', '/a b', '/a%', '/a/b', '/ä', '/\uff5e', '/\u{10000}', 'a/z', 'a-b/a', 'a.b/a', 'b/a']);
      expect(await byPlace({ domain: 'a' })).toEqual(['a/z']);
      expect(await byPlace({ domain: '' })).toHaveLength(7);
      expect(await byPlace({ domain: 'none' })).toEqual([]);
    });

    it('of a group follows what the group is', async () => {
      await subject.store.definitions.put([
        putOf('a', { group: 'g' }),
        putOf('b', { group: 'g', domain: 'd' }),
        putOf('c', { group: 'h' }),
        putOf('d'),
      ]);
      expect(await byPlace({ group: 'g' })).toEqual(['/a', 'd/b']);
      expect(await byPlace({ group: 'g', domain: 'd' })).toEqual(['d/b']);
      await subject.store.definitions.put([putOf('a', { group: 'h' }), putOf('b', { body: null, domain: 'd' })]);
      expect(await byPlace({ group: 'g' })).toEqual([]);
      expect(await byPlace({ group: 'h' })).toEqual(['/a', '/c']);
    });

    it('comes in pages of any length, also of large bodies', async () => {
      const keys = Array.from({ length: 7 }, (_, i) => `k${i}`);
      await subject.store.definitions.put(keys.map((key, i) => putOf(key, { body: JSON.stringify('x'.repeat(i === 3 ? 2_000_000 : 9)) })));
      for (const limit of [1, 2, 7, 100]) {
        const seen: string[] = [];
        for (let from: DefinitionPlace | null = null, more = true; more; ) {
          const page = await subject.store.definitions.list({ by: 'place', kind: 'trigger', domain: null, group: null, from, limit });
          expect(page.definitions.length).toBeLessThanOrEqual(limit);
          expect(page.definitions.length).toBeGreaterThan(0);
          expect(page.more).toBe(page.next !== null);
          seen.push(...page.definitions.map(({ key }) => key));
          ({ next: from, more } = page);
        }
        expect(seen).toEqual(keys);
      }
    });
  });
}

function followSuite(open: Open): void {
  describe('following definitions by their versions', () => {
    const subject = new Subject(open);
    const since = (version: number, limit = 100) =>
      subject.store.definitions.list({ by: 'version', kind: 'trigger', after: version, limit });

    it('gives what was put or removed since, in that order', async () => {
      await subject.store.definitions.put([putOf('a'), putOf('b'), putOf('c'), putOf('e', { kind: 'env' })]);
      const { newest } = await since(0);
      expect((await since(0)).definitions.map(({ key }) => key)).toEqual(['a', 'b', 'c']);
      expect(await since(newest)).toMatchObject({ definitions: [], more: false, newest });
      await subject.store.definitions.put([putOf('b', { body: null }), putOf('a')]);
      const page = await since(newest);
      expect(page.definitions.map(({ key, body }) => [key, body])).toEqual([
        ['b', null],
        ['a', '{}'],
      ]);
      expect(page.definitions[0]).toMatchObject({ group: '', due: null, window: null });
      expect(page.definitions.at(-1)?.version).toBe(page.newest);
      expect((await since(0)).definitions.map(({ key }) => key)).toEqual(['c', 'b', 'a']);
    });

    it('comes in pages', async () => {
      await subject.store.definitions.put(Array.from({ length: 5 }, (_, i) => putOf(`k${i}`)));
      const first = await since(0, 3);
      expect(first).toMatchObject({ more: true, next: null });
      const rest = await since(first.definitions.at(-1)?.version ?? 0, 3);
      expect(rest.more).toBe(false);
      expect([...first.definitions, ...rest.definitions].map(({ key }) => key)).toEqual(['k0', 'k1', 'k2', 'k3', 'k4']);
    });

    it('tells when removals have been swept that it would not give any more', async () => {
      await subject.store.definitions.put([putOf('kept'), putOf('gone')]);
      const { newest: before } = await since(0);
      await subject.store.definitions.put([putOf('gone', { body: null })]);
      const { newest: removal } = await since(0);
      await subject.advance(10 * minute);
      await subject.store.definitions.put([putOf('young', { body: null })]);
      expect(await subject.store.upkeep.sweep({ ...keepAll, journal: 5 * minute })).toMatchObject({ definitions: 1, more: false });
      expect(await since(before)).toMatchObject({ complete: false });
      expect(await since(removal)).toMatchObject({ complete: true });
      const anew = await since(0);
      expect(anew.complete).toBe(true);
      expect(anew.definitions.map(({ key, body }) => [key, body])).toEqual([
        ['kept', '{}'],
        ['young', null],
      ]);
      await subject.store.definitions.put([putOf('gone', { if: 0 })]);
      expect((await found(subject.store, 'gone')).version).toBeGreaterThan(anew.newest);
    });

    it('sweeps a bounded number of removals in one step, and no definition that is there', async () => {
      await subject.store.definitions.put([putOf('kept'), ...['a', 'b', 'c'].map((key) => putOf(key, { body: null }))]);
      await subject.advance(10 * minute);
      const retention = { ...keepAll, journal: minute, limit: 2 };
      expect(await subject.store.upkeep.sweep(retention)).toMatchObject({ definitions: 2, more: true });
      expect(await subject.store.upkeep.sweep(retention)).toMatchObject({ definitions: 1 });
      expect((await since(0)).definitions.map(({ key }) => key)).toEqual(['kept']);
    });
  });
}
