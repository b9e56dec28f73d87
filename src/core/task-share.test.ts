import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shareOf } from './task-share.ts';

describe('the share of a node', () => {
  it.each([
    [0, [10, 10], 0],
    [10, [100], 10],
    [10, [100, 100, 100], 4],
    [10, [1, 100, 100], 5],
    [10, [1, 1, 100], 8],
    [100, [3, 4], 4],
    [5, [], 0],
  ])('of %s tasks on nodes that can run %j is %s', (total, capacities, share) => {
    expect(shareOf(total, capacities)).toBe(share);
  });

  it('places all that can be placed, and is the least that does', () => {
    const placed = (share: number, capacities: readonly number[]): number =>
      capacities.reduce((sum, each) => sum + Math.min(each, share), 0);
    fc.assert(
      fc.property(fc.nat(1_000), fc.array(fc.nat(200), { maxLength: 20 }), (total, capacities) => {
        const share = shareOf(total, capacities);
        const most = Math.min(total, placed(Number.POSITIVE_INFINITY, capacities));
        expect(placed(share, capacities)).toBeGreaterThanOrEqual(most);
        if (share > 0) expect(placed(share - 1, capacities)).toBeLessThan(Math.max(most, 1));
      }),
    );
  });
});
