/** Numbers that somebody else wrote, which nobody counts to: they are as if there were none, for all who read them alike. */
import { describe, expect, it } from 'vitest';
import { found, putOf } from '../../conformance/definitions.ts';
import { eventOf, publishOf } from '../../conformance/journal.publish.suite.ts';
import { entriesOf, minute } from '../../conformance/subject.ts';
import { newCluster, open, write } from '../store.suite.ts';

describe('numbers that nobody counts to', () => {
  it.each(['9000000000000000', '-7', '9223372036854775807', 'x'])(
    '%s: versions of a kind go on behind all that they were',
    async (wrong) => {
      const cluster = newCluster();
      const store = await open(cluster);
      await store.definitions.put([putOf('a')]);
      await write(cluster, ['HSET', 'kinds', 'trigger', wrong]);
      expect(await store.definitions.put([putOf('b')])).toMatchObject({ kind: 'put' });
      const { version } = await found(store, 'b');
      expect(version).toBeGreaterThan(1_700_000_000_000);
      expect(version).toBeLessThan(10_000_000_000_000);
      expect((await store.definitions.list({ by: 'version', kind: 'trigger', after: 1, limit: 9 })).newest).toBe(version);
    },
  );

  it.each(['9223372036854775807', '-1', 'x', '1.5'])('%s: a reader’s place begins anew, also for the scrub', async (wrong) => {
    const cluster = newCluster();
    const store = await open(cluster);
    await write(cluster, ['HSET', 'followers', 'a', wrong], ['HSET', 'followers', 'b', wrong]);
    const step = (name: string, from: number) => store.journal.publish(publishOf([], { follow: { name, from, to: 7, waits: false } }));
    expect(await step('a', 3)).toEqual({ kind: 'moved', at: 0 });
    expect(await step('a', 0)).toMatchObject({ kind: 'published' });
    expect((await store.upkeep.scrub(null, 1_000)).repaired).toEqual({ followers: 1 });
    expect(await step('b', 0)).toMatchObject({ kind: 'published' });
    expect(await step('b', 7)).toMatchObject({ kind: 'published' });
  });

  it.each(['9223372036854775807', 'x'])('%s: the version of a group is read alike by all, and mended by the scrub', async (wrong) => {
    const cluster = newCluster();
    const store = await open(cluster);
    const versionOf = async (): Promise<number> =>
      (await store.definitions.list({ by: 'version', kind: 'trigger', after: 0, limit: 1, group: 'event' })).newestOfGroup;
    await store.definitions.put([putOf('a', { group: 'event' }), putOf('b')]);
    await write(cluster, ['HSET', 'group-versions', 'trigger/event', wrong]);
    const publish = async (): Promise<unknown> => store.journal.publish(publishOf([eventOf()], { rules: await versionOf() }));
    expect(await publish()).toMatchObject({ kind: 'published' });
    expect((await store.upkeep.scrub(null, 1_000)).repaired).toEqual({ groups: 1 });
    expect(await versionOf()).toBe(2);
    expect(await publish()).toMatchObject({ kind: 'published' });
    expect((await store.upkeep.scrub(null, 1_000)).repaired).toEqual({});
  });

  it.each(['abc', '9223372036854775807'])('%s: a count of characters goes on behind the entries that are kept', async (wrong) => {
    const cluster = newCluster();
    const store = await open(cluster);
    const sweep = (told: number) =>
      store.upkeep.sweep({ ended: null, journal: 100 * minute, told, idempotency: minute, output: 1, limit: 9 });
    const event = eventOf({ doc: JSON.stringify('x'.repeat(1_000)) });
    for (let i = 0; i < 3; i++) await store.journal.publish(publishOf([event]));
    await write(cluster, ['HSET', 'meta', 'told', wrong]);
    expect(await sweep(10_000)).toMatchObject({ entries: 0 });
    await store.journal.publish(publishOf([event]));
    expect(await sweep(10_000)).toMatchObject({ entries: 0 });
    expect(await entriesOf(store)).toHaveLength(4);
    await write(cluster, ['HSET', 'meta', 'told', wrong], ['ZADD', 'told', '9e300', '77']);
    expect((await store.upkeep.scrub(null, 1_000)).repaired).toEqual({ told: 2 });
    expect(await sweep(10_000)).toMatchObject({ entries: 0 });
    expect(await sweep(0)).toMatchObject({ entries: 4 });
  });

  it('of an event’s key say nothing any more', async () => {
    const cluster = newCluster();
    const store = await open(cluster);
    const event = eventOf({ key: 'k' });
    await store.journal.publish(publishOf([event]));
    await write(cluster, ['HSET', 'event-keys', '["","k"]', 'a b']);
    expect(await store.journal.publish(publishOf([event]))).toMatchObject({ events: [{ kind: 'told' }] });
    await write(cluster, ['HSET', 'event-keys', '["","k"]', 'a b'], ['DEL', 'event-key-times']);
    expect((await store.upkeep.scrub(null, 1_000)).repaired).toEqual({ eventKeys: 1 });
  });
});
