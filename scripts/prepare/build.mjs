// src/ compiled into dist/, beside a copy of what is not TypeScript.
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cache, root } from '../paths.mjs';
import { capture, step } from '../step.mjs';
import { environmentOf } from './node.mjs';

const source = join(root, 'src');
const target = join(root, 'dist');
const stampFile = join(cache, 'build.json');
const compilerMemory = join(cache, 'build.tsbuildinfo');

export function isBuilt() {
  if (!existsSync(join(target, 'index.js'))) return false;
  return readStamp()?.content === stampOf(sources()).content;
}

export async function build(node, { whole = false } = {}) {
  const files = sources();
  const stamp = stampOf(files);
  // The compiler writes only what changed since its last run, and removes nothing.
  if (whole || !existsSync(target) || readStamp()?.names !== stamp.names) {
    for (const path of [target, compilerMemory]) rmSync(path, { recursive: true, force: true });
  }
  rmSync(stampFile, { force: true });
  await step('Build', async () => {
    const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    await capture(node.path, [compiler, '-p', 'tsconfig.build.json'], { env: environmentOf(node) });
    for (const { name } of files.filter((file) => !file.name.endsWith('.ts') && file.name.startsWith('src/'))) copy(name);
  });
  mkdirSync(cache, { recursive: true });
  writeFileSync(stampFile, JSON.stringify(stamp));
}

function copy(name) {
  const to = join(target, name.slice('src/'.length));
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(join(root, name), to);
}

/** What the build is made of, without tests. */
function sources() {
  const inside = readdirSync(source, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.(test|suite)\.ts$/.test(entry.name))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .map((path) => `src/${path.slice(source.length + 1).replaceAll('\\', '/')}`);
  return [...inside, 'tsconfig.json', 'tsconfig.build.json', 'package-lock.json'].sort(byName).map((name) => {
    const { mtimeMs, size } = statSync(join(root, name));
    return { name, mtimeMs, size };
  });
}

const byName = (a, b) => (a < b ? -1 : 1);

/** `names` changes when a file comes or goes, `content` also when one is written. */
function stampOf(files) {
  const digest = (value) => createHash('sha256').update(JSON.stringify(value)).digest('hex');
  return { names: digest(files.map((file) => file.name)), content: digest(files) };
}

function readStamp() {
  try {
    return JSON.parse(readFileSync(stampFile, 'utf8'));
  } catch {
    return null;
  }
}
