/** What the body and the state of a task's definition may be. Imports, lists and firing hold to it alike. */
import type { Definition } from './definition.ts';
import { checkKeptJob, fieldsOf, isOneOf, isTime, isTimeOrNull, wrong } from './kept-fields.ts';
import { desiredStates, noTaskState, restartWords, type Task, type TaskState, taskEnds } from './task.ts';

/** Throws for what is no task: somebody else wrote it, or damaged it. */
export function readTask(body: string | null): Task {
  const read = fieldsOf(body === null ? null : JSON.parse(body), 'body');
  if (!isOneOf(read['desired'], desiredStates)) throw wrong('desired', 'one of its words');
  checkKeptJob(read['job'], 'job');
  checkRestart(read['restart']);
  for (const field of ['pause', 'stalledAfter', 'maxDetached'])
    if (!isTimeOrNull(read[field])) throw wrong(field, 'a whole number of milliseconds, or null');
  if (typeof read['cleanEnd'] !== 'boolean') throw wrong('cleanEnd', 'true or false');
  for (const field of ['start', 'createdAt']) if (!isTime(read[field])) throw wrong(field, 'a whole number');
  if (read['place'] !== null) {
    const { how, node, at } = fieldsOf(read['place'], 'place');
    if (!isOneOf(how, ['to', 'from']) || typeof node !== 'string' || !isTime(at)) throw wrong('place', 'that of a node');
  }
  return read as unknown as Task;
}

function checkRestart(value: unknown): void {
  const restart = fieldsOf(value, 'restart');
  if (!isOneOf(restart['on'], restartWords)) throw wrong('restart.on', 'one of its words');
  for (const field of ['backoff', 'maxBackoff', 'crashes', 'healthyAfter'])
    if (!isTime(restart[field])) throw wrong(`restart.${field}`, 'a whole number');
}

/** What it was before anybody looked, for what was damaged, too: then its job tells. */
export function readTaskState({ state }: Pick<Definition, 'state'>): TaskState {
  try {
    const read: unknown = state === '' ? noTaskState : JSON.parse(state);
    return isState(read) ? read : noTaskState;
  } catch {
    return noTaskState;
  }
}

function isState(value: unknown): value is TaskState {
  const { start, since, isStopping, crashes, newestCrashes, ended } = fieldsOf(value, 'state');
  if (![start, since, crashes].every(isTime) || typeof isStopping !== 'boolean') return false;
  return Array.isArray(newestCrashes) && newestCrashes.every(isCrash) && (ended === null || isEnd(ended));
}

function isCrash(value: unknown): boolean {
  const { at, job, error } = fieldsOf(value, 'crash');
  return isTime(at) && typeof job === 'string' && typeof error === 'string';
}

function isEnd(value: unknown): boolean {
  const { at, how } = fieldsOf(value, 'ended');
  return isTime(at) && isOneOf(how, taskEnds);
}
