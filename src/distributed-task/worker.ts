/**
 * The worker of distributed-task: runs tasks by the functions that it has. Any number of them may be there; what one runs that dies goes on at
 * another one.
 *
 * ```js
 * const worker = require('hatstand/distributed-task/worker');
 * worker.init(require('./config.json'));
 * worker.addTask('name', someFunction);
 * ```
 */
import { HatstandError } from '../core/errors.ts';
import type { Hatstand } from '../hatstand.ts';
import { defineTask, type TaskContext } from '../library/define-task.ts';
import type { TaskDefinition } from '../library/definition.ts';
import { call, readAs } from '../library/option.ts';
import type { DistributedTaskConfig } from './config.ts';
import { runManaged, type TaskFunction } from './manager.ts';
import { makeRole } from './role.ts';

/** What the node is to serve, and the node once it is there. */
const added: TaskDefinition<unknown, unknown, unknown>[] = [];
let node: Hatstand | null = null;

const role = makeRole('worker', async ({ hatstand }) => {
  node = hatstand;
  for (const each of added) hatstand.worker(each);
  return async () => undefined;
});

/**
 * Begins, and goes on until `close`, or a signal that ends the process; then what it runs is handed over. Answers its node. Throws
 * `invalid_request` for a configuration that makes no sense, `invalid_config` for files that cannot be used, `conflict` the second time.
 */
export const init = (config: DistributedTaskConfig): Promise<Hatstand> => role.init(config);

/**
 * From now on tasks of this name are run here, before or after `init`. The function gets its manager and the task, as distributed-task has it
 * (manager.ts); or what `defineTask` gives, of the same name. Throws `invalid_request`, `conflict` when the name is taken.
 */
export function addTask(name: string, task: TaskFunction | TaskDefinition<unknown, unknown, unknown>): void {
  const definition = typeof task === 'object' ? task : managedTask(name, task);
  if (definition.name !== name || added.some((each) => each.name === name)) throw taken(name, definition.name);
  // It checks what it is given.
  node?.worker(definition);
  added.push(definition);
}

const taken = (name: string, own: string): HatstandError =>
  own === name
    ? new HatstandError('conflict', `There is a task function ${JSON.stringify(name)} already.`)
    : new HatstandError('invalid_request', `addTask(${JSON.stringify(name)}, …) was given a task that is called ${JSON.stringify(own)}.`);

function managedTask(name: string, given: TaskFunction): TaskDefinition<unknown, unknown, unknown> {
  const task = readAs(call, given, 'task', 'addTask') as TaskFunction;
  const run = (context: TaskContext): Promise<unknown> => runManaged(task, name, context, () => again(context));
  return defineTask({ name, run });
}

async function again({ taskId, domain }: TaskContext): Promise<void> {
  if (taskId !== undefined) await node?.tasks.restart({ id: taskId, domain });
}

/** Hands over what runs here, and ends. */
export const close = (): Promise<void> => role.close();
