/**
 * Tasks: work that is kept running until it ends, on one node at a time (distributed-task; the threads of HATS). A task is a definition:
 * what should be is its body, what has become of it is its state, both JSON text, which stores never read; its job is what is. A job that
 * ends makes its definition due, and what follows is decided then (task-decision.ts). Times are Unix milliseconds of the store's clock.
 */
import { type About, aboutText } from './about.ts';
import { type DefinitionKey, keyOfOwner, ownerOf } from './definition.ts';
import type { Millis } from './duration.ts';
import type { Job, NewJob } from './job.ts';
import { noRetry } from './retry.ts';
import type { TriggerJob } from './trigger.ts';

/** What should be: it runs; it does not until somebody enables it; it has ended, since somebody wants that; it is not there. */
export const desiredStates = ['enabled', 'disabled', 'ended', 'deleted'] as const;
export type DesiredState = (typeof desiredStates)[number];

/** After what it is started again: after nothing; when it crashed; also when it returned, which begins another pass. */
export const restartWords = ['never', 'failure', 'always'] as const;

/** What comes after a crash, which is what its function throws. A node that dies is none: another one goes on. */
export interface Restart {
  readonly on: (typeof restartWords)[number];
  /** Before the first start after a crash; twice as much before each further one, never more than `maxBackoff`. */
  readonly backoff: Millis;
  readonly maxBackoff: Millis;
  /** So many crashes in a row end it. */
  readonly crashes: number;
  /** One that comes later after its start is the first of a row. */
  readonly healthyAfter: Millis;
}

/** What each of its jobs is: all but when it begins, why, and whose it is. Its payload is the task's message. */
export type TaskJob = TriggerJob;

/** Where it was to go on, or was not to, when somebody said so: that decides nothing for good. */
export interface Place {
  readonly how: 'to' | 'from';
  /** A node, by its name or incarnation. */
  readonly node: string;
  readonly at: number;
}

/** What somebody declared. */
export interface Task {
  readonly desired: DesiredState;
  readonly job: TaskJob;
  readonly restart: Restart;
  /** Between two passes; `null`: it has one. */
  readonly pause: Millis | null;
  /** One that tells no progress for so long runs elsewhere; `null`: it need not tell any. */
  readonly stalledAfter: Millis | null;
  /** It goes when it has ended, unless it crashed. */
  readonly cleanEnd: boolean;
  /** It goes on for as long as this while the store is away; `null`: it stops then. */
  readonly maxDetached: Millis | null;
  readonly place: Place | null;
  /** From 1; one more whenever it is to begin anew. */
  readonly start: number;
  readonly createdAt: number;
}

/** How it ended: it returned, or said so; it crashed too often; somebody wanted it to. */
export const taskEnds = ['succeeded', 'crashed', 'stopped'] as const;
export type TaskEnd = (typeof taskEnds)[number];

export interface Crash {
  readonly at: number;
  readonly job: string;
  /** The beginning of it. */
  readonly error: string;
}

/** What has become of it. */
export interface TaskState {
  /** Which of its starts its newest job was pushed for; 0: there was none. */
  readonly start: number;
  /** When its newest job was to begin. */
  readonly since: number;
  /** Its jobs have been canceled; they may still be stopping. */
  readonly isStopping: boolean;
  /** In a row; the newest are told. */
  readonly crashes: number;
  readonly newestCrashes: readonly Crash[];
  /** `null`: it has not. */
  readonly ended: { readonly at: number; readonly how: TaskEnd } | null;
}

export const noTaskState: TaskState = { start: 0, since: 0, isStopping: false, crashes: 0, newestCrashes: [], ended: null };

/** Whose it is, and what its address names it by. */
export interface TaskRef {
  readonly domain: string;
  readonly id: string;
}

export const taskKeyOf = ({ domain, id }: TaskRef): DefinitionKey => ({ kind: 'task', domain, key: id });
/** What its newest owner said its next one may go on from. */
export const checkpointKeyOf = ({ domain, id }: TaskRef): DefinitionKey => ({ kind: 'checkpoint', domain, key: id });

/** The task of which it is a job; `null`: of none. */
export function taskOfOwner(owner: string): TaskRef | null {
  const key = keyOfOwner(owner);
  return key?.kind === 'task' ? { domain: key.domain, id: key.key } : null;
}

export const writeTask = (task: Task): string => JSON.stringify(task);
export const writeTaskState = (state: TaskState): string => JSON.stringify(state);

/** What its job says of the task to whoever runs it. */
export interface TaskTold {
  /** `null`: it has one pass. */
  readonly pause: Millis | null;
  readonly stalledAfter: Millis | null;
  readonly maxDetached: Millis | null;
}

/** What a job says of its task; `null`: it is of none, or somebody damaged what it says. */
export function taskIn({ task }: About): TaskTold | null {
  if (typeof task !== 'object' || task === null) return null;
  const millis = (field: keyof TaskTold): Millis | null => {
    const value = (task as Partial<TaskTold>)[field];
    return typeof value === 'number' && Number.isFinite(value) ? Math.max(0, value) : null;
  };
  return { pause: millis('pause'), stalledAfter: millis('stalledAfter'), maxDetached: millis('maxDetached') };
}

/**
 * Its next job, which waits for `delay`. It may take any time, is there whatever other jobs there are, and however many of its nodes die;
 * what follows a crash is decided for the task.
 */
export function jobOfTask(definition: DefinitionKey, task: Task, delay: Millis): NewJob {
  const { pause, stalledAfter, maxDetached } = task;
  const told: TaskTold = { pause, stalledAfter, maxDetached };
  return {
    ...task.job,
    ...{ domain: definition.domain, owner: ownerOf(definition), about: aboutText({ task: told }) },
    ...{ manual: false, start: delay === 0 ? null : { delay }, idempotency: null },
    options: { timeout: null, retry: noRetry, onLost: 'always', rules: 'v1' },
  };
}

/** How it stands, in one word. `stopped`: it does not run, since it is disabled. */
export const taskStatuses = ['queued', 'restarting', 'running', 'stopping', 'stopped', 'ended', 'crashed'] as const;
export type TaskStatus = (typeof taskStatuses)[number];

/** @param job its newest; `null`: it has none yet, or it is not there any more */
export function taskStatusOf(task: Task, state: TaskState, job: Pick<Job, 'state'> | null): TaskStatus {
  if (job?.state === 'running' || job?.state === 'stopping') return job.state;
  if (job?.state === 'scheduled' && state.crashes > 0) return 'restarting';
  if (job?.state === 'scheduled' || job?.state === 'queued') return 'queued';
  if (state.ended !== null && state.start === task.start) return state.ended.how === 'crashed' ? 'crashed' : 'ended';
  return task.desired === 'disabled' ? 'stopped' : 'queued';
}

/** The same in the words of distributed-task. */
export const seedStatuses = ['RUNNING', 'STOPPED', 'END'] as const;
export function seedStatusOf(status: TaskStatus): (typeof seedStatuses)[number] {
  switch (status) {
    case 'running':
    case 'stopping':
      return 'RUNNING';
    case 'ended':
    case 'crashed':
      return 'END';
    default:
      return 'STOPPED';
  }
}

/** Whether its newest job should live. */
export const isWanted = ({ desired, start }: Task, state: TaskState): boolean => desired === 'enabled' && state.start === start;

/** For so long also nodes that take it later than that was said hand it on to the one where it is to run. */
export const placedFor: Millis = 2_000;
