/** Looks that travel together are answered as far as their reply has room (looks.lua). */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../../../test/support/redis-server.ts';
import { asked, kept } from '../../conformance/subject.ts';
import { makeSearcher } from '../../searcher.ts';
import { type Driver, openDriver } from '../driver/driver.ts';
import { prefixOf, tagOf } from '../format/keys.ts';
import { noWord } from '../format/words.ts';
import { makeJobPort } from '../jobs/port.ts';
import { makeCalls } from './calls.ts';

let server: RedisServer;
let driver: Driver;
beforeAll(async () => {
  server = await startRedis();
  driver = await openDriver({ url: server.url, tag: tagOf('looks') });
});
afterAll(async () => {
  await driver.close();
  await server.stop();
});

it('answers a few large ones at a time, and all in the end', async () => {
  const answered: number[] = [];
  const counting: Pick<Driver, 'run'> = {
    async run(script, keys, args) {
      const replies = await driver.run(script, keys, args);
      if (!script.writes && Array.isArray(replies)) answered.push(replies.length);
      return replies;
    },
  };
  const calls = makeCalls(counting, prefixOf('looks'), { serverId: 0, node: noWord, ahead: 0 }, () => {});
  const jobs = makeJobPort(calls, makeSearcher(), { pushed: () => {}, unreadable: () => {} });
  const payload = JSON.stringify('x'.repeat(1_000_000));
  const pushed = await jobs.push([asked(), asked({ payload }), asked({ payload }), asked({ payload })]);
  const [small = '', ...large] = kept(pushed).map(({ id }) => id);
  const read = await Promise.all([...large, small, ...large, ...large, small].map((id) => jobs.get(id)));
  expect(read.map((job) => job?.payload?.length ?? 0)).toEqual([1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 0].map((n) => n * payload.length));
  expect(answered).toEqual([3, 4, 3, 1]);
});
