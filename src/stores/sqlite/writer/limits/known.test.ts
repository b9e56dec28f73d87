import { describe, expect, it } from 'vitest';
import { noLimit } from '../../../../core/limit.ts';
import { KnownLimits } from './known.ts';

describe('the limits that are known', () => {
  it('tell when the first one is paused no more, and which are then', () => {
    const known = new KnownLimits();
    expect(known.resumesAt).toBeNull();
    for (const [name, pausedUntil] of [
      ['a', 30],
      ['b', 10],
      ['c', 20],
    ] as const)
      known.set(name, { ...noLimit, pausedUntil });
    expect([known.resumesAt, known.resumedBy(9)]).toEqual([10, []]);
    expect(known.resumedBy(20).map(([name]) => name)).toEqual(['b', 'c']);
    known.set('b', { ...noLimit, pausedUntil: 40 });
    expect(known.resumesAt).toBe(20);
    known.set('c', undefined);
    known.set('a', noLimit);
    expect([known.resumesAt, known.holdsBack]).toEqual([40, true]);
    known.set('b', undefined);
    expect([known.resumesAt, known.holdsBack, known.size]).toEqual([null, false, 1]);
  });

  it('hold for a key by its name, or else by the longest pattern', () => {
    const known = new KnownLimits();
    for (const [at, name] of ['*', 'tenant:*', 'tenant:a:*', 'tenant:a:b'].entries()) known.set(name, { ...noLimit, concurrency: at });
    const of = (key: string): unknown => known.of(key)?.concurrency;
    expect(['k', 'tenant:c', 'tenant:a:c', 'tenant:a:b'].map(of)).toEqual([0, 1, 2, 3]);
  });
});
