/** The examples of triggers, events, batches and jobs that wait run, and print what they should. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

async function printed(name: string): Promise<string[]> {
  const example = new URL(`../../examples/${name}/${name}.ts`, import.meta.url).pathname;
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [example]);
  expect(stderr).toBe('');
  return stdout.trimEnd().split('\n');
}

it('runs the example of a nightly report', async () => {
  expect(await printed('nightly-report')).toEqual([
    ...['2025-03-28T07:30:00.000Z', '2025-03-31T06:30:00.000Z', '2025-04-01T06:30:00.000Z'],
    'nightly: all of yesterday',
    'made up for: 2',
    'active Europe/Berlin true',
  ]);
});

it('runs the example of a webhook that gathers', async () => {
  expect(await printed('debounced-webhook')).toEqual([
    ...['202 gathered', '202 gathered', '202 gathered'],
    'gathered: 3',
    "{ site: 'blog', pages: [ 'home', 'about', 'news' ] }",
  ]);
});

it('runs the example of a chain of events', async () => {
  expect(await printed('event-chain')).toEqual([
    'would push: invoices',
    'pushed for the payment: 1',
    'invoice: invoice of order 7',
    'mail: mail to ada@example.org',
  ]);
});

it('runs the example of a batch with a callback', async () => {
  expect(await printed('batch')).toEqual(['pushed: 3', 'still: 3', 'letter-42: 2 of 3 sent, 1 failed', 'ended 1']);
});

it('runs the example of jobs that wait for others', async () => {
  expect(await printed('waiting-jobs')).toEqual([
    'after 2 left, after 2 left',
    'succeeded - summer is cleaned up',
    'canceled - winter is cleaned up',
  ]);
});
