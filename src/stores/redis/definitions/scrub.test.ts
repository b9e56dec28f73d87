import { describe, expect, it } from 'vitest';
import { ownerOf } from '../../../core/definition.ts';
import { found, partOf, putOf, trigger } from '../../conformance/definitions.ts';
import { asked, kept, minute, node, only, refOf } from '../../conformance/subject.ts';
import { prefixOf } from '../format/keys.ts';
import type { RedisStore } from '../index.ts';
import { claim, newCluster, open, server, success } from '../store.suite.ts';

describe('scrub of definitions on Redis', () => {
  async function opened(): Promise<{ readonly store: RedisStore; readonly key: (name: string) => string }> {
    const cluster = newCluster();
    return { store: await open(cluster), key: (name) => prefixOf(cluster) + name };
  }
  const owned = asked({ owner: ownerOf(trigger('a')) });
  const repaired = async (store: RedisStore): Promise<unknown> => (await store.upkeep.scrub(null, 1_000)).repaired;
  const seen = async (store: RedisStore): Promise<unknown> => [
    await store.definitions.list({ by: 'place', kind: 'trigger', domain: null, group: null, from: null, limit: 9 }),
    await store.definitions.list({ by: 'place', kind: 'trigger', domain: null, group: 'g', from: null, limit: 9 }),
    await store.definitions.list({ by: 'version', kind: 'trigger', after: 0, limit: 9 }),
    (await store.definitions.due(['trigger'], 9, 0)).definitions,
  ];

  it('puts right what its indexes have lost', async () => {
    const { store, key } = await opened();
    await store.definitions.put([putOf('a', { group: 'g' }), putOf('b'), putOf('c', { body: null })]);
    await store.jobs.push([owned]);
    const before = await seen(store);
    for (const name of ['places:trigger', 'versions:trigger', 'dues:trigger', 'groups:trigger/g', 'removed', 'kinds', 'facts']) {
      await server.ask('DEL', key(name));
    }
    await server.ask('DEL', key('owned:trigger/!!a'));
    const lost = { places: 2, versions: 3, dues: 2, groups: 1, removed: 1, owned: 1, facts: 1, kinds: expect.any(Number) };
    expect(await repaired(store)).toEqual(lost);
    expect(await repaired(store)).toEqual({});
    expect(await seen(store)).toEqual(before);
  });

  it('drops entries that no record puts there', async () => {
    const { store, key } = await opened();
    await store.definitions.put([putOf('a', { due: 'never' })]);
    for (const name of ['places', 'versions', 'dues']) await server.ask('ZADD', key(`${name}:trigger`), '7', 'trigger/!!nobody');
    await server.ask('ZADD', key('dues:trigger'), '7', 'trigger/!!a');
    expect(await repaired(store)).toEqual({ places: 1, versions: 1, dues: 2 });
    expect(await repaired(store)).toEqual({});
  });

  it('puts right what the jobs of a definition did, and leaves what retention took', async () => {
    const { store, key } = await opened();
    await store.definitions.put([putOf('a')]);
    await store.nodes.join(node('node'), 100 * minute);
    await store.jobs.push([owned]);
    const job = only(await claim(store, 1));
    await store.jobs.settle(refOf(job), success(job));
    const { owned: before } = await found(store, 'a');
    await store.advance(minute);
    expect(
      (await store.upkeep.sweep({ ended: 1, journal: 100 * minute, told: null, idempotency: minute, output: 16_384, limit: 9 })).jobs,
    ).toBe(1);
    expect(await repaired(store)).toEqual({});
    expect((await found(store, 'a')).owned).toEqual(before);
    const lives = only(kept(await store.jobs.push([owned])));
    await server.ask('HSET', key('facts'), 'trigger/!!a', '-\n-\n0000000000000000009 9 5 "never"\n-');
    expect(await repaired(store)).toEqual({ facts: 1 });
    expect((await found(store, 'a')).owned).toMatchObject({ newest: { id: lives.id, end: null }, failed: { error: 'never' }, live: 1 });
  });

  it('forgets live jobs that are not there', async () => {
    const { store, key } = await opened();
    await store.definitions.put([putOf('a')]);
    await store.jobs.push([owned]);
    await server.ask('ZADD', key('owned:trigger/!!a'), '0', '0000000000000000009');
    expect(await repaired(store)).toEqual({ owned: 1 });
    expect((await found(store, 'a')).owned.live).toBe(1);
  });

  it('counts the parts of a window, and removes those of none', async () => {
    const { store, key } = await opened();
    await store.definitions.put([putOf('a'), putOf('b')]);
    await store.definitions.gather([partOf('a', '"one"'), partOf('a', '2')]);
    await server.ask('LPOP', key('parts:trigger/!!a'));
    await server.ask('RPUSH', key('parts:trigger/!!b'), '3');
    expect(await repaired(store)).toEqual({ windows: 2 });
    expect((await found(store, 'a')).window).toMatchObject({ count: 1 });
    expect(await store.definitions.parts(trigger('b'))).toEqual([]);
    expect(await repaired(store)).toEqual({});
  });

  it('has a window that nobody opened close never', async () => {
    const { store, key } = await opened();
    await store.definitions.put([putOf('a', { due: 'never' })]);
    const text = String(await server.ask('HGET', key('definitions'), 'trigger/!!a'));
    await server.ask('HSET', key('definitions'), 'trigger/!!a', text.replace(/- - 0 0 0/, '- 5 0 0 0'));
    await server.ask('ZADD', key('dues:trigger'), '5', 'trigger/!!a');
    expect(await repaired(store)).toEqual({ dues: 1 });
    expect((await store.definitions.due(['trigger'], 9, 0)).definitions).toEqual([]);
    expect(await repaired(store)).toEqual({});
  });
});

describe('definitions that are gone', () => {
  it('leave nothing in Redis but the versions of their kind and group', async () => {
    const cluster = newCluster();
    const store = await open(cluster);
    await store.definitions.put([putOf('a', { group: 'g' })]);
    await store.definitions.gather([partOf('a', '1')]);
    await store.nodes.join(node('node'), 100 * minute);
    await store.jobs.push([asked({ owner: ownerOf(trigger('a')) })]);
    const job = only(await claim(store, 1));
    await store.jobs.settle(refOf(job), success(job));
    await store.definitions.put([putOf('a', { body: null })]);
    await store.advance(minute);
    expect(await store.upkeep.sweep({ ended: 1, journal: 1, told: null, idempotency: 1, output: 16_384, limit: 9 })).toMatchObject({
      jobs: 1,
      definitions: 1,
    });
    const keys = (await server.ask('KEYS', `${prefixOf(cluster)}*`)) as readonly string[];
    expect(keys.map((each) => each.slice(prefixOf(cluster).length)).sort()).toEqual([
      'group-versions',
      'journal',
      'kinds',
      'meta',
      'nodes',
      'serves',
    ]);
  });
});
