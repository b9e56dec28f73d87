/** Fifty tasks whose Redis fails over to its replica: half of them may do without it meanwhile. */
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Hatstand, openRedis } from '../../src/index.ts';
import { type SentinelGroup, startSentinels } from '../support/redis-sentinels.ts';
import { until } from '../support/until.ts';
import { scaled } from './scale.ts';
import { byTask, deedsIn, overlapsIn } from './task-history.ts';
import { endTaskNode, present, startTaskNode } from './task-nodes.ts';

const cluster = 'failover';

let group: SentinelGroup;
let folder: string;
let nodes: readonly ChildProcess[];
let hatstand: Hatstand;

beforeEach(async () => {
  group = await startSentinels({ flags: ['--appendonly', 'yes', '--appendfsync', 'everysec'] });
  folder = mkdtempSync(join(tmpdir(), 'hatstand-failover-'));
  writeFileSync(join(folder, 'witness'), '');
  hatstand = new Hatstand({ store: await openRedis({ url: group.url, cluster }), log: null });
  nodes = await Promise.all(['n1', 'n2', 'n3'].map((name) => startTaskNode(group.url, cluster, name, join(folder, 'witness'))));
});
afterEach(async () => {
  await Promise.all(nodes.map((node) => endTaskNode(node, 'SIGKILL')));
  await hatstand.stop(0).catch(() => undefined);
  await group.stop();
  rmSync(folder, { recursive: true });
});

it('tasks go on, each with one owner, when their Redis fails over', { timeout: 240_000 }, async () => {
  const half = Array.from({ length: 25 }, (_, at) => at);
  const ids = [...half.map((at) => `k${at}`), ...half.map((at) => `o${at}`)];
  await Promise.all(ids.map((id) => hatstand.tasks.start('count', id, { id, stateOptional: id.startsWith('o') })));
  const deeds = () => deedsIn(join(folder, 'witness'));
  const workSince = (since: number): Promise<void> =>
    until(
      'all of them to work',
      () => byTask(deeds().filter(({ what, at }) => what === 'works' && at > since)).size === ids.length,
      60_000,
    );
  await workSince(0);
  for (let n = 0; n < scaled(1, 4); n++) {
    const master = await group.master();
    await master.kill('SIGKILL');
    await until('another master', async () => (await group.master()) !== master);
    await workSince(present() + 1_000);
    await master.restart();
    await until('a replica', async () => Number(await (await group.master()).ask('WAIT', '1', '1000')) === 1, 30_000);
  }
  // The newest moment may be forgotten, and with it a checkpoint; nobody works beside a later owner.
  for (const each of byTask(deeds()).values())
    expect(overlapsIn(each.filter(({ what }) => what === 'begins' || what === 'works'))).toEqual([]);
  for (const { id, crashes, status } of (await hatstand.tasks.list({ limit: 500 })).tasks)
    expect([id, crashes, status]).toEqual([id, 0, 'running']);
});
