import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type BurialsAsked,
  burialsAsked,
  conditionOf,
  digestOf,
  mayBury,
  mayNode,
  type NodePhase,
  type NodeRight,
  nodeLifecycle,
  nodePhases,
  nodeVerbs,
  noLoad,
} from './node.ts';

const id = fc.bigInt({ min: 0n, max: (1n << 63n) - 1n }).map(String);
const ref = fc.record({ id, fence: id });

describe('digestOf', () => {
  it('is the count and the sums of the last nine digits', () => {
    expect(digestOf([])).toBe('0:0:0');
    expect(
      digestOf([
        { id: '7000000000001', fence: '5' },
        { id: '2', fence: '1999999999' },
      ]),
    ).toBe('2:3:1000000004');
  });

  it('does not depend on the order', () => {
    fc.assert(
      fc.property(fc.array(ref), (refs) => {
        expect(digestOf(refs.toReversed())).toBe(digestOf(refs));
      }),
    );
  });

  it('differs when an attempt is missing', () => {
    fc.assert(
      fc.property(fc.array(ref, { minLength: 1 }), (refs) => {
        expect(digestOf(refs.slice(1))).not.toBe(digestOf(refs));
      }),
    );
  });
});

describe('burials', () => {
  const [ttl, gap] = [6_000, 2_000];
  const after = (...times: readonly number[]): boolean => {
    const last = times.reduce<BurialsAsked | null>((asked, now) => burialsAsked(asked, now, gap), null);
    return last !== null && mayBury(last, ttl);
  };

  it.each([
    ['asked for the first time', [10_000], false],
    ['asked for during a whole ttl', [0, 2_000, 4_000, 6_000], true],
    ['not yet for a whole ttl', [0, 2_000, 4_000, 5_999], false],
    ['with a gap', [0, 2_000, 4_001, 6_000], false],
    ['after a step back of the clock', [2_000, 4_000, 3_999, 5_000, 7_000, 8_000], false],
  ])('%s', (_, times, may) => {
    expect(after(...times)).toBe(may);
  });
});

describe('the life of a node', () => {
  const steps = nodeVerbs.flatMap((verb) =>
    nodePhases.flatMap((from) => {
      const to = nodeLifecycle[verb][from]?.to;
      return to === undefined ? [] : [{ verb, from, to }];
    }),
  );
  const mayIn = (right: NodeRight): readonly NodePhase[] => nodePhases.filter((phase) => mayNode(phase, right));

  it('comes to every phase from the outside', () => {
    const seen = new Set<string>(['outside']);
    for (let size = 0; size < seen.size; ) {
      size = seen.size;
      for (const { from, to } of steps) if (seen.has(from)) seen.add(to);
    }
    expect(seen).toEqual(new Set([...nodePhases, 'gone']));
  });

  it('does not come back from having left, nor from having been stopped', () => {
    expect(steps.filter(({ from, to }) => from === 'left' && to !== 'left')).toEqual([{ verb: 'forget', from: 'left', to: 'gone' }]);
    expect(new Set(steps.filter(({ from }) => from === 'stopping').map(({ to }) => to))).toEqual(
      new Set(['stopping', 'left', 'buried', 'gone']),
    );
  });

  it('claims and is ready only with a lease that it may renew', () => {
    const renewing = steps.filter(({ verb }) => verb === 'renew').map(({ from }) => from);
    expect(renewing).toEqual(expect.arrayContaining([...mayIn('be ready')]));
    expect(mayIn('be ready')).toEqual(expect.arrayContaining([...mayIn('claim')]));
  });

  it('takes new jobs until it is stopped', () => {
    expect(mayIn('push')).toEqual(nodePhases.filter((phase) => !['stopping', 'left', 'buried'].includes(phase)));
    for (const { verb, to } of steps) if (verb === 'stop') expect(mayIn('push')).not.toContain(to);
  });
});

it.each([
  ['live', 'active', 1, false, 'active'],
  ['live', 'active', 1, true, 'critical'],
  ['live', 'active', 0, true, 'late'],
  ['live', 'draining', 1, true, 'draining'],
  ['live', 'draining', 0, false, 'late'],
  ['left', 'draining', 0, false, 'left'],
  ['buried', 'active', 0, true, 'buried'],
] as const)('a node that is %s and %s with %i ms of lease left, critical %s, is %s', (state, mode, leaseLeft, isCritical, condition) => {
  expect(conditionOf({ state, mode, leaseLeft, load: { ...noLoad, isCritical } })).toBe(condition);
});
