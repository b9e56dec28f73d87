import { describe, expect, it, onTestFinished } from 'vitest';
import { startRedis } from '../../../test/support/redis-server.ts';
import { compareIds } from '../../core/id.ts';
import type { Attempt, Job } from '../../core/job.ts';
import { noLoad } from '../../core/node.ts';
import { cancelMoves, settleMoves } from '../../core/transitions.ts';
import type { Hint } from '../../ports/store/store.ts';
import { partOf, putOf } from '../conformance/definitions.ts';
import { eventOf } from '../conformance/journal.publish.suite.ts';
import { all, anyQueue, asked, kept, line, minute, node, only, refOf, result, ttl } from '../conformance/subject.ts';
import { prefixOf } from './format/keys.ts';
import { openRedis, type RedisStore } from './index.ts';
import { claim, newCluster, open, server, success } from './store.suite.ts';

describe('the Redis store', () => {
  it('refuses a cluster name that could not stand in a key', async () => {
    await expect(openRedis({ url: server.url, cluster: 'a}b' })).rejects.toMatchObject({ code: 'invalid_config' });
  });

  it('refuses what a newer version has written, and leaves it alone', async () => {
    const cluster = newCluster();
    await server.ask('HSET', `${prefixOf(cluster)}meta`, 'format', '4');
    await expect(openRedis({ url: server.url, cluster })).rejects.toMatchObject({ code: 'store_unusable' });
    expect(await server.ask('HGET', `${prefixOf(cluster)}meta`, 'format')).toBe('4');
  });

  it('keeps clusters apart', async () => {
    const [a, b] = [await open(), await open()];
    await a.jobs.push([asked()]);
    expect((await b.jobs.list(all)).jobs).toEqual([]);
  });

  it('gives what one store keeps to another', async () => {
    const cluster = newCluster();
    const [a, b] = [await open(cluster), await open(cluster)];
    const { id } = only(kept(await a.jobs.push([asked({ payload: 'é'.repeat(5_000) })])));
    await b.nodes.join(node('node'), ttl);
    const job = only(await claim(b, 1));
    expect([job.id, job.payload]).toEqual([id, 'é'.repeat(5_000)]);
    expect(await a.jobs.settle(refOf(job), success(job))).toBe('settled');
  });

  it('lists long payloads and outputs whole unless asked to be brief', async () => {
    const store = await open();
    await store.jobs.push(Array.from({ length: 20 }, (_, i) => asked({ payload: `${i}`.padEnd(3_000, 'p'), name: String(i) })));
    await store.nodes.join(node('node'), ttl);
    for (const job of await claim(store, 20)) {
      const outcome = { kind: 'succeeded', result: result(job.name.padEnd(2_000, 'o')) } as const;
      await store.jobs.settle(refOf(job), settleMoves(job, outcome, 0));
    }
    const { jobs } = await store.jobs.list(all);
    expect(jobs.map(({ payload, result: { output } }) => [payload?.length, output.length])).toEqual(jobs.map(() => [3_000, 2_000]));
    expect(await store.jobs.get(jobs[7]?.id ?? '')).toEqual(jobs[7]);
    const brief = (await store.jobs.list({ ...all, brief: true })).jobs;
    expect(brief.map(({ payload, result: { output } }) => [payload, output])).toEqual(jobs.map(() => [null, '']));
  });

  it('does what comes in one turn also when no single script could hold all of it', async () => {
    const store = await open();
    await store.nodes.join(node('node'), ttl);
    const { jobs, definitions, limits, queues, upkeep, journal, nodes } = store;
    const retention = { ended: null, idempotency: minute, journal: minute, told: null, output: 0, limit: 9 } as const;
    const answers = await Promise.allSettled([
      jobs.push([asked()]),
      claim(store, 1),
      jobs.promote(9),
      jobs.purge(['7'], 0),
      jobs.remove('7', ['succeeded']),
      jobs.change('7', cancelMoves),
      definitions.put([putOf('a')]),
      definitions.gather([partOf('a', '1')]),
      definitions.fire([]),
      limits.configure('*', { concurrency: 9, rate: null, pausedUntil: null }),
      limits.remove('*'),
      queues.configure('q', { paused: true }),
      nodes.renew('node', ttl, 0, { ...noLoad, slots: 1 }),
      journal.publish({ events: [eventOf()], causes: [], rules: null, follow: null }),
      upkeep.sweep(retention),
      upkeep.scrub(null, 9),
    ]);
    expect(answers.filter(({ status }) => status === 'rejected')).toEqual([]);
    expect((await jobs.list(all)).jobs).toHaveLength(1);
  });

  it('shows a line that cannot be read in its place, beside the others', async () => {
    const cluster = newCluster();
    const store = await open(cluster);
    await store.jobs.push([asked()]);
    await store.nodes.join(node('node'), ttl);
    const job = only(await claim(store, 1));
    const tell = (number: number): Promise<unknown> =>
      store.jobs.report(refOf(job), { ttl: null, progress: '1', lines: [line(number)], push: [] });
    for (const number of [1, 2, 3]) await tell(number);
    const name = `${prefixOf(cluster)}lines:${job.id.padStart(19, '0')}`;
    await server.ask('LSET', name, '1', `${job.fence} 2 x\u0001 nothing`);
    const cannot = { level: 'error', text: expect.stringContaining('cannot be read') };
    expect(await store.jobs.lines(job.id, null, 9)).toMatchObject({ lines: [{ number: 1 }, { number: 2, ...cannot }, { number: 3 }] });
    await server.ask('HSET', `${prefixOf(cluster)}logs`, job.id.padStart(19, '0'), 'nonsense');
    expect(await store.jobs.lines(job.id, { fence: job.fence, number: 2 }, 9)).toMatchObject({ lines: [{ number: 3 }], progress: null });
    expect(await tell(4)).toMatchObject({ kind: 'reported' });
    expect((await store.jobs.lines(job.id, null, 9)).lines).toHaveLength(4);
  });

  it('reads little of a long history for a page of it, wherever that begins', async () => {
    const store = await open();
    const { id } = only(kept(await store.jobs.push([asked()])));
    const job = await store.jobs.get(id);
    if (job === null) throw new Error('it was pushed');
    const attempts = Array.from({ length: 100 }, (_, at): Attempt => {
      const output = 'o'.repeat(300_000);
      return {
        ...{ run: 1, attempt: at + 1, fence: String(at + 1), holder: 'n', startedAt: 1, endedAt: 2, end: 'failed' },
        result: result(output),
      };
    });
    const copy = { job: { ...job, id: (BigInt(id) + 1n).toString(), fence: '100' }, attempts };
    expect(await store.jobs.restore([copy])).toEqual(['restored']);
    for (const [before, first] of [
      ['4', '3'],
      ['50', '49'],
      [null, '100'],
    ] as const) {
      await server.ask('CONFIG', 'RESETSTAT');
      const page = await store.jobs.attempts(copy.job.id, { before, limit: 2, output: 1_000_000 });
      expect([page.attempts.map(({ fence }) => fence)[0], page.attempts.length, page.more]).toEqual([first, 2, true]);
      const stats = String(await server.ask('INFO', 'commandstats'));
      const calls = (command: string): number => Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(stats)?.[1] ?? 0);
      expect(calls('lrange')).toBeLessThanOrEqual(2);
      expect(calls('lindex')).toBeLessThanOrEqual(7);
    }
  });

  it('finds few jobs of a state among many by its index', async () => {
    const store = await open();
    await store.jobs.push(Array.from({ length: 6_000 }, () => asked({ worker: 'nobody' })));
    const { id } = only(kept(await store.jobs.push([asked({ name: 'needle' })])));
    await store.jobs.change(id, cancelMoves);
    const page = await store.jobs.list({ ...all, filter: [{ field: 'state', not: false, any: ['canceled'] }], limit: 1 });
    expect(page).toMatchObject({ jobs: [{ id }], next: null });
  });
});

