/** The workers of the cluster: what live nodes tell of them, and what waits for them. */
import type { JobState } from './job.ts';
import { conditionOf, type Incarnation, type NodeRecord, type Serving } from './node.ts';
import type { StateCounts } from './queue.ts';

/** `off`: it is known there, and runs no job; the others as of the node (core/node.ts). */
export const workerNodeStates = ['active', 'critical', 'draining', 'late', 'off'] as const;

/** A node that knows a worker. */
export interface WorkerNode {
  readonly node: string;
  readonly incarnation: Incarnation;
  readonly state: (typeof workerNodeStates)[number];
  /** Attempts at once; `null`: the node does not tell. */
  readonly concurrency: number | null;
  readonly queues: Serving['queues'];
}

export interface WorkerSummary {
  readonly name: string;
  /** A node starts jobs of it now. */
  readonly isActive: boolean;
  /** Attempts at once on all nodes that start jobs of it. */
  readonly concurrency: number;
  readonly waiting: number;
  readonly running: number;
  /** In the order of their joining. */
  readonly nodes: readonly WorkerNode[];
}

export interface WorkerList {
  /** By name: those that a live node knows, and those for which jobs wait. */
  readonly workers: readonly WorkerSummary[];
  /** Live nodes that know more workers than they tell: any may be among them. */
  readonly untold: readonly Incarnation[];
}

/** How many jobs of one worker are in which state, in one of its queues. */
interface Count {
  readonly worker: string;
  readonly counts: StateCounts;
}

export function workerList(nodes: readonly NodeRecord[], counts: readonly Count[]): WorkerList {
  const live = nodes.filter(({ state }) => state === 'live');
  const knowing = Map.groupBy(
    live.flatMap((node) => (node.serves ?? []).map((serving) => ({ node, serving }))),
    ({ serving }) => serving.worker,
  );
  const [waiting, running] = [sumsOf(counts, ['scheduled', 'queued']), sumsOf(counts, ['running', 'stopping'])];
  const names = [...new Set([...knowing.keys(), ...waiting.keys(), ...running.keys()])].sort((a, b) => (a < b ? -1 : 1));
  return {
    workers: names.map((name) => {
      const at = (knowing.get(name) ?? []).map(({ node, serving }) => workerNode(node, serving));
      const active = at.filter(({ state }) => state === 'active');
      return {
        ...{ name, isActive: active.length > 0, concurrency: active.reduce((sum, { concurrency }) => sum + (concurrency ?? 0), 0) },
        ...{ waiting: waiting.get(name) ?? 0, running: running.get(name) ?? 0, nodes: at },
      };
    }),
    untold: live.filter(({ serves }) => serves === null).map(({ incarnation }) => incarnation),
  };
}

/** By worker, without those that have none. */
function sumsOf(counts: readonly Count[], states: readonly JobState[]): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const { worker, counts: line } of counts) {
    const count = states.reduce((sum, state) => sum + line[state], 0);
    if (count > 0) sums.set(worker, (sums.get(worker) ?? 0) + count);
  }
  return sums;
}

function workerNode(node: NodeRecord, serving: Serving): WorkerNode {
  const { queues } = serving;
  const concurrency = serving.concurrency ?? null;
  const condition = conditionOf(node);
  // A live node has neither left nor been buried.
  const state = concurrency === 0 ? 'off' : condition === 'left' || condition === 'buried' ? 'late' : condition;
  return { node: node.name, incarnation: node.incarnation, state, concurrency, queues };
}
