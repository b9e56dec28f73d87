/** What the set-up takes from outside is what it was when it was written down. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { root, textOf } from './sources.ts';

interface Node {
  installChecked(folder: string, name: string, version: string, integrity: string): Promise<void>;
}

let folder = '';
let registry: Server;
let tarball: Buffer;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hatstand-setup-'));
  mkdirSync(join(folder, 'package'));
  const scripts = { install: `touch ${join(folder, 'was-run')}` };
  writeFileSync(join(folder, 'package', 'package.json'), JSON.stringify({ name: 'brought', version: '1.0.0', scripts }));
  execFileSync('tar', ['-czf', 'brought.tgz', 'package'], { cwd: folder });
  tarball = readFileSync(join(folder, 'brought.tgz'));
  registry = createServer((request, response) => {
    if (request.url?.endsWith('.tgz') === true) return response.end(tarball);
    // A registry that is not what it was says that all is well.
    const dist = { tarball: `http://${request.headers.host}/brought.tgz`, integrity: integrityOf(tarball) };
    const version = { name: 'brought', version: '1.0.0', dist, scripts };
    return response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ name: 'brought', 'dist-tags': { latest: '1.0.0' }, versions: { '1.0.0': version } }));
  }).listen(0, '127.0.0.1');
  await once(registry, 'listening');
  vi.stubEnv('npm_config_registry', `http://127.0.0.1:${(registry.address() as AddressInfo).port}/`);
  vi.stubEnv('npm_config_cache', join(folder, 'cache'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  registry.closeAllConnections();
  registry.close();
  rmSync(folder, { recursive: true });
});

const integrityOf = (bytes: Buffer): string => `sha512-${createHash('sha512').update(bytes).digest('base64')}`;

it('takes a Node whose hash is the one that is written down, whatever the registry says of it, and runs nothing of it', async () => {
  const { installChecked } = (await import(new URL('scripts/prepare/node.mjs', root).href)) as Node;
  await installChecked(join(folder, 'right'), 'brought', '1.0.0', integrityOf(tarball));
  expect(existsSync(join(folder, 'right/node_modules/brought/package.json'))).toBe(true);
  await expect(installChecked(join(folder, 'wrong'), 'brought', '1.0.0', integrityOf(Buffer.from('before')))).rejects.toThrow('EINTEGRITY');
  expect(existsSync(join(folder, 'wrong/node_modules/brought/package.json'))).toBe(false);
  expect(existsSync(join(folder, 'was-run'))).toBe(false);
});

it('has a hash for each Node and for each dependency that it brings', () => {
  const hashes = [...textOf('scripts/prepare/node.mjs').matchAll(/^ {2}'node-[a-z0-9-]+': '(.*)',$/gm)].map(([, hash]) => hash);
  expect(hashes.length).toBeGreaterThan(2);
  for (const hash of hashes) expect(hash).toMatch(/^sha512-[A-Za-z0-9+/]{86}==$/);
  interface Entry {
    readonly integrity?: string;
    /** For one kind of machine: npm writes down the hash of its own alone. */
    readonly optional?: boolean;
  }
  const { packages } = JSON.parse(textOf('package-lock.json')) as { readonly packages: Readonly<Record<string, Entry>> };
  const without = Object.entries(packages).filter(
    ([path, { integrity, optional }]) => path !== '' && integrity === undefined && optional !== true,
  );
  expect(without).toEqual([]);
});
