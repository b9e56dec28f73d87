import { expect, it } from 'vitest';
import { cancelMoves } from '../../../core/transitions.ts';
import { asked } from '../../conformance/subject.ts';
import { newCluster, open, server } from '../store.suite.ts';

/** How often Redis has been asked for members by their scores. */
async function ranges(): Promise<number> {
  const stats = String(await server.ask('INFO', 'commandstats'));
  return Number(/cmdstat_zrangebyscore:calls=(\d+)/.exec(stats)?.[1] ?? 0);
}

it('a scrub asks once for all jobs that ended in the same millisecond', async () => {
  const store = await open(newCluster());
  const pushed = await store.jobs.push(Array.from({ length: 1_000 }, () => asked()));
  const ids = pushed.flatMap((each) => (each.kind === 'pushed' ? each.id : []));
  await Promise.all(ids.map((id) => store.jobs.change(id, cancelMoves)));
  const ended = new Set((await Promise.all(ids.map((id) => store.jobs.get(id)))).map((job) => job?.endedAt));
  const before = await ranges();
  const { repaired } = await store.upkeep.scrub(null, 10_000);
  expect(repaired).toEqual({});
  // One of each millisecond, and those of other indexes.
  expect((await ranges()) - before).toBeLessThan(ended.size + 50);
  expect(ended.size).toBeLessThan(500);
});
