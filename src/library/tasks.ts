/** Tasks as the library asks for them. */
import { jsonText } from '../core/json-value.ts';
import { checkPayload, jobLimits } from '../core/new-job.ts';
import type { TaskChange } from '../core/new-task.ts';
import { taskKeyOf } from '../core/task.ts';
import { triggerJobOf } from '../core/trigger-target.ts';
import type { TaskRecord } from '../engine/api/kept-tasks.ts';
import type { MailPage } from '../engine/api/tasks.ts';
import type { Admit } from '../engine/api/trigger-record.ts';
import type { Engine } from '../engine/engine.ts';
import { DefinedTask } from './defined-task.ts';
import type { WorkerDefinition } from './definition.ts';
import { newJobOf, type Target } from './new-job.ts';
import { aName, type Checked, checked, readAs, refused } from './option.ts';
import type { Named, Pusher } from './pusher.ts';
import { type Task, taskView } from './task.ts';
import {
  aTask,
  type MoveOptions,
  moveOptions,
  type RestartTaskOptions,
  restartTaskOptions,
  type StartOptions,
  startOptions,
  type TaskListOptions,
  type TaskRef,
  type taskFields,
  taskListOptions,
} from './task-options.ts';
import type { Ask } from './unreadable.ts';
import type { MessageAndOptions } from './worker.ts';

export interface TaskPage {
  /** In the order of domains and ids, without their results and checkpoints. */
  readonly tasks: readonly Task[];
  /** The `from` of the next page; `null`: this is the last one. */
  readonly next: { readonly domain: string; readonly id: string } | null;
}

/** A control message that was not handled yet. */
export interface WaitingControl {
  readonly id: string;
  readonly name: string;
  /** `undefined`: none. */
  readonly data: unknown;
  /** When it was told. */
  readonly at: number;
}

/** Work that is kept running until it ends, on one node at a time. All that is asked of one task answers `null` when there is none. */
export interface Tasks {
  /** Answers when it is kept. Its message is checked as in a push. Throws as `push`, and `conflict` when its id is taken. */
  start<Input>(
    worker: WorkerDefinition<Input, unknown, unknown>,
    ...given: MessageAndOptions<NoInfer<Input>, StartOptions>
  ): Promise<Task<Input>>;
  /** The same by the name of a worker, which this node need not know. */
  start(worker: string, message?: unknown, options?: StartOptions): Promise<Task>;
  /** As it stands. */
  get(task: TaskRef): Promise<Task | null>;
  /** One page of them. */
  list(options?: TaskListOptions): Promise<TaskPage>;
  /** It begins anew, also after its end, from its newest checkpoint; one that runs is stopped before. What is named changes. Throws as `start`. */
  restart(task: TaskRef, options?: RestartTaskOptions): Promise<Task | null>;
  /** It runs; one that was disabled, or has ended, begins anew, from its newest checkpoint. */
  enable(task: TaskRef): Promise<Task | null>;
  /** Its function is told to return, and it does not run until somebody enables it. */
  disable(task: TaskRef): Promise<Task | null>;
  /** Its function is told to return, and it has ended then. */
  stop(task: TaskRef): Promise<Task | null>;
  /** It goes on at a node, or at another one than that. Throws `conflict` when there is no such node that serves it. */
  move(task: TaskRef, options: MoveOptions): Promise<Task | null>;
  /** Takes away one that has ended, and answers it with its result. Throws `conflict` for one that has not. */
  collect(task: TaskRef): Promise<Task | null>;
  /** It goes with all that it kept; one that runs is stopped before. Answers whether there was one. */
  delete(task: TaskRef): Promise<boolean>;
  /** Tells its function, whichever node runs it now or later (`onControl`); answers the id of the message. Throws `overloaded` when 1,000 wait. */
  tell(task: TaskRef, name: string, data?: unknown): Promise<string | null>;
  /** What it was told and has not handled. */
  controls(task: TaskRef): Promise<readonly WaitingControl[]>;
}

interface TasksParts {
  readonly ask: Ask;
  readonly pusher: Pusher;
}

