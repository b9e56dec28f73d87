// node_modules as package-lock.json says.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../paths.mjs';
import { capture, step } from '../step.mjs';
import { environmentOf, npmOptions } from './node.mjs';

/**
 * Whether a folder's node_modules hold what its lockfile asks for. npm writes what it has put there, last, into
 * node_modules/.package-lock.json; optional packages of other platforms are missing from it.
 */
export function areInstalled(folder = root) {
  try {
    const wanted = packagesOf(join(folder, 'package-lock.json'));
    const installed = packagesOf(join(folder, 'node_modules', '.package-lock.json'));
    return Object.entries(wanted).every(
      ([path, entry]) => path === '' || entry.optional === true || installed[path]?.version === entry.version,
    );
  } catch {
    return false;
  }
}

const packagesOf = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;

export async function install(node, folder = root, label = 'Dependencies from npm') {
  await step(label, () => capture('npm', ['ci', ...npmOptions], { cwd: folder, env: environmentOf(node) }));
}
