/** Nodes that die, stop, stand still and come back. */
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { leaseTimes } from '../../src/core/node.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { scaled } from './scale.ts';
import { onStage, type Stage } from './stage.ts';

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis({ flags: ['--appendonly', 'yes', '--appendfsync', 'everysec'] });
});
afterAll(() => redis.stop());

/** From the death of a node until its jobs run elsewhere. */
const takenOverWithin = leaseTimes.ttl + 1_000;
/** From the signal until the jobs of a node that is told to stop run elsewhere. */
const handedOverWithin = 200;

describe('kill -9', () => {
  const time = scaled(15_000, 180_000);

  it(`of one of three nodes every few seconds under load, for ${time / 1_000} s`, { timeout: time + 120_000 }, () =>
    onStage({ scenario: 'kill -9 of 1 of 3 nodes, again and again', store: redis.url }, async (stage) => {
      const { nodes } = stage;
      await nodes.startAll(3);
      const load = stage.load();
      for (const end = performance.now() + time; performance.now() < end; ) {
        await setTimeout(2_000 + Math.random() * 2_000);
        const [victim] = nodes.live;
        if (victim !== undefined) await nodes.kill(victim, 'SIGKILL');
        await nodes.start();
      }
      await load.more(10);
      const { acknowledged } = await stage.finish();
      expect(acknowledged).toBeGreaterThan(time / 100);
    }),
  );

  it(`lets its jobs run elsewhere within ${takenOverWithin / 1_000} s`, { timeout: 200_000 }, () =>
    onStage({ scenario: 'kill -9, until its jobs run elsewhere', store: redis.url }, async (stage) => {
      const times = await handOver(stage, 'SIGKILL', scaled(1, 8));
      expect(Math.max(...times)).toBeLessThan(takenOverWithin);
      await stage.finish();
    }),
  );
});

describe('SIGTERM', () => {
  it(`hands over within ${handedOverWithin} ms`, { timeout: 120_000 }, () =>
    onStage({ scenario: 'graceful stop, until its jobs run elsewhere', store: redis.url }, async (stage) => {
      const times = await handOver(stage, 'SIGTERM', scaled(5, 15));
      // The median: a machine that is busy with other tests now and then lets a process wait for longer than that.
      expect(times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)]).toBeLessThan(handedOverWithin);
      await stage.finish();
    }),
  );
});

describe('SIGSTOP', () => {
  it('past the lease: the jobs run elsewhere, and after SIGCONT the zombie writes nothing', { timeout: 60_000 }, () =>
    onStage({ scenario: 'SIGSTOP past the lease, then SIGCONT', store: redis.url }, async (stage) => {
      const { app, nodes } = stage;
      const zombie = await nodes.start();
      const ids = await stage.push(zombie.address, '/hold', scaled(5, 10));
      await app.seen(() => app.runs.length === ids.length);
      const heir = await nodes.start();
      const stopped = performance.now();
      process.kill(zombie.pid, 'SIGSTOP');
      await app.seen(() => ids.every((id) => app.runsOf(id).length === 2));
      for (const { begunAt } of app.runs.slice(ids.length)) stage.took(begunAt - stopped);
      // Its answers lie ready when it goes on.
      const old = new Set(app.runs.slice(0, ids.length));
      app.release((run) => old.has(run));
      process.kill(zombie.pid, 'SIGCONT');
      await zombie.line(/\.2",.*node\.joined/);
      await nodes.seen(() => nodes.lines('job.lost').length === ids.length);
      for (const id of ids) expect(await stage.store.jobs.get(id)).toMatchObject({ state: 'running', lost: 1 });
      app.release();
      const load = stage.load();
      await load.more(50);
      expect(await stage.finish()).toMatchObject({ refused: ids.length, repeated: ids.length });
      expect(nodes.live).toEqual([zombie, heir]);
    }),
  );
});

/** A node that has jobs ends while another one has room, `count` times. Answers how long it took each time until all ran there. */
async function handOver(stage: Stage, signal: 'SIGKILL' | 'SIGTERM', count: number): Promise<readonly number[]> {
  const { app, nodes } = stage;
  const flags = ['--dispatchers', '8', '--shutdown-timeout', '0'];
  let holder = await nodes.start(flags);
  const times: number[] = [];
  while (times.length < count) {
    const ids = await stage.push(holder.address, '/hold', 4);
    await app.seen(() => ids.every((id) => app.runsOf(id).length === 1));
    const heir = await nodes.start(flags);
    // Anywhere between two renewals.
    await setTimeout(Math.random() * leaseTimes.renewEvery);
    const told = performance.now();
    const ended = nodes.kill(holder, signal);
    await app.seen(() => ids.every((id) => app.runsOf(id).length === 2));
    times.push(performance.now() - told);
    await ended;
    app.release();
    holder = heir;
  }
  return times;
}
