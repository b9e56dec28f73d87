import { expect, it, vi } from 'vitest';
import type { MachineUse } from '../core/node-health.ts';
import { openMemory } from '../stores/memory/index.ts';
import { silent } from '../system/silent.ts';
import { controlled, duty, ended, liveNodes, node, push } from './engine.suite.ts';

/** A node on a machine whose load the test sets. */
async function stage(thresholds: MachineUse) {
  let use: MachineUse = { cpu: 10, memory: 20 };
  const log = { ...silent, warn: vi.fn(), info: vi.fn() };
  const store = openMemory();
  const work = controlled();
  const health = { machine: { use: () => use }, thresholds, every: 60_000 };
  const engine = node(store, work.executor, 2, { health, log });
  await engine.start();
  return {
    ...{ engine, log, store, work },
    async machineUses(next: MachineUse) {
      use = next;
      await duty(engine, 'health').tick();
      await duty(engine, 'renew').tick();
    },
  };
}

it('a critical node starts no job, keeps what runs, and goes on when it has recovered', async () => {
  const { engine, store, work, machineUses, log } = await stage({ cpu: 90, memory: null });
  const first = await push(engine);
  const running = await work.attempt(0);
  await machineUses({ cpu: 91, memory: 99 });
  expect(await liveNodes(store)).toMatchObject([{ load: { cpu: 91, memory: 99, isCritical: true, running: 1 } }]);
  expect(log.warn).toHaveBeenCalledWith('node.critical', expect.objectContaining({ over: ['cpu'], cpu: 91 }));
  const second = await push(engine);
  running.succeed();
  expect(await ended(engine, first)).toMatchObject({ state: 'succeeded' });
  await duty(engine, 'dispatch').tick();
  await machineUses({ cpu: 88, memory: 99 });
  expect([work.running.length, (await store.jobs.get(second.id))?.state]).toEqual([1, 'queued']);
  await machineUses({ cpu: 85, memory: 99 });
  (await work.attempt(1)).succeed();
  expect(await ended(engine, second)).toMatchObject({ state: 'succeeded' });
  expect(log.info).toHaveBeenCalledWith('node.recovered', expect.anything());
});

it('without a threshold no load is critical, and it is told all the same', async () => {
  const { store, machineUses } = await stage({ cpu: null, memory: null });
  await machineUses({ cpu: 2_000, memory: 100 });
  expect(await liveNodes(store)).toMatchObject([{ load: { cpu: 2_000, memory: 100, isCritical: false } }]);
});
