/** What the command line shows of the log of a job. */
import { once } from 'node:events';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import type { Job } from '../../src/core/job.ts';
import { openServer, succeeded, type TestServer } from '../../src/faces/http/server.suite.ts';
import type { Report } from '../../src/ports/store/jobs.ts';
import { line } from '../../src/stores/conformance/subject.ts';
import { collectLines } from '../support/lines.ts';
import { type Ran, run, start } from './command.ts';

let server: TestServer;
let job: Job;
beforeEach(async () => {
  server = await openServer();
  onTestFinished(() => server.close());
  await server.push();
  job = await server.start();
});

const tell = (what: Partial<Report>) => server.store.jobs.report(job, { ttl: null, progress: null, lines: [], push: [], ...what });
const hatstand = (...args: readonly string[]): Promise<Ran> => run(args, { HATSTAND_ADDRESS: server.url });

it('shows the lines of a job, the newest of them, or each as JSON', async () => {
  const nothing = await hatstand('logs', job.id);
  expect([nothing.code, nothing.out, nothing.err]).toEqual([0, '', expect.stringContaining('--follow')]);
  await tell({ lines: [line(2, 'a\nb', { level: 'error', fields: '{"file":"x y","n":1}' }), line(5, '\u001b[2Jc')] });
  const { code, out } = await hatstand('logs', job.id);
  expect(code).toBe(0);
  expect(out.replaceAll(/20\S+Z/g, 'TIME').split('\n')).toEqual([
    '-- 1 lines were not kept',
    'TIME error a',
    expect.stringMatching(/^ {31}b file="x y" n=1$/),
    '-- 2 lines were not kept',
    expect.stringMatching(/^TIME info {2}\S+c$/),
    '',
  ]);
  expect((await hatstand('logs', job.id, '-n', '1')).out.trimEnd().split('\n')).toHaveLength(1);
  const asJson = (await hatstand('logs', job.id, '--json')).out.trimEnd().split('\n');
  expect(asJson.map((each) => JSON.parse(each) as unknown)).toMatchObject([
    { number: 2, fields: { n: 1 } },
    { number: 5, fence: job.fence },
  ]);
  expect((await hatstand('logs', '7')).code).toBe(5);
  expect((await hatstand('logs', job.id, '-n', '1001')).code).toBe(2);
});

it('follows a job until it has ended', async () => {
  await tell({ lines: [line(1, 'before')] });
  const child = start(['logs', job.id, '--follow'], { HATSTAND_ADDRESS: server.url });
  onTestFinished(() => void child.kill());
  const ended = once(child, 'exit').then(([code]) => code as number);
  const lines = collectLines([child.stdout, child.stderr], ended);
  await lines.line(/before$/);
  await tell({ lines: [line(2, 'while it follows')] });
  await lines.line(/while it follows$/);
  await tell({ lines: [line(3, 'the last words')] });
  await server.settle(job, succeeded());
  await lines.line(/the last words$/);
  expect(await ended).toBe(0);
});

it('shows how far a job is with the job', async () => {
  await tell({ progress: '{"done":3,"of":7}' });
  expect((await hatstand('info', job.id)).out).toMatch(/\nprogress +\{"done":3,"of":7\} {2}/);
});
