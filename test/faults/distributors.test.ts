/** Distributors of distributed-task that are killed, one after the other and all at once, while tasks are pushed. */
import type { ChildProcess } from 'node:child_process';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { until } from '../support/until.ts';
import { scaled } from './scale.ts';
import { endTaskNode, startNode } from './task-nodes.ts';

let server: RedisServer;
let redis: Redis;
let worker: ChildProcess;
let distributors: ChildProcess[];

const start = (role: 'distributor' | 'worker'): Promise<ChildProcess> =>
  startNode(new URL('distributor-node.ts', import.meta.url), role, String(server.port));

beforeEach(async () => {
  server = await startRedis({ flags: ['--appendonly', 'yes'] });
  redis = new Redis(server.port, '127.0.0.1');
  distributors = [];
  worker = await start('worker');
});
afterEach(async () => {
  await Promise.all([worker, ...distributors].map((node) => endTaskNode(node, 'SIGKILL')));
  redis.disconnect();
  await server.stop();
});

const push = (task: object): Promise<number> => redis.lpush('new-task', JSON.stringify(task));
const stateOf = (id: string): Promise<string | null> => redis.hget(`task-${id}`, 'state');

it('tasks run on when all distributors are killed, and none that is pushed meanwhile is lost', { timeout: 240_000 }, async () => {
  distributors.push(await start('distributor'), await start('distributor'));
  await push({ id: 'long', function: 'stay' });
  await until('it runs', async () => (await stateOf('long')) === 'RUNNING');
  const ids: string[] = [];
  for (let round = 0; round < scaled(3, 20); round++) {
    for (let n = 0; n < 20; n++) ids.push(`t${ids.length}`);
    const pushed = Promise.all(ids.slice(-20).map((id) => push({ id, function: 'pass', data: round })));
    // One of them, or all, in the midst of taking them.
    await Promise.all(distributors.splice(0, round % 2 === 0 ? 1 : 2).map((node) => endTaskNode(node, 'SIGKILL')));
    await pushed;
    while (distributors.length < 2) distributors.push(await start('distributor'));
  }
  const states = async (): Promise<readonly (string | null)[]> => Promise.all(ids.map(stateOf));
  await until('all to have ended', async () => (await states()).every((state) => state === 'END'), 60_000);
  expect([await stateOf('long'), await redis.llen('new-task'), await redis.exists('new-task-refused')]).toEqual(['RUNNING', 0, 0]);
});
