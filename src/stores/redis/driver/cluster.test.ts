/** A Redis Cluster whose slot moves and whose master dies. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RedisCluster, startRedisCluster } from '../../../../test/support/redis-cluster.ts';
import { startRedis } from '../../../../test/support/redis-server.ts';
import { until } from '../../../../test/support/until.ts';
import { codeOf, key, messageOfRefusal, openTestDriver, tag } from './driver.suite.ts';
import { openDriver } from './driver.ts';

let cluster: RedisCluster;
beforeAll(async () => {
  cluster = await startRedisCluster();
});
afterAll(() => cluster.stop());

it('finds the master of its slot, from any node', async () => {
  for (const node of cluster.nodes) {
    const driver = await openTestDriver(`redis+cluster://127.0.0.1:${node.port}`);
    await driver.append('a');
  }
  expect(await (await cluster.masterOf(key)).ask('LLEN', key)).toBe(6);
});

it('says when a server is no node of a cluster, or has one where one server was meant', async () => {
  const single = await startRedis();
  const url = `redis+cluster://127.0.0.1:${single.port}`;
  expect(await messageOfRefusal(openDriver({ url, tag }))).toMatch(/^store_unusable: .*not a node of a Redis Cluster/);
  await single.stop();
});

it('refuses everything while the slot moves, rather than do a part, and goes on at the new master', async () => {
  const driver = await openTestDriver(cluster.url, { deadline: 400 });
  const both = {
    name: 'both',
    writes: true,
    source: "#!lua\nredis.call('RPUSH', KEYS[1], 'x')\nreturn redis.call('SET', KEYS[1] .. ':new', 1)",
  };
  expect(await codeOf(driver.append('b'))).toBe('done: 7');
  const move = await cluster.startMove(key);
  expect(await messageOfRefusal(driver.run(both, [key], []))).toMatch(/^store_unavailable: .*TRYAGAIN/);
  expect(await move.from.ask('LLEN', key)).toBe(7);
  await move.moveKeys([key]);
  expect(await codeOf(driver.append('c'))).toBe('store_unavailable');
  expect(await codeOf(driver.all())).toBe('store_unavailable');
  await move.finish();
  expect(await codeOf(driver.append('c'))).toBe('done: 8');
  expect(await (await cluster.masterOf(key)).ask('LLEN', key)).toBe(8);
  expect(await cluster.masterOf(key)).toBe(move.to);
});

it('goes on when the master dies and its replica takes over, calls and subscription', async () => {
  const driver = await openTestDriver(cluster.url);
  const heard: string[] = [];
  let gaps = 0;
  await driver.subscribe(
    'hints',
    (message) => heard.push(message),
    () => (gaps += 1),
  );
  const old = await cluster.masterOf(key);
  await old.kill('SIGKILL');
  await until('a call being taken', async () => (await codeOf(driver.append('d'))) === 'done: 9');
  await until('the gap', () => gaps > 0);
  const master = await cluster.masterOf(key);
  expect(master).not.toBe(old);
  await master.ask('PUBLISH', 'hints', 'x');
  await until('the message', () => heard.length === 1);
}, 60_000);
