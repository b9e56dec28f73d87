import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type RedisServer, startRedis } from '../../../test/support/redis-server.ts';
import { until } from '../../../test/support/until.ts';
import { compareIds } from '../../core/id.ts';
import type { Job } from '../../core/job.ts';
import { noLoad } from '../../core/node.ts';
import { cancelMoves, settleMoves } from '../../core/transitions.ts';
import type { Hint } from '../../ports/store.ts';
import { all, anyQueue, asked, gap, minute, node, only, refOf, result, ttl } from '../conformance/subject.ts';
import { openRedis, type RedisStore } from './index.ts';
import { prefixOf } from './keys.ts';

let server: RedisServer;
let clusters = 0;

beforeAll(async () => {
  server = await startRedis();
});

afterAll(() => server.stop());

const newCluster = (): string => {
  clusters += 1;
  return `test-${clusters}`;
};

async function open(cluster = newCluster(), url = server.url): Promise<RedisStore> {
  const store = await openRedis({ url, cluster });
  onTestFinished(() => store.close());
  return store;
}

async function claim(store: RedisStore, slots: number, operation = 'first'): Promise<readonly Job[]> {
  return (await store.claim({ operation, holder: 'node', wants: [anyQueue(slots)], attemptTtl: null })).jobs;
}

const success = (job: Job) => settleMoves(job, { kind: 'succeeded', result: result('done') }, 0);

describe('the Redis store', () => {
  it('refuses a cluster name that could not stand in a key', async () => {
    await expect(openRedis({ url: server.url, cluster: 'a}b' })).rejects.toMatchObject({ code: 'invalid_config' });
  });

  it('refuses what a newer version has written, and leaves it alone', async () => {
    const cluster = newCluster();
    await server.ask('HSET', `${prefixOf(cluster)}meta`, 'format', '3');
    await expect(openRedis({ url: server.url, cluster })).rejects.toMatchObject({ code: 'store_unusable' });
    expect(await server.ask('HGET', `${prefixOf(cluster)}meta`, 'format')).toBe('3');
  });

  it('tells when Redis comes back without its data, once', async () => {
    const cluster = newCluster();
    const told: string[] = [];
    const hear = (event: string): void => void told.push(event);
    const logger = { debug() {}, info: hear, warn() {}, error: hear };
    const store = await openRedis({ url: server.url, cluster, logger });
    onTestFinished(() => store.close());
    const comeBack = async (times: number): Promise<void> => {
      await server.ask('CLIENT', 'KILL', 'TYPE', 'normal');
      await until('the connection', () => told.filter((event) => event === 'store.connected').length === times);
      await store.count();
    };
    await comeBack(2);
    await server.ask('DEL', `${prefixOf(cluster)}meta`);
    await comeBack(3);
    await until('being told', () => told.includes('store.emptied'));
    await comeBack(4);
    expect(told.filter((event) => event === 'store.emptied')).toHaveLength(1);
  });

  it('tells when Redis is emptied under its hands', async () => {
    const cluster = newCluster();
    const told: string[] = [];
    const logger = { debug() {}, info() {}, warn() {}, error: (event: string) => void told.push(event) };
    const store = await openRedis({ url: server.url, cluster, logger });
    onTestFinished(() => store.close());
    await store.join(node('node'), ttl);
    await server.ask('DEL', `${prefixOf(cluster)}meta`, `${prefixOf(cluster)}nodes`);
    expect(await store.renew('node', ttl, 0, noLoad)).toEqual({ kind: 'buried' });
    await until('being told', () => told.includes('store.emptied'));
  });

  it('keeps clusters apart', async () => {
    const [a, b] = [await open(), await open()];
    await a.push([asked()]);
    expect((await b.list(all)).jobs).toEqual([]);
  });

  it('gives what one store keeps to another', async () => {
    const cluster = newCluster();
    const [a, b] = [await open(cluster), await open(cluster)];
    const { id } = only(await a.push([asked({ payload: 'é'.repeat(5_000) })]));
    await b.join(node('node'), ttl);
    const job = only(await claim(b, 1));
    expect([job.id, job.payload]).toEqual([id, 'é'.repeat(5_000)]);
    expect(await a.settle(refOf(job), success(job))).toBe('settled');
  });

  it('lists long payloads and outputs whole unless asked to be brief', async () => {
    const store = await open();
    await store.push(Array.from({ length: 20 }, (_, i) => asked({ payload: `${i}`.padEnd(3_000, 'p'), name: String(i) })));
    await store.join(node('node'), ttl);
    for (const job of await claim(store, 20)) {
      const outcome = { kind: 'succeeded', result: result(job.name.padEnd(2_000, 'o')) } as const;
      await store.settle(refOf(job), settleMoves(job, outcome, 0));
    }
    const { jobs } = await store.list(all);
    expect(jobs.map(({ payload, result: { output } }) => [payload?.length, output.length])).toEqual(jobs.map(() => [3_000, 2_000]));
    expect(await store.get(jobs[7]?.id ?? '')).toEqual(jobs[7]);
    const brief = (await store.list({ ...all, brief: true })).jobs;
    expect(brief.map(({ payload, result: { output } }) => [payload, output])).toEqual(jobs.map(() => [null, '']));
  });

  it('finds few jobs of a state among many by its index', async () => {
    const store = await open();
    await store.push(Array.from({ length: 6_000 }, () => asked({ worker: 'nobody' })));
    const { id } = only(await store.push([asked({ name: 'needle' })]));
    await store.change(id, cancelMoves);
    const page = await store.list({ ...all, filter: [{ field: 'state', not: false, any: ['canceled'] }], limit: 1 });
    expect(page).toMatchObject({ jobs: [{ id }], next: null });
  });
});