describe('hints between stores of a cluster', () => {
  async function pair(): Promise<readonly [RedisStore, RedisStore]> {
    const cluster = newCluster();
    const [here, there] = [await open(cluster), await open(cluster)];
    await here.nodes.join(node('node'), ttl);
    await there.nodes.join(node('other'), ttl);
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
      await store.jobs.get('1');
    }
    forget();
    if (found === null) throw new Error(`no hint ${kind} came`);
    return found;
  }

  it('tell that jobs are ready', async () => {
    const [here, there] = await pair();
    expect(await heard(there, 'ready', () => here.jobs.push([asked()]))).toEqual({ kind: 'ready', workers: ['w'] });
  });

  it('tell a holder of a message, and who waits of an end', async () => {
    const [here, there] = await pair();
    const run = async (operation: string): Promise<Job> => {
      await here.jobs.push([asked()]);
      return only(await claim(here, 1, operation));
    };
    let operations = 0;
    let job: Job | null = null;
    const stopped = await heard(here, 'inbox', async () => {
      job = await run(`stop ${operations++}`);
      await there.jobs.change(job.id, cancelMoves);
    });
    expect(stopped).toEqual({ kind: 'inbox', holder: 'node' });
    const ended = await heard(there, 'ended', async () => {
      job = await run(`end ${operations++}`);
      await here.jobs.settle(refOf(job), success(job));
    });
    expect(ended.kind === 'ended' && ended.ids.length).toBe(1);
  });
});

