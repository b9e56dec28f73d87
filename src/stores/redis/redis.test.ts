import { afterAll, beforeAll } from 'vitest';
import { type RedisServer, startRedis } from '../../../test/support/redis-server.ts';
import { storeModel } from '../conformance/model.suite.ts';
import type { Opened } from '../conformance/subject.ts';
import { sharedStoreSuite, storeSuite } from '../conformance/suite.ts';
import { storeTurns } from '../conformance/turns.suite.ts';
import { openRedis } from './index.ts';

let server: RedisServer;
let clusters = 0;

beforeAll(async () => {
  server = await startRedis();
});

afterAll(() => server.stop());

/** A cluster of its own, on a server that all tests share. */
async function open(): Promise<Opened> {
  clusters += 1;
  const store = await openRedis({ url: server.url, cluster: `test-${clusters}` });
  return { store, advance: (by) => store.advance(by), close: () => store.close() };
}

storeSuite('the Redis store', open);
sharedStoreSuite('the Redis store', open);
storeModel('the Redis store', open, 60);
storeTurns('the Redis store', open, 40);
