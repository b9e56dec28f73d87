/** The programs of docs/library.md run, and print what their comments say. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { root, textOf } from '../laws/sources.ts';

const programs = [...textOf('docs/library.md').matchAll(/```js\n([\s\S]*?)```/g)].map(([, program = '']) => program);
const printed = (program: string): readonly string[] => [...program.matchAll(/\/\/ prints: (.*)$/gm)].map(([, line = '']) => line);

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hatstand-library-'));
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(fileURLToPath(root), join(folder, 'node_modules', 'hatstand'));
  symlinkSync(fileURLToPath(new URL('node_modules/zod', root)), join(folder, 'node_modules', 'zod'));
});
afterAll(() => rmSync(folder, { recursive: true }));

it('there are programs', () => expect(programs.length).toBeGreaterThan(3));

it.each(programs.map((program, at) => [at + 1, program] as const))('program %i runs as it says', async (at, program) => {
  const file = join(folder, `${at}.mjs`);
  writeFileSync(file, program);
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [file], { cwd: folder, timeout: 20_000 });
  expect(stderr).toBe('');
  expect(printed(program).length).toBeGreaterThan(0);
  expect(stdout.trimEnd().split('\n')).toEqual(printed(program));
});
