/** What help, the reference and the banner show is run as it stands there, with names of this test in the place of made-up ones. */
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { examplesOf } from '../../src/faces/cli/examples.ts';
import { makeHqProgram } from '../../src/faces/cli/hq/program.ts';
import { makeProgram } from '../../src/faces/cli/program.ts';
import { type Client, makeClient } from '../../src/faces/client/client.ts';
import { collectLines } from '../support/lines.ts';
import { type Serving, serve, start } from './command.ts';
import { openShell, type Shell } from './shell.ts';

let app: Server;
let web = '';
let server: Serving;
let other: Serving;
let shell: Shell;
let client: Client;
let id = '';
let incarnation = '';

beforeAll(async () => {
  app = createServer((request, response) => request.resume().on('end', () => response.end('OK')));
  await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve));
  web = `http://127.0.0.1:${(app.address() as AddressInfo).port}/`;
  [server, other] = await Promise.all([serve(['--node-name', 'web-1']), serve(['--dispatchers', '0'])]);
  shell = openShell(mkdtempSync(join(tmpdir(), 'hatstand-examples-')), { HATSTAND_ADDRESS: server.address });
  writeFileSync(join(shell.folder, 'job.json'), `{"url": "${web}"}\n`);
  writeFileSync(join(shell.folder, 'more.ndjson'), `{"url": "${web}"}\n`);
  writeFileSync(join(shell.folder, 'events.ndjson'), '{"type":"orders","verb":"NOTIFIED","id":"7"}\n'.repeat(2));
  writeFileSync(join(shell.folder, 'hatstand.toml'), 'dispatchers = 1\n');
  writeFileSync(join(shell.folder, 'hq.toml'), 'dispatchers = 1\n');
});

/** A job that has ended, unless the example needs another one; and a node that lives. */
beforeEach(async () => {
  client = makeClient({ address: server.address });
  writeFileSync(join(shell.folder, 'jobs.ndjson'), `{"url": "${web}"}\n`.repeat(3));
  ({ id } = await client.jobs.push({ url: web }));
  await client.jobs.wait(id);
  await expect.poll(async () => (await client.nodes.list())[0]?.state, { timeout: 10_000 }).toBe('live');
  incarnation = (await client.nodes.list())[0]?.incarnation ?? '';
});

afterAll(async () => {
  for (const each of [server, other]) each.process.kill('SIGKILL');
  app.closeAllConnections();
  app.close();
  rmSync(shell.folder, { recursive: true });
  await Promise.all([server.ended, other.ended]);
});

const allOf = (command: Command): readonly Command[] => [command, ...command.commands.flatMap(allOf)];
const examples = [makeProgram(), makeHqProgram('hatstand hq')].flatMap(allOf).flatMap(examplesOf);
const lines = [...new Set(examples.map((example) => example.replace(/ {4,}.*$/, '')))];
const isServing = (line: string): boolean => /^hatstand (hq )?serve\b/.test(line);
/** They have no end by themselves: test/faces/events-command.test.ts, watch-command.test.ts. */
const goesOn = (line: string): boolean => /^hatstand (events tail|watch tail-1)/.test(line);

const here = (line: string): string =>
  line
    .replaceAll('http://localhost:8000/', web)
    .replaceAll('http://127.0.0.1:19900', server.address)
    .replaceAll('http://old:19900', server.address)
    .replaceAll('http://new:19900', other.address)
    .replaceAll('109192606348480512', id)
    .replaceAll('web-1.x7Qk2mVb0aE.1', incarnation);

async function pushIdle(): Promise<void> {
  ({ id } = await client.jobs.push({ worker: 'nobody' }));
}
/** It answers to HQ's API, which knows HTTP jobs alone. */
async function pushHeld(): Promise<void> {
  ({ id } = await client.jobs.push({ url: web, delay: '1h' }));
}
async function exportJobs(): Promise<void> {
  writeFileSync(join(shell.folder, 'jobs.ndjson'), await text(client.upkeep.export()));
}

async function openBatch(): Promise<void> {
  await client.batches.add({ id: 'growing', open: true });
}

