/** The files in deploy/ name things of this checkout; no container engine is needed to see that they exist. */
import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { envName, keyNames } from '../../src/config/keys.ts';
import { loadConfig } from '../../src/config.ts';
import { root, textOf } from './sources.ts';

const files = readdirSync(new URL('deploy/', root)).map((name) => `deploy/${name}`);
const matches = (text: string, pattern: RegExp): readonly string[] => [...text.matchAll(pattern)].map((match) => match[1] ?? '');

describe('deploy', () => {
  it('sets variables that the configuration has, to values that it takes', () => {
    const settings = files.flatMap((file) => [...textOf(file).matchAll(/\b(HATSTAND_[A-Z_]+)(?:=|: )([^\s$]+)?/g)]);
    expect(settings.length).toBeGreaterThan(5);
    const env = Object.fromEntries(settings.map(([, name = '', value = '']) => [name, value]));
    expect(Object.keys(env).filter((name) => !keyNames.some((key) => envName(key) === name))).toEqual([]);
    expect(loadConfig({ env, systemFile: '' })).toMatchObject({ store: 'redis://redis:6379', durability: 'redis-everysec' });
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
    const [main = ''] = matches(image, /ENTRYPOINT \["node", "dist\/(.+)\.js"\]/g);
    expect(existsSync(new URL(`src/${main}.ts`, root))).toBe(true);
    expect(textOf('src/faces/http/health.ts')).toContain(`'${matches(image, /:19900(\/\w+)'/g)[0]}'`);
    expect(textOf('deploy/hatstand.service')).toMatch(/^ExecStart=\/usr\/local\/bin\/hatstand serve$/m);
  });

  it('gives nodes longer to stop than running jobs get to end', () => {
    const given = [/stop_grace_period: (\d+)s/g, /TimeoutStopSec=(\d+)/g].flatMap((pattern) =>
      files.flatMap((file) => matches(textOf(file), pattern)),
    );
    expect(given).toHaveLength(2);
    for (const seconds of given) expect(Number(seconds)).toBeGreaterThan(loadConfig({ env: {}, systemFile: '' }).shutdownTimeout);
  });
});