export function makeTasks({ ask, pusher }: TasksParts): Tasks {
  const admitFor =
    (target?: Target): Admit =>
    (job, what) =>
      pusher.admitted(job, true, what, target);

  const shown = async (call: (engine: Engine) => Promise<TaskRecord | null>): Promise<Task<never> | null> => {
    const record = await ask(call);
    return record === null ? null : taskView(record);
  };

  async function start(worker: Named, message?: unknown, options?: StartOptions): Promise<Task<never>> {
    const whose = 'tasks.start';
    const { id, domain = '', ...given } = checked(options, startOptions, whose);
    const target = pusher.targetOf(whose, worker);
    const job = triggerJobOf(newJobOf(target, message, {}, ['message', whose]));
    const asked = { job, usual: usualTaskOf(target), ...changeOf(given) };
    const started = await shown(({ tasks }) => tasks.start({ domain, id: id ?? tasks.newId() }, asked, admitFor(target)));
    if (started === null) throw new Error('the store did not answer for the new task');
    return started;
  }

  async function restart(named: TaskRef, options?: RestartTaskOptions): Promise<Task<never> | null> {
    const ref = refOf(named, 'tasks.restart');
    const given = checked(options, restartTaskOptions, 'tasks.restart');
    const change = changeOf(given);
    if (!('message' in given)) return shown(({ tasks }) => tasks.restart(ref, change));
    const what = 'message of tasks.restart';
    const payload = checkPayload(jsonText(given.message, what, 'message') ?? null, jobLimits.payloadBytes, what, 'message');
    return shown(({ tasks }) => tasks.restart(ref, { ...change, job: (job) => ({ ...job, payload }) }, admitFor()));
  }

  return {
    start,
    get: (task) => shown(({ tasks }) => tasks.get(refOf(task, 'tasks.get'))),
    async list(options) {
      const { domain = null, worker = null, from, limit = 50 } = checked(options, taskListOptions, 'tasks.list');
      const found = await ask(({ tasks }) => tasks.list(domain, worker, from === undefined ? null : taskKeyOf(from), limit));
      const { next } = found;
      return { tasks: found.tasks.map((record) => taskView(record)), next: next === null ? null : { domain: next.domain, id: next.key } };
    },
    restart,
    enable: (task) => shown(({ tasks }) => tasks.enable(refOf(task, 'tasks.enable'))),
    disable: (task) => shown(({ tasks }) => tasks.disable(refOf(task, 'tasks.disable'))),
    stop: (task) => shown(({ tasks }) => tasks.stop(refOf(task, 'tasks.stop'))),
    move(task, options) {
      const ref = refOf(task, 'tasks.move');
      const { to, from } = checked(options, moveOptions, 'tasks.move');
      if ((to === undefined) === (from === undefined)) {
        throw refused('tasks.move needs one of the two: to, a node at which the task goes on, or from, one at which it does not.', 'to');
      }
      return shown(({ tasks }) => tasks.move(ref, to === undefined ? { how: 'from', node: from ?? '' } : { how: 'to', node: to }));
    },
    collect: (task) => shown(({ tasks }) => tasks.collect(refOf(task, 'tasks.collect'))),
    delete: (task) => ask(({ tasks }) => tasks.remove(refOf(task, 'tasks.delete'))),
    tell(task, name, data) {
      const ref = refOf(task, 'tasks.tell');
      const text = { name: readAs(aName, name, 'name', 'tasks.tell'), data: jsonText(data, 'data') ?? null };
      return ask(({ tasks }) => tasks.tell(ref, text));
    },
    async controls(task) {
      const ref = refOf(task, 'tasks.controls');
      const waiting: WaitingControl[] = [];
      for (let after: number | null = null; ; ) {
        const page: MailPage = await ask(({ tasks }) => tasks.mail(ref, after, controlsAtOnce));
        waiting.push(...page.mail.map(({ id, name, data, at }) => ({ id, name, data: data === null ? undefined : JSON.parse(data), at })));
        if (page.next === null) return waiting;
        after = page.next;
      }
    },
  } as Tasks;
}

const controlsAtOnce = 100;

const refOf = (task: TaskRef, whose: string) => readAs(aTask, task, 'task', whose);

/** How tasks of a worker run whose start does not say it; `undefined`: it says nothing, or is not known here. */
export const usualTaskOf = (target: Target | undefined): TaskChange | undefined =>
  target instanceof DefinedTask ? changeOf(target.fields) : undefined;

const changeOf = ({ restart, pause, stalledAfter, cleanEnd, stateOptional, maxDetached }: Checked<typeof taskFields>): TaskChange => ({
  ...{ restart, pause, stalledAfter, cleanEnd, stateOptional, maxDetached },
});
