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

interface Counted {
  readonly jobs: ReturnType<typeof makeJobPort>;
  /** How many calls each reply has answered. */
  readonly answered: readonly number[];
}

function counted(): Counted {
  const answered: number[] = [];
  const counting: Pick<Driver, 'run'> = {
    async run(script, keys, args) {
      const replies = await driver.run(script, keys, args);
      if (!script.writes && Array.isArray(replies)) answered.push(replies.length);
      return replies;
    },
  };
  const calls = makeCalls(counting, prefixOf('looks'), { serverId: 0, node: noWord, ahead: 0 }, () => {});
  return { jobs: makeJobPort(calls, makeSearcher(), { pushed: () => {}, unreadable: () => {} }), answered };
}

const payload = JSON.stringify('x'.repeat(1_000_000));

it('answers a few large ones at a time, and all in the end', async () => {
  const { jobs, answered } = counted();
  const sizes = [1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 0];
  const pushed = kept(await jobs.push(sizes.map((size) => (size === 1 ? asked({ payload }) : asked()))));
  const read = await Promise.all(pushed.map(({ id }) => jobs.get(id)));
  expect(read.map((job) => job?.payload?.length ?? 0)).toEqual(sizes.map((n) => n * payload.length));
  expect(answered).toEqual([3, 4, 3, 1]);
});

it('asks once what several ask at the same time', async () => {
  const { jobs, answered } = counted();
  const [one = '', other = ''] = kept(await jobs.push([asked({ payload }), asked()])).map(({ id }) => id);
  const read = await Promise.all([one, other, one, one].map((id) => jobs.get(id)));
  expect(read.map((job) => job?.id)).toEqual([one, other, one, one]);
  expect(answered).toEqual([2]);
  expect((await jobs.get(one))?.id).toBe(one);
  expect(answered).toEqual([2, 1]);
});
