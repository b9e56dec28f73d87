import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const example = new URL('../../examples/embedded/embedded.mjs', import.meta.url).pathname;

it('runs the embedded example', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [example]);
  // An event comes when it comes.
  const lines = stdout.split('\n').filter(Boolean);
  expect(lines.sort((a, b) => Number(b.endsWith('again')) - Number(a.endsWith('again')))).toEqual([
    'flaky: not yet, tried again',
    'greet: succeeded Hello Ada',
    'flaky: succeeded { attempt: 2 }',
    'tidy: canceled nothing to tidy',
    '0 failed',
  ]);
});
