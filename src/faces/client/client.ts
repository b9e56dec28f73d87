/** Talks to a server over HTTP. Needs nothing but the platform's `fetch`. */
import type { StateCounts } from '../../core/queue.ts';
import { type Attempts, makeAttempts } from './attempts.ts';
import { type Batches, makeBatches } from './batches.ts';
import { type ConnectionOptions, connect } from './connection.ts';
import { type Events, makeEvents } from './events.ts';
import { type Hq, makeHq } from './hq.ts';
import { type Jobs, makeJobs } from './jobs.ts';
import { type Limits, makeLimits } from './limits.ts';
import { makeNodes, type Nodes } from './nodes.ts';
import { makeQueues, type Queues } from './queues.ts';
import { makeTasks, type Tasks } from './tasks.ts';
import { makeTriggers, type Triggers } from './triggers.ts';
import { makeUpkeep, type Upkeep } from './upkeep.ts';
import { makeWatch, type Watch } from './watch.ts';
import { makeWorkers, type Workers } from './workers.ts';

export type { ErrorCode } from '../../core/errors.ts';
export { HatstandError } from '../../core/errors.ts';
export type {
  AttemptProof,
  AttemptReported,
  AttemptSettled,
  Attempts,
  Claim,
  ClaimedAttempt,
  PushedByAttempt,
  ReportFields,
  SettleFields,
  TaskFields as AttemptTaskFields,
  TaskHeard,
} from './attempts.ts';
export type { AddedBatch, Batch, BatchCallback, Batches, BatchJob, BatchPage, BatchTarget, NewBatch } from './batches.ts';
export type { ConnectionOptions } from './connection.ts';
export type { EventPreview, Events, FollowOptions, Heard, NewEvent, PublishedEvent, ToldEvent } from './events.ts';
export type { Hq, HqJob, HqList, HqListQuery, HqPush, HqStats } from './hq.ts';
export type {
  Attempt,
  Job,
  JobFields,
  JobPage,
  JobSummary,
  JobWithHistory,
  KeptJob,
  LogLine,
  LogPage,
  Problem,
  Progress,
  Push,
  PushedJob,
  PushedMany,
  PushKind,
  Restart,
  Unique,
} from './job.ts';
export type { Jobs, ListQuery, Purge, Purged, UnreadableRecord } from './jobs.ts';
export type { Limit, Limits } from './limits.ts';
export type { ForgottenNode, Node, Nodes } from './nodes.ts';
export type { Queue, QueueLimits, QueuePage, Queues, Rate } from './queues.ts';
export type { NewTask, Task, TaskCrash, TaskFields, TaskPage, TaskRestartPolicy, TaskSummary, Tasks, WaitingControl } from './tasks.ts';
export type {
  Backfilled,
  LastJob,
  LaunchedJob,
  LaunchHold,
  NewTrigger,
  Trigger,
  TriggerChange,
  TriggerDecision,
  TriggerHistory,
  TriggerPage,
  TriggerPreview,
  Triggers,
  TriggersLookedAt,
} from './triggers.ts';
export type { Examined, Imported, Upkeep } from './upkeep.ts';
export type { Watch, Watched, WatchedJob, WatchedTask, WatchOptions } from './watch.ts';
export type { Worker, WorkerNode, WorkerPage, Workers } from './workers.ts';

export interface Stats {
  readonly jobs: StateCounts;
  /** The same by queue and worker. */
  readonly lines: readonly { readonly queue: string; readonly worker: string; readonly jobs: StateCounts }[];
  readonly total: number;
  /** Attempts that run in the server's process. */
  readonly running: number;
  /** Waiting jobs that no live node serves. */
  readonly unserved: number;
  /** Records that nobody can read, which were set aside. */
  readonly unreadable: number;
  readonly queues: number;
  readonly durability: string;
  readonly survives: string;
  readonly version: string;
  readonly commit: string;
}

/** Every method throws a HatstandError: the server's own, or `unreachable`, or `unconfirmed` when an answer was lost. */
export interface Client {
  readonly address: string;
  readonly jobs: Jobs;
  /** Jobs that are run elsewhere. */
  readonly attempts: Attempts;
  readonly queues: Queues;
  readonly limits: Limits;
  readonly triggers: Triggers;
  /** Jobs that belong together, and what is pushed when all of them have ended. */
  readonly batches: Batches;
  /** Functions that nodes keep running until they end. */
  readonly tasks: Tasks;
  readonly events: Events;
  /** Jobs and tasks, live. */
  readonly watch: Watch;
  readonly workers: Workers;
  readonly nodes: Nodes;
  readonly upkeep: Upkeep;
  stats(): Promise<Stats>;
  /** HQ's API, for what HQ's clients and servers know. */
  readonly hq: Hq;
}

/** Throws `invalid_request` for an address that is none. Connects when something is asked. */
export function makeClient(options: ConnectionOptions = {}): Client {
  const connection = connect(options);
  return {
    address: connection.address,
    jobs: makeJobs(connection),
    attempts: makeAttempts(connection),
    queues: makeQueues(connection),
    limits: makeLimits(connection),
    triggers: makeTriggers(connection),
    batches: makeBatches(connection),
    tasks: makeTasks(connection),
    events: makeEvents(connection),
    watch: makeWatch(connection),
    workers: makeWorkers(connection),
    nodes: makeNodes(connection),
    upkeep: makeUpkeep(connection),
    stats: () => connection.json({ method: 'GET', path: '/v1/stats' }),
    hq: makeHq(connection),
  };
}
