import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const bin = new URL('../../bin/hatstand.cjs', import.meta.url).pathname;
const example = (name: string): string => new URL(`../../examples/${name}/${name}.ts`, import.meta.url).pathname;

it('runs the example of a file that is followed, through a stop', { timeout: 60_000 }, async () => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [example('tail-a-file')]);
  expect([stdout, stderr]).toEqual(['line 2: ERROR the disk is slow\nline 5: ERROR the disk is full\n', '']);
});

it('runs the example of a long import, with its progress bar', { timeout: 60_000 }, async () => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [example('long-import'), '0', '2']);
  expect(stderr).toBe('');
  const lines = stdout.trimEnd().split('\n');
  expect(lines[0]).toMatch(/^hatstand watch \d+ -a http:\/\/127\.0\.0\.1:\d+$/);
  expect(lines).toContain('████████████████████ 100 %');
  expect(lines).toContain('skipped { row: 77 }');
  expect(lines.at(-1)).toBe('succeeded');
});

it('shows the same import to who types the command that it tells', { timeout: 60_000 }, async () => {
  const serving = spawn(process.execPath, [example('long-import'), '0', '20'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [told] = (await once(serving.stdout.setEncoding('utf8'), 'data')) as [string];
  serving.stdout.resume();
  const [command, ...args] = told.split('\n')[0]?.split(' ') ?? [];
  expect(command).toBe('hatstand');
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [bin, ...args]);
  expect(stdout).toMatch(/^.*progress.*"done":\d+,"of":200/m);
  expect(stdout).toMatch(/skipped.*77/);
  expect(stderr).toMatch(/succeeded/);
  await once(serving, 'exit');
});
