import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { defineWorker, Hatstand, openMemory } from '../index.ts';
import { refusal } from './refusal.suite.ts';

let hatstand: Hatstand;
beforeEach(() => {
  hatstand = new Hatstand({ store: openMemory(), log: null });
});
afterEach(() => hatstand.stop());

const unique = { scope: 'worker' } as const;

describe('a unique job of the library', () => {
  it('is given to whoever pushes another one, marked as a duplicate', async () => {
    const first = await hatstand.push('w', 1, { unique });
    expect(first).toMatchObject({ duplicate: false, unique: { scope: 'worker', until: 'ended' } });
    expect(await hatstand.push('w', 2, { unique })).toMatchObject({ id: first.id, duplicate: true, payload: 1 });
    expect(await hatstand.get(first)).toMatchObject({ duplicate: false });
    const many = await hatstand.pushMany('w', [1, 2, 3], { unique: { scope: 'key:many', until: '1h' } });
    expect(many.map(({ duplicate }) => duplicate)).toEqual([false, true, true]);
    expect(many[2]?.unique).toEqual({ scope: 'key:many', until: 3_600_000 });
  });

  it('may be what its worker says, and a push what it likes', async () => {
    const reindex = defineWorker({ name: 'reindex', unique: { scope: 'worker', until: 'started' }, run: () => 1 });
    hatstand.worker(reindex);
    const first = await hatstand.push(reindex);
    expect(await hatstand.push('reindex')).toMatchObject({ id: first.id, duplicate: true });
    expect((await hatstand.push(reindex, undefined, { unique: null })).unique).toBeNull();
    const other = await hatstand.push(reindex, undefined, { unique: { scope: 'key:x' }, attempts: 1 });
    expect(other).toMatchObject({ duplicate: false, unique: { scope: 'key:x', until: 'ended' } });
  });

  it('pushed by an attempt is told to it', async () => {
    const told = Promise.withResolvers<readonly boolean[]>();
    hatstand.worker('parent', async (_, { push }) => {
      const one = await push('child', 1, { unique });
      const two = await push('child', 2, { unique });
      told.resolve([one.duplicate, two.duplicate, one.id === two.id]);
    });
    await hatstand.start();
    await hatstand.push('parent');
    expect(await told.promise).toEqual([false, true, true]);
  });

  it('lets a backfill push each of its ticks', async () => {
    const { id } = await hatstand.triggers.add('w', { type: '@cron', arguments: '0 * * * *', unique });
    const to = Date.now();
    const filled = await hatstand.triggers.backfill(id, { from: new Date(to - 3 * 3_600_000), to: new Date(to) });
    expect(filled?.jobs.length).toBeGreaterThanOrEqual(2);
  });

  it.each([
    [{ unique: 'worker' }, 'unique'],
    [{ unique: { until: 'ended' } }, 'unique.scope'],
    [{ unique: { scope: 'queue' } }, 'unique.scope'],
    [{ unique: { scope: 'worker', until: 'never' } }, 'unique.until'],
    [{ unique: { scope: 'worker', until: 0 } }, 'unique.until'],
    [{ unique: { scope: 'worker', ttl: 1 } }, 'unique.ttl'],
  ])('refuses %j', async (options, field) => {
    expect(await refusal(() => hatstand.push('w', 1, options as never))).toMatchObject({ code: 'invalid_request', field });
  });
});
