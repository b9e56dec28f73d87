/** Sentinels that choose another master, under load; and a master that takes a claim into its grave. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type SentinelGroup, startSentinels } from '../support/redis-sentinels.ts';
import type { RedisServer } from '../support/redis-server.ts';
import { until } from '../support/until.ts';
import { scaled } from './scale.ts';
import { onStage, type Stage } from './stage.ts';

let group: SentinelGroup;
beforeEach(async () => {
  group = await startSentinels({ flags: ['--appendonly', 'yes', '--appendfsync', 'everysec'] });
});
afterEach(() => group.stop());

/** Kills the master under load, `times` times, and waits each time until pushes are acknowledged again. */
async function killMasters({ nodes, load, took }: Stage, times: number, afterwards: (old: RedisServer) => Promise<void>): Promise<void> {
  await nodes.startAll(2);
  const pushes = load();
  for (let n = 0; n < times; n++) {
    await pushes.more(100);
    const master = await group.master();
    await master.kill('SIGKILL');
    const killed = performance.now();
    await until('another master', async () => (await group.master()) !== master);
    await afterwards(master);
    await pushes.more(1);
    took(performance.now() - killed);
  }
  await pushes.more(50);
}

describe('a failover', () => {
  it('under load loses nothing that a replica had confirmed', { timeout: 240_000 }, () =>
    onStage(
      { scenario: 'Sentinel failover, redis-replicated', store: group.url, flags: ['--durability', 'redis-replicated'] },
      async (stage) => {
        await killMasters(stage, scaled(1, 5), async (master) => {
          // The new master takes nothing before it has a replica, which the old one becomes.
          await master.restart();
        });
        await stage.finish();
      },
    ),
  );

  it('under load lets everything go on, less perhaps the newest moment', { timeout: 240_000 }, () =>
    onStage({ scenario: 'Sentinel failover, redis-everysec', store: group.url }, async (stage) => {
      await killMasters(stage, 1, async () => {});
      const { acknowledged, lost } = await stage.finish({ mayForget: true });
      expect(lost).toBeLessThan(acknowledged / 20);
    }),
  );

  it('that forgets a claim lets the job run again under a greater fence, and takes one result', { timeout: 120_000 }, () =>
    onStage({ scenario: 'Sentinel failover that forgets a claim', store: group.url }, async (stage) => {
      const { app, nodes, store } = stage;
      const pusher = await nodes.start(['--dispatchers', '0']);
      const ids = await stage.push(pusher.address, '/hold', 5);
      const [master, replica] = [await group.master(), await group.replica()];
      await until('the jobs on the replica', async () => Number(await master.ask('WAIT', '1', '1000')) === 1);
      // From here on the replica gets nothing any more; the sentinels would mend that only after some seconds.
      await replica.ask('REPLICAOF', '127.0.0.1', '1');
      const forgotten = await nodes.start(['--dispatchers', '16']);
      await app.seen(() => app.runs.length === ids.length);
      process.kill(forgotten.pid, 'SIGSTOP');
      await master.kill('SIGKILL');
      const killed = performance.now();
      await until('another master', async () => (await group.master()) === replica);
      await nodes.start(['--dispatchers', '16']);
      await app.seen(() => ids.every((id) => app.runsOf(id).length === 2));
      for (const id of ids) {
        const [first, second] = app.runsOf(id);
        expect(second?.fence).toBeGreaterThan(first?.fence ?? 0n);
        stage.took((second?.begunAt ?? 0) - killed);
      }
      // The answers to the forgotten attempts lie ready when their node goes on.
      const first = new Set(app.runs.slice(0, ids.length));
      app.release((run) => first.has(run));
      process.kill(forgotten.pid, 'SIGCONT');
      // A node that sent one to the old master before it noticed its end cannot know that it was refused only now.
      const unconfirmed = (): number => nodes.lines('job.unconfirmed').length;
      await nodes.seen(() => nodes.lines('job.lost').length + unconfirmed() === ids.length);
      for (const id of ids) expect(await store.jobs.get(id)).toMatchObject({ state: 'running' });
      app.release();
      const findings = await stage.finish({ mayForget: true });
      expect(findings).toMatchObject({ lost: 0, duplicated: 0, refused: ids.length - unconfirmed(), repeated: ids.length });
    }),
  );
});