describe('hints between stores of a cluster', () => {
  async function pair(): Promise<readonly [RedisStore, RedisStore]> {
    const cluster = newCluster();
    const [here, there] = [await open(cluster), await open(cluster)];
    await here.join(node('node'), ttl);
    await there.join(node('other'), ttl);
    return [here, there];
  }

  /** The first such hint, while the work is repeated until it comes: the other store may still be subscribing. */
  async function heard(store: RedisStore, kind: Hint['kind'], work: () => Promise<unknown>): Promise<Hint> {
    let found: Hint | null = null;
    const forget = store.onHint((hint) => {
      if (hint.kind === kind) found ??= hint;
    });
    for (let i = 0; i < 500 && found === null; i++) {
      await work();
      await store.get('1');
    }
    forget();
    if (found === null) throw new Error(`no hint ${kind} came`);
    return found;
  }

  it('tell that jobs are ready', async () => {
    const [here, there] = await pair();
    expect(await heard(there, 'ready', () => here.push([asked()]))).toEqual({ kind: 'ready' });
  });

  it('tell a holder of a message, and who waits of an end', async () => {
    const [here, there] = await pair();
    const run = async (operation: string): Promise<Job> => {
      await here.push([asked()]);
      return only(await claim(here, 1, operation));
    };
    let operations = 0;
    let job: Job | null = null;
    const stopped = await heard(here, 'inbox', async () => {
      job = await run(`stop ${operations++}`);
      await there.change(job.id, cancelMoves);
    });
    expect(stopped).toEqual({ kind: 'inbox', holder: 'node' });
    const ended = await heard(there, 'ended', async () => {
      job = await run(`end ${operations++}`);
      await here.settle(refOf(job), success(job));
    });
    expect(ended.kind === 'ended' && ended.ids.length).toBe(1);
  });
});

describe('ids on Redis', () => {
  it('go on from the last one of the server id, whatever the clock does', async () => {
    const cluster = newCluster();
    const ahead = await open(cluster);
    await ahead.advance(60 * minute);
    const { id: last } = only(await ahead.push([asked()]));
    const behind = await open(cluster);
    const ids = (await behind.push([asked(), asked()])).map(({ id }) => id);
    expect([last, ...ids].toSorted(compareIds)).toEqual([last, ...ids]);
    expect(new Set([last, ...ids]).size).toBe(3);
  });

  it('carry the server id of the node that pushes', async () => {
    const store = await open();
    const serverOf = (id: string): bigint => (BigInt(id) >> 12n) & 1023n;
    const before = only(await store.push([asked()]));
    await store.join(node('node', { serverId: 77 }), ttl);
    const after = only(await store.push([asked()]));
    expect([serverOf(before.id), serverOf(after.id)]).toEqual([0n, 77n]);
  });

  it('are exact far beyond what a number holds', async () => {
    const store = await open();
    await store.join(node('node', { serverId: 1023 }), ttl);
    const pushed = await store.push(Array.from({ length: 9_000 }, () => asked()));
    const ids = pushed.map(({ id }) => BigInt(id));
    expect(ids.every((id, i) => i === 0 || id > (ids[i - 1] ?? 0n))).toBe(true);
    expect(ids.every((id) => ((id >> 12n) & 1023n) === 1023n)).toBe(true);
  });
});