async function endTask(): Promise<void> {
  await client.tasks.stop('tail-1');
  await expect.poll(async () => (await client.tasks.get('tail-1')).status).toBe('ended');
}
async function startTask(): Promise<void> {
  await client.tasks.start({ worker: 'tail', id: 'tail-1' });
}

/** Examples that need another state. */
const before: Readonly<Record<string, () => Promise<void>>> = {
  'hatstand cancel 109192606348480512': pushIdle,
  'hatstand hq stop 109192606348480512': pushHeld,
  'hatstand batches push growing more.ndjson': openBatch,
  'hatstand tasks collect tail-1': endTask,
  'hatstand tasks delete tail-1': startTask,
  'hatstand import jobs.ndjson': exportJobs,
  'hatstand import - < jobs.ndjson': exportJobs,
};
/** Undone, so that jobs run again. */
const after: Readonly<Record<string, () => Promise<unknown>>> = {
  'hatstand nodes drain web-1': () => client.nodes.resume('web-1'),
};
/** No node of that name is dead here, nor runs functions, and each record can be read, which is told. */
const exitCodes: Readonly<Record<string, number>> = {
  'hatstand nodes forget web-1': 6,
  'hatstand tasks move tail-1 --to web-1': 6,
  'hatstand info 109192606348480512 --raw': 5,
};

describe('an example', () => {
  it.each(lines.filter((line) => !isServing(line) && !goesOn(line)).map((line) => [line]))('%s', async (line) => {
    await before[line]?.();
    const ran = await shell.run(here(line));
    await after[line]?.();
    expect([ran.code, ran.code === 0 ? '' : ran.err]).toEqual([
      exitCodes[line] ?? 0,
      exitCodes[line] === undefined ? '' : expect.any(String),
    ]);
  });

  /** Where it listens and writes is the environment's: other programs use this machine too. */
  it.each(lines.filter((line) => isServing(line) && !line.includes('redis:')).map((line) => [line]))('%s', async (line) => {
    const words = line.replace('/path/to/config.toml', 'hq.toml').split(' ').slice(1);
    const args = words.map((word) => (word.endsWith('.toml') ? join(shell.folder, word) : word));
    const flags = args.includes('--print-address') ? [] : ['--print-address'];
    const data = args.includes('--ephemeral') ? {} : { HATSTAND_DATA_DIR: mkdtempSync(join(shell.folder, 'data-')) };
    const child = start([...args, ...flags], { HATSTAND_ADDR: '127.0.0.1:0', ...data });
    await useAndStop(child, async (address) => expect((await fetch(`${address}/readyz`)).status).toBe(200));
  });
});

async function useAndStop(child: ChildProcessWithoutNullStreams, use: (address: string) => Promise<void>): Promise<void> {
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string);
  try {
    await use(await collectLines([child.stdout, child.stderr], ended).line(/^http:/));
  } finally {
    child.kill('SIGTERM');
  }
  expect(await ended).toBe(0);
}

describe('the banner of serve', () => {
  it.runIf(process.platform === 'linux').each([[''], ['secret']])('has a line to try, with the token %j', async (token) => {
    const line = 'hatstand serve --ephemeral --addr 127.0.0.1:0 --log-level off';
    const child = spawn('script', ['-qec', line, '/dev/null'], {
      env: { ...process.env, PATH: `${join(shell.folder, '.bin')}:${process.env['PATH'] ?? ''}`, HATSTAND_TOKEN: token, NO_COLOR: '1' },
    });
    const ended = once(child, 'close');
    const output = collectLines([child.stdout], ended);
    const tried = /curl http:.*$/.exec(await output.line(/Try it/))?.[0] ?? '';
    expect(tried).toContain('/v1/jobs');
    const answered = await shell.run(`export HATSTAND_TOKEN='${token}'; ${tried}`);
    expect(JSON.parse(answered.out)).toMatchObject({ state: 'queued', url: 'http://localhost:8000/' });
    const pid = / pid (\d+)/.exec(output.lines.join('\n'))?.[1] ?? '';
    process.kill(Number(pid), 'SIGKILL');
    await ended;
  });
});
