import { describe, expect, it } from 'vitest';
import { mostLimits, noLimit } from '../../core/limit.ts';
import { openMemory } from '../../stores/memory/index.ts';
import { makeLimits } from './limits.ts';

describe('setting limits', () => {
  it('is one call of the store each, however many there are', async () => {
    const store = openMemory();
    let listed = 0;
    let woken = 0;
    const counting = {
      ...store.limits,
      list: () => {
        listed += 1;
        return store.limits.list();
      },
    };
    const limits = makeLimits({ limits: counting }, () => (woken += 1));
    const settings = { ...noLimit, concurrency: 1 };
    for (let at = 0; at < mostLimits; at++) await limits.configure(`k${at}`, settings);
    expect(await limits.add('k1', noLimit)).toMatchObject({ isNew: false, limit: { name: 'k1', concurrency: 1, held: 0 } });
    await expect(limits.add('more', settings)).rejects.toMatchObject({ code: 'too_large' });
    await expect(limits.configure('more', settings)).rejects.toMatchObject({ code: 'too_large' });
    expect([listed, woken]).toEqual([0, mostLimits]);
    await store.close();
  });
});
