import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const shipped = new URL('../../bin/hatstand.cjs', import.meta.url);
/** Stands for the command: tells who runs it, and waits when asked to. */
const command = `
  if (process.argv[2] === 'wait') {
    process.on('SIGTERM', () => process.exit(5));
    setInterval(() => {}, 1000);
  } else process.exitCode = 3;
  console.log(JSON.stringify({ node: process.versions.node, called: process.argv[1], args: process.argv.slice(2), pid: process.pid }));
`;
/** Makes a process believe that its Node is an older one. */
const pretend = "Object.defineProperty(process.versions, 'node', { value: '18.20.0' });";

let folder = '';
let bin = '';

/** An installed package, as far as the shipped file looks. */
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hatstand-bin-'));
  const inside = join(folder, 'node_modules', 'hatstand');
  mkdirSync(join(inside, 'dist', 'faces', 'cli'), { recursive: true });
  mkdirSync(join(inside, 'bin'));
  bin = join(inside, 'bin', 'hatstand.cjs');
  copyFileSync(shipped, bin);
  writeFileSync(join(inside, 'package.json'), '{"type":"module"}');
  writeFileSync(join(inside, 'dist', 'faces', 'cli', 'main.js'), command);
  writeFileSync(join(folder, 'pretend.cjs'), pretend);
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Puts this test's Node beside the package, as `npm install node` would. */
function installNode(): void {
  const target = join(folder, 'node_modules', 'node', 'bin');
  mkdirSync(target, { recursive: true });
  symlinkSync(process.execPath, join(target, 'node'));
}

function startOld(args: readonly string[], detached = false, called = bin): ChildProcess {
  return spawn(process.execPath, ['--require', join(folder, 'pretend.cjs'), called, ...args], {
    detached,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

interface Told {
  readonly node: string;
  readonly called: string;
  readonly args: readonly string[];
  readonly pid: number;
}

async function firstLine(child: ChildProcess): Promise<Told> {
  if (child.stdout === null) throw new Error('its output is not a pipe');
  const [line] = await once(child.stdout, 'data');
  return JSON.parse(String(line));
}

describe('bin/hatstand.cjs', () => {
  it('runs the command in its own process under a Node that can', async () => {
    const child = spawn(process.execPath, [bin, 'a', '-b'], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(child, 'exit');
    expect(await firstLine(child)).toEqual({ node: process.versions.node, called: bin, args: ['a', '-b'], pid: child.pid });
    expect(await ended).toEqual([3, null]);
  });

  it.each([
    [['serve'], 'serve'],
    [['push', "it's", '-p', '{"a": 1}'], `push 'it'\\''s' -p '{"a": 1}'`],
    [
      ['list', '--token', 's3cret', '--store-password=s3cret', '-a', 'http://u:s3cret@h:1/'],
      'list --token … --store-password=… -a http://…@h:1/',
    ],
  ])('says what is missing under an older one, and how the same command runs: %j', async (args, shown) => {
    const child = startOld(args);
    const ended = once(child, 'exit');
    const told = child.stderr === null ? '' : await text(child.stderr);
    expect(told).toBe(
      'hatstand needs Node 24 or newer; this is Node 18.20.0. Install it (https://nodejs.org, or your version manager)\n' +
        `or run this one command under a Node from npm:\n  npx -y -p node@24 node ${bin} ${shown}\n`,
    );
    expect(await ended).toEqual([1, null]);
  });

  it('finds a newer one beside the package, and passes on arguments, exit code and signals', async () => {
    installNode();
    const short = startOld(['list', '-q']);
    const ended = once(short, 'exit');
    expect(await firstLine(short)).toMatchObject({ node: process.versions.node, args: ['list', '-q'] });
    expect(await ended).toEqual([3, null]);

    const waiting = startOld(['wait']);
    const stopped = once(waiting, 'exit');
    await firstLine(waiting);
    waiting.kill('SIGTERM');
    expect(await stopped).toEqual([5, null]);
  });

  it('tells the command by which name it was called, under each Node', async () => {
    installNode();
    const link = join(folder, 'hq');
    symlinkSync(bin, link);
    const startNew = (): ChildProcess => spawn(process.execPath, [link, 'list'], { stdio: ['ignore', 'pipe', 'inherit'] });
    for (const begin of [startNew, () => startOld(['list'], false, link)]) {
      const child = begin();
      const ended = once(child, 'exit');
      expect(await firstLine(child)).toMatchObject({ called: link, args: ['list'] });
      await ended;
    }
  });

  it('ends as its command ended, and leaves nothing behind when the group is killed', async () => {
    installNode();
    const waiting = startOld(['wait'], true);
    const killed = once(waiting, 'exit');
    const { pid } = await firstLine(waiting);
    process.kill(pid, 'SIGKILL');
    expect(await killed).toEqual([null, 'SIGKILL']);

    const group = startOld(['wait'], true);
    await firstLine(group);
    process.kill(-Number(group.pid), 'SIGKILL');
    // Closed when nobody has its output any more, the command inside included.
    await once(group, 'close');
  });
});
