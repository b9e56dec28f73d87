/** What may be asked of tasks. */
import { HatstandError } from '../../core/errors.ts';
import { checkMail, type MailText, mailKeyOf, mailLimits, readMail, writeMail } from '../../core/mail.ts';
import {
  changedTask,
  deletedTask,
  disabledTask,
  enabledTask,
  endedTask,
  movedTask,
  type NewTask,
  newTask,
  startedTask,
  type TaskChange,
} from '../../core/new-task.ts';
import { conditionOf } from '../../core/node.ts';
import { jobOfTask, type Place, type Task, type TaskJob, type TaskRef, taskKeyOf, writeTask } from '../../core/task.ts';
import type { DefinitionPlace, DefinitionPut } from '../../ports/store/definitions.ts';
import type { Store } from '../../ports/store/store.ts';
import { readOrSetAside } from '../readable.ts';
import { removeLeftovers } from '../task-leftovers.ts';
import { mailBehind } from '../task-mail.ts';
import { mostTries } from './kept-definitions.ts';
import { makeKeptTasks, type TaskRecord } from './kept-tasks.ts';
import type { Admit } from './trigger-record.ts';

/** A control message that was not handled yet. */
export interface WaitingMail extends MailText {
  readonly id: string;
  /** When it was told, in Unix milliseconds of the store's clock. */
  readonly at: number;
}

export interface MailPage {
  readonly mail: readonly WaitingMail[];
  /** Behind which the next page begins; `null`: this is the last. */
  readonly next: number | null;
}

export interface TaskPage {
  readonly tasks: readonly TaskRecord[];
  /** Where the next page begins; `null`: this is the last. */
  readonly next: DefinitionPlace | null;
}

/** Those about one task answer `null`, or `false`, when there is none. They throw `unreadable` for one that nobody can read. */
export interface Tasks {
  /** An id that no task has, and that nobody guesses. */
  newId(): string;
  /** Throws `conflict` when its id is taken, `invalid_request`, and what `admit` throws. */
  start(ref: TaskRef, asked: NewTask, admit?: Admit): Promise<TaskRecord>;
  get(ref: TaskRef): Promise<TaskRecord | null>;
  /** In the order of domains and ids, without those that nobody can read. `domain` `null`: all; `worker` `null`: of any. */
  list(domain: string | null, worker: string | null, from: DefinitionPlace | null, limit: number): Promise<TaskPage>;
  /** It begins anew, also after its end; one that runs is stopped before. With other options, or another job, by those. Throws as `start`. */
  restart(ref: TaskRef, change?: TaskRestart, admit?: Admit): Promise<TaskRecord | null>;
  /** It runs; one that was disabled, or had ended, begins anew. */
  enable(ref: TaskRef): Promise<TaskRecord | null>;
  /** It is stopped, and does not run until somebody enables it. */
  disable(ref: TaskRef): Promise<TaskRecord | null>;
  /** It is stopped for good, and has ended then. */
  stop(ref: TaskRef): Promise<TaskRecord | null>;
  /** It goes on at a node, or at another one than that. Throws `conflict` when no live node that serves it is there. */
  move(ref: TaskRef, to: Pick<Place, 'how' | 'node'>): Promise<TaskRecord | null>;
  /** Takes away one that has ended, and answers it. Throws `conflict` for one that has not. */
  collect(ref: TaskRef): Promise<TaskRecord | null>;
  /** It goes, with what it keeps; one that runs is stopped before. Also what is left of one that nobody can read. */
  remove(ref: TaskRef): Promise<boolean>;
  /** Tells whoever runs it, or will; answers the id of the message. Throws `too_large`, `overloaded` when too many wait. */
  tell(ref: TaskRef, mail: MailText): Promise<string | null>;
  /** What it was told and has not handled, in its order: at most `limit` behind a place, and no more than about two megabytes. */
  mail(ref: TaskRef, after: number | null, limit: number): Promise<MailPage>;
}

export interface TaskRestart extends TaskChange {
  /** What its jobs are from then on, made of what they were. */
  readonly job?: ((job: TaskJob) => TaskJob) | undefined;
}

export interface TasksParts {
  readonly store: Store;
  /** The store's present. */
  now(): number;
  /** A text that nobody guesses. */
  secret(): string;
  /** Something may be due sooner. */
  wakeFirer(): void;
}

const asItIs: Admit = (job) => Promise.resolve(job);

