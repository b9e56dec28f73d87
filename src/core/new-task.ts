/** From what somebody asks for to a complete task, and from one to another: limits checked, defaults filled in. */
import { checkDefinitionKey } from './definition.ts';
import { formatDuration, longestDuration, type Millis } from './duration.ts';
import { reservedWorkers } from './elsewhere.ts';
import { HatstandError } from './errors.ts';
import { given } from './given.ts';
import { checkName } from './new-job.ts';
import { retryOf } from './retry.ts';
import { type Place, type Restart, restartWords, type Task, type TaskJob, type TaskRef, taskKeyOf } from './task.ts';

/** What may be said of a task when it is made, and when it is reloaded; what is not named is as usual, or as it was. */
export interface TaskChange {
  readonly restart?: AskedRestart | undefined;
  readonly pause?: Millis | null | undefined;
  readonly stalledAfter?: Millis | null | undefined;
  readonly cleanEnd?: boolean | undefined;
  /** It goes on while the store is away; distributed-task's `state_optional`. */
  readonly stateOptional?: boolean | undefined;
  /** For how long it does. */
  readonly maxDetached?: Millis | undefined;
}

export type AskedRestart = { readonly [Field in keyof Restart]?: Restart[Field] | undefined };

export interface NewTask extends TaskChange {
  readonly job: TaskJob;
  /** What its worker says of what is not named here; left out: nothing, or nobody knows. */
  readonly usual?: TaskChange | undefined;
}

const minute: Millis = 60_000;
/** After a crash: 1 s, 2 s, 4 s, … a minute at most; the tenth in a row ends it. */
export const usualRestart: Restart = { on: 'failure', backoff: 1_000, maxBackoff: minute, crashes: 10, healthyAfter: minute };
export const usualMaxDetached: Millis = 60 * minute;
export const taskLimits = {
  crashes: 1_000_000,
  /** A task that is thought to have stalled sooner may only be slow. */
  stalledAfter: 1_000,
} as const;

/** Throws `invalid_request`. `now`: the store's present. */
export function newTask(asked: NewTask, { ref, now }: { readonly ref: TaskRef; readonly now: number }): Task {
  checkDefinitionKey(taskKeyOf(ref));
  checkName(ref.id, 'id');
  const { job, usual = {}, ...change } = asked;
  checkTaskWorker(job.worker);
  const plain: Task = {
    ...{ desired: 'enabled', job, restart: usualRestart, pause: null, stalledAfter: null, cleanEnd: false, maxDetached: null },
    ...{ place: null, start: 1, createdAt: now },
  };
  return changedTask(plain, completed(change, usual));
}

/** What is said, and of the rest what is usual. */
function completed(change: TaskChange, { stateOptional, maxDetached, ...usual }: TaskChange): TaskChange {
  const isDetachedSo = change.stateOptional === false || change.maxDetached !== undefined;
  const detached = isDetachedSo ? {} : { stateOptional, maxDetached };
  return { ...usual, ...detached, ...given(change), restart: { ...usual.restart, ...given(change.restart ?? {}) } };
}

/** Throws `invalid_request` for one that is no function. */
export function checkTaskWorker(worker: string): void {
  if (reservedWorkers.every((each) => each !== worker)) return;
  const message = `A task is a function that nodes keep running, and the worker ${JSON.stringify(worker)} is none. Name a worker that nodes serve; what is sent to a web app is a job, or a trigger.`;
  throw invalid(message, 'worker');
}

/** What is not named stays. Throws `invalid_request`. */
export function changedTask(task: Task, change: TaskChange): Task {
  const restart = checkedRestart(change.restart ?? {}, task.restart);
  // The pause of one that was always started again goes with that.
  const before = task.restart.on === 'always' && restart.on !== 'always' ? null : task.pause;
  const pause = checkedLength(change.pause === undefined ? before : change.pause, 'pause');
  const stalledAfter = checkedLength(change.stalledAfter === undefined ? task.stalledAfter : change.stalledAfter, 'stalledAfter');
  if (stalledAfter !== null && stalledAfter < taskLimits.stalledAfter)
    throw invalid(
      `stalledAfter must be at least ${formatDuration(taskLimits.stalledAfter)}, not ${stalledAfter} milliseconds.`,
      'stalledAfter',
    );
  return {
    ...task,
    restart,
    // One that is always started again has further passes.
    pause: restart.on === 'always' ? (pause ?? restart.backoff) : pause,
    stalledAfter,
    cleanEnd: change.cleanEnd ?? task.cleanEnd,
    maxDetached: detached(task, change),
  };
}

function detached(task: Task, { stateOptional, maxDetached }: TaskChange): Millis | null {
  if (stateOptional === false) {
    if (maxDetached === undefined) return null;
    throw refuseDetached();
  }
  if (stateOptional === undefined && maxDetached === undefined) return task.maxDetached;
  return checkedLength(maxDetached ?? task.maxDetached ?? usualMaxDetached, 'maxDetached');
}

export const refuseDetached = (): HatstandError =>
  invalid('maxDetached is for tasks that are stateOptional. Leave it out, or make the task so.', 'maxDetached');

function checkedRestart(asked: AskedRestart, before: Restart): Restart {
  const { on = before.on, crashes = before.crashes, healthyAfter = before.healthyAfter } = asked;
  if (!restartWords.includes(on))
    throw invalid(`restart.on must be one of ${restartWords.join(', ')}, not ${JSON.stringify(on)}.`, 'restart.on');
  if (!Number.isInteger(crashes) || crashes < 1 || crashes > taskLimits.crashes)
    throw invalid(`restart.crashes must be a whole number from 1 to ${taskLimits.crashes}, not ${crashes}.`, 'restart.crashes');
  const { backoff, maxBackoff } = retryOf({ backoff: asked.backoff, maxBackoff: asked.maxBackoff }, { ...before, attempts: 1 }, 'restart.');
  checkedLength(backoff, 'restart.backoff');
  checkedLength(maxBackoff, 'restart.maxBackoff');
  checkedLength(healthyAfter, 'restart.healthyAfter');
  return { on, backoff, maxBackoff, crashes, healthyAfter };
}

function checkedLength<Length extends Millis | null>(length: Length, field: string): Length {
  if (length === null || (Number.isSafeInteger(length) && length >= 0 && length <= longestDuration)) return length;
  throw invalid(`${field} must be whole milliseconds from 0s to ${formatDuration(longestDuration)}, not ${length}.`, field);
}

const invalid = (message: string, field: string): HatstandError => new HatstandError('invalid_request', message, { field });

/** It runs, from now on anew if it did not. */
export const enabledTask = (task: Task): Task => ({
  ...task,
  desired: 'enabled',
  start: task.start + (task.desired === 'enabled' ? 0 : 1),
});
/** It begins anew, also after its end. */
export const startedTask = (task: Task): Task => ({ ...task, desired: 'enabled', start: task.start + 1 });
export const disabledTask = (task: Task): Task => ({ ...task, desired: 'disabled' });
export const endedTask = (task: Task): Task => ({ ...task, desired: 'ended' });
export const deletedTask = (task: Task): Task => ({ ...task, desired: 'deleted' });
export const movedTask = (task: Task, place: Place): Task => ({ ...task, place });
