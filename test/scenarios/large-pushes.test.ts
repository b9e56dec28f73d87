/** Pushes of any size through the library, on both stores that keep: what is kept, and that others have their turn meanwhile. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Hatstand, openRedis, openSqlite, type Store } from '../../src/index.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';

let redis: RedisServer;
let folder: string;
let clusters = 0;
beforeAll(async () => {
  redis = await startRedis();
  folder = mkdtempSync(join(tmpdir(), 'hatstand-pushes-'));
});
afterAll(async () => {
  await redis.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe.each<[string, () => Promise<Store>]>([
  ['SQLite', () => openSqlite({ path: join(folder, String(++clusters)) })],
  ['Redis', () => openRedis({ url: redis.url, cluster: String(++clusters) })],
])('many jobs in one push on %s', (_, open) => {
  let hatstand: Hatstand;
  beforeEach(async () => {
    hatstand = new Hatstand({ store: await open() });
  });
  afterEach(() => hatstand.stop());

  const queued = async (): Promise<number> => (await hatstand.count()).reduce((sum, { counts }) => sum + counts.queued, 0);

  /** How often the store has answered somebody else before the push was done. */
  async function answeredDuring(push: Promise<unknown>): Promise<number> {
    let over = false;
    const done = push.finally(() => {
      over = true;
    });
    let answered = 0;
    for (; !over; answered++) await queued();
    await done;
    return answered;
  }

  it('are kept in order, and the store answers others meanwhile', async () => {
    await queued();
    const push = hatstand.pushMany(
      'w',
      Array.from({ length: 20_000 }, (_, at) => at),
    );
    expect(await answeredDuring(push)).toBeGreaterThan(10);
    const pushed = await push;
    expect(pushed.map(({ payload }) => Number(payload))).toEqual(Array.from({ length: 20_000 }, (_, at) => at));
    expect(new Set(pushed.map(({ id }) => id)).size).toBe(20_000);
    expect(await queued()).toBe(20_000);
  });

  it('are kept when they are large, also as they are made', async () => {
    const large = 'x'.repeat(500_000);
    let made = 0;
    async function* making(): AsyncGenerator<string> {
      for (; made < 60; made++) yield large;
    }
    const push = hatstand.pushMany('w', making());
    expect(await answeredDuring(push)).toBeGreaterThan(3);
    expect((await push).map(({ payload }) => payload?.length)).toEqual(Array.from({ length: 60 }, () => large.length));
    expect(await queued()).toBe(60);
  });

  it('are made once however often they are pushed, by their keys', async () => {
    const payloads = Array.from({ length: 2_500 }, (_, at) => ({ order: at }));
    const keyed = { idempotencyKey: (payload: unknown, at: number) => `${at}-${JSON.stringify(payload)}` };
    const pushed = await hatstand.pushMany('w', payloads, keyed);
    const again = await hatstand.pushMany('w', payloads.values(), keyed);
    expect(again.map(({ id }) => id)).toEqual(pushed.map(({ id }) => id));
    expect(await queued()).toBe(2_500);
  });
});
