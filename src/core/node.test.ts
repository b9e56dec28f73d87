import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digestOf } from './node.ts';

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
