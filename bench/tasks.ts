/** Tasks: what ten thousand idle ones cost two nodes, and how soon a node that joins has its share, and those of one that stops go on. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { Hatstand } from '../src/index.ts';
import { openRedis } from '../src/stores/redis/index.ts';
import { startRedis } from '../test/support/redis-server.ts';
import { cpuMicrosOf } from './support/processes.ts';
import type { Measured, Report } from './support/report.ts';

const script = fileURLToPath(new URL('task-node.ts', import.meta.url));
const count = 10_000;
const perStep = 500;
const idleMillis = 20_000;
/** What is to happen has happened by then. */
const longest = 60_000;

const told = (value: number): Measured => ({ value, cpuMicrosPerJob: null });

export async function tasks(report: Report, rounds: number): Promise<void> {
  const results: Record<'cpu' | 'calls' | 'joined' | 'left', Measured[]> = { cpu: [], calls: [], joined: [], left: [] };
  for (let round = 0; round < rounds; round++) {
    const measured = await measure();
    for (const what of ['cpu', 'calls', 'joined', 'left'] as const) results[what].push(told(measured[what]));
  }
  const rows = [
    ['cpu', `idle-${count}`, '% of a core, two nodes together', 5],
    ['calls', `idle-${count}-calls`, 'store calls/s, two nodes together', 200],
    ['joined', `join-${count}`, 'ms until a third node has its share', 10_000],
    ['left', `leave-${count}`, 'ms from SIGTERM until all run elsewhere', null],
  ] as const;
  for (const [what, name, unit, target] of rows)
    report.add({ what: name, peer: null, unit, better: 'lower', target, ours: results[what], theirs: null });
}

async function measure(): Promise<Record<'cpu' | 'calls' | 'joined' | 'left', number>> {
  const redis = await startRedis();
  const asking = new Redis(redis.url);
  const hatstand = new Hatstand({ store: await openRedis({ url: redis.url, cluster: 'tasks' }), log: null });
  const nodes: ChildProcess[] = [];
  const start = async (): Promise<void> => {
    const node = fork(script, [redis.url, 'tasks']);
    nodes.push(node);
    await once(node, 'message');
  };
  const calls = async (): Promise<number> => Number(/cmdstat_evalsha:calls=(\d+)/.exec(await asking.info('commandstats'))?.[1] ?? 0);
  const cpu = (): number => nodes.reduce((sum, { pid }) => sum + cpuMicrosOf(pid ?? 0), 0);
  try {
    await Promise.all([start(), start()]);
    for (let n = 0; n < count; n += perStep) await Promise.all(Array.from({ length: perStep }, () => hatstand.tasks.start('idle')));
    await timed(nodes, (running) => sum(running) === count);
    await pause(5_000);
    const before = [cpu(), await calls()] as const;
    await pause(idleMillis);
    const idle = [cpu() - before[0], (await calls()) - before[1]] as const;
    await start();
    const share = Math.floor(count / 3);
    const joined = await timed(nodes, (running) => sum(running) === count && running.every((each) => each >= share - 1));
    const [gone] = nodes.splice(0, 1);
    gone?.kill('SIGTERM');
    const left = await timed(nodes, (running) => sum(running) === count);
    return { cpu: idle[0] / (idleMillis * 10), calls: idle[1] / (idleMillis / 1_000), joined, left };
  } finally {
    for (const node of nodes) node.kill('SIGKILL');
    await hatstand.stop(0);
    asking.disconnect();
    await redis.stop();
  }
}

const sum = (counts: readonly number[]): number => counts.reduce((total, each) => total + each, 0);

/** How long until that is so. */
async function timed(nodes: readonly ChildProcess[], isSo: (running: readonly number[]) => boolean): Promise<number> {
  const begun = performance.now();
  while (performance.now() - begun < longest) {
    const running = await Promise.all(nodes.map(runningOn));
    if (isSo(running)) return performance.now() - begun;
    await pause(50);
  }
  throw new Error(`it did not come within ${longest} ms`);
}

async function runningOn(node: ChildProcess): Promise<number> {
  const answer = once(node, 'message');
  node.send('how many?');
  return Number((await answer)[0]);
}
