/** The sources that the laws are about. */
import { readdirSync, readFileSync } from 'node:fs';
import ts from 'typescript';

export const root = new URL('../../', import.meta.url);

/** Every TypeScript file under a folder of the checkout, with `/` between folders. */
export function filesUnder(folder: string): readonly string[] {
  return readdirSync(new URL(`${folder}/`, root), { recursive: true, encoding: 'utf8' })
    .map((path) => `${folder}/${path.replaceAll('\\', '/')}`)
    .filter((path) => path.endsWith('.ts'));
}

export const isTest = (path: string): boolean => /\.(test|suite)\.ts$/.test(path) || path.startsWith('src/stores/conformance/');

export const textOf = (path: string): string => readFileSync(new URL(path, root), 'utf8');

export const parse = (path: string): ts.SourceFile => ts.createSourceFile(path, textOf(path), ts.ScriptTarget.ES2024, true);

export function visitAll(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  node.forEachChild((child) => visitAll(child, visit));
}

/** Where a node stands, for people: `src/core/job.ts:12`. */
export function placeOf(source: ts.SourceFile, node: ts.Node): string {
  return `${source.fileName}:${source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1}`;
}
