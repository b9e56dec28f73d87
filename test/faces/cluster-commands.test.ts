/** The commands that look after nodes and the store, each as somebody would start it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openServer } from '../../src/faces/http/server.suite.ts';
import { node } from '../../src/stores/conformance/subject.ts';
import { type Ran, run, type Serving, serve } from './command.ts';

let server: Serving;
let other: Serving;
let folder = '';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hatstand-cluster-'));
  [server, other] = await Promise.all([serve(['--dispatchers', '2']), serve(['--dispatchers', '0'])]);
});

afterAll(async () => {
  for (const each of [server, other]) each.process.kill('SIGKILL');
  await Promise.all([server.ended, other.ended]);
  rmSync(folder, { recursive: true });
});

const hatstand = (args: readonly string[], input?: string): Promise<Ran> => run(args, { HATSTAND_ADDRESS: server.address }, input);

async function output(args: readonly string[], input?: string): Promise<string> {
  const ran = await hatstand(args, input);
  if (ran.code !== 0) throw new Error(`${args.join(' ')} ended with ${ran.code}: ${ran.err}`);
  return ran.out;
}

interface Listed {
  readonly name: string;
  readonly incarnation: string;
  readonly state: string;
  readonly mode: string;
}

const nodes = async (): Promise<readonly Listed[]> => JSON.parse(await output(['nodes', '--json'])) as readonly Listed[];

async function onlyLive(): Promise<Listed> {
  const live = (await nodes()).filter(({ state }) => state === 'live');
  const [node] = live;
  if (node === undefined || live.length > 1) throw new Error(`expected one live node, got ${live.length}`);
  return node;
}

describe('nodes', () => {
  it('are listed, drained and resumed', async () => {
    const { name, incarnation } = await onlyLive();
    const line = (state: string) =>
      new RegExp(`^NODE .* INCARNATION\n${name} +${state} +- +0/2 +\\d.* ago +\\d+ +\\S+ +http://\\S+ +${incarnation}\n$`);
    // A node tells its slots when it first renews its lease.
    await expect.poll(() => output(['nodes']), { timeout: 5_000 }).toMatch(line('active'));
    expect(await output(['nodes', 'drain', name])).toBe(`${incarnation}\n`);
    expect(await output(['nodes', 'list'])).toMatch(line('draining'));
    const waiting = (await output(['push', `${server.address}/livez`, '--attempts', '1'])).trim();
    expect(await hatstand(['wait', waiting, '--timeout', '1500ms'])).toMatchObject({ code: 124 });
    expect(await output(['nodes', 'resume', incarnation, '--json'])).toBe(`{"incarnation":"${incarnation}"}\n`);
    // What it was pushed to answers no POST.
    expect(await hatstand(['wait', waiting])).toMatchObject({ code: 7 });
  });

  it('are forgotten, by a name all that are dead, each on a line of its own', async () => {
    const cluster = await openServer();
    try {
      const ask = (args: readonly string[]): Promise<Ran> => hatstand([...args, '-a', cluster.url]);
      const die = async (incarnation: string): Promise<void> => {
        await cluster.store.nodes.join(node(incarnation, { name: 'web' }), 60_000);
        await cluster.store.nodes.leave(incarnation);
      };
      for (const incarnation of ['web.1', 'web.2']) await die(incarnation);
      await cluster.store.nodes.join(node('web.3', { name: 'web' }), 60_000);
      const { code, out } = await ask(['nodes', 'forget', 'web']);
      expect([code, out.split('\n').toSorted()]).toEqual([0, ['', 'web.1', 'web.2']]);
      await die('web.4');
      expect(await ask(['nodes', 'forget', 'web', '--json'])).toMatchObject({ code: 0, out: '{"incarnation":"web.4","attempts":0}\n' });
      expect(await ask(['nodes', 'forget', 'web'])).toMatchObject({
        code: 6,
        out: '',
        err: expect.stringContaining('incarnation: web.3.'),
      });
      expect(await ask(['nodes', 'forget', 'web.3'])).toMatchObject({ code: 0, out: 'web.3\n' });
    } finally {
      await cluster.close();
    }
  });

  it('are forgotten by their incarnations although they live, and join again', async () => {
    const before = await onlyLive();
    expect(JSON.parse(await output(['nodes', 'forget', before.incarnation, '--json']))).toEqual({
      incarnation: before.incarnation,
      attempts: 0,
    });
    await server.line(/\.2",.*node\.joined/);
    const after = await onlyLive();
    expect(after).toMatchObject({ name: before.name, mode: 'active' });
    expect(after.incarnation).not.toBe(before.incarnation);
    expect(await hatstand(['nodes', 'forget', 'nobody'])).toMatchObject({ code: 5, err: expect.stringContaining('"nobody"') });
  });
});

describe('doctor', () => {
  it('tells people and programs what it found', async () => {
    expect(await output(['doctor'])).toMatch(/^store {5}sqlite-full: .*\nchecked {3}\d+\nrepaired {2}nothing\n$/);
    expect(JSON.parse(await output(['doctor', '--json']))).toMatchObject({ durability: 'sqlite-full', repaired: {}, warnings: [] });
  });
});

describe('export and import', () => {
  const elsewhere = (args: readonly string[], input?: string): Promise<Ran> => hatstand([...args, '-a', other.address], input);

  it('move everything to another server, as often as one likes', async () => {
    const ids = (
      await output(
        ['push', '-'],
        Array.from({ length: 1_200 }, (_, at) => `{"url":"${server.address}/livez","name":"${at}","retry":{"attempts":1}}`).join('\n'),
      )
    )
      .trimEnd()
      .split('\n');
    await output(['queues', 'limit', 'mail', '--concurrency', '4']);
    await hatstand(['wait', '-'], ids.join('\n'));
    const written = await output(['export']);
    const file = join(folder, 'jobs.ndjson');
    writeFileSync(file, written);
    const count = written.trimEnd().split('\n').length - 3;
    expect(count).toBeGreaterThanOrEqual(1_200);
    expect(await elsewhere(['import', file])).toMatchObject({ code: 0, out: `restored ${count}, already there 0, queues 1\n` });
    expect((await elsewhere(['export'])).out.split('\n').slice(1)).toEqual(written.split('\n').slice(1));
    const again = await elsewhere(['import', '-', '--json'], written);
    expect(JSON.parse(again.out)).toEqual({
      restored: 0,
      existed: count,
      queues: 1,
      definitions: 0,
      limits: 0,
      limitsKept: 0,
      definitionsKept: 0,
      failed: 0,
      queuesKept: 0,
      queuesKeptNames: [],
      incomplete: [],
    });
  });

  it('tell which lines are wrong, and that an export was cut off', async () => {
    const lines = (await output(['export'])).trimEnd().split('\n');
    const broken = await elsewhere(['import', '-'], [lines[0], '{"kind":"job', lines[2], '', lines.at(-1)].join('\n'));
    expect(broken).toMatchObject({ code: 2, out: 'restored 0, already there 1, queues 0, refused 1\n' });
    expect(broken.err).toMatch(/^error: stdin, line 2: .*\nerror: Refused lines: 1\. stdin says .*\. What else came is in\.\n$/);
    const lacking = await elsewhere(['import', '-'], [lines[0], ...lines.slice(2)].join('\n'));
    expect(lacking).toMatchObject({
      code: 2,
      err: expect.stringMatching(/stdin says \d+ jobs and 1 queues, and has \d+ and 0: lines are missing/),
    });
    const cut = await elsewhere(['import', '-'], lines.slice(0, 4).join('\n'));
    expect(cut).toMatchObject({ code: 2, err: expect.stringContaining('stdin has no last line: its export was cut off') });
    expect(await elsewhere(['import', join(folder, 'none')])).toMatchObject({ code: 2, err: expect.stringContaining('cannot be read') });
  });
});
