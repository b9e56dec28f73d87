// The one gate: style, types, arrows, dead code, Lua, then the tests. Every step runs, so that one run tells all.
import { join } from 'node:path';
import { root } from './paths.mjs';
import { build } from './prepare/build.mjs';
import { environmentOf } from './prepare/node.mjs';
import { bringServices, isThere, linters } from './services.mjs';
import { capture, step } from './step.mjs';
import { tally } from './tests.mjs';

const tool = (path) => join(root, 'node_modules', path);

const steps = [
  ['Style (biome)', [tool('@biomejs/biome/bin/biome'), 'check', '--error-on-warnings']],
  ['Types (tsc)', [tool('typescript/bin/tsc'), '-p', '.']],
  ['Arrows (dependency-cruiser)', [tool('dependency-cruiser/bin/dependency-cruiser.mjs'), '--config', '.dependency-cruiser.cjs', 'src']],
  ['Dead code (knip)', [tool('knip/bin/knip.js')]],
];

/** Without luacheck it is left out, and said so. In CI luacheck is brought, and its absence is a failure. */
async function lintLua(label) {
  if (process.env.CI) await bringServices(linters);
  if (!linters.every(({ program }) => isThere(program))) {
    console.error(`${label} … left out: luacheck is not installed (on Debian: apt-get install lua-check)`);
    return 'left out';
  }
  await step(label, () => capture('luacheck', ['--quiet', '--no-color', 'src']));
  return 'done';
}

/** `npm run check`: each step counts as one, beside each test. */
export async function check(node) {
  const env = environmentOf(node);
  let passed = 0;
  let failed = 0;
  const attempt = async (label, work) => {
    try {
      if ((await work(label)) !== 'left out') passed += 1;
    } catch (error) {
      failed += 1;
      console.error(error.message);
    }
  };
  for (const [label, args] of steps) await attempt(label, () => step(label, () => capture(node.path, args, { env })));
  await attempt('Lua (luacheck)', lintLua);
  await attempt('Build', () => build(node));
  const tests = await tally(node);
  console.log(`${passed + tests.passed} passed, ${failed + tests.failed} failed`);
  return failed + tests.failed === 0 ? 0 : 1;
}
