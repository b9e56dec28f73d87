/** Tasks on three nodes that are killed, stopped and made to stand still: each runs on one of them, and goes on from where it was. */
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { leaseTimes } from '../../src/core/node.ts';
import { Hatstand } from '../../src/index.ts';
import { openRedis } from '../../src/stores/redis/index.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { until } from '../support/until.ts';
import { report } from './report.ts';
import { isWhole, scaled } from './scale.ts';
import { byTask, type Deed, deedsIn, gapsIn, overlapsIn, quantile, wrongBegins } from './task-history.ts';
import { endTaskNode, present, startTaskNode } from './task-nodes.ts';

const cluster = 'tasks';

let redis: RedisServer;
let folder: string;
let witness: string;
let nodes: ChildProcess[];
let started: number;
/** Looks and asks, and runs nothing. */
let hatstand: Hatstand;

beforeEach(async () => {
  redis = await startRedis();
  folder = mkdtempSync(join(tmpdir(), 'hatstand-tasks-'));
  witness = join(folder, 'witness');
  writeFileSync(witness, '');
  [nodes, started] = [[], 0];
  hatstand = new Hatstand({ store: await openRedis({ url: redis.url, cluster }), log: null });
  nodes.push(...(await Promise.all([startNode(), startNode(), startNode()])));
});
afterEach(async () => {
  await Promise.all(nodes.map((node) => endTaskNode(node, 'SIGKILL')));
  await hatstand.stop(0);
  await redis.stop();
  rmSync(folder, { recursive: true });
});

async function startNode(): Promise<ChildProcess> {
  return await startTaskNode(redis.url, cluster, `n${++started}`, witness);
}

/** Ends one of them, in turn, and starts another one. */
async function replace(turn: number, signal: NodeJS.Signals): Promise<void> {
  const [node] = nodes.splice(turn % nodes.length, 1);
  if (node !== undefined) await endTaskNode(node, signal);
  nodes.push(await startNode());
}

const startTasks = async (count: number): Promise<readonly string[]> => {
  const ids = Array.from({ length: count }, (_, at) => `k${at}`);
  await Promise.all(ids.map((id) => hatstand.tasks.start('count', id, { id })));
  return ids;
};

/** All of them have worked since then. */
async function workSince(ids: readonly string[], since: number): Promise<void> {
  await until('all tasks to work', () => new Set(worksIn(deedsIn(witness), since).map(({ task }) => task)).size === ids.length, 60_000);
}
const worksIn = (deeds: readonly Deed[], since: number): readonly Deed[] => deeds.filter(({ what, at }) => what === 'works' && at > since);

function expectSound(ids: readonly string[], counts = (_deed: Deed): boolean => true): readonly Deed[] {
  const deeds = deedsIn(witness);
  for (const each of byTask(deeds).values()) expect([overlapsIn(each.filter(counts)), wrongBegins(each)]).toEqual([[], []]);
  expect(byTask(deeds).size).toBe(ids.length);
  return deeds;
}