describe('a clock of Redis that steps back', () => {
  const hour = 60 * minute;
  /** An hour ahead until then. */
  const stepBack = (store: RedisStore): Promise<void> => store.advance(-hour);

  it('keeps no rate limit standing still for as long', async () => {
    const store = await open();
    await store.join(node('node'), 10 * hour);
    await store.configure('q', { rate: { max: 1, per: 1_000 } });
    await store.push([asked(), asked()]);
    await store.advance(hour);
    expect(await claim(store, 2)).toHaveLength(1);
    await stepBack(store);
    expect(await claim(store, 2, 'second')).toHaveLength(0);
    await store.advance(1_000);
    expect(await claim(store, 2, 'third')).toHaveLength(1);
  });

  it('keeps no dead node alive for as long', async () => {
    const store = await open();
    await store.advance(hour);
    await store.join(node('dead'), ttl);
    await stepBack(store);
    for (let passed = 0; passed < ttl; passed += gap / 2) {
      expect(await store.bury(ttl, gap)).toMatchObject({ incarnations: [] });
      await store.advance(gap / 2);
    }
    expect(await store.bury(ttl, gap)).toMatchObject({ incarnations: ['dead'] });
  });

  it('keeps no events of a far future, nor what is behind them', async () => {
    const store = await open();
    await store.advance(hour);
    await store.push([asked()]);
    await stepBack(store);
    await store.push([asked()]);
    const retention = { ended: null, idempotency: minute, limit: 100 };
    expect(await store.sweep({ ...retention, events: 2 * hour })).toMatchObject({ events: 0 });
    expect(await store.sweep({ ...retention, events: minute })).toMatchObject({ events: 1 });
    await store.advance(2 * minute);
    expect(await store.sweep({ ...retention, events: minute })).toMatchObject({ events: 1 });
  });
});

describe('a Redis without memory left', () => {
  it('refuses jobs, and takes results in the same batch', async () => {
    const full = await startRedis();
    onTestFinished(() => full.stop());
    const store = await open(newCluster(), full.url);
    await store.join(node('node'), ttl);
    await store.push([asked(), asked()]);
    const [job] = await claim(store, 1);
    if (job === undefined) throw new Error('a job was pushed');
    await full.ask('CONFIG', 'SET', 'maxmemory', '1');
    const [pushed, settled, claimed] = await Promise.allSettled([
      store.push([asked()]),
      store.settle(refOf(job), success(job)),
      claim(store, 1, 'second'),
    ]);
    expect(pushed).toMatchObject({ status: 'rejected', reason: { code: 'store_full' } });
    expect(settled).toEqual({ status: 'fulfilled', value: 'settled' });
    expect(claimed).toMatchObject({ status: 'fulfilled', value: [{ state: 'running' }] });
    await full.ask('CONFIG', 'SET', 'maxmemory', '0');
    expect(only(await store.push([asked()])).kind).toBe('pushed');
  });
});

