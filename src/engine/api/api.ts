import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import type { Store } from '../../ports/store/store.ts';
import type { ClockCheck } from '../clock-check.ts';
import type { Held } from '../held.ts';
import type { TellNodes } from '../node-events.ts';
import type { Polls } from '../polls.ts';
import type { Rules } from '../rules.ts';
import type { ServedElsewhere } from '../served-elsewhere.ts';
import type { Serving } from '../serving.ts';
import type { TaskKeepers } from '../task-keepers.ts';
import type { Waiters } from '../waiters.ts';
import type { Watching } from '../watching.ts';
import { makeAttemptLive } from './attempt-live.ts';
import { type Attempts, makeAttempts } from './attempts.ts';
import { type Batches, makeBatches } from './batches.ts';
import type { ClusterKey } from './cluster-key.ts';
import { type Events, makeEvents } from './events.ts';
import type { Feed } from './feed.ts';
import { type Jobs, makeJobs } from './jobs.ts';
import { type Limits, makeLimits } from './limits.ts';
import { type LinksHere, makeNodes, type Nodes } from './nodes.ts';
import { makeQueues, type Queues } from './queues.ts';
import { type Build, makeSystem, type System } from './system.ts';
import { makeTasks, type Tasks } from './tasks.ts';
import { makeTransfer, type Transfer } from './transfer.ts';
import { makeTriggerUpkeep, type TriggerUpkeep } from './trigger-upkeep.ts';
import { makeTriggers, type Triggers } from './triggers.ts';
import { makeUpkeep, type Upkeep } from './upkeep.ts';
import { makeWatch, type Watch } from './watch.ts';

/** All that faces may ask for. */
export interface Api {
  readonly jobs: Jobs;
  /** Those that run elsewhere. */
  readonly attempts: Attempts;
  readonly queues: Queues;
  readonly limits: Limits;
  readonly triggers: Triggers & TriggerUpkeep;
  readonly batches: Batches;
  readonly tasks: Tasks;
  readonly watch: Watch;
  readonly events: Events;
  readonly nodes: Nodes;
  readonly upkeep: Upkeep;
  readonly transfer: Transfer;
  readonly system: System;
  /** Who serves which jobs. */
  readonly serving: Serving;
}

export interface ApiParts extends Watching {
  readonly store: Store;
  readonly clock: Clock;
  readonly clockCheck: ClockCheck;
  readonly log: Logger;
  readonly held: Pick<Held, 'holds'>;
  readonly waiters: Waiters;
  readonly serving: Serving;
  readonly polls: Polls;
  readonly served: ServedElsewhere;
  readonly rules: Rules;
  readonly feed: Feed;
  /** Bytes of an output that the history keeps. */
  readonly keep: number;
  readonly build: Build;
  /** As UpkeepParts has them. */
  readonly warnings?: readonly string[] | undefined;
  /** There may be something to claim. */
  wake(): void;
  /** What has become of nodes. */
  readonly tellNodes: TellNodes;
  readonly linksHere: LinksHere;
  readonly keepers: Pick<TaskKeepers, 'of'>;
  /** Something may be due sooner. */
  wakeFirer(): void;
  /** As Firer has it. */
  fireAt(at: number): Promise<number | null>;
  /** From [0, 1), for the jitter of backoffs. */
  random(): number;
  /** A text that nobody guesses. */
  secret(): string;
  readonly key: ClusterKey;
  /** Attempts that run in this process now. */
  running(): number;
  /** Whether this node has a lease. */
  hasJoined(): boolean;
  /** Whether this node stops, and takes nothing new. */
  isStopping(): boolean;
}

export function makeApi(parts: ApiParts): Api {
  const queues = makeQueues(parts.store, parts.wake);
  const limits = makeLimits(parts.store, parts.wake);
  const jobs = makeJobs(parts);
  const attemptLive = makeAttemptLive(parts);
  const attempts = makeAttempts({ ...parts, jobs, attemptLive });
  const tasks = makeTasks({ ...parts, now: parts.clockCheck.now });
  return {
    jobs,
    attempts,
    queues,
    limits,
    triggers: {
      ...makeTriggers({ ...parts, jobs, attempts, now: parts.clockCheck.now }),
      ...makeTriggerUpkeep({ ...parts, now: parts.clockCheck.now }),
    },
    batches: makeBatches({ ...parts, jobs, now: parts.clockCheck.now }),
    tasks,
    watch: makeWatch({ ...parts, jobs, tasks, attemptLive }),
    events: makeEvents({ ...parts, now: parts.clockCheck.now }),
    nodes: makeNodes(parts.store, parts.tellNodes, parts.linksHere),
    upkeep: makeUpkeep(parts),
    transfer: makeTransfer({ ...parts, queues, limits }),
    system: makeSystem(parts),
    serving: parts.serving,
  };
}
