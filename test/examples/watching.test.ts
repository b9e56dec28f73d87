import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

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
