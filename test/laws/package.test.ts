/** What the package is told to bring is what it needs. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { root, textOf } from './sources.ts';

interface Manifest {
  readonly bin: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** Made by the build, which need not have run. */
const isBuilt = (path: string): boolean => path.startsWith('dist/');

it('the package brings all that its entries and its command are, and none of the tests', () => {
  const { bin, exports } = JSON.parse(textOf('package.json')) as Manifest;
  const packed = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: fileURLToPath(root), encoding: 'utf8' });
  const [{ files }] = JSON.parse(packed) as [{ readonly files: readonly { readonly path: string }[] }];
  const paths = files.map(({ path }) => path);
  const named = [...Object.values(bin), ...Object.values(exports).flatMap((entry) => Object.values(entry))];
  const needed = named.map((path) => path.replace(/^\.\//, ''));
  expect(needed.length).toBeGreaterThan(5);
  expect(needed.filter((path) => !isBuilt(path) && !paths.includes(path))).toEqual([]);
  expect((JSON.parse(textOf('package.json')) as { readonly files: readonly string[] }).files).toContain('dist');
  // What its README leads to.
  const links = [...textOf('README.md').matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, path = '']) => path.replace(/\/$/, ''));
  expect(links.length).toBeGreaterThan(5);
  expect(links.filter((link) => !paths.some((path) => path === link || path.startsWith(`${link}/`)))).toEqual([]);
  expect(paths.filter((path) => /\.(test|suite)\./.test(path))).toEqual([]);
});
