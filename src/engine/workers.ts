/** The workers this node serves: by name, with the executor that runs them and the slots they have left. */
import { HatstandError } from '../core/errors.ts';
import { checkName } from '../core/new-job.ts';
import type { Executor } from '../ports/executor.ts';
import type { Want } from '../ports/store.ts';

export interface Worker {
  readonly name: string;
  readonly executor: Executor;
  /** Attempts that run at once on this node. */
  readonly concurrency: number;
  /** The queues it serves. */
  readonly queues: 'any' | readonly string[];
}

export interface Workers {
  /** Throws `conflict` when the name is taken, `invalid_request` for a senseless one. */
  add(worker: Worker): void;
  get(name: string): Worker | undefined;
  /** What could start now: one want per worker with free slots. */
  wants(): readonly Want[];
  take(name: string): void;
  free(name: string): void;
  running(): number;
  executors(): ReadonlySet<Executor>;
}

const mostSlots = 100_000;
/** One claim asks for half of a worker's slots at most: while the store settles and claims for one half, the other one runs. */
const shares = 2;

export function makeWorkers(): Workers {
  const workers = new Map<string, Worker>();
  const used = new Map<string, number>();
  let running = 0;

  const count = (name: string, by: 1 | -1): void => {
    running += by;
    used.set(name, (used.get(name) ?? 0) + by);
  };

  return {
    add(worker) {
      checkName(worker.name, 'worker');
      if (!Number.isInteger(worker.concurrency) || worker.concurrency < 0 || worker.concurrency > mostSlots) {
        throw new HatstandError(
          'invalid_request',
          `concurrency must be a whole number from 0 to ${mostSlots}, not ${worker.concurrency}.`,
          {
            field: 'concurrency',
          },
        );
      }
      if (workers.has(worker.name)) throw new HatstandError('conflict', `There is a worker ${JSON.stringify(worker.name)} already.`);
      workers.set(worker.name, worker);
    },
    get: (name) => workers.get(name),
    wants() {
      const wants: Want[] = [];
      for (const worker of workers.values()) {
        const slots = Math.min(worker.concurrency - (used.get(worker.name) ?? 0), Math.ceil(worker.concurrency / shares));
        if (slots > 0) wants.push({ worker: worker.name, queues: worker.queues, slots });
      }
      return wants;
    },
    take: (name) => count(name, 1),
    free: (name) => count(name, -1),
    running: () => running,
    executors: () => new Set([...workers.values()].map((worker) => worker.executor)),
  };
}
