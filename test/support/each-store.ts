/** The same tests on memory, SQLite and Redis. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, onTestFinished } from 'vitest';
import type { Opened } from '../../src/stores/conformance/subject.ts';
import { openMemory } from '../../src/stores/memory/index.ts';
import { openRedis } from '../../src/stores/redis/index.ts';
import { openSqlite } from '../../src/stores/sqlite/index.ts';
import { type RedisServer, startRedis } from './redis-server.ts';

/** Opens a store with nothing in it, whose clock goes on by itself; it is closed after the test. */
export type OpenStore = () => Promise<Pick<Opened, 'store' | 'advance'>>;

let clusters = 0;

/** @param tests is called for each store, to declare its tests */
export function onEachStore(name: string, tests: (open: OpenStore) => void): void {
  let redis: RedisServer;

  const stores: Readonly<Record<string, OpenStore>> = {
    async memory() {
      let ahead = 0;
      const store = openMemory({ clock: { now: () => performance.timeOrigin + performance.now() + ahead } });
      const advance = async (by: number): Promise<void> => {
        ahead += by;
      };
      return { store, advance };
    },
    async SQLite() {
      const path = mkdtempSync(join(tmpdir(), 'hatstand-'));
      const store = await openSqlite({ path, ballastBytes: 0 });
      onTestFinished(async () => {
        await store.close();
        rmSync(path, { recursive: true });
      });
      return { store, advance: store.advance };
    },
    async Redis() {
      clusters += 1;
      const store = await openRedis({ url: redis.url, cluster: `each-${clusters}` });
      onTestFinished(() => store.close());
      return { store, advance: store.advance };
    },
  };

  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());
  describe.each(Object.entries(stores))(`${name}, on %s`, (_, open) => tests(open));
}
