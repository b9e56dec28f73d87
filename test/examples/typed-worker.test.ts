import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const example = new URL('../../examples/typed-worker/typed-worker.ts', import.meta.url).pathname;

it('runs the example of a typed worker', async () => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [example]);
  expect(stderr).toBe('');
  const lines = stdout.trimEnd().split('\n');
  // A commit comes behind the end of its job, when it comes.
  const commits = lines.filter((line) => line.includes('sent,') || line.endsWith(' sent'));
  expect(commits).toEqual(['ada@example.org: 2 sent', 'nobody@example.org: not sent, no such person']);
  expect(lines.filter((line) => !commits.includes(line))).toEqual([
    'alone: attempt 2 for ada@example.org',
    'the post office opens',
    "kept as pushed: { to: 'ada@example.org', copies: 2 }",
    'succeeded { sent: 2, attempt: 2 }',
    'failed',
    'skipped',
    'The message is not what the worker "send-letter" takes: $.to: must be an address',
  ]);
});
