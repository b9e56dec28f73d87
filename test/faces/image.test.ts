/** What the image starts, without a container: its entry point and its health check over the command itself. */
import { type ChildProcessWithoutNullStreams, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { collectLines } from '../support/lines.ts';

const root = new URL('../../', import.meta.url);
/** The image's own, on a free port in the place of its own one. */
const image = { HATSTAND_DEFAULT_ADDR: '127.0.0.1:0' };

let app = '';
beforeAll(() => {
  app = mkdtempSync(join(tmpdir(), 'hatstand-image-'));
  for (const folder of ['deploy', 'dist/faces/cli']) mkdirSync(join(app, folder), { recursive: true });
  for (const file of ['entrypoint.sh', 'health.mjs']) copyFileSync(new URL(`deploy/${file}`, root), join(app, 'deploy', file));
  writeFileSync(join(app, 'package.json'), '{"type":"module"}');
  // The sources run as they are, so nothing has to be built.
  writeFileSync(join(app, 'dist/faces/cli/main.js'), `import ${JSON.stringify(new URL('src/faces/cli/main.ts', root).href)};\n`);
  writeFileSync(join(app, 'dist/config.js'), `export * from ${JSON.stringify(new URL('src/config.ts', root).href)};\n`);
});
afterAll(() => rmSync(app, { recursive: true }));

const started: ChildProcessWithoutNullStreams[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

function docker(args: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcessWithoutNullStreams {
  const path = `${dirname(process.execPath)}:${process.env['PATH']}`;
  const data = { HATSTAND_DEFAULT_DATA_DIR: join(app, 'data'), HATSTAND_LOG_LEVEL: 'off' };
  const child = spawn('/bin/sh', [join(app, 'deploy/entrypoint.sh'), ...args], {
    cwd: app,
    env: { PATH: path, ...image, ...data, ...env },
  });
  started.push(child);
  return child;
}

async function addressOf(child: ChildProcessWithoutNullStreams): Promise<string> {
  return collectLines([child.stdout, child.stderr], once(child, 'close')).line(/^http:/);
}

async function printed(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
  const child = docker(args, env);
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return out + err;
}

/** @param commandLine a file that holds it as the kernel tells it */
const health = (commandLine: string, env: Readonly<Record<string, string>> = {}) =>
  promisify(execFile)(process.execPath, [join(app, 'deploy/health.mjs'), commandLine], { env: { ...image, ...env } });

function writtenLine(args: readonly string[]): string {
  const file = join(app, 'cmdline');
  writeFileSync(file, ['node', 'main.js', ...args, ''].join('\0'));
  return file;
}

describe('the entry point', () => {
  it.each([[['--print-address']], [['serve', '--print-address']], [['hatstand', 'serve', '--print-address']]])(
    'serves with %j, in its own process, and ends at SIGTERM',
    async (args) => {
      const child = docker(args);
      const address = await addressOf(child);
      expect((await fetch(`${address}/livez`)).status).toBe(200);
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      expect(await ended).toEqual([0, null]);
    },
  );

  it('takes the token from the environment, runs other commands, and a shell', async () => {
    const address = await addressOf(docker(['--print-address'], { HATSTAND_TOKEN: 'secret' }));
    expect((await fetch(`${address}/v1/stats`)).status).toBe(401);
    const push = ['push', 'http://127.0.0.1:9/', '-a', address];
    expect(await printed(push, { HATSTAND_TOKEN: 'secret' })).toMatch(/^\d{18,19}\n$/);
    expect(await printed(push)).toContain('token');
    expect(await printed(['--version'])).toMatch(/\d+\.\d+\.\d+/);
    expect(await printed(['--help'])).toContain('push');
    expect(await printed(['sh', '-c', 'echo "$0"', 'a shell'])).toBe('a shell\n');
  });

  it('shows no secret in the list of processes, whatever stands on the command line, and says that it stood there', async () => {
    const child = docker(['--print-address', '--ephemeral', '--addr', '127.0.0.1:0', '-l', 'warn', '--token', 's3cret']);
    const { line } = collectLines([child.stdout, child.stderr], once(child, 'close'));
    await line(/"--token is on the command line, where other users of the machine may have seen it/);
    expect(readFileSync(`/proc/${child.pid}/cmdline`, 'utf8')).toMatch(/^hatstand serve .* --token \*\*\*\0/);
  });

  it('lets the file overrule what the image sets, and variables and flags overrule the file', async () => {
    const file = join(app, 'hatstand.toml');
    writeFileSync(file, 'addr = "127.0.0.2:0"\n');
    const given = { HATSTAND_CONFIG: file };
    expect(await addressOf(docker(['--print-address'], given))).toMatch(/^http:\/\/127\.0\.0\.2:/);
    const env = { ...given, HATSTAND_ADDR: '127.0.0.3:0', HATSTAND_EPHEMERAL: 'true' };
    expect(await addressOf(docker(['--print-address'], env))).toMatch(/^http:\/\/127\.0\.0\.3:/);
    expect(await addressOf(docker(['--print-address', '--addr', '127.0.0.4:0'], env))).toMatch(/^http:\/\/127\.0\.0\.4:/);
  });
});

describe('the health check', () => {
  it('asks where the server listens, whatever says so, and fails when it does not answer', async () => {
    const child = docker(['--print-address', '--ephemeral', '--addr', '127.0.0.1:0']);
    const address = new URL(await addressOf(child)).host;
    const nobody = { HATSTAND_DEFAULT_ADDR: '127.0.0.1:1' };
    await expect(health(`/proc/${child.pid}/cmdline`)).rejects.toThrow('/livez');
    await health(writtenLine(['serve']), { HATSTAND_DEFAULT_ADDR: address });
    await health(writtenLine(['serve']), { ...nobody, HATSTAND_ADDR: address });
    await health(writtenLine(['serve', '--addr', address]), { HATSTAND_ADDR: '127.0.0.1:1' });
    await health(writtenLine(['serve', `--addr=0.0.0.0:${address.split(':')[1]}`]), nobody);
    await health(writtenLine(['push', '-']), nobody);
    writeFileSync(join(app, 'title'), `hatstand serve --token *** --addr ${address}\0\0\0`);
    await health(join(app, 'title'), nobody);
    await expect(health(writtenLine(['serve']), nobody)).rejects.toThrow('127.0.0.1:1/livez');
  });
});
