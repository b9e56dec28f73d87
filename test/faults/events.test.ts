/** Events on several nodes: rules that a node has not heard of, nodes that are killed while they publish, a Redis that was rewound. */
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { newEvent } from '../../src/core/event.ts';
import { parseTopic } from '../../src/core/event-topic.ts';
import { newJob } from '../../src/core/new-job.ts';
import { noRetry } from '../../src/core/retry.ts';
import type { EventPlace } from '../../src/engine/api/event-place.ts';
import { type Engine, makeEngine } from '../../src/engine/engine.ts';
import { altered } from '../../src/stores/conformance/altered.ts';
import { openRedis, type RedisStore } from '../../src/stores/redis/index.ts';
import { systemClock } from '../../src/system/clock.ts';
import { silent } from '../../src/system/silent.ts';
import { ask } from '../scenarios/history.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { makeNodes } from './nodes.ts';
import { scaled } from './scale.ts';

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

const options = { timeout: null, retry: noRetry, onLost: 'retry', rules: 'v1' } as const;
const job = newJob({ worker: 'nobody', options });
let unique = 0;

/** @param hears whether it hears the hints of others */
async function engineOn(url: string, cluster: string, hears = true): Promise<{ readonly engine: Engine; readonly store: RedisStore }> {
  const store = await openRedis({ url, cluster });
  const engine = makeEngine({
    store: hears ? store : altered(store, { onHint: () => () => undefined }),
    ...{ clock: systemClock, log: silent, build: { version: '0', commit: '' }, name: `events-${++unique}`, serverId: null },
    retention: { ended: null, journal: 86_400_000, told: null, idempotency: 86_400_000, output: 16_384, limit: 100 },
    random: Math.random,
    unique: () => `${process.pid}-${++unique}`,
  });
  await engine.start();
  onTestFinished(async () => {
    await engine.stop(0);
    await store.close().catch(() => undefined);
  });
  return { engine, store };
}

const queued = async (store: RedisStore): Promise<number> => (await store.jobs.count()).reduce((sum, { counts }) => sum + counts.queued, 0);

describe('events', () => {
  it('fire a trigger that another node has just acknowledged, although no hint came through', { timeout: 120_000 }, async () => {
    const [a, b] = [await engineOn(redis.url, 'rules'), await engineOn(redis.url, 'rules', false)];
    const times = scaled(100, 500);
    for (let i = 0; i < times; i++) {
      await a.engine.triggers.add({ domain: '', id: `t${i}` }, { type: '@event', arguments: `type${i}:UPDATED`, job });
      const [told] = await b.engine.events.publish([newEvent({ type: `type${i}`, verb: 'UPDATED', id: 'x' })]);
      expect(told?.jobs, `event ${i}`).toHaveLength(1);
    }
    expect(await queued(a.store)).toBe(times);
  });

  it('are told once each, with their jobs, by nodes that are killed while they publish', { timeout: 120_000 }, async () => {
    const nodes = makeNodes({ store: redis.url, cluster: 'killed' });
    onTestFinished(() => nodes.stop());
    const watcher = await engineOn(redis.url, 'killed');
    await watcher.engine.triggers.add({ domain: '', id: 't' }, { type: '@event', arguments: 'busy', job });
    const publish = async (address: string, from: number): Promise<number> => {
      for (let n = from; ; n += 20) {
        const events = Array.from({ length: 20 }, (_, i) => ({ type: 'busy', verb: 'UPDATED', id: 'document', key: `${n + i}` }));
        const answer = await ask(address, 'POST', '/v1/events', events);
        if (answer?.status !== 200) return n;
      }
    };
    let acknowledged = 0;
    for (let kill = 0; kill < scaled(4, 20); kill++) {
      const node = await nodes.start([], `publish.${kill % 2 === 0 ? 'before_commit' : 'committed'}@${3 + kill}=kill`);
      acknowledged = await publish(node.address, acknowledged);
      expect(await node.ended).toBe('SIGKILL');
    }
    const last = await nodes.start();
    await ask(
      last.address,
      'POST',
      '/v1/events',
      Array.from({ length: 20 }, (_, i) => ({ type: 'busy', verb: 'UPDATED', id: 'document', key: `${acknowledged + i}` })),
    );
    const keys: string[] = [];
    for (let after = 0, more = true; more; ) {
      const { entries } = await watcher.store.journal.entries(after, 1_000);
      keys.push(...entries.flatMap(({ told }) => told.filter(({ type }) => type === 'busy').map(({ key }) => key ?? '')));
      after = entries.at(-1)?.seq ?? after;
      more = entries.length > 0;
    }
    expect(keys.map(Number)).toEqual(Array.from({ length: acknowledged + 20 }, (_, i) => i));
    expect(await queued(watcher.store)).toBe(keys.length);
  });

  it('go on exactly at another node, and tell that Redis has lost its newest moments', { timeout: 60_000 }, async () => {
    const snapshots = await startRedis({ flags: ['--save', '3600 1'] });
    onTestFinished(() => snapshots.stop());
    const [a, b] = [await engineOn(snapshots.url, 'rewound'), await engineOn(snapshots.url, 'rewound')];
    const publish = (id: string) => a.engine.events.publish([newEvent({ type: 'busy', verb: 'UPDATED', id })]);
    const follow = (engine: Engine, after: EventPlace | null) =>
      engine.events.follow({ topics: [parseTopic('*')], domain: null, after, signal: AbortSignal.timeout(30_000) });
    const next = async (followed: ReturnType<typeof follow>) => {
      for await (const each of followed) if (each.kind !== 'caughtUp') return each;
      throw new Error('it has ended');
    };
    const begun = (await follow(a.engine, null).next()).value;
    if (begun === undefined) throw new Error('it has ended');
    await publish('kept');
    await snapshots.ask('SAVE');
    await publish('lost');
    const kept = await next(follow(b.engine, begun.place));
    const lost = await next(follow(a.engine, kept.place));
    expect([kept, lost]).toMatchObject([{ event: { id: 'kept' } }, { event: { id: 'lost' } }]);
    await snapshots.kill('SIGKILL');
    await snapshots.restart();
    // More than were lost: by its number alone its place would look like one of theirs.
    for (const id of ['new 1', 'new 2', 'new 3']) await publish(id);
    expect(await next(follow(b.engine, lost.place))).toMatchObject({ kind: 'gap', gap: 'rewound' });
    expect(await next(follow(b.engine, kept.place))).toMatchObject({ event: { id: 'new 1' } });
  });
});
