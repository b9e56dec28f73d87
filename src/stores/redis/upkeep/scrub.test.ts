import { describe, expect, it } from 'vitest';
import { behind } from '../../conformance/jobs.after.suite.ts';
import { all, asked, kept, line, minute, node, only, refOf } from '../../conformance/subject.ts';
import { prefixOf } from '../format/keys.ts';
import { claim, newCluster, open, server, success } from '../store.suite.ts';

describe('scrub on Redis', () => {
  const key = (cluster: string, name: string): string => prefixOf(cluster) + name;

  it('puts right what the indexes and counters have lost', async () => {
    const cluster = newCluster();
    const store = await open(cluster);
    await store.jobs.push([asked(), asked({ manual: true }), asked(), asked({ start: { delay: minute } })]);
    await store.nodes.join(node('node'), 100 * minute);
    const [done, runs] = await claim(store, 2);
    if (done === undefined || runs === undefined) throw new Error('jobs were pushed');
    await store.jobs.settle(refOf(done), success(done));
    const before = [await store.jobs.list(all), await store.jobs.count(), await store.queues.list()];
    for (const name of ['ids', 'due', 'lane:w/q/0', 'lane:w/q/1', 'row:w', 'claims:node', 'ended:4', 'counts', 'busy']) {
      await server.ask('DEL', key(cluster, name));
    }
    const { repaired, next } = await store.upkeep.scrub(null, 1_000);
    expect(next).toBeNull();
    expect(repaired).toMatchObject({ ids: 4, due: 1, ready: 1, held: 1, ended: 1, rows: 1 });
    expect(repaired['counts']).toBeGreaterThan(0);
    expect((await store.upkeep.scrub(null, 1_000)).repaired).toEqual({});
    expect([await store.jobs.list(all), await store.jobs.count()]).toEqual(before.slice(0, 2));
    expect(await claim(store, 9, 'again')).toHaveLength(1);
  });

  it('takes back what a node held that nobody remembers', async () => {
    const cluster = newCluster();
    const store = await open(cluster);
    await store.nodes.join(node('node'), 100 * minute);
    await store.jobs.push([asked()]);
    const job = only(await claim(store, 1));
    await server.ask('DEL', key(cluster, 'nodes'));
    expect((await store.upkeep.scrub(null, 1_000)).repaired).toMatchObject({ orphans: 1 });
    expect(await store.jobs.get(job.id)).toMatchObject({ state: 'queued', lost: 1 });
  });

  it('drops entries without a record', async () => {
    const cluster = newCluster();
    const store = await open(cluster);
    const [first] = kept(await store.jobs.push([asked(), asked()]));
    await server.ask('HDEL', key(cluster, 'jobs'), (first?.id ?? '').padStart(19, '0'));
    const { repaired } = await store.upkeep.scrub(null, 1_000);
    expect(repaired).toMatchObject({ ids: 1, ready: 1, bodies: 1 });
    expect((await store.jobs.list(all)).jobs).toHaveLength(1);
    expect((await store.upkeep.scrub(null, 1_000)).repaired).toEqual({});
  });

  it('drops the logs of jobs that are gone', async () => {
    const cluster = newCluster();
    const store = await open(cluster);
    await store.nodes.join(node('node'), 100 * minute);
    await store.jobs.push([asked(), asked()]);
    const jobs = await claim(store, 2);
    for (const job of jobs) await store.jobs.report(refOf(job), { ttl: null, progress: '1', lines: [line(1)], push: [] });
    await server.ask('HDEL', key(cluster, 'jobs'), (jobs[0]?.id ?? '').padStart(19, '0'));
    expect((await store.upkeep.scrub(null, 1_000)).repaired).toMatchObject({ logs: 1 });
    expect(await store.jobs.lines(jobs[0]?.id ?? '', null, 9)).toMatchObject({ lines: [], progress: null });
    expect(await store.jobs.lines(jobs[1]?.id ?? '', null, 9)).toMatchObject({ lines: [{ number: 1 }], progress: { value: '1' } });
    expect((await store.upkeep.scrub(null, 1_000)).repaired).toEqual({});
  });

  it('finds anew what jobs wait for, and tells ends that nobody was told', async () => {
    const cluster = newCluster();
    const store = await open(cluster);
    await store.nodes.join(node('node'), 100 * minute);
    const awaited = kept(await store.jobs.push([asked(), asked()]));
    const one = only(kept(await store.jobs.push([asked({ worker: 'v', ...behind(awaited, 'start') })])));
    const reason = async (): Promise<string | undefined> => (await store.jobs.get(one.id))?.reason;
    const [padded, first, second] = [one, ...awaited].map(({ id }) => id.padStart(19, '0'));
    await server.ask('DEL', key(cluster, 'waits'));
    expect((await store.upkeep.scrub(null, 1_000)).repaired).toMatchObject({ waits: 1 });
    await server.ask('ZREM', key(cluster, `waiting:${first}`), padded ?? '');
    expect((await store.upkeep.scrub(null, 1_000)).repaired).toMatchObject({ waits: 1 });
    expect((await store.upkeep.scrub(null, 1_000)).repaired).toEqual({});
    await server.ask('HSET', key(cluster, 'waits'), first ?? '', `start ${second}`);
    expect((await store.upkeep.scrub(null, 1_000)).repaired).toEqual({ waits: 1 });
    expect(await reason()).toBe('after 2 left');
    for (const job of await claim(store, 2)) await store.jobs.settle(refOf(job), success(job));
    await server.ask('DEL', key(cluster, 'awaited-ends'));
    expect((await store.upkeep.scrub(null, 1_000)).repaired).toEqual({ waits: 2 });
    await store.jobs.promote(100);
    expect(await store.jobs.get(one.id)).toMatchObject({ state: 'queued', reason: '' });
    const keys = (await server.ask('KEYS', key(cluster, '*wait*'))) as readonly string[];
    expect(keys).toEqual([]);
  });

  it('looks at so many pairs of who waits for whom in a step', async () => {
    const store = await open(newCluster());
    const awaited = kept(await store.jobs.push(Array.from({ length: 40 }, () => asked())));
    await store.jobs.push(Array.from({ length: 40 }, () => asked(behind(awaited))));
    const looked: number[] = [];
    for (let next: string | null = null; next !== null || looked.length === 0; ) {
      const step = await store.upkeep.scrub(next, 200);
      expect(step.repaired).toEqual({});
      looked.push(step.checked);
      next = step.next;
    }
    expect(looked.reduce((sum, each) => sum + each)).toBeGreaterThan(40 * 40);
    expect(Math.max(...looked)).toBeLessThan(800);
  });

  it('counts an attempt that it takes back once', async () => {
    const cluster = newCluster();
    const store = await open(cluster);
    await store.queues.configure('q', { concurrency: 1 });
    await store.jobs.push([asked(), asked()]);
    await store.nodes.join(node('node'), 100 * minute);
    expect(await claim(store, 2)).toHaveLength(1);
    await server.ask('DEL', key(cluster, 'nodes'));
    await store.upkeep.scrub(null, 1_000);
    await store.nodes.join(node('node'), 100 * minute);
    expect(await claim(store, 2, 'again')).toHaveLength(1);
    expect((await store.upkeep.scrub(null, 1_000)).repaired).toEqual({});
  });

  it('puts right how many are held, however many jobs there are', async () => {
    const cluster = newCluster();
    const store = await open(cluster);
    await store.queues.configure('q', { concurrency: 2 });
    await store.jobs.push(Array.from({ length: 60 }, () => asked()));
    await store.nodes.join(node('node'), 100 * minute);
    expect(await claim(store, 1)).toHaveLength(1);
    const counts = String(await server.ask('HGET', key(cluster, 'counts'), 'w/q'));
    await server.ask('HSET', key(cluster, 'busy'), 'q', '2');
    await server.ask('HSET', key(cluster, 'counts'), 'w/q', counts.replace(/^0 59 1 0/, '0 59 7 3'));
    const repaired: unknown[] = [];
    let cursor: string | null = null;
    do {
      const step = await store.upkeep.scrub(cursor, 20);
      repaired.push(step.repaired);
      cursor = step.next;
    } while (cursor !== null);
    expect(repaired.filter((each) => Object.keys(each as object).length > 0)).toEqual([{ counts: 10 }]);
    expect(await server.ask('HGET', key(cluster, 'counts'), 'w/q')).toBe(counts);
    expect(await claim(store, 9, 'again')).toHaveLength(1);
  });

  it('gives a job without its body to nobody’s harm', async () => {
    const cluster = newCluster();
    const store = await open(cluster);
    const [first] = kept(await store.jobs.push([asked({ payload: '1' }), asked({ payload: '2' })]));
    await store.nodes.join(node('node'), 100 * minute);
    await server.ask('HDEL', key(cluster, 'bodies'), (first?.id ?? '').padStart(19, '0'));
    expect((await store.jobs.list(all)).jobs).toHaveLength(2);
    expect((await claim(store, 2)).map(({ payload, options }) => [payload, options.retry.attempts])).toEqual([
      [null, 1],
      ['2', 1],
    ]);
  });
});

describe('queues whose jobs are gone', () => {
  it('leave nothing in Redis', async () => {
    const cluster = newCluster();
    const store = await open(cluster);
    await store.nodes.join(node('node'), 100 * minute);
    await store.jobs.push(Array.from({ length: 20 }, (_, at) => asked({ queue: `q${at % 4}`, manual: at % 3 === 0 })));
    for (const job of await claim(store, 20)) await store.jobs.settle(refOf(job), success(job));
    await store.advance(minute);
    expect((await store.upkeep.sweep({ ended: 1, journal: 1, told: null, idempotency: 1, output: 16_384, limit: 100 })).jobs).toBe(20);
    const keys = (await server.ask('KEYS', `${prefixOf(cluster)}*`)) as readonly string[];
    expect(keys.map((each) => each.slice(prefixOf(cluster).length)).sort()).toEqual(['journal', 'meta', 'nodes', 'serves']);
  });
});
