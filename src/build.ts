/** Which Hatstand this is: read from the package and, in a checkout, from git. */
import { readFileSync } from 'node:fs';
import type { Build } from './engine/api/system.ts';

const root = new URL('../', import.meta.url);

function read(path: string): string | null {
  try {
    return readFileSync(new URL(path, root), 'utf8').trim();
  } catch {
    return null;
  }
}

function commitOfCheckout(): string {
  const head = read('.git/HEAD') ?? '';
  const ref = /^ref: (.+)$/.exec(head)?.[1];
  return ref === undefined ? head : (read(`.git/${ref}`) ?? '');
}

function versionOfPackage(): string {
  const manifest: unknown = JSON.parse(read('package.json') ?? '{}');
  const version = typeof manifest === 'object' && manifest !== null && 'version' in manifest ? manifest.version : undefined;
  return typeof version === 'string' ? version : '0.0.0';
}

export const build: Build = { version: versionOfPackage(), commit: commitOfCheckout() };
