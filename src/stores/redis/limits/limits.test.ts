import { describe, expect, it } from 'vitest';
import type { JobState } from '../../../core/job.ts';
import { bucketsKeptFor, noLimit } from '../../../core/limit.ts';
import type { JobQuery } from '../../../ports/store/jobs.ts';
import { all, asked, minute, node, only, refOf } from '../../conformance/subject.ts';
import { prefixOf } from '../format/keys.ts';
import type { RedisStore } from '../index.ts';
import { claim, newCluster, open, server, success, type Write, write } from '../store.suite.ts';

const cluster = newCluster;
const repaired = async (store: RedisStore): Promise<unknown> => (await store.upkeep.scrub(null, 1_000)).repaired;

const inState = (state: JobState): JobQuery => ({ ...all, filter: [{ field: 'state', not: false, any: [state] }] });

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

  it('is made of what runs once a limit bounds that, a few bodies at a time, and not read where none does', async () => {
    const store = await open(cluster());
    const calls = async (command: string, ask: () => Promise<unknown>): Promise<number> => {
      await server.ask('CONFIG', 'RESETSTAT');
      await ask();
      const stats = String(await server.ask('INFO', 'commandstats'));
      return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(stats)?.[1] ?? 0);
    };
    await store.nodes.join(node('node'), 60 * minute);
    await store.jobs.push(Array.from({ length: 130 }, () => asked({ limit: 'k' })));
    expect(await claim(store, 130)).toHaveLength(130);
    await store.limits.configure('k', { ...noLimit, rate: { max: 1, per: minute } });
    expect(await calls('hmget', () => store.limits.list())).toBe(0);
    const bounding = { ...noLimit, concurrency: 1 };
    // Twice for each piece: their records and their bodies.
    expect(await calls('hmget', () => store.limits.configure('k', bounding))).toBeGreaterThanOrEqual(6);
    expect(await calls('hmget', () => store.limits.configure('k', bounding))).toBeLessThan(3);
    expect(await calls('hmget', () => store.limits.list())).toBe(0);
    expect(await store.limits.list()).toMatchObject([{ held: 130 }]);
  });

  it.each(['garbage', 'n["","a","","",[null,1,0,0,0,0', 'n[1,2,3,4,5,6,7]\n', ''])(
    'loses no job where the body of another one is %j',
    async (body) => {
      const name = cluster();
      const store = await parking(name);
      const { jobs } = await store.jobs.list(all);
      const [running, ...parked] = jobs.toSorted((a, b) => (a.state > b.state ? -1 : 1));
      await store.jobs.push([asked({ limit: 'k', name: 'last' }), asked({ name: 'free' })]);
      for (const job of [running, parked[0]]) await write(name, ['HSET', 'bodies', (job?.id ?? '').padStart(19, '0'), body]);
      await store.limits.configure('l', { ...noLimit, concurrency: 1 });
      expect((await claim(store, 9, 'second')).map((job) => job.name)).toContain('free');
      await store.limits.remove('k');
      const started = new Set<string>();
      for (let at = 0; at < 4; at++) {
        for (const job of await claim(store, 9, `later ${at}`)) started.add(job.id);
        await repaired(store);
      }
      expect([...started]).toEqual(
        expect.arrayContaining((await store.jobs.list(all)).jobs.flatMap((job) => (job.name === 'last' ? job.id : []))),
      );
    },
  );

  it('is put right where jobs wait and nothing else is left of limits', async () => {
    const name = cluster();
    const store = await parking(name);
    await write(name, ...['limits', 'parking', 'held-under', 'parked-keys'].map((key) => ['DEL', key] as const));
    expect(await repaired(store)).toEqual({ parked: 1 });
    expect(await claim(store, 9, 'second')).toHaveLength(2);
    expect(await repaired(store)).toEqual({});
  });

  it('is compared with the records behind what the same batch has done', async () => {
    const name = cluster();
    const store = await parking(name);
    const running = only((await store.jobs.list(inState('running'))).jobs);
    const [, found] = await Promise.all([store.jobs.settle(refOf(running), success(running)), repaired(store), claim(store, 9, 'second')]);
    expect(found).toEqual({});
    expect(await store.limits.list()).toMatchObject([{ held: 1, parked: 1 }]);
    expect(await repaired(store)).toEqual({});
  });

  const damages: readonly (readonly [about: string, wrong: object, writes: readonly Write[]])[] = [
    ['how many run', { limits: 1 }, [['HSET', 'held-under', 'k', '7']]],
    ['who is parked', { parked: 1 }, [['ZADD', 'parked:k', '0', '1'.padStart(19, '0')]]],
    [
      'who is not',
      { ready: 2, parked: 1 },
      [
        ['DEL', 'parked:k'],
        ['DEL', 'parked-keys'],
      ],
    ],
    ['for which keys jobs wait', { parked: 1 }, [['DEL', 'parked-keys']]],
    [
      'whether any is counted',
      { parked: 1 },
      [
        ['DEL', 'parking'],
        ['DEL', 'held-under'],
      ],
    ],
  ];

  it.each(damages)('is put right where it is wrong about %s', async (_, wrong, writes) => {
    const name = newCluster();
    const store = await parking(name);
    await write(name, ...writes);
    expect(await repaired(store)).toEqual(wrong);
    expect(await repaired(store)).toEqual({});
    for (const operation of ['second', 'third']) {
      const job = only((await store.jobs.list(inState('running'))).jobs);
      await store.jobs.settle(refOf(job), success(job));
      expect(await claim(store, 9, operation)).toHaveLength(1);
    }
  });
});
