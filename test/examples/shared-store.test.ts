/** Worker processes through a shared store: a process pushes, two others run, and one of them is killed. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { collectLines } from '../support/lines.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';

const example = fileURLToPath(new URL('../../examples/shared-store/shared-store.mjs', import.meta.url));

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

it('runs the example of several processes on one store', { timeout: 60_000 }, async () => {
  const works = Array.from({ length: 2 }, () => {
    const child = spawn(process.execPath, [example, 'work', redis.url], { stdio: ['ignore', 'pipe', 'pipe'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    const ended = once(child, 'exit');
    return { child, ended, output: collectLines([child.stdout, child.stderr], ended) };
  });
  await Promise.all(works.map(({ output }) => output.line(/^works$/)));
  const { stdout } = await promisify(execFile)(process.execPath, [example, 'push', redis.url]);
  const lines = stdout.trimEnd().split('\n');
  expect(lines.map((line) => line.replace(/ by \d+$/, ''))).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((n) => `succeeded ${n} ${n * n}`));
  expect(new Set(lines.map((line) => line.split(' by ')[1]))).toEqual(new Set(works.map(({ child }) => String(child.pid))));
  const [first, second] = works;
  first?.child.kill('SIGKILL');
  await first?.ended;
  const again = await promisify(execFile)(process.execPath, [example, 'push', redis.url]);
  expect(again.stdout.trimEnd().split('\n')).toHaveLength(8);
  second?.child.kill('SIGTERM');
  expect(await second?.ended).toEqual([0, null]);
});
