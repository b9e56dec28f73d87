/** The workers this node serves: by name, with the executor that runs them and the slots they have left. */
import type { Millis } from '../core/duration.ts';
import { HatstandError } from '../core/errors.ts';
import { checkName } from '../core/new-job.ts';
import type { Serving } from '../core/node.ts';
import type { WorkerRules } from '../core/run-limits.ts';
import type { Line } from '../core/serving.ts';
import type { Executor } from '../ports/executor.ts';
import type { Want } from '../ports/store/jobs.ts';

export interface Worker {
  readonly name: string;
  readonly executor: Executor;
  /** Attempts that run at once on this node. */
  readonly concurrency: number;
  /** The queues it serves. */
  readonly queues: 'any' | readonly string[];
  /** Who may push to it; `undefined`: anybody anything. */
  readonly rules?: WorkerRules | undefined;
  /** Its attempts are those of tasks, which are shared among nodes, and take nobody's slots. */
  readonly isOfTasks?: boolean;
}

export interface Workers {
  /** Throws `conflict` when the name is taken, `invalid_request` for a wrong name or concurrency. */
  add(worker: Worker): void;
  get(name: string): Worker | undefined;
  /** Whether jobs of this worker in this queue are among those it takes. */
  serves(line: Line): boolean;
  /** All of that, and those that are off here. */
  served(): readonly Serving[];
  /** What could start now: one want per worker with free slots. */
  wants(): readonly Want[];
  /** The same; their slots are kept free, for the claim that asks for them, until `unreserve`. */
  reserve(): readonly Want[];
  unreserve(wants: readonly Want[]): void;
  /** Those of tasks that run here. */
  ofTasks(): readonly string[];
  /**
   * Of tasks: so many are claimed at once; beyond that a few now and then, of what nobody else has taken. `null`: as many as there are.
   */
  share(name: string, share: number | null): void;
  /** Attempts of it that run, or are being claimed. */
  used(name: string): number;
  /** For so long no attempt of it is asked for. */
  leaveToOthers(name: string, how: Millis): void;
  take(name: string): void;
  free(name: string): void;
  running(): number;
  /** Attempts that may run at once. */
  slots(): number;
  executors(): ReadonlySet<Executor>;
}

const mostSlots = 100_000;
/** One claim asks for half of a worker's slots at most: while the store settles and claims for one half, the other one runs. */
const shares = 2;

/** So long others may take a task before a node does that has its share. */
const othersFirst: Millis = 100;

/** What a node claims beyond its share, and from when on. */
interface Beyond {
  readonly from: Millis;
  readonly count: number;
}

export interface WorkersParts {
  /** Of a clock that only goes forward. */
  now(): Millis;
  /** What may not be asked for now may be after this. */
  lookAgain(after: Millis): void;
}

export function makeWorkers({ now, lookAgain }: WorkersParts): Workers {
  const workers = new Map<string, Worker>();
  /** Slots that run or are reserved. */
  const used = new Map<string, number>();
  /** Until when these are left to others. */
  const left = new Map<string, Millis>();
  /** Of tasks: how many are claimed at once, and from when on some beyond that. */
  const sharesOf = new Map<string, number>();
  const beyond = new Map<string, Beyond>();
  let running = 0;
  let slots = 0;

  const use = (name: string, by: number): void => void used.set(name, (used.get(name) ?? 0) + by);

  const count = (name: string, by: 1 | -1): void => {
    running += by;
    use(name, by);
  };

  /** Beyond its share: what was there for a moment, and nobody else has taken. */
  function slotsOfShare(name: string): number {
    const share = sharesOf.get(name);
    const rest = share === undefined ? Number.POSITIVE_INFINITY : share - (used.get(name) ?? 0);
    if (rest > 0) return rest;
    const next = beyond.get(name) ?? waitBeyond(name, 1);
    return now() < next.from ? 0 : next.count;
  }

  function waitBeyond(name: string, count: number): Beyond {
    const next = { from: now() + othersFirst, count };
    beyond.set(name, next);
    lookAgain(othersFirst);
    return next;
  }

  function isLeft(name: string): boolean {
    const until = left.get(name);
    if (until === undefined) return false;
    if (now() < until) return true;
    left.delete(name);
    return false;
  }

  function wants(): readonly Want[] {
    const found: Want[] = [];
    for (const { name, queues, concurrency } of workers.values()) {
      if (isLeft(name)) continue;
      const slots = Math.min(slotsOfShare(name), concurrency - (used.get(name) ?? 0), Math.ceil(concurrency / shares));
      if (slots > 0) found.push({ worker: name, queues, slots });
    }
    return found;
  }

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
      if (worker.isOfTasks !== true) slots += worker.concurrency;
    },
    get: (name) => workers.get(name),
    serves({ worker, queue }) {
      const found = workers.get(worker);
      return found !== undefined && found.concurrency > 0 && (found.queues === 'any' || found.queues.includes(queue));
    },
    served() {
      return [...workers.values()].map(({ name, queues, concurrency, rules }) => ({
        worker: name,
        queues,
        concurrency,
        ...(rules && { rules }),
      }));
    },
    wants,
    reserve() {
      const reserved = wants();
      for (const want of reserved) {
        const isBeyond = (sharesOf.get(want.worker) ?? Number.POSITIVE_INFINITY) <= (used.get(want.worker) ?? 0);
        // The next time others come first again, and what they leave for long is taken faster.
        if (isBeyond) waitBeyond(want.worker, want.slots + 1);
        else beyond.delete(want.worker);
        use(want.worker, want.slots);
      }
      return reserved;
    },
    unreserve(reserved) {
      for (const want of reserved) use(want.worker, -want.slots);
    },
    ofTasks: () => [...workers.values()].flatMap(({ name, isOfTasks, concurrency }) => (isOfTasks === true && concurrency > 0 ? name : [])),
    share(name, share) {
      if (share === null) sharesOf.delete(name);
      else sharesOf.set(name, share);
    },
    used: (name) => used.get(name) ?? 0,
    leaveToOthers(name, how) {
      left.set(name, now() + how);
      lookAgain(how);
    },
    take: (name) => count(name, 1),
    free: (name) => count(name, -1),
    running: () => running,
    slots: () => slots,
    executors: () => new Set([...workers.values()].map((worker) => worker.executor)),
  };
}