export function makeTasks({ store, now, secret, wakeFirer }: TasksParts): Tasks {
  const { definitions, nodes } = store;
  const kept = makeKeptTasks(store);

  /** Its new version; `null`: its `if` did not hold. */
  async function put(asked: DefinitionPut): Promise<number | null> {
    const answer = await definitions.put([asked]);
    wakeFirer();
    return answer.kind === 'put' ? (answer.versions[0] ?? null) : null;
  }

  /** `change` is asked again when somebody else was first. */
  async function become(ref: TaskRef, note: string, change: (record: TaskRecord) => Task | Promise<Task>): Promise<TaskRecord | null> {
    for (let tries = 0; tries < mostTries; tries++) {
      const record = await kept.get(ref);
      if (record === null) return null;
      if (record.task.desired === 'deleted') return null;
      const task = await change(record);
      const version = await put({ ...putOf(ref, task), state: null, due: 'now', note, if: record.definition.version });
      // It may be gone by now.
      if (version !== null) return (await kept.shown(ref)) ?? { ...record, task, definition: { ...record.definition, version } };
    }
    throw kept.othersFirst(ref);
  }

  async function admitted(ref: TaskRef, task: Task, admit: Admit): Promise<Task> {
    const { options } = await admit(jobOfTask(taskKeyOf(ref), task, 0), 'all');
    const { onLost } = task.job.options;
    return { ...task, job: { ...task.job, options: { ...options, onLost } } };
  }

  async function checkPlace({ how, node }: Pick<Place, 'how' | 'node'>, { worker }: Task['job']): Promise<void> {
    const all = await nodes.list();
    const live = all.filter((each) => conditionOf(each) === 'active');
    const serving = live.filter(({ serves }) => serves === null || serves.some((each) => each.worker === worker && each.concurrency !== 0));
    const isNamed = (each: { readonly name: string; readonly incarnation: string }): boolean =>
      each.name === node || each.incarnation === node;
    const there = serving.filter((each) => isNamed(each) === (how === 'to'));
    if (there.length > 0 && (how === 'to' || all.some(isNamed))) return;
    const others = serving.length === 0 ? 'No node does.' : `These do: ${serving.map(({ name }) => name).join(', ')}.`;
    const isUnknown = how !== 'to' && !all.some(isNamed);
    const message = isUnknown
      ? `There is no node ${JSON.stringify(node)} from which it could be moved. ${others}`
      : `No ${how === 'to' ? `node ${JSON.stringify(node)}` : `other node than ${JSON.stringify(node)}`} serves the worker ${JSON.stringify(worker)} and takes jobs. ${others}`;
    throw new HatstandError('conflict', message, { node });
  }

  return {
    newId: () => `k${secret()}`,
    async start(ref, asked, admit = asItIs) {
      const task = await admitted(ref, newTask(asked, { ref, now: now() }), admit);
      // What an earlier task of this id kept is not its own.
      await removeLeftovers(definitions, ref);
      const version = await put({ ...putOf(ref, task), state: '', due: 'now', note: 'made', if: 0 });
      if (version !== null) return kept.fresh(ref, task, version);
      throw new HatstandError(
        'conflict',
        `There is a task ${JSON.stringify(ref.id)} already. Restart it, collect it when it has ended, or choose another id.`,
        {
          task: ref.id,
        },
      );
    },
    get: kept.shown,
    async list(domain, worker, from, limit) {
      const { found, next } = await kept.list(domain, worker, from, limit);
      return { tasks: found, next };
    },
    restart: (ref, { job, ...change } = {}, admit = asItIs) =>
      become(ref, 'restarted', async ({ task }) => {
        if (job === undefined) return startedTask(changedTask(task, change));
        const changed = changedTask({ ...task, job: job(task.job) }, change);
        return startedTask(await admitted(ref, changed, admit));
      }),
    enable: (ref) => become(ref, 'enabled', ({ task, state }) => (state.ended === null ? enabledTask(task) : startedTask(task))),
    disable: (ref) => become(ref, 'disabled', ({ task }) => disabledTask(task)),
    stop: (ref) => become(ref, 'stopped', ({ task }) => endedTask(task)),
    move: (ref, place) =>
      become(ref, `to go on ${place.how === 'to' ? 'at' : 'elsewhere than at'} ${place.node}`, async ({ task, state }) => {
        if (state.ended !== null) throw hasEnded(ref);
        await checkPlace(place, task.job);
        return movedTask(task, { ...place, at: now() });
      }),
    async collect(ref) {
      const record = await kept.shown(ref);
      if (record === null) return null;
      if (record.status !== 'ended' && record.status !== 'crashed') {
        throw new HatstandError(
          'conflict',
          `The task ${JSON.stringify(ref.id)} has not ended: it is ${record.status}. Stop it first, or wait.`,
          { task: ref.id },
        );
      }
      await kept.clear(ref);
      return record;
    },
    async remove(ref) {
      const record = await kept.get(ref).catch((error: unknown) => {
        if (error instanceof HatstandError && error.code === 'unreadable') return null;
        throw error;
      });
      if (record === null || record.definition.owned.live === 0) return kept.clear(ref);
      return (await become(ref, 'to be deleted', ({ task }) => deletedTask(task))) !== null;
    },
    async tell(ref, text) {
      checkMail(text);
      if ((await kept.get(ref)) === null) return null;
      const { domain, id } = ref;
      if ((await definitions.count({ kind: 'mail', domain, group: id, limit: mailLimits.waiting })) >= mailLimits.waiting) {
        throw new HatstandError('overloaded', `${mailLimits.waiting} control messages wait for the task ${JSON.stringify(id)} already.`, {
          task: id,
        });
      }
      const key = mailKeyOf(ref, secret());
      await definitions.put([{ ...key, group: id, body: writeMail(text), state: null, due: 'never', dueOnEnd: false, if: null }]);
      return key.key;
    },
    async mail(ref, after, limit) {
      const { mail, more } = await mailBehind(definitions, ref, after ?? 0, limit);
      const read = mail.map(async (each) => {
        const told = await readOrSetAside(store, each, readMail);
        return told.kind === 'read' ? [{ ...told.body, id: each.key, at: each.changedAt }] : [];
      });
      return { mail: (await Promise.all(read)).flat(), next: more ? (mail.at(-1)?.version ?? null) : null };
    },
  };
}

const hasEnded = ({ id }: TaskRef): HatstandError =>
  new HatstandError('conflict', `The task ${JSON.stringify(id)} has ended, and runs nowhere. Restart it first.`, { task: id });

const putOf = (ref: TaskRef, task: Task): Omit<DefinitionPut, 'state' | 'due' | 'if'> => ({
  ...taskKeyOf(ref),
  group: task.job.worker,
  body: writeTask(task),
  dueOnEnd: true,
});
