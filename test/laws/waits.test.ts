/** A test waits for what happens, not for time to pass: a busy machine makes a sleep too short, a quick one makes it too long. */
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { filesUnder, isTest, parse, placeOf, visitAll } from './sources.ts';

/** Where time itself is the matter. */
const exceptions: readonly (readonly [path: string, why: string])[] = [
  ['test/support/until.ts', 'looks again and again at what tells nobody'],
  ['test/support/tcp-proxy.ts', 'makes connections slow'],
  ['test/faults/', 'faults last for a while, and come at any moment'],
  ['/keeper.test.ts', 'measures how long a lease thread is silent'],
];

const files = [...filesUnder('src').filter(isTest), ...filesUnder('test')];
const isException = (path: string): boolean => exceptions.some(([excepted]) => path.includes(excepted));

function waits(path: string): readonly string[] {
  const source = parse(path);
  const found: string[] = [];
  visitAll(source, (node) => {
    if (ts.isIdentifier(node) && node.text === 'setTimeout') found.push(placeOf(source, node));
  });
  return found;
}

describe('tests', () => {
  it('do not sleep', () => {
    expect(files.filter((path) => !isException(path)).flatMap(waits)).toEqual([]);
  });

  it.each(exceptions)('%s %s', (excepted) => {
    expect(files.filter((path) => path.includes(excepted)).flatMap(waits).length).toBeGreaterThan(0);
  });
});
