import { describe, expect, it } from 'vitest';
import { bucketsKeptFor, noLimit } from '../../../core/limit.ts';
import { all, asked, minute, node, only, refOf } from '../../conformance/subject.ts';
import { prefixOf } from '../format/keys.ts';
import type { RedisStore } from '../index.ts';
import { claim, newCluster, open, server, success, type Write, write } from '../store.suite.ts';

const cluster = newCluster;
const repaired = async (store: RedisStore): Promise<unknown> => (await store.upkeep.scrub(null, 1_000)).repaired;

/** A job of a key runs, and two wait for it. */
async function parking(name: string): Promise<RedisStore> {
  const store = await open(name);
  await store.nodes.join(node('node'), 60 * minute);
  await store.limits.configure('k', { ...noLimit, concurrency: 1 });
  await store.jobs.push([asked({ limit: 'k' }), asked({ limit: 'k', manual: true }), asked({ limit: 'k' })]);
  expect(await claim(store, 9)).toHaveLength(1);
  return store;
}

describe('what Redis keeps for limits', () => {
  it('goes once no limit asks for it and nobody waits', async () => {
    const name = cluster();
    const store = await parking(name);
    const keys = (): Promise<unknown> => server.ask('EXISTS', ...['parking', 'held-under'].map((key) => prefixOf(name) + key));
    expect(await keys()).toBe(2);
    await store.limits.remove('k');
    expect(await keys()).toBe(2);
    expect([(await claim(store, 9, 'second')).length, await keys()]).toEqual([2, 0]);
    expect(await repaired(store)).toEqual({});
  });

  it('goes when it is of a key that nobody has used for as long as anything counts', async () => {
    const name = cluster();
    const store = await open(name);
    await store.limits.configure('*', { ...noLimit, rate: { max: 1, per: 86_400_000 } });
    await store.jobs.push([asked({ limit: 'a' })]);
    const buckets = (): Promise<unknown> => server.ask('HLEN', `${prefixOf(name)}limit-buckets`);
    expect(await repaired(store)).toEqual({});
    expect(await buckets()).toBe(2);
    await store.advance(bucketsKeptFor + minute);
    expect([await repaired(store), await buckets()]).toEqual([{}, 0]);
  });

  const damages: readonly (readonly [about: string, wrong: object, writes: readonly Write[]])[] = [
    ['how many run', { limits: 1 }, [['HSET', 'held-under', 'k', '7']]],
    ['how many are parked', { parked: 1 }, [['HSET', 'parked-lanes', 'w/q/0', '7']]],
    ['who is parked', { parked: 1 }, [['ZADD', 'parked:k', '0', '1'.padStart(19, '0')]]],
    [
      'who is not',
      { ready: 2 },
      [
        ['DEL', 'parked:k'],
        ['DEL', 'parked-keys'],
      ],
    ],
  ];

  it.each(damages)('is put right where it is wrong about %s', async (_, wrong, writes) => {
    const name = newCluster();
    const store = await parking(name);
    await write(name, ...writes);
    expect(await repaired(store)).toEqual(wrong);
    expect(await repaired(store)).toEqual({});
    const running = { ...all, filter: [{ field: 'state', not: false, any: ['running'] }] } as const;
    for (const operation of ['second', 'third']) {
      const job = only((await store.jobs.list(running)).jobs);
      await store.jobs.settle(refOf(job), success(job));
      expect(await claim(store, 9, operation)).toHaveLength(1);
    }
  });
});
