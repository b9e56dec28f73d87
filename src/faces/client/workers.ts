/** Workers under `/v1`. */
import type { WorkerNode } from '../../core/worker-list.ts';
import type { Connection } from './connection.ts';

export type { WorkerNode };

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
