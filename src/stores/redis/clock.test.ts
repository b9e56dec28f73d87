import { describe, expect, it } from 'vitest';
import { noLimit } from '../../core/limit.ts';
import { asked, gap, kept, minute, node, ttl } from '../conformance/subject.ts';
import type { RedisStore } from './index.ts';
import { claim, open } from './store.suite.ts';

describe('a clock of Redis that steps back', () => {
  const hour = 60 * minute;
  /** An hour ahead until then. */
  const stepBack = (store: RedisStore): Promise<void> => store.advance(-hour);

  it('is told as being behind the ids, which go on', async () => {
    const store = await open();
    await store.advance(hour);
    const [before] = kept(await store.jobs.push([asked()]));
    expect(await store.upkeep.time()).toMatchObject({ ahead: 0 });
    await stepBack(store);
    const [after] = kept(await store.jobs.push([asked()]));
    expect(BigInt(after?.id ?? 0)).toBeGreaterThan(BigInt(before?.id ?? 0));
    const { now, ahead } = await store.upkeep.time();
    expect(Math.abs(now - Date.now())).toBeLessThan(minute);
    expect(Math.abs(ahead - hour)).toBeLessThan(minute);
  });

  it('keeps no rate limit standing still for as long', async () => {
    const store = await open();
    await store.nodes.join(node('node'), 10 * hour);
    await store.queues.configure('q', { rate: { max: 1, per: 1_000 } });
    await store.jobs.push([asked(), asked()]);
    await store.advance(hour);
    expect(await claim(store, 2)).toHaveLength(1);
    await stepBack(store);
    expect(await claim(store, 2, 'second')).toHaveLength(0);
    await store.advance(1_000);
    expect(await claim(store, 2, 'third')).toHaveLength(1);
  });

  it('keeps no limit of pushes standing still for as long', async () => {
    const store = await open();
    await store.limits.configure('worker:w', { ...noLimit, rate: { max: 1, per: 1_000 } });
    await store.advance(hour);
    await store.jobs.push([asked()]);
    await stepBack(store);
    expect(await store.jobs.push([asked()])).toMatchObject([{ kind: 'limited' }]);
    await store.advance(1_000);
    expect(await store.jobs.push([asked()])).toMatchObject([{ kind: 'pushed' }]);
  });

  it('keeps no dead node alive for as long', async () => {
    const store = await open();
    await store.advance(hour);
    await store.nodes.join(node('dead'), ttl);
    await stepBack(store);
    for (let passed = 0; passed < ttl; passed += gap / 2) {
      expect(await store.nodes.bury(ttl, gap)).toMatchObject({ incarnations: [] });
      await store.advance(gap / 2);
    }
    expect(await store.nodes.bury(ttl, gap)).toMatchObject({ incarnations: ['dead'] });
  });

  it('keeps no entries of a far future, nor what is behind them', async () => {
    const store = await open();
    await store.advance(hour);
    await store.jobs.push([asked()]);
    await stepBack(store);
    await store.jobs.push([asked()]);
    const retention = { ended: null, told: null, idempotency: minute, output: 16_384, limit: 100 };
    expect(await store.upkeep.sweep({ ...retention, journal: 2 * hour })).toMatchObject({ entries: 0 });
    expect(await store.upkeep.sweep({ ...retention, journal: minute })).toMatchObject({ entries: 1 });
    await store.advance(2 * minute);
    expect(await store.upkeep.sweep({ ...retention, journal: minute })).toMatchObject({ entries: 1 });
  });
});
