// The benches, with what they alone need: other queues as packages of bench/, and a Redis.
import { join } from 'node:path';
import { root } from './paths.mjs';
import { areInstalled, install } from './prepare/dependencies.mjs';
import { withLock } from './prepare/lock.mjs';
import { runInPlace } from './run-in-place.mjs';
import { bringServices } from './services.mjs';

const folder = join(root, 'bench');

export async function runBench(node, args) {
  if (!areInstalled(folder)) await withLock('bench', () => install(node, folder, 'Peers from npm'));
  await bringServices([{ program: 'redis-server', needs: 'redis-server' }]);
  return await runInPlace(node, [join(folder, 'run.ts'), ...args], { tethered: true });
}
