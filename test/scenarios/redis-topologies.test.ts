/** The store behind sentinels and on a Redis Cluster: the contract is the same. */
import { afterAll, beforeAll, describe } from 'vitest';
import type { Opened } from '../../src/stores/conformance/subject.ts';
import { sharedStoreSuite, storeSuite } from '../../src/stores/conformance/suite.ts';
import { openRedis } from '../../src/stores/redis/index.ts';
import { startRedisCluster } from '../support/redis-cluster.ts';
import { startSentinels } from '../support/redis-sentinels.ts';

describe.each([
  ['behind sentinels', () => startSentinels()],
  ['on a Redis Cluster', () => startRedisCluster()],
])('%s', (_where, start) => {
  let servers: { readonly url: string; stop(): Promise<void> };
  let clusters = 0;

  beforeAll(async () => {
    servers = await start();
  });
  afterAll(() => servers.stop());

  /** A cluster of its own, so in Redis Cluster also a slot of its own. */
  async function open(): Promise<Opened> {
    clusters += 1;
    const store = await openRedis({ url: servers.url, cluster: `test-${clusters}` });
    return { store, advance: (by) => store.advance(by), close: () => store.close() };
  }

  storeSuite('the Redis store', open);
  sharedStoreSuite('the Redis store', open);
});
