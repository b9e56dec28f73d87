/** The files in deploy/ name things of this checkout; no container engine is needed to see that they exist. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { defaultEnvName, envName, keyNames } from '../../src/config/keys.ts';
import { loadConfig } from '../../src/config.ts';
import { collectLines } from '../support/lines.ts';
import { root, textOf } from './sources.ts';

const files = readdirSync(new URL('deploy/', root)).map((name) => `deploy/${name}`);
const matches = (text: string, pattern: RegExp): readonly string[] => [...text.matchAll(pattern)].map((match) => match[1] ?? '');

describe('deploy', () => {
  it('sets variables that the configuration has, to values that it takes', () => {
    const settings = files.flatMap((file) => [...textOf(file).matchAll(/\b(HATSTAND_[A-Z_]+)(?:=|: )([^\s$…]+)?/g)]);
    expect(settings.length).toBeGreaterThan(5);
    const env = Object.fromEntries(settings.map(([, name = '', value = '']) => [name, value]));
    const known = new Set(keyNames.flatMap((key) => [envName(key), defaultEnvName(key)]));
    expect(Object.keys(env).filter((name) => !known.has(name))).toEqual([]);
    expect(loadConfig({ env, systemFile: '' })).toMatchObject({ store: 'redis://redis:6379', durability: 'redis-everysec' });
  });

  it('overrules no file of its user: what the image and the unit set are defaults, and no flags', () => {
    for (const file of ['deploy/Dockerfile', 'deploy/hatstand.service']) {
      const set = textOf(file)
        .split('\n')
        .filter((line) => !line.startsWith('#'))
        .flatMap((line) => matches(line, /\b(HATSTAND_[A-Z_]+)=/g));
      expect(set.length).toBeGreaterThan(0);
      expect(set.filter((name) => !name.startsWith('HATSTAND_DEFAULT_'))).toEqual([]);
    }
    expect(textOf('deploy/hatstand.service')).toMatch(/^ExecStart=\/usr\/local\/bin\/hatstand serve$/m);
  });

  it('builds an image from files that are there and are sent', () => {
    const copied = matches(textOf('deploy/Dockerfile'), /^COPY (?!--from)(.+) \S+$/gm).flatMap((names) => names.split(' '));
    expect(copied).toContain('src');
    expect(copied.filter((name) => !existsSync(new URL(name, root)))).toEqual([]);
    const sent = matches(textOf('deploy/Dockerfile.dockerignore'), /^!(.+)$/gm);
    expect(new Set(copied)).toEqual(new Set(sent));
  });

  it('starts what the build makes, and asks it for what it answers', () => {
    const image = textOf('deploy/Dockerfile');
    const started = [...matches(image, /"\/app\/(deploy\/[^"]+)"/g)];
    expect(started).toEqual(['deploy/health.mjs', 'deploy/entrypoint.sh']);
    const made = started.flatMap((file) => matches(textOf(file), /(?:\.\.\/dist|\/dist)\/([\w/-]+)\.js/g));
    expect(made).toHaveLength(2);
    for (const name of made) expect(existsSync(new URL(`src/${name}.ts`, root)), name).toBe(true);
    const [asked] = matches(textOf('deploy/health.mjs'), /}(\/\w+)`/g);
    expect(textOf('src/faces/http/health.ts')).toContain(`'${asked}'`);
  });

  it('has an image that runs as nobody in particular, from a base that is named, by commands without a shell between', () => {
    const lines = textOf('deploy/Dockerfile').split('\n');
    const last = (word: string): number => lines.findLastIndex((line) => line.startsWith(`${word} `));
    expect(lines[last('USER')]).toBe('USER node');
    expect(last('USER')).toBeLessThan(last('ENTRYPOINT'));
    expect(last('USER')).toBeGreaterThan(last('RUN'));
    for (const line of lines.filter((each) => /^(ENTRYPOINT|CMD| +CMD) /.test(each))) expect(line).toMatch(/^ *[A-Z]+ \[".*"\]$/);
    for (const base of lines.filter((each) => each.startsWith('FROM '))) expect(base).toMatch(/^FROM \w+:\d+-\w+-slim( AS \w+)?$/);
  });

  it('is understood by the shell and, where there is one, by systemd', () => {
    execFileSync('sh', ['-n', fileURLToPath(new URL('deploy/entrypoint.sh', root))]);
    if (!existsSync('/usr/bin/systemd-analyze')) return;
    const folder = mkdtempSync(join(tmpdir(), 'hatstand-unit-'));
    try {
      const unit = join(folder, 'hatstand.service');
      // The command need not be installed here.
      writeFileSync(unit, textOf('deploy/hatstand.service').replace('/usr/local/bin/hatstand', process.execPath));
      const { stderr, error } = spawnSync('systemd-analyze', ['verify', '--man=no', unit], { encoding: 'utf8' });
      expect(error).toBeUndefined();
      expect(stderr.split('\n').filter((line) => line.includes('hatstand.service'))).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('shows no password in the list of processes, and none in a command at all', async () => {
    const script = /- sh\n +- -c\n +- \|\n((?: {8}.*\n)+)/.exec(textOf('deploy/compose.yaml'))?.[1]?.replace(/^ {8}/gm, '') ?? '';
    expect(script).toContain('redis-server');
    // What has one dollar is put in by the engine, and is then on a command line.
    expect(script.replaceAll('$$', '')).not.toContain('$');
    for (const file of files) expect(textOf(file).replace(/^ *#.*$/gm, '')).not.toMatch(/--(requirepass|token|store-password)/);
    const folder = mkdtempSync(join(tmpdir(), 'hatstand-compose-'));
    writeFileSync(join(folder, 'docker-entrypoint.sh'), '#!/bin/sh\nshift\nexec redis-server --port 0 --unixsocket ./socket "$@"\n', {
      mode: 0o755,
    });
    const password = 'p4ss word$HOME';
    const env = { ...process.env, PATH: `${folder}:${process.env['PATH']}`, REDISCLI_AUTH: password };
    const redis = spawn('sh', ['-c', script.replaceAll('$$', '$')], { cwd: folder, env, stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(redis, 'close');
    try {
      await collectLines([redis.stdout], ended).line(/Ready to accept connections|ready to accept/);
      expect(readFileSync(`/proc/${redis.pid}/cmdline`, 'utf8')).toMatch(/^redis-server/);
      expect(readFileSync(`/proc/${redis.pid}/cmdline`, 'utf8')).not.toContain('p4ss');
      const ask = (env: NodeJS.ProcessEnv, ...what: readonly string[]): string =>
        execFileSync('redis-cli', ['-s', join(folder, 'socket'), ...what], { env, encoding: 'utf8' });
      expect(ask({ ...env, REDISCLI_AUTH: '' }, 'ping')).toMatch(/NOAUTH/);
      expect(ask(env, 'ping')).toBe('PONG\n');
      expect(ask(env, 'config', 'get', 'appendonly')).toBe('appendonly\nyes\n');
    } finally {
      redis.kill('SIGKILL');
      await ended;
      rmSync(folder, { recursive: true });
    }
  });

  it('gives nodes longer to stop than running jobs get to end', () => {
    const given = [/stop_grace_period: (\d+)s/g, /TimeoutStopSec=(\d+)/g].flatMap((pattern) =>
      files.flatMap((file) => matches(textOf(file), pattern)),
    );
    expect(given).toHaveLength(2);
    for (const seconds of given) expect(Number(seconds)).toBeGreaterThan(loadConfig({ env: {}, systemFile: '' }).shutdownTimeout);
  });
});
