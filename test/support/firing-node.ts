/**
 * A node that fires triggers, in a process of its own: `firing-node.ts <redis url> <cluster>`, or `firing-node.ts <folder> '' <millis>`
 * on an embedded store: it then kills itself so long after its first decision, and decides for itself, so that ticks may be closer
 * than a second.
 */
import { writeSync } from 'node:fs';
import { type Decision, ownerOf } from '../../src/core/definition.ts';
import { newJob } from '../../src/core/new-job.ts';
import { noRetry } from '../../src/core/retry.ts';
import { makeEngine } from '../../src/engine/engine.ts';
import type { Decide } from '../../src/engine/firer.ts';
import { openRedis } from '../../src/stores/redis/index.ts';
import { openSqlite } from '../../src/stores/sqlite/index.ts';
import { systemClock } from '../../src/system/clock.ts';
import { silent } from '../../src/system/silent.ts';

const [place = '', cluster = '', dies] = process.argv.slice(2);

let _dying: NodeJS.Timeout | undefined;
const options = { timeout: null, retry: noRetry, onLost: 'retry', rules: 'v1' } as const;

/** Every tick is fired, also one that is late: the next one comes `every` milliseconds behind it, until there were enough. */
const everyTick: Decide = (definition): Decision => {
  const { every, ticks } = JSON.parse(definition.body ?? '{}') as { readonly every: number; readonly ticks: number };
  const tick = definition.due ?? 0;
  _dying ??= setTimeout(() => process.kill(process.pid, 'SIGKILL'), Number(dies));
  const fired = Number(definition.state) + 1;
  const job = newJob({ worker: 'nobody', owner: ownerOf(definition), about: JSON.stringify({ tick }), options });
  return { next: fired < ticks ? tick + every : null, state: String(fired), jobs: [job], overlap: 'allow', collect: null, note: '' };
};

const engine = makeEngine({
  store: place.startsWith('redis:') ? await openRedis({ url: place, cluster }) : await openSqlite({ path: place, ballastBytes: 0 }),
  clock: systemClock,
  log: silent,
  build: { version: '0', commit: '' },
  name: `firing-${process.pid}`,
  serverId: null,
  retention: { ended: null, journal: 86_400_000, told: null, idempotency: 86_400_000, output: 16_384, limit: 100 },
  ...(dies === undefined ? {} : { deciders: { trigger: everyTick } }),
  random: Math.random,
  unique: () => `${process.pid}-${Date.now()}`,
});
await engine.start();
writeSync(1, 'started\n');
