/** Tasks while their Redis is away, stands still, or is away for one node alone: half of them may do without it. */
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
import { startProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { until } from '../support/until.ts';
import { scaled } from './scale.ts';
import { byTask, type Deed, deedsIn, overlapsIn, wrongBegins } from './task-history.ts';
import { endTaskNode, present, startTaskNode } from './task-nodes.ts';

const cluster = 'outage';

let redis: RedisServer;
let folder: string;
let witness: string;
let nodes: ChildProcess[];
let hatstand: Hatstand;

beforeEach(async () => {
  redis = await startRedis({ flags: ['--appendonly', 'yes', '--appendfsync', 'always'] });
  folder = mkdtempSync(join(tmpdir(), 'hatstand-outage-'));
  witness = join(folder, 'witness');
  writeFileSync(witness, '');
  hatstand = new Hatstand({ store: await openRedis({ url: redis.url, cluster }), log: null });
  nodes = await Promise.all(['n1', 'n2', 'n3'].map((name) => startTaskNode(redis.url, cluster, name, witness)));
});
afterEach(async () => {
  await Promise.all(nodes.map((node) => endTaskNode(node, 'SIGKILL')));
  await hatstand.stop(0).catch(() => undefined);
  await redis.stop();
  rmSync(folder, { recursive: true });
});

const count = scaled(5, 25);
/** By what they begin with: `o` are those that may do without Redis. */
const idsOf = (kind: 'k' | 'o'): readonly string[] => Array.from({ length: count }, (_, at) => `${kind}${at}`);
const ids = [...idsOf('k'), ...idsOf('o')];

async function startTasks(): Promise<void> {
  await Promise.all(ids.map((id) => hatstand.tasks.start('count', id, { id, stateOptional: id.startsWith('o') })));
  await workSince(ids, 0);
}

const workedBetween = (from: number, to: number): ReadonlySet<string> =>
  new Set(
    deedsIn(witness)
      .filter(({ what, at }) => what === 'works' && at > from && at < to)
      .map(({ task }) => task),
  );
const workSince = (those: readonly string[], since: number): Promise<void> =>
  until('all of them to work', () => those.every((id) => workedBetween(since, Number.POSITIVE_INFINITY).has(id)), 60_000);

/** Nothing was done by an owner behind a later one's first deed. */
function expectSound(deeds: readonly Deed[]): void {
  for (const each of byTask(deeds).values()) {
    expect([overlapsIn(each.filter(({ what }) => what === 'works' || what === 'begins')), wrongBegins(each)]).toEqual([[], []]);
  }
}

/** Longer than any lease. */
const away = leaseTimes.ttl + 3_000;

describe('tasks whose Redis is away for longer than their lease', () => {
  it.each([
    ['is stopped, and started again', () => redis.kill('SIGTERM'), () => redis.restart()],
    ['stands still, and goes on', async () => redis.signal('SIGSTOP'), async () => redis.signal('SIGCONT')],
  ])(
    'stop in time, unless they may do without, and each goes on with one owner: it %s',
    { timeout: 120_000 },
    async (_, leave, comeBack) => {
      await startTasks();
      // Each node has its share by then, and hands none over.
      await pause(4_000);
      await leave();
      const left = present();
      await pause(away);
      const back = present();
      await comeBack();
      await workSince(ids, present() + 1_000);
      // Between the moment at which they must have stopped and its return.
      const meanwhile = workedBetween(left + leaseTimes.ttl, back);
      expect(meanwhile).toEqual(new Set(idsOf('o')));
      const deeds = deedsIn(witness);
      expectSound(deeds);
      // Those that went on without it are not begun anew.
      const begunAnew = deeds.filter(({ what, task, at }) => what === 'begins' && task.startsWith('o') && at > left && at < back + 500);
      expect(begunAnew).toEqual([]);
      for (const { id, crashes } of (await hatstand.tasks.list({ limit: 500 })).tasks) expect([id, crashes]).toEqual([id, 0]);
    },
  );
});

describe('a node that has lost Redis alone, and is linked to another', () => {
  let proxies: ReadonlyMap<string, TcpProxy>;
  beforeEach(async () => {
    await Promise.all(nodes.splice(0).map((node) => endTaskNode(node, 'SIGTERM')));
    const names = ['n4', 'n5'];
    proxies = new Map(await Promise.all(names.map(async (name) => [name, await startProxy(redis.port)] as const)));
    for (const [name, { port }] of proxies) nodes.push(await startTaskNode(`redis://127.0.0.1:${port}`, cluster, name, witness));
  });
  afterEach(async () => void (await Promise.all([...proxies.values()].map((proxy) => proxy.close().catch(() => undefined)))));

  const tasksOf = async (node: string): Promise<readonly string[]> =>
    (await hatstand.tasks.list({ limit: 500 })).tasks.filter(({ holder }) => holder.startsWith(`${node}.`)).map(({ id }) => id);

  it.each([
    ['whose connection falls silent', (proxy: TcpProxy) => proxy.silence()],
    ['which is refused', (proxy: TcpProxy) => proxy.close()],
  ])('ends all its tasks before the other takes them, also those that may do without: %s', { timeout: 120_000 }, async (_, lose) => {
    await startTasks();
    await until('half of them', async () => (await tasksOf('n5')).length === count, 30_000);
    // Whatever it is about to take or to hand over by then is done.
    await pause(2_000);
    const node = (await tasksOf('n4')).some((id) => id.startsWith('o')) ? 'n4' : 'n5';
    const its = await tasksOf(node);
    expect(its).toEqual(expect.arrayContaining([expect.stringMatching(/^o/)]));
    await lose(proxies.get(node) ?? expect.fail(node));
    const lost = present();
    await workSince(ids, lost + leaseTimes.ttl);
    // What one that may do without keeps meanwhile does not count.
    const deeds = deedsIn(witness).filter(({ task, what, at }) => !(task.startsWith('o') && what === 'kept' && at > lost));
    expectSound(deeds);
    const elsewhere = new Set(deeds.filter(({ what, at }) => what === 'begins' && at > lost).map(({ task }) => task));
    expect(its.filter((id) => !elsewhere.has(id))).toEqual([]);
  });
});
