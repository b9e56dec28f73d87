import { describe, expect, it } from 'vitest';
import { leaseTimes } from '../core/node.ts';
import type { Logger } from '../ports/logger.ts';
import type { JobStore } from '../ports/store/jobs.ts';
import type { NodeStore } from '../ports/store/nodes.ts';
import type { Store } from '../ports/store/store.ts';
import { altered } from '../stores/conformance/altered.ts';
import { openMemory } from '../stores/memory/index.ts';
import { systemClock } from '../system/clock.ts';
import { silent } from '../system/silent.ts';
import { controlled, duty, liveNodes, node, push } from './engine.suite.ts';

const only = async (store: Store) => {
  const [one, ...others] = await liveNodes(store);
  if (one === undefined || others.length > 0) throw new Error(`expected one live node, got ${others.length + (one ? 1 : 0)}`);
  return one;
};

/** A log that remembers the names of its lines. */
function remembering(): { readonly log: Logger; readonly lines: [name: string, fields: unknown][] } {
  const lines: [string, unknown][] = [];
  const keep = (name: string, fields?: unknown): void => void lines.push([name, fields]);
  return { log: { ...silent, info: keep, warn: keep, error: keep }, lines };
}

describe('a node', () => {
  it('tells its name, address and load', async () => {
    const store = openMemory();
    const work = controlled();
    const engine = node(store, work.executor, 5);
    await engine.start('http://here:1');
    await push(engine);
    await work.attempt(0);
    await duty(engine, 'renew').tick();
    expect(await only(store)).toMatchObject({ name: 'n', address: 'http://here:1', serverId: 1, load: { running: 1, slots: 5 } });
  });

  it('does not start under a server id that a live node has', async () => {
    const store = openMemory();
    await node(store, controlled().executor, 1, { serverId: 7 }).start();
    const second = node(store, controlled().executor, 1, { serverId: 7 });
    const { incarnation } = await only(store);
    await expect(second.start()).rejects.toMatchObject({
      code: 'invalid_config',
      message: expect.stringContaining(`The server id 7 belongs to the node ${incarnation}`),
    });
    expect(await second.system.notReady()).toEqual(['this node has no lease']);
    await store.nodes.leave(incarnation);
    await second.start();
    expect(await second.system.notReady()).toEqual([]);
  });

  it('tells of others with its name', async () => {
    const store = openMemory();
    await node(store, controlled().executor).start();
    const first = await only(store);
    const { log, lines } = remembering();
    await node(store, controlled().executor, 1, { log }).start();
    expect(lines).toContainEqual(['node.namesakes', expect.objectContaining({ name: 'n', others: [first.incarnation] })]);
  });

  it('asks for no work before it has joined, and for what has waited as soon as it has', async () => {
    const memory = openMemory();
    const mayJoin = Promise.withResolvers<void>();
    const holders: string[] = [];
    const store = altered(memory, {
      nodes: { join: (...given) => mayJoin.promise.then(() => memory.nodes.join(...given)) },
      jobs: {
        claim(request) {
          holders.push(request.holder);
          return memory.jobs.claim(request);
        },
      },
    });
    const work = controlled();
    const engine = node(store, work.executor);
    const started = engine.start();
    await push(engine);
    expect(holders).toEqual([]);
    mayJoin.resolve();
    await work.attempt(0);
    await started;
    expect(new Set(holders)).toEqual(new Set([(await only(store)).incarnation]));
  });

  it('is ready only as long as it has joined', async () => {
    const engine = node(openMemory(), controlled().executor);
    expect(await engine.system.notReady()).toEqual(['this node has no lease']);
    await engine.start();
    expect(await engine.system.notReady()).toEqual([]);
  });
});

