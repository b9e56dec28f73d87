import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareIds, furthestId, idEpoch, isJobId, makeIdSource, maxServerId, nextFence, timeOfId } from './id.ts';

const now = Date.UTC(2026, 0, 1);
const serverOf = (id: string): number => Number((BigInt(id) >> 12n) & 1023n);

describe('timeOfId', () => {
  it('is exact for every id that a store can hold', () => {
    fc.assert(fc.property(fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }), (id) => timeOfId(id.toString()) === Number(id >> 22n) + idEpoch));
  });
});

describe('makeIdSource', () => {
  it('makes ids of the time, the server and a sequence', () => {
    const source = makeIdSource(7);
    const first = source.next(now);
    expect(BigInt(first)).toBe((BigInt(now - idEpoch) << 22n) | (7n << 12n));
    expect(BigInt(source.next(now))).toBe(BigInt(first) + 1n);
    expect(timeOfId(first)).toBe(now);
    expect(source.last()).toBe((BigInt(first) + 1n).toString());
  });

  it('rises strictly whatever the clock does, and keeps the server', () => {
    const steps = fc.array(fc.tuple(fc.integer({ min: -5_000, max: 5_000 }), fc.integer({ min: 1, max: 9_000 })), { maxLength: 5 });
    fc.assert(
      fc.property(steps, fc.nat(maxServerId), (walk, server) => {
        const source = makeIdSource(server);
        let time = now;
        let last = '0';
        for (const [by, count] of walk) {
          time += by;
          for (let i = 0; i < count; i++) {
            const id = source.next(time);
            if (compareIds(id, last) <= 0 || serverOf(id) !== server) throw new Error(`${id} after ${last} of server ${serverOf(id)}`);
            last = id;
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  it('goes on behind the last id, even one of another server and ahead of the clock', () => {
    const last = ((BigInt(now + 60_000 - idEpoch) << 22n) | (1023n << 12n) | 4095n).toString();
    const next = makeIdSource(0, last).next(now);
    expect(compareIds(next, last)).toBeGreaterThan(0);
    expect(serverOf(next)).toBe(0);
    expect(compareIds(makeIdSource(0, last).next(now + 120_000), last)).toBeGreaterThan(0);
  });

  it('moves on to the next millisecond when a sequence is used up', () => {
    const source = makeIdSource(1);
    for (let i = 0; i < 4_096; i++) source.next(now);
    expect(timeOfId(source.next(now))).toBe(now + 1);
  });
});

describe('isJobId', () => {
  it.each(['0', '1', '9223372036854775807'])('takes %s', (text) => expect(isJobId(text)).toBe(true));
  it.each(['', '-1', '0007', '00', '1.5', '1e3', ' 1', '0x1', '٣', '9223372036854775808', '99999999999999999999'])('refuses %j', (text) =>
    expect(isJobId(text)).toBe(false),
  );
});

describe('compareIds', () => {
  it('orders as numbers do', () => {
    const id = fc.bigInt({ min: 0n, max: (1n << 63n) - 1n });
    fc.assert(
      fc.property(id, id, (a, b) => {
        expect(Math.sign(compareIds(a.toString(), b.toString()))).toBe(a < b ? -1 : a > b ? 1 : 0);
      }),
    );
  });
});

describe('nextFence', () => {
  it('is the time when that is later, else one more than the last', () => {
    expect(nextFence('0', 1_700_000_000_000.9)).toBe('1700000000000');
    expect(nextFence('1700000000000000', 1_700_000_000_000_000)).toBe('1700000000000001');
    expect(nextFence('9007199254740993', 5)).toBe('9007199254740994');
  });
});

describe('an id beyond all that are made', () => {
  it('is passed over: ids that follow can still be told from one another, and have 63 bits', () => {
    const source = makeIdSource(1, '9223372036854775807');
    source.pass(String(BigInt(furthestId) + 1n));
    const [first, second] = [source.next(idEpoch + 1_000), source.next(idEpoch + 1_000)];
    expect(compareIds(second, first)).toBeGreaterThan(0);
    expect(timeOfId(first)).toBe(idEpoch + 1_000);
    source.pass(furthestId);
    expect(isJobId(source.next(idEpoch + 1_000))).toBe(true);
  });
});
