/** Lines of an export, as they are and otherwise. */
import fc from 'fast-check';
import type { TransferItem } from '../../src/core/transfer.ts';
import { itemLine } from '../../src/faces/http/v1/transfer-line.ts';
import { transferItem } from './records.ts';

/** As an export of ours writes it. */
export const lineOf = (item: TransferItem): string => itemLine(item, false);
export const exportLine: fc.Arbitrary<string> = transferItem.map(lineOf);

const evil: readonly unknown[] = [
  ...[null, true, '', 'x', '007', '-1', '\u0000', '\ud800', 'x'.repeat(70_000), '{"a":1},"b":2', '[', '1e999'],
  ...[
    0,
    -1,
    0.5,
    1e9,
    2 ** 31,
    2 ** 53,
    2 ** 60,
    8.64e15 + 1,
    1e300,
    -1e300,
    Number.MIN_VALUE,
    [],
    {},
    [[]],
    { a: 1 },
    { __proto__: null },
  ],
];

/** A line of an export in which up to three values are others, are left out, or of which a piece is missing. */
export const mutatedLine: fc.Arbitrary<string> = fc
  .record({
    item: transferItem,
    changes: fc.array(fc.record({ at: fc.nat(), to: fc.constantFrom(...evil), how: fc.constantFrom('set', 'set', 'set', 'leave out') }), {
      maxLength: 3,
    }),
    cut: fc.option(fc.nat(), { freq: 12 }),
  })
  .map(({ item, changes, cut }) => {
    const value: unknown = JSON.parse(lineOf(item));
    for (const { at, to, how } of changes) {
      const places = placesIn(value);
      const place = places[at % places.length];
      if (place === undefined) continue;
      // A copy: a later change may be within it.
      if (how === 'set') place.holder[place.key] = structuredClone(to);
      else delete place.holder[place.key];
    }
    const text = JSON.stringify(value).replaceAll('\n', ' ');
    return cut === null ? text : text.slice(0, cut % text.length);
  });

interface Place {
  readonly holder: Record<string, unknown>;
  readonly key: string;
}

function placesIn(value: unknown): readonly Place[] {
  if (typeof value !== 'object' || value === null) return [];
  const holder = value as Record<string, unknown>;
  return Object.keys(holder).flatMap((key) => [{ holder, key }, ...placesIn(holder[key])]);
}