describe('a node on a store that keeps leases', () => {
  function keeping() {
    const memory = openMemory();
    const kept: (readonly [string, ...unknown[]])[] = [];
    const keeper: Store['keeper'] = {
      renewedAgo: () => null,
      keep: (...given) => void kept.push(['keep', ...given]),
      release: async () => void kept.push(['release']),
    };
    return { store: { ...memory, keeper }, kept };
  }

  it('has its lease kept from its join until it leaves', async () => {
    const { store, kept } = keeping();
    const engine = node(store, controlled().executor);
    await engine.start();
    const { incarnation } = await only(store);
    expect(kept).toEqual([['keep', incarnation, leaseTimes.ttl, leaseTimes.renewEvery]]);
    await engine.stop(0);
    expect(kept.slice(1)).toEqual([['release']]);
  });

  it('has its next lease kept when it had to join again', async () => {
    const { store, kept } = keeping();
    const engine = node(store, controlled().executor);
    await engine.start();
    await engine.nodes.forget((await only(store)).incarnation);
    await duty(engine, 'renew').tick();
    const { incarnation } = await only(store);
    expect(kept.at(-1)?.[1]).toBe(incarnation);
    expect(kept).toHaveLength(2);
  });

  it('tells when it renewed so late that it might have lost its lease', async () => {
    let passed = 0;
    const { log, lines } = remembering();
    const clock = { ...systemClock, monotonic: () => systemClock.monotonic() + passed };
    const engine = node(openMemory(), controlled().executor, 1, { log, clock });
    await engine.start();
    await duty(engine, 'renew').tick();
    expect(lines.filter(([name]) => name === 'node.late')).toEqual([]);
    passed = leaseTimes.ttl - 1_000;
    await duty(engine, 'renew').tick();
    expect(lines).toContainEqual(['node.late', expect.objectContaining({ seconds: 5, ttl: 6 })]);
  });
});

describe('a node that is drained', () => {
  it('starts nothing and keeps what runs; resumed, it starts what has waited', async () => {
    const store = openMemory();
    const work = controlled();
    const engine = node(store, work.executor);
    await engine.start();
    await push(engine);
    const first = await work.attempt(0);
    await engine.nodes.steer('n', 'draining');
    await duty(engine, 'renew').tick();
    await push(engine);
    await duty(engine, 'dispatch').tick();
    expect(work.running).toHaveLength(1);
    expect(first.signal.aborted).toBe(false);
    await engine.nodes.steer('n', 'active');
    expect((await work.attempt(1)).job.id).not.toBe(first.job.id);
  });

  it('does not ask for work', async () => {
    const memory = openMemory();
    let claims = 0;
    const claim: JobStore['claim'] = (request) => {
      claims += 1;
      return memory.jobs.claim(request);
    };
    const engine = node(altered(memory, { jobs: { claim } }), controlled().executor);
    await engine.start();
    await engine.nodes.steer('n', 'draining');
    await duty(engine, 'renew').tick();
    await duty(engine, 'dispatch').tick();
    claims = 0;
    await push(engine);
    await duty(engine, 'dispatch').tick();
    await duty(engine, 'promote').tick();
    expect(claims).toBe(0);
  });

  it('is drained still when it had to join again', async () => {
    const store = openMemory();
    const engine = node(store, controlled().executor);
    await engine.start();
    await engine.nodes.steer('n', 'draining');
    await duty(engine, 'renew').tick();
    const { incarnation } = await only(store);
    await engine.nodes.forget(incarnation);
    await duty(engine, 'renew').tick();
    const again = await only(store);
    expect([again.incarnation === incarnation, again.mode]).toEqual([false, 'draining']);
  });
});

