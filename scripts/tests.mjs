// All tests, and one last line: how many passed and failed.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from './paths.mjs';
import { environmentOf } from './prepare/node.mjs';
import { bringServices } from './services.mjs';

const reporter = fileURLToPath(new URL('vitest-tally.mjs', import.meta.url));

/** `npm test`: with arguments (a file, `-t name`, `--watch`) it is vitest with them, and brings no services. */
export async function runTests(node, args) {
  const { passed, failed } = await tally(node, args);
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

/** Runs vitest with its output shown and answers its counts; what ends without counts counts as failed. */
export async function tally(node, args = []) {
  if (args.length === 0) await bringServices();
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const mode = args.includes('--watch') ? [] : ['--run'];
  const child = spawn(node.path, [vitest, ...mode, '--reporter=default', `--reporter=${reporter}`, ...args], {
    cwd: root,
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: environmentOf(node),
  });
  let counts = { passed: 0, failed: 0 };
  child.on('message', (message) => {
    counts = message;
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}
