/**
 * The watcher of distributed-task: hears what tasks tell while they run, straight from the worker that runs them, and as they move; and looks
 * how they stand.
 *
 * ```js
 * const watcher = require('hatstand/distributed-task/watcher');
 * watcher.init(require('./config.json'));
 * await watcher.subscribe('my-task', 'line', (line) => console.log(line));
 * ```
 */
import { setTimeout as delay } from 'node:timers/promises';
import { HatstandError } from '../core/errors.ts';
import type { Hatstand } from '../hatstand.ts';
import { call, readAs, textOf } from '../library/option.ts';
import type { Task } from '../library/task.ts';
import type { TaskListOptions } from '../library/task-options.ts';
import type { TaskPage } from '../library/tasks.ts';
import type { TaskStanding, Watched } from '../library/watch.ts';
import type { DistributedTaskConfig } from './config.ts';
import { makeRole } from './role.ts';

/** Hears what was told with the event. */
export type EventHeard = (data: unknown) => unknown;

interface Watching {
  /** It looks. */
  readonly begun: PromiseWithResolvers<void>;
  readonly listeners: Map<string, Set<EventHeard>>;
  readonly end: AbortController;
}

const all = new Map<string, Watching>();
const closing = new AbortController();
const node = Promise.withResolvers<Hatstand>();
// Who waits for it hears of it.
node.promise.catch(() => undefined);

const role = makeRole('watcher', async ({ hatstand }) => {
  node.resolve(hatstand);
  return async () => closing.abort();
});

/** Begins, and goes on until `close`, or a signal that ends the process. Answers its node. Throws as `worker.init`. */
export async function init(config: DistributedTaskConfig): Promise<Hatstand> {
  const begun = role.init(config);
  // The second one is refused, and the first goes on.
  begun.catch((error: unknown) => (error instanceof HatstandError && error.code === 'conflict' ? undefined : node.reject(error)));
  return await begun;
}

/** Its task as it stands; `null`: there is none. */
export const task = async (id: string): Promise<Task | null> => (await node.promise).tasks.get(id);

/** One page of all tasks. */
export const tasks = async (options?: TaskListOptions): Promise<TaskPage> => (await node.promise).tasks.list(options);

/**
 * The listener hears of each event of this name that the task tells from now on, whichever worker runs it; `_update` with what it was told,
 * and `_end` once, with the task as it has ended, or with how it stood last if it is gone by then. Resolves when its worker has been asked; a
 * task that is not there yet is waited for, until it is unsubscribed.
 */
export async function subscribe(id: string, event: string, listener: EventHeard): Promise<void> {
  readAs(call, listener, 'listener', 'subscribe');
  readAs(textOf(1, 128), event, 'event', 'subscribe');
  const hatstand = await node.promise;
  const watching = all.get(id) ?? begin(hatstand, id);
  const listeners = watching.listeners.get(event) ?? new Set();
  watching.listeners.set(event, listeners.add(listener));
  await watching.begun.promise;
}

/** The listener hears nothing more of it; without a listener nobody does, and without an event nobody of anything. */
export function unsubscribe(id: string, event?: string, listener?: EventHeard): void {
  const watching = all.get(id);
  if (watching === undefined) return;
  const { listeners, end } = watching;
  if (event === undefined) listeners.clear();
  else if (listener === undefined) listeners.delete(event);
  else if (listeners.get(event)?.delete(listener) === true && listeners.get(event)?.size === 0) listeners.delete(event);
  if (listeners.size > 0) return;
  all.delete(id);
  end.abort();
}

function begin(hatstand: Hatstand, id: string): Watching {
  const watching: Watching = { begun: Promise.withResolvers(), listeners: new Map(), end: new AbortController() };
  all.set(id, watching);
  void watch(hatstand, id, watching).finally(() => {
    watching.begun.resolve();
    if (all.get(id) === watching) all.delete(id);
  });
  return watching;
}

const againAfter = 1_000;
/** For a task that is not there yet. */
const lookEvery = 500;

async function watch(hatstand: Hatstand, id: string, watching: Watching): Promise<void> {
  const signal = AbortSignal.any([watching.end.signal, closing.signal]);
  let after: string | undefined;
  let standing: TaskStanding | null = null;
  let isThere = false;
  while (!signal.aborted) {
    try {
      if (!isThere) await appears(hatstand, id, watching.begun, signal);
      isThere = true;
      for await (const told of hatstand.watch({ task: id }, { after, signal })) {
        if (told.kind === 'task') standing = told.task;
        watching.begun.resolve();
        hear(watching, told);
        if ('place' in told) after = told.place ?? after;
      }
      if (!signal.aborted) tell(watching, '_end', (await hatstand.tasks.get(id)) ?? gone(id, standing));
      return;
    } catch (error) {
      const code = error instanceof HatstandError ? error.code : null;
      if (code === 'not_found' && !signal.aborted) tell(watching, '_end', gone(id, standing));
      // Its node was stopped by somebody else; all else is waited for, also that too many watch.
      if (code === 'not_found' || code === 'shutting_down') return;
      await delay(againAfter, undefined, { signal }).catch(() => undefined);
    }
  }
}

/** Resolves when the task is there: nobody waits longer than for the first look at one that has no job yet. */
async function appears(hatstand: Hatstand, id: string, begun: Watching['begun'], signal: AbortSignal): Promise<void> {
  for (let found = await hatstand.tasks.get(id); ; found = await hatstand.tasks.get(id)) {
    if (found?.job == null) begun.resolve();
    if (found !== null || signal.aborted) return;
    await delay(lookEvery, undefined, { signal }).catch(() => undefined);
  }
}

/** What is known of one that went when it had ended, or was deleted. */
const gone = (id: string, standing: TaskStanding | null): TaskStanding =>
  standing ?? { id, domain: '', status: 'ended', desired: 'deleted', end: null };

function hear(watching: Watching, told: Watched): void {
  if (told.kind === 'event') tell(watching, told.name, told.data);
  else if (told.kind === 'progress') tell(watching, '_update', told.progress);
}

function tell({ listeners }: Watching, event: string, data: unknown): void {
  for (const listener of listeners.get(event) ?? []) {
    try {
      listener(data);
    } catch (error) {
      // As of any emitter: it is its own program's fault, and others hear all the same.
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}

/** Ends it, and all that it watches. */
export const close = (): Promise<void> => role.close();