describe('ids on Redis', () => {
  it('go on from the last one of the server id, whatever the clock does', async () => {
    const cluster = newCluster();
    const ahead = await open(cluster);
    await ahead.advance(60 * minute);
    const { id: last } = only(kept(await ahead.jobs.push([asked()])));
    const behind = await open(cluster);
    const ids = kept(await behind.jobs.push([asked(), asked()])).map(({ id }) => id);
    expect([last, ...ids].toSorted(compareIds)).toEqual([last, ...ids]);
    expect(new Set([last, ...ids]).size).toBe(3);
  });

  it('carry the server id of the node that pushes', async () => {
    const store = await open();
    const serverOf = (id: string): bigint => (BigInt(id) >> 12n) & 1023n;
    const before = only(kept(await store.jobs.push([asked()])));
    await store.nodes.join(node('node', { serverId: 77 }), ttl);
    const after = only(kept(await store.jobs.push([asked()])));
    expect([serverOf(before.id), serverOf(after.id)]).toEqual([0n, 77n]);
  });

  it('are exact far beyond what a number holds', async () => {
    const store = await open();
    await store.nodes.join(node('node', { serverId: 1023 }), ttl);
    const pushed = kept(await store.jobs.push(Array.from({ length: 9_000 }, () => asked())));
    const ids = pushed.map(({ id }) => BigInt(id));
    expect(ids.every((id, i) => i === 0 || id > (ids[i - 1] ?? 0n))).toBe(true);
    expect(ids.every((id) => ((id >> 12n) & 1023n) === 1023n)).toBe(true);
  });
});

describe('a Redis without memory left', () => {
  it('refuses jobs, and takes results in the same batch', async () => {
    const full = await startRedis();
    onTestFinished(() => full.stop());
    const store = await open(newCluster(), full.url);
    await store.nodes.join(node('node'), ttl);
    await store.jobs.push([asked(), asked()]);
    const [job] = await claim(store, 1);
    if (job === undefined) throw new Error('a job was pushed');
    await full.ask('CONFIG', 'SET', 'maxmemory', '1');
    const [pushed, settled, claimed] = await Promise.allSettled([
      store.jobs.push([asked()]),
      store.jobs.settle(refOf(job), success(job)),
      claim(store, 1, 'second'),
    ]);
    expect(pushed).toMatchObject({ status: 'rejected', reason: { code: 'store_full' } });
    expect(settled).toEqual({ status: 'fulfilled', value: 'settled' });
    expect(claimed).toMatchObject({ status: 'fulfilled', value: [{ state: 'running' }] });
    await full.ask('CONFIG', 'SET', 'maxmemory', '0');
    expect(only(kept(await store.jobs.push([asked()]))).kind).toBe('pushed');
  });

  it('takes deadlines, and neither lines nor jobs', async () => {
    const full = await startRedis();
    onTestFinished(() => full.stop());
    const store = await open(newCluster(), full.url);
    await store.jobs.push([asked()]);
    const claimed = await store.jobs.claim({ operation: 'o', holder: 'outside', wants: () => [anyQueue(1)], attemptTtl: minute });
    const job = only(claimed.jobs);
    await full.ask('CONFIG', 'SET', 'maxmemory', '1');
    const nothing = { ttl: null, progress: null, lines: [], push: [] };
    const told = await Promise.allSettled(
      [{ ttl: minute }, { lines: [line(1)] }, { push: [asked()] }, { progress: '1' }].map((what) =>
        store.jobs.report(refOf(job), { ...nothing, ...what }),
      ),
    );
    const refused = { status: 'rejected', reason: { code: 'store_full' } };
    expect(told).toMatchObject([{ status: 'fulfilled', value: { kind: 'reported' } }, refused, refused, refused]);
    await full.ask('CONFIG', 'SET', 'maxmemory', '0');
    expect(await store.jobs.report(refOf(job), { ...nothing, lines: [line(1)] })).toMatchObject({ kind: 'reported' });
  });
});
