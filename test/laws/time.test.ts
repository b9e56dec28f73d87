/** The rules are pure: time, chance and the process come to them from outside. */
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { filesUnder, isTest, parse, placeOf, visitAll } from './sources.ts';

const globals = new Set([
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'process',
  'console',
  'performance',
  'fetch',
  'crypto',
]);
const members = new Set(['Math.random', 'Date.now', 'AbortSignal.timeout']);

/** `new Date(time)` only translates. */
function isImpure(node: ts.Node): boolean {
  if (ts.isPropertyAccessExpression(node)) return members.has(node.getText());
  if (ts.isNewExpression(node)) return node.expression.getText() === 'Date' && (node.arguments?.length ?? 0) === 0;
  if (ts.isCallExpression(node)) return node.expression.getText() === 'Date';
  return ts.isIdentifier(node) && globals.has(node.text) && isFree(node);
}

/** Neither the name of a member nor of something declared there. */
function isFree(name: ts.Identifier): boolean {
  const { parent } = name;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === name;
  return !('name' in parent && parent.name === name);
}

function breaches(path: string, breaks: (node: ts.Node) => boolean): readonly string[] {
  const source = parse(path);
  const found: string[] = [];
  visitAll(source, (node) => {
    if (breaks(node)) found.push(`${placeOf(source, node)} ${node.getText()}`);
  });
  return found;
}

/** They take days that do not exist, and times without a zone as local ones. */
function readsLoosely(node: ts.Node): boolean {
  if (ts.isPropertyAccessExpression(node)) return node.getText() === 'Date.parse';
  return ts.isNewExpression(node) && node.expression.getText() === 'Date' && (node.arguments ?? []).some(ts.isStringLiteralLike);
}

describe('time', () => {
  it('is read from text by core/time.ts alone', () => {
    const files = filesUnder('src').filter((path) => !isTest(path));
    expect(files.flatMap((path) => breaches(path, readsLoosely))).toEqual([]);
  });

  it.each(['core', 'ports', 'engine'])('comes to %s from outside, like chance and the process', (ring) => {
    const files = filesUnder(`src/${ring}`).filter((path) => !isTest(path));
    expect(files.length).toBeGreaterThan(0);
    expect(files.flatMap((path) => breaches(path, isImpure))).toEqual([]);
  });
});
