import { expect, it } from 'vitest';
import { jobStates } from './job.ts';
import { type NodeRecord, noLoad, type Serving } from './node.ts';
import type { StateCounts } from './queue.ts';
import { workerList } from './worker-list.ts';

const node = (name: string, serves: readonly Serving[] | null, otherwise: Partial<NodeRecord> = {}): NodeRecord => ({
  ...{ incarnation: `${name}.1`, name, version: '1', address: '', serverId: 1, startedAt: 0, mode: 'active', state: 'live' },
  ...{ load: noLoad, link: null, heardAgo: 0, leaseLeft: 1, serves },
  ...otherwise,
});
const counts = (some: Partial<StateCounts>): StateCounts =>
  ({ ...Object.fromEntries(jobStates.map((state) => [state, 0])), ...some }) as StateCounts;

it('tells of each worker where it runs, and what waits for it', () => {
  const nodes = [
    node('a', [
      { worker: 'mail', queues: 'any', concurrency: 4 },
      { worker: 'off', queues: 'any', concurrency: 0 },
    ]),
    node('b', [{ worker: 'mail', queues: ['slow'], concurrency: 2 }], { mode: 'draining' }),
    node('c', [{ worker: 'mail', queues: 'any' }], { leaseLeft: 0 }),
    node('gone', [], { state: 'left' }),
    node('many', null),
  ];
  const { workers, untold } = workerList(nodes, [
    { worker: 'mail', counts: counts({ queued: 2, scheduled: 1, running: 3, stopping: 1, succeeded: 9 }) },
    { worker: 'mail', counts: counts({ queued: 1 }) },
    { worker: 'nobody', counts: counts({ queued: 1 }) },
    { worker: 'ended', counts: counts({ failed: 1 }) },
  ]);
  expect(workers).toEqual([
    {
      ...{ name: 'mail', isActive: true, concurrency: 4, waiting: 4, running: 4 },
      nodes: [
        { node: 'a', incarnation: 'a.1', state: 'active', concurrency: 4, queues: 'any' },
        { node: 'b', incarnation: 'b.1', state: 'draining', concurrency: 2, queues: ['slow'] },
        { node: 'c', incarnation: 'c.1', state: 'late', concurrency: null, queues: 'any' },
      ],
    },
    { name: 'nobody', isActive: false, concurrency: 0, waiting: 1, running: 0, nodes: [] },
    {
      ...{ name: 'off', isActive: false, concurrency: 0, waiting: 0, running: 0 },
      nodes: [{ node: 'a', incarnation: 'a.1', state: 'off', concurrency: 0, queues: 'any' }],
    },
  ]);
  expect(untold).toEqual(['many.1']);
});
