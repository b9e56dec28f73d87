/**
 * Hatstand as a library: a node inside your own process.
 *
 * ```ts
 * const hatstand = new Hatstand({ store: await openSqlite({ path: './data' }) });
 * const greet = hatstand.worker('greet', (payload: { name: string }) => `Hello ${payload.name}`);
 * await hatstand.start();
 * const job = await greet.push({ name: 'Ada' });
 * console.log((await greet.wait(job, '5s'))?.result); // Hello Ada
 * await hatstand.stop();
 * ```
 */

export type { BatchCounts, BatchEnd, BatchStatus, BatchTold } from './core/batch.ts';
export type { FailureCause } from './core/cause.ts';
export type { Overlap } from './core/definition.ts';
export { type ErrorCode, HatstandError } from './core/errors.ts';
export type { EventVerb } from './core/event.ts';
export type { AttemptEnd, JobState } from './core/job.ts';
export type { LimitRecord, LimitSettings } from './core/limit.ts';
export type { QueueRecord, QueueSettings, StateCounts } from './core/queue.ts';
export type { RedisProfileName } from './core/redis-profile.ts';
export type { Daylight } from './core/schedule/cron-next.ts';
export type { Missed, MissedPolicy } from './core/schedule/timetable.ts';
export type { StandardSchema } from './core/standard-schema.ts';
export type { DesiredState, Restart, TaskEnd, TaskStatus } from './core/task.ts';
export type { Debounce, TriggerStatus, TriggerType } from './core/trigger.ts';
export type { WorkerList, WorkerNode, WorkerSummary } from './core/worker-list.ts';
export type { PublishedEvent } from './engine/api/events.ts';
export { Abort, BadTrigger, Final, Skip } from './executors/function-fault.ts';
export type { Control } from './executors/task-context.ts';
export { Hatstand } from './hatstand.ts';
export type { Batch, BatchCallback } from './library/batch.ts';
export type {
  BatchCallbacks,
  BatchCancelOptions,
  BatchJob,
  BatchJobOptions,
  BatchListOptions,
  BatchPushOptions,
  BatchRef,
  NewBatchOptions,
} from './library/batch-options.ts';
export type { AddedBatch, Batches, BatchPage, MakeBatchJob } from './library/batches.ts';
export type { BeforeAnswer, InitContext, JobChange, JobToKeep, WorkerDeclaration } from './library/define.ts';
export { defineTask, type TaskContext, type TaskDeclaration } from './library/define-task.ts';
export { defineWorker } from './library/defined.ts';
export type { TaskDefinition, WorkerDefinition } from './library/definition.ts';
export type { JobEvent, JobListener, OnOptions } from './library/events.ts';
export type { EventGap, EventListener, EventOptions, EventPreview, EventPush, EventsOptions, HeardEvent } from './library/happenings.ts';
export type { AsJson, Attempt, Changed, Deleted, Job, JobRef, Result } from './library/job.ts';
export type { JobPage, ListOptions } from './library/list.ts';
export type { Listening, ListenOptions } from './library/listen.ts';
export type { LinesOptions, LogLine, LogPage, Progress } from './library/log.ts';
export { type MadeUpJob, makeContext } from './library/make-context.ts';
export type {
  AfterOption,
  Duration,
  HatstandOptions,
  PushManyOptions,
  PushOptions,
  RunOptions,
  ServeOptions,
  UniqueOption,
  WorkerOptions,
  WorkerSetting,
} from './library/options.ts';
export type { Purged, PurgeOptions } from './library/purge.ts';
export { type KeptJob, PushCutShort } from './library/push-cut-short.ts';
export type { KeyLimitOptions, LimitOptions, Rate } from './library/queues.ts';
export { type AloneJob, runAlone } from './library/run-alone.ts';
export type { WorkerStatus } from './library/served.ts';
export type { Store } from './library/store.ts';
export {
  type MemoryOptions,
  openMemory,
  openRedis,
  openSqlite,
  type RedisOptions,
  type SqliteOptions,
  type TlsFiles,
} from './library/stores.ts';
export type { Task, TaskCrash } from './library/task.ts';
export type {
  MoveOptions,
  RestartOptions,
  RestartTaskOptions,
  StartOptions,
  TaskFields,
  TaskListOptions,
  TaskRef,
} from './library/task-options.ts';
export type { TaskPage, Tasks, WaitingControl } from './library/tasks.ts';
export type { Trigger, TriggerRun } from './library/trigger.ts';
export type {
  BackfillOptions,
  DebounceOptions,
  MissedOptions,
  NewTriggerOptions,
  PauseOptions,
  PreviewOptions,
  TriggerChangeOptions,
  TriggerHistoryOptions,
  TriggerListOptions,
  TriggerRef,
  TriggerToAdd,
} from './library/trigger-options.ts';
export type { AllTriggersOptions, CleanedTriggers, RebuiltTriggers, TickOptions } from './library/trigger-upkeep.ts';
export type {
  BackfilledTrigger,
  DecidedJob,
  DecisionPage,
  TriggerDecision,
  TriggerPage,
  TriggerPreview,
  Triggers,
} from './library/triggers.ts';
export type { UnreadableOptions, UnreadablePage, UnreadableRecord, UnreadableSummary } from './library/unreadable.ts';
export type { TaskStanding, Watched, WatchedTask, WatchOptions } from './library/watch.ts';
export type { AttemptContext, FunctionContext, WorkerContext, WorkerFunction, WorkerHandle } from './library/worker.ts';
export type { Logger } from './ports/logger.ts';
export type { JobCount } from './ports/store/jobs.ts';
