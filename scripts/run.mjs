// The commands of package.json: prepares what a fresh clone lacks, then runs the target under Node 24.
// Plain JavaScript that Node 20 runs, with nothing installed. Says nothing unless it has something to do.
import { fileURLToPath } from 'node:url';
import { runAbuse } from './abuse.mjs';
import { runBench } from './bench.mjs';
import { check } from './check.mjs';
import { runCron } from './cron.mjs';
import { Failure } from './failure.mjs';
import { runFaults } from './faults.mjs';
import { prepare } from './prepare/prepare.mjs';
import { runInPlace } from './run-in-place.mjs';
import { runTests } from './tests.mjs';

const main = 'dist/faces/cli/main.js';
const script = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Each takes the prepared Node and the arguments, and answers the exit code. */
const commands = {
  setup: async (node) => {
    console.log(`Ready: Node ${node.version}, dependencies and build.`);
    return 0;
  },
  build: async () => 0,
  demo: (node, args) => runInPlace(node, [script('demo.mjs'), ...args], { tethered: true }),
  start: (node, args) => runInPlace(node, [main, 'serve', ...args], { tethered: true }),
  hatstand: (node, args) => runInPlace(node, [main, ...args], { tethered: true }),
  bench: runBench,
  test: runTests,
  faults: runFaults,
  abuse: runAbuse,
  cron: runCron,
  soak: (node, args) => runInPlace(node, [script('soak.mjs'), ...args], { tethered: true }),
  check,
};

/** When to build before it. */
const building = { build: 'always', check: 'never' };

async function run(name, args) {
  const command = commands[name];
  if (command === undefined) {
    throw new Failure(`There is no command ${JSON.stringify(name ?? '')}. There are: ${Object.keys(commands).join(', ')}.`, 2);
  }
  const node = await prepare({ build: building[name] ?? 'when needed' });
  return await command(node, args);
}

try {
  process.exitCode = await run(process.argv[2], process.argv.slice(3));
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  console.error(`hatstand: ${error.message}`);
  process.exitCode = error.exitCode;
}