describe('a node that is forgotten although it lives', () => {
  it('loses what it runs and joins again under another incarnation', async () => {
    const store = openMemory();
    const work = controlled();
    const engine = node(store, work.executor);
    await engine.start();
    const job = await push(engine);
    const first = await work.attempt(0);
    const { incarnation } = await only(store);
    expect(await engine.nodes.forget(incarnation)).toEqual([{ incarnation, attempts: 1 }]);
    await duty(engine, 'renew').tick();
    expect(first.signal.reason).toBe('lost');
    const second = await work.attempt(1);
    expect([second.job.id, BigInt(second.job.fence) > BigInt(first.job.fence)]).toEqual([job.id, true]);
  });

  it('joins as soon as the store takes it', async () => {
    const memory = openMemory();
    let refusals = 0;
    const join: NodeStore['join'] = (who, ttl) => (refusals-- > 0 ? Promise.reject(new Error('away')) : memory.nodes.join(who, ttl));
    const engine = node(altered(memory, { nodes: { join } }), controlled().executor);
    await engine.start();
    refusals = 2;
    await engine.nodes.forget((await only(memory)).incarnation);
    await expect(duty(engine, 'renew').tick()).rejects.toThrow('away');
    await expect(duty(engine, 'renew').tick()).rejects.toThrow('away');
    expect(await engine.system.notReady()).toEqual(['this node has no lease']);
    await duty(engine, 'renew').tick();
    expect((await only(memory)).name).toBe('n');
  });
});

describe('a node that stops', () => {
  it('hands what it runs to another within 200 ms', async () => {
    const store = openMemory();
    const [leaving, staying] = [controlled(), controlled()];
    const first = node(store, leaving.executor, 50);
    await first.start();
    const jobs = await Promise.all(Array.from({ length: 50 }, () => push(first)));
    await leaving.attempt(49);
    const second = node(store, staying.executor, 50);
    await second.start();
    const begun = systemClock.monotonic();
    const stopped = first.stop(0);
    await staying.attempt(49);
    expect(systemClock.monotonic() - begun).toBeLessThan(200);
    await stopped;
    expect(new Set(staying.running.map(({ job }) => job.id))).toEqual(new Set(jobs.map(({ id }) => id)));
    expect(staying.running.every(({ job }) => job.attempt === 1 && job.lost === 0)).toBe(true);
  });

  it('does not join again by a renewal that was under way', async () => {
    const memory = openMemory();
    const released = Promise.withResolvers<void>();
    const renew: NodeStore['renew'] = async (...given) => {
      await released.promise;
      return memory.nodes.renew(...given);
    };
    const engine = node(altered(memory, { nodes: { renew } }), controlled().executor);
    await engine.start();
    const underWay = duty(engine, 'renew').tick();
    await engine.stop(0);
    released.resolve();
    await underWay;
    expect(await liveNodes(memory)).toEqual([]);
  });

  it('does not join again when it was buried meanwhile', async () => {
    const store = openMemory();
    const work = controlled();
    const engine = node(store, work.executor);
    await engine.start();
    await push(engine);
    const attempt = await work.attempt(0);
    const stopped = engine.stop(10_000);
    await engine.nodes.forget((await only(store)).incarnation);
    await duty(engine, 'renew').tick();
    await stopped;
    expect(attempt.signal.reason).toBe('lost');
    expect(await store.nodes.list()).toEqual([]);
  });

  it('leaves once more when its leave overtook its join', async () => {
    const memory = openMemory();
    const { promise: overtaken, resolve: join } = Promise.withResolvers<void>();
    const late: NodeStore['join'] = async (asked, ttl) => {
      await overtaken;
      return memory.nodes.join(asked, ttl);
    };
    const engine = node(altered(memory, { nodes: { join: late } }), controlled().executor);
    const started = engine.start();
    await engine.stop(0);
    join();
    await started;
    expect(await liveNodes(memory)).toEqual([]);
  });

  it('leaves to others what it cannot hand back to a store that is away', async () => {
    const memory = openMemory();
    const { log, lines } = remembering();
    const leave: NodeStore['leave'] = () => Promise.reject(new Error('away'));
    const engine = node(altered(memory, { nodes: { leave } }), controlled().executor, 1, { log });
    await engine.start();
    await engine.stop(0);
    expect(lines).toContainEqual(['leave.failed', { error: 'away' }]);
  });
});
