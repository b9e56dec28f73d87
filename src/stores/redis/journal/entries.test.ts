import { describe, expect, it } from 'vitest';
import { eventOf, publishOf } from '../../conformance/journal.publish.suite.ts';
import { entriesOf } from '../../conformance/subject.ts';
import { newCluster, open, server, write } from '../store.suite.ts';

describe('a page of the journal', () => {
  it('is read from Redis without the entries that it has no room for', async () => {
    const store = await open(newCluster());
    const doc = JSON.stringify('x'.repeat(2_000_000));
    for (let i = 0; i < 16; i++) await store.journal.publish(publishOf([eventOf({ id: `${i}`, doc })]));
    const vm = async (): Promise<number> => Number(/used_memory_lua:(\d+)/.exec(String(await server.ask('INFO', 'memory')))?.[1]);
    await server.ask('SCRIPT', 'FLUSH', 'SYNC');
    const before = await vm();
    expect(await entriesOf(store)).toHaveLength(1);
    const after = await vm();
    expect(after - before).toBeLessThan(8_000_000);
  });
});

it('a sweep takes away what somebody else wrote among the events that are counted', async () => {
  const name = newCluster();
  const store = await open(name);
  await store.journal.publish(publishOf([eventOf({ id: 'a' })]));
  await write(name, ['ZADD', 'told', '-inf', 'x y'], ['ZADD', 'told', '0', 'z']);
  const retention = { ended: null, journal: 60_000, told: 0, idempotency: 60_000, output: 16_384, limit: 100 };
  for (let round = 0; round < 4; round++) await store.upkeep.sweep(retention);
  expect(await entriesOf(store)).toEqual([]);
});
