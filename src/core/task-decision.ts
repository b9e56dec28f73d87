/** What to do with a task that is due: whether a job of it is pushed or stopped, and whether it has ended. */
import { type Decision, type Definition, dueAt } from './definition.ts';
import type { Millis } from './duration.ts';
import type { OwnedJob } from './owned.ts';
import { backoffAfter } from './retry.ts';
import { type Crash, isWanted, jobOfTask, type Task, type TaskEnd, type TaskState, writeTaskState } from './task.ts';
import { readTask, readTaskState } from './task-record.ts';

/** One whose job lives is looked at so often all the same: whatever was missed is found then. */
const lookedAtEvery: Millis = 3_600_000;
/** Crashes that are told; of each error this many characters. */
const keptCrashes = 10;
const keptError = 1_000;

type Decided = Pick<Decision, 'jobs' | 'overlap' | 'note'> & {
  readonly state: TaskState;
  readonly next: Decision['next'];
};

const leave: Pick<Decided, 'jobs' | 'overlap'> = { jobs: [], overlap: 'allow' };

/** Throws for a definition that is no task. `now`: the store's present. */
export function decideTask(definition: Definition, now: number): Decision {
  const task = readTask(definition.body);
  const { state, next, ...decided } = decide(definition, task, readTaskState(definition), now);
  const tick = dueAt(definition) ?? 0;
  return { ...decided, collect: null, state: writeTaskState(state), next: typeof next === 'number' ? Math.max(next, tick + 1) : next };
}

function decide(definition: Definition, task: Task, state: TaskState, now: number): Decided {
  const { live, newest } = definition.owned;
  if (live > 0) return isWanted(task, state) ? runs(state, now) : stopped(state, now);
  if (task.desired === 'deleted') return { ...leave, state, next: 'removed', note: 'deleted' };
  if (task.desired === 'disabled') return { ...leave, state: idle(state), next: null, note: 'it is disabled' };
  if (task.desired === 'ended') return state.ended === null ? ends(task, state, 'stopped', now) : over(state);
  const isBegun = state.start >= task.start;
  if (isBegun && state.ended !== null) return over(state);
  if (!isBegun || newest === null) return begins(definition, task, { ...state, crashes: 0, newestCrashes: [] }, 0, now);
  switch (newest.end) {
    case 'succeeded':
      return ends(task, state, 'succeeded', now);
    case 'canceled':
      return ends(task, state, 'stopped', now);
    default:
      return crashed(definition, task, state, newest, now);
  }
}

const idle = (state: TaskState): TaskState => ({ ...state, isStopping: false });

/** Also one that somebody has restarted after its end. */
const runs = (state: TaskState, now: number): Decided => ({
  ...leave,
  state: { ...idle(state), ended: null },
  next: now + lookedAtEvery,
  note: 'its job lives',
});

/** A job that waits ends in the same step, which tells nobody: it is looked at again at once. */
function stopped(state: TaskState, now: number): Decided {
  if (state.isStopping) return { ...leave, state, next: now + lookedAtEvery, note: 'its job is stopping' };
  return { jobs: [], overlap: 'cancel', state: { ...state, isStopping: true }, next: now, note: 'its job is stopped' };
}

function begins(definition: Definition, task: Task, state: TaskState, delay: Millis, now: number): Decided {
  const note = delay === 0 ? 'started' : `crashed ${state.crashes} time(s) in a row, and started again after ${delay} ms`;
  const begun: TaskState = { ...idle(state), start: task.start, since: now + delay, ended: null };
  return { jobs: [jobOfTask(definition, task, delay)], overlap: 'skip', state: begun, next: now + lookedAtEvery, note };
}

function ends(task: Task, state: TaskState, how: TaskEnd, now: number): Decided {
  const ended: TaskState = { ...idle(state), start: task.start, ended: { at: now, how } };
  const goes = task.cleanEnd && how !== 'crashed';
  return { ...leave, state: ended, next: goes ? 'removed' : null, note: how === 'stopped' ? 'stopped' : `ended: ${how}` };
}

const over = (state: TaskState): Decided => ({ ...leave, state, next: null, note: 'it has ended' });

function crashed(definition: Definition, task: Task, before: TaskState, { at, id, error }: OwnedJob, now: number): Decided {
  const { restart } = task;
  const crash: Crash = { at, job: id, error: error.slice(0, keptError).toWellFormed() };
  const isFirst = at - before.since >= restart.healthyAfter;
  const state: TaskState = {
    ...before,
    crashes: isFirst ? 1 : before.crashes + 1,
    newestCrashes: [...(isFirst ? [] : before.newestCrashes), crash].slice(-keptCrashes),
  };
  if (restart.on === 'never' || state.crashes >= restart.crashes) return ends(task, state, 'crashed', now);
  return begins(definition, task, state, backoffAfter({ ...restart, attempts: 1 }, state.crashes, chance(now)), now);
}

/** From [0, 1): tasks that crashed together come back apart. */
const chance = (now: number): number => (now % 997) / 997;
