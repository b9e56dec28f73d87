import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const example = new URL('../../examples/embedded/embedded.mjs', import.meta.url).pathname;

it('runs the embedded example', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [example]);
  expect(stdout.split('\n').filter(Boolean)).toEqual([
    'greet: succeeded Hello Ada',
    'flaky: not yet, tried again',
    'flaky: succeeded { attempt: 2 }',
    'tidy: canceled nothing to tidy',
    '0 failed',
  ]);
});
