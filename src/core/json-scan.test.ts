import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonScan } from './json-scan.ts';

function scanned(text: string, step = Number.POSITIVE_INFINITY, parts = 1_000): JsonScan {
  const scan = new JsonScan(text, { parts });
  while (scan.step(step));
  return scan;
}

const count = (value: unknown): number =>
  typeof value === 'object' && value !== null ? Object.values(value).reduce((sum: number, each) => sum + count(each), 1) : 1;
const levels = (value: unknown): number =>
  typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(levels)) : 0;

describe('JsonScan', () => {
  it('remembers where the members of an object stand, and repeated ones', () => {
    const text = ' { "a" : [1, {"x": 2}] ,"b\\n":"}", "a":null } ';
    const { parts, partCount } = scanned(text);
    const read = parts.map(({ key, start, end }) => [key === null ? null : text.slice(key.start, key.end), text.slice(start, end)]);
    expect(read).toEqual([
      ['"a"', '[1, {"x": 2}]'],
      ['"b\\n"', '"}"'],
      ['"a"', 'null'],
    ]);
    expect(partCount).toBe(3);
  });

  it('remembers no more parts than it is to, and counts all', () => {
    const { parts, partCount, values, deepest } = scanned('[0,[1],{"a":[]}]', 1, 2);
    expect([parts.length, partCount, values, deepest]).toEqual([2, 3, 6, 3]);
    expect(parts.map(({ key }) => key)).toEqual([null, null]);
  });

  it('tells what JSON.parse would build, in whatever steps it goes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.integer({ min: 1, max: 20 }), fc.constantFrom(0, 2), (value, step, indent) => {
        const text = JSON.stringify(value, null, indent);
        const scan = scanned(text, step);
        const wanted = Array.isArray(value) ? value.length : typeof value === 'object' && value !== null ? Object.keys(value).length : 0;
        expect([scan.expected, scan.values, scan.deepest, scan.partCount]).toEqual([null, count(JSON.parse(text)), levels(value), wanted]);
        const built = scan.parts.map(({ start, end }) => JSON.parse(text.slice(start, end)) as unknown);
        expect(built).toEqual(typeof value === 'object' && value !== null ? Object.values(JSON.parse(text) as object) : []);
      }),
    );
  });

  it('stops at the first fault and knows what stood before it', () => {
    const scan = scanned('[1,[2,3],x,4]', 3);
    expect([scan.position, scan.expected, scan.values, scan.partCount]).toEqual([9, 'a value', 5, 2]);
  });

  it('gives others their turn: a step reads about as much as it is told', () => {
    const scan = new JsonScan(`[${'1,'.repeat(10_000)}1]`);
    expect(scan.step(1_000)).toBe(true);
    expect(scan.position).toBeGreaterThanOrEqual(1_000);
    expect(scan.position).toBeLessThan(1_010);
  });
});
