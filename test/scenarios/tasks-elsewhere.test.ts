/** Tasks whose worker is a process of its own, and whose server, with the only store, is killed again and again. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { makeClient } from '../../src/client.ts';
import { defineTask } from '../../src/index.ts';
import { silent } from '../../src/system/silent.ts';
import { freePort } from '../support/ports.ts';
import { until } from '../support/until.ts';
import { type ServerProcess, startServer } from './server-process.ts';

it('run on while their server is killed seven times, each by one attempt', { timeout: 120_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hatstand-elsewhere-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const flags = ['--addr', `127.0.0.1:${await freePort()}`];
  let server: ServerProcess = await startServer(folder, { flags });
  onTestFinished(async () => void (await server.kill('SIGKILL')));
  const client = makeClient({ address: server.address });
  const ids = Array.from({ length: 10 }, (_, at) => `k${at}`);
  const begins: unknown[] = [];
  const told: string[] = [];
  const tell = (name: string, fields?: object): void => void told.push(`${name} ${JSON.stringify(fields)}`);
  /** The newest number of each task that is kept. */
  const kept = new Map<unknown, number>();
  const count = defineTask({
    name: 'count',
    async run({ taskId, resumeFrom, checkpoint, signal }) {
      begins.push(taskId);
      for (let n = Number(resumeFrom ?? 0) + 1; !signal.aborted; n++) {
        await checkpoint(n);
        kept.set(taskId, n);
      }
    },
  });
  const worker = client.worker(count, { attemptTtl: '40s', log: { ...silent, warn: tell, error: tell } });
  onTestFinished(() => worker.stop(0));
  for (const id of ids) await client.tasks.start({ id, worker: 'count' });
  await until('all work', () => kept.size === ids.length);

  for (let kills = 0; kills < 7; kills++) {
    await server.kill('SIGKILL');
    server = await startServer(folder, { flags });
    const before = new Map(kept);
    await until('all go on', () => ids.every((id) => (kept.get(id) ?? 0) > (before.get(id) ?? 0)));
  }
  expect([begins.length, new Set(begins)], told.join('\n')).toEqual([ids.length, new Set(ids)]);
  await worker.stop('10s');
  const { tasks } = await client.tasks.list();
  expect(tasks.map(({ id, crashes, status }) => [id, crashes, status])).toEqual(ids.map((id) => [id, 0, 'queued']));
  for (const id of ids) expect((await client.tasks.get(id)).checkpoint).toBe(kept.get(id));
});