describe('scrub on Redis', () => {
  const key = (cluster: string, name: string): string => prefixOf(cluster) + name;

  it('puts right what the indexes and counters have lost', async () => {
    const cluster = newCluster();
    const store = await open(cluster);
    await store.push([asked(), asked({ manual: true }), asked(), asked({ start: { delay: minute } })]);
    await store.join(node('node'), 100 * minute);
    const [done, runs] = await claim(store, 2);
    if (done === undefined || runs === undefined) throw new Error('jobs were pushed');
    await store.settle(refOf(done), success(done));
    const before = [await store.list(all), await store.count(), await store.queues()];
    for (const name of ['ids', 'due', 'lane:w/q/0', 'lane:w/q/1', 'row:w', 'claims:node', 'ended:4', 'counts', 'busy']) {
      await server.ask('DEL', key(cluster, name));
    }
    const { repaired, next } = await store.scrub(null, 1_000);
    expect(next).toBeNull();
    expect(repaired).toMatchObject({ ids: 4, due: 1, ready: 1, held: 1, ended: 1, rows: 1 });
    expect(repaired['counts']).toBeGreaterThan(0);
    expect((await store.scrub(null, 1_000)).repaired).toEqual({});
    expect([await store.list(all), await store.count()]).toEqual(before.slice(0, 2));
    expect(await claim(store, 9, 'again')).toHaveLength(1);
  });

  it('takes back what a node held that nobody remembers', async () => {
    const cluster = newCluster();
    const store = await open(cluster);
    await store.join(node('node'), 100 * minute);
    await store.push([asked()]);
    const job = only(await claim(store, 1));
    await server.ask('DEL', key(cluster, 'nodes'));
    expect((await store.scrub(null, 1_000)).repaired).toMatchObject({ orphans: 1 });
    expect(await store.get(job.id)).toMatchObject({ state: 'queued', lost: 1 });
  });

  it('drops entries without a record', async () => {
    const cluster = newCluster();
    const store = await open(cluster);
    const [first] = await store.push([asked(), asked()]);
    await server.ask('HDEL', key(cluster, 'jobs'), (first?.id ?? '').padStart(19, '0'));
    const { repaired } = await store.scrub(null, 1_000);
    expect(repaired).toMatchObject({ ids: 1, ready: 1, bodies: 1 });
    expect((await store.list(all)).jobs).toHaveLength(1);
    expect((await store.scrub(null, 1_000)).repaired).toEqual({});
  });

  it('counts an attempt that it takes back once', async () => {
    const cluster = newCluster();
    const store = await open(cluster);
    await store.configure('q', { concurrency: 1 });
    await store.push([asked(), asked()]);
    await store.join(node('node'), 100 * minute);
    expect(await claim(store, 2)).toHaveLength(1);
    await server.ask('DEL', key(cluster, 'nodes'));
    await store.scrub(null, 1_000);
    await store.join(node('node'), 100 * minute);
    expect(await claim(store, 2, 'again')).toHaveLength(1);
    expect((await store.scrub(null, 1_000)).repaired).toEqual({});
  });

  it('puts right how many are held, however many jobs there are', async () => {
    const cluster = newCluster();
    const store = await open(cluster);
    await store.configure('q', { concurrency: 2 });
    await store.push(Array.from({ length: 60 }, () => asked()));
    await store.join(node('node'), 100 * minute);
    expect(await claim(store, 1)).toHaveLength(1);
    const counts = String(await server.ask('HGET', key(cluster, 'counts'), 'w/q'));
    await server.ask('HSET', key(cluster, 'busy'), 'q', '2');
    await server.ask('HSET', key(cluster, 'counts'), 'w/q', counts.replace(/^0 59 1 0/, '0 59 7 3'));
    const repaired: unknown[] = [];
    let cursor: string | null = null;
    do {
      const step = await store.scrub(cursor, 20);
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
    const [first] = await store.push([asked({ payload: '1' }), asked({ payload: '2' })]);
    await store.join(node('node'), 100 * minute);
    await server.ask('HDEL', key(cluster, 'bodies'), (first?.id ?? '').padStart(19, '0'));
    expect((await store.list(all)).jobs).toHaveLength(2);
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
    await store.join(node('node'), 100 * minute);
    await store.push(Array.from({ length: 20 }, (_, at) => asked({ queue: `q${at % 4}`, manual: at % 3 === 0 })));
    for (const job of await claim(store, 20)) await store.settle(refOf(job), success(job));
    await store.advance(minute);
    expect((await store.sweep({ ended: 1, events: 1, idempotency: 1, limit: 100 })).jobs).toBe(20);
    const keys = (await server.ask('KEYS', `${prefixOf(cluster)}*`)) as readonly string[];
    expect(keys.map((each) => each.slice(prefixOf(cluster).length)).sort()).toEqual(['events', 'meta', 'nodes']);
  });
});
