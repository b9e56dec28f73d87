/**
 * Shares tasks among the nodes that serve their worker: a node that has more than its share gives some away, and claims beyond it only what
 * nobody else has taken for a moment. A hint, as all sharing is: what counts is the claim, which is the store's step.
 */

import type { Millis } from '../core/duration.ts';
import { messageOf } from '../core/errors.ts';
import { compareIds } from '../core/id.ts';
import { conditionOf, type Incarnation } from '../core/node.ts';
import { shareOf } from '../core/task-share.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { JobCount } from '../ports/store/jobs.ts';
import type { Store } from '../ports/store/store.ts';
import type { Held, HeldAttempt } from './held.ts';
import { makeTaskRests } from './task-rests.ts';
import type { Workers } from './workers.ts';

export interface TaskBalance {
  /** Looks who has how many, and gives away what is too much. */
  tick(): Promise<void>;
  /** There are tasks to claim, of these workers; `null`: of any. The shares are looked at now: a node may have begun to stop. */
  ready(names: readonly string[] | null): void;
}

export interface TaskBalanceParts {
  readonly store: Store;
  readonly workers: Workers;
  readonly held: Held;
  readonly clock: Clock;
  readonly log: Logger;
  /** There may be something to claim. */
  wake(): void;
  incarnation(): Incarnation;
  mayClaim(): boolean;
}

/** So many are given away at once. */
const few = 64;
/** However much there is to claim, it is looked no more often. */
const lookAgainAfter: Millis = 50;
/** A node that has just joined is still starting: what it was given would stand still until it has. So long it takes only what is free. */
const startingFor: Millis = 2_000;

/** How many each node that claims can run of a worker. */
interface Capacities {
  readonly all: readonly number[];
  /** Without those that are starting. */
  readonly started: readonly number[];
}

export function makeTaskBalance({ store, workers, held, clock, log, wake, incarnation, mayClaim }: TaskBalanceParts): TaskBalance {
  const rests = makeTaskRests();
  /** When nodes that live were seen first. */
  const seen = new Map<Incarnation, Millis>();
  let isLooking = false;
  let looksAgain = false;

  /** `null`: this node alone serves it, or none does. */
  async function capacities(): Promise<(worker: string) => Capacities | null> {
    const active = (await store.nodes.list()).filter((node) => conditionOf(node) === 'active');
    see(active.map((node) => node.incarnation));
    return (worker) => {
      const serving = active.flatMap(({ incarnation: node, serves }) => {
        const found = serves?.find((each) => each.worker === worker);
        const capacity = found === undefined ? 0 : (found.concurrency ?? Number.POSITIVE_INFINITY);
        return capacity === 0 ? [] : [{ node, capacity }];
      });
      if (serving.every(({ node }) => node === incarnation())) return null;
      const started = serving.filter(({ node }) => node === incarnation() || clock.monotonic() - (seen.get(node) ?? 0) >= startingFor);
      return { all: serving.map(({ capacity }) => capacity), started: started.map(({ capacity }) => capacity) };
    };
  }

  function see(nodes: readonly Incarnation[]): void {
    for (const node of nodes) if (!seen.has(node)) seen.set(node, clock.monotonic());
    for (const node of seen.keys()) if (!nodes.includes(node)) seen.delete(node);
  }

  const runningOf = (worker: string): readonly Task[] =>
    held.all().filter((each): each is Task => each.job.worker === worker && each.handOver !== null && each.isRunning());

  /** The newest go: those that run for long have most to lose. */
  function giveAway(worker: string, count: number): void {
    const newest = runningOf(worker)
      .toSorted((a, b) => compareIds(b.job.fence, a.job.fence))
      .slice(0, count);
    for (const { handOver } of newest) handOver();
    if (newest.length > 0) log.info('tasks.given_away', { worker, tasks: newest.length });
  }

  /** What this node has beyond its share. One that claims nothing, since it is drained or critical, has none, where others can take them. */
  function surplusOf(worker: string, { all, started }: Capacities, counts: readonly JobCount[]): number {
    const total = livingIn(counts, worker);
    const share = mayClaim() ? shareOf(total, started) : 0;
    // One more than its share each: so that what is started next need not wait.
    workers.share(worker, shareOf(total + all.length, all));
    // Slots that a claim under way keeps free are no tasks.
    return runningOf(worker).length - share;
  }

  /** Sets the shares as they are by now. */
  async function looked(): Promise<readonly Looked[]> {
    const names = workers.ofTasks();
    if (names.length === 0 || !store.shared) return [];
    const [capacitiesOf, counts] = await Promise.all([capacities(), store.jobs.count()]);
    return names.map((worker) => {
      const serving = capacitiesOf(worker);
      if (serving === null) workers.share(worker, null);
      return { worker, surplus: serving === null ? 0 : surplusOf(worker, serving, counts), queued: queuedIn(counts, worker) };
    });
  }

  function look(): void {
    looksAgain = isLooking;
    if (isLooking) return;
    isLooking = true;
    void looked()
      .then(wake)
      .catch((error: unknown) => log.debug('balance.failed', { error: messageOf(error) }));
    clock.after(lookAgainAfter, () => {
      isLooking = false;
      if (looksAgain) look();
    });
  }

  return {
    async tick() {
      for (const { worker, surplus, queued } of await looked()) {
        // The others take some before the next are given away.
        if (surplus > 0 && queued > surplus / 10) continue;
        if (rests.mayGive(worker, surplus)) giveAway(worker, surplus <= few ? surplus : Math.ceil(surplus / 2));
      }
    },
    ready(names) {
      const here = workers.ofTasks();
      if (store.shared && here.some((worker) => names === null || names.includes(worker))) look();
    },
  };
}

interface Looked {
  readonly worker: string;
  /** What this node has beyond its share. */
  readonly surplus: number;
  /** What nobody runs. */
  readonly queued: number;
}

type Task = HeldAttempt & { readonly handOver: () => void };

const queuedIn = (counts: readonly JobCount[], worker: string): number =>
  counts.filter((each) => each.worker === worker).reduce((sum, { counts: { queued } }) => sum + queued, 0);

const livingIn = (counts: readonly JobCount[], worker: string): number =>
  counts
    .filter((each) => each.worker === worker)
    .reduce((sum, { counts: { queued, running, stopping } }) => sum + queued + running + stopping, 0);