describe('tasks', () => {
  it('run on one node at a time and go on from what they kept, however nodes are killed', { timeout: 400_000 }, async () => {
    const ids = await startTasks(scaled(20, 100));
    await workSince(ids, 0);
    for (let kills = 0; kills < scaled(3, 12); kills++) {
      await replace(kills, 'SIGKILL');
      await workSince(ids, present());
    }
    expectSound(ids);
    for (const { status, crashes } of (await hatstand.tasks.list({ limit: 500 })).tasks) expect([status, crashes]).toEqual(['running', 0]);
  });

  it('are handed over at once by a node that stops', { timeout: 900_000 }, async () => {
    const ids = await startTasks(scaled(20, 50));
    await workSince(ids, 0);
    const stops = scaled(5, 200);
    for (let n = 0; n < stops; n++) {
      await replace(n, 'SIGTERM');
      await workSince(ids, present());
    }
    const gaps = gapsIn(expectSound(ids));
    expect(gaps.length).toBeGreaterThan(0);
    report(`${stops} graceful restarts of 3 nodes with ${ids.length} tasks, until each goes on elsewhere`, {
      ...{ acknowledged: ids.length, lost: 0, duplicated: 0, refused: 0, repeated: 0, recoveries: gaps },
    });
    // Beside other tests all takes longer.
    expect(quantile(gaps, 0.5)).toBeLessThan(isWhole ? 100 : 1_000);
    expect(quantile(gaps, 0.99)).toBeLessThan(isWhole ? 250 : 2_500);
    for (const { crashes, status } of (await hatstand.tasks.list({ limit: 500 })).tasks) expect([status, crashes]).toEqual(['running', 0]);
  });

  it('do not mind that two nodes have one name, and that one of them is killed', { timeout: 120_000 }, async () => {
    const ids = await startTasks(scaled(12, 50));
    await workSince(ids, 0);
    started -= 1;
    nodes.push(await startNode());
    const holders = async () => new Set((await hatstand.tasks.list({ limit: 500 })).tasks.map(({ holder }) => holder));
    await until('four nodes with tasks', async () => (await holders()).size === 4, 30_000);
    await workSince(ids, present() + 2_000);
    const [twin] = nodes.splice(nodes.length - 1, 1);
    if (twin !== undefined) await endTaskNode(twin, 'SIGKILL');
    await workSince(ids, present());
    expectSound(ids);
  });

  it('do nothing on a node that stands still past its lease, when it goes on', { timeout: 120_000 }, async () => {
    const ids = await startTasks(scaled(10, 50));
    await workSince(ids, 0);
    const still = nodes[await ownerOf('k0')];
    still?.kill('SIGSTOP');
    const stoodAt = present();
    await pause(leaseTimes.ttl + 1_000);
    await workSince(ids, present());
    still?.kill('SIGCONT');
    await workSince(ids, present() + 1_000);
    // What it had under way is told to end, and returns; and it may hear late of what the store has kept before.
    const deeds = expectSound(ids, ({ what }) => what === 'begins' || what === 'works');
    expect(deeds.some(({ task, what, at }) => task === 'k0' && what === 'begins' && at > stoodAt)).toBe(true);
  });

  it('are told every control message, in order, and none again that was acknowledged, while their owners are killed', {
    timeout: 400_000,
  }, async () => {
    const [id = ''] = await startTasks(1);
    const count = scaled(100, 1_000);
    const kills = scaled(3, 10);
    const every = scaled(500, 2_000);
    let sent = 0;
    const tell = async (last: number): Promise<void> => {
      for (; sent < last; sent++) await Promise.all([hatstand.tasks.tell(id, 'number', sent + 1), pause((kills * every) / count)]);
    };
    for (let n = 1; n <= kills; n++) {
      const portion = Math.ceil((count * n) / kills);
      const told = tell(portion);
      await pause(every / 2);
      // Some messages wait at each kill, and more come before the next owner is there.
      expect(sent).toBeLessThan(portion);
      await replace(await ownerOf(id), 'SIGKILL');
      await until('its next owner', async () => (await ownerOf(id)) >= 0, 30_000);
      await told;
    }
    await until('all to be handled', async () => (await hatstand.tasks.controls(id)).length === 0, 60_000);
    const told = deedsIn(witness).filter(({ what }) => what === 'control');
    expect(new Set(told.map(({ number }) => number)).size).toBe(count);
    let last = { number: 0, fence: '' };
    for (const deed of told) {
      // The one that was under way when its owner was killed may come again, to the next owner alone.
      const isNext = deed.number === last.number + 1 || (deed.number === last.number && deed.fence !== last.fence);
      expect(isNext, `${deed.number} behind ${last.number}`).toBe(true);
      last = deed;
    }
  });
});

/** Which of the nodes runs it now. */
async function ownerOf(id: string): Promise<number> {
  const holder = (await hatstand.tasks.get(id))?.holder.split('.')[0];
  return nodes.findIndex((node) => node.spawnargs.includes(holder ?? ''));
}
