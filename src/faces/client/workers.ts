/** Workers under `/v1`. */
import type { Serving } from '../../core/node.ts';
import type { Connection } from './connection.ts';

/** A live node that knows a worker. */
export interface WorkerNode {
  readonly node: string;
  readonly incarnation: string;
  /** `off`: it runs no job there. */
  readonly state: 'active' | 'draining' | 'late' | 'off';
  /** Attempts at once; `null`: the node does not tell. */
  readonly concurrency: number | null;
  readonly queues: Serving['queues'];
}

export interface Worker {
  readonly name: string;
  /** A node starts jobs of it now. */
  readonly active: boolean;
  /** Attempts at once on all nodes that start jobs of it. */
  readonly concurrency: number;
  readonly waiting: number;
  readonly running: number;
  readonly nodes: readonly WorkerNode[];
}

export interface WorkerPage {
  /** By name: those that a live node knows, and those for which jobs wait or run. */
  readonly workers: readonly Worker[];
  /** Nodes that know more workers than they tell. */
  readonly untold: readonly string[];
}

export interface Workers {
  list(): Promise<WorkerPage>;
}

export const makeWorkers = (connection: Connection): Workers => ({
  list: () => connection.json({ method: 'GET', path: '/v1/workers' }),
});
