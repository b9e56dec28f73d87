/** A file past its size is a sign that a noun is missing. */
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { filesUnder, isTest, parse, placeOf, textOf, visitAll } from './sources.ts';

const maxFileLines = 400;
const maxFunctionLines = 60;

const shipped = filesUnder('src').filter((path) => !isTest(path));

const lineOf = (source: ts.SourceFile, position: number): number => source.getLineAndCharacterOfPosition(position).line;

/** Its own lines, from signature to end: a factory is not long because the functions it gives are many. */
function ownLines(source: ts.SourceFile, node: ts.Node): number {
  let lines = lineOf(source, node.end) - lineOf(source, node.getStart(source)) + 1;
  const leaveOut = (inner: ts.Node): void => {
    if (ts.isFunctionLike(inner)) lines -= lineOf(source, inner.end) - lineOf(source, inner.getStart(source));
    else inner.forEachChild(leaveOut);
  };
  node.forEachChild(leaveOut);
  return lines;
}

function longFunctions(path: string): readonly string[] {
  const source = parse(path);
  const long: string[] = [];
  visitAll(source, (node) => {
    const lines = ts.isFunctionLike(node) ? ownLines(source, node) : 0;
    if (lines > maxFunctionLines) long.push(`${placeOf(source, node)} has ${lines} lines`);
  });
  return long;
}

describe('sizes', () => {
  it(`keeps every file within ${maxFileLines} lines`, () => {
    const long = filesUnder('src').filter((path) => textOf(path).trimEnd().split('\n').length > maxFileLines);
    expect(long).toEqual([]);
  });

  it(`keeps every function within ${maxFunctionLines} lines`, () => {
    expect(shipped.length).toBeGreaterThan(10);
    expect(shipped.flatMap(longFunctions)).toEqual([]);
  });
});
