/** Tasks as they are kept, with the job that each one has now, and what goes with them. */
import type { Definition } from '../../core/definition.ts';
import type { Job } from '../../core/job.ts';
import { readCheckpoint } from '../../core/mail.ts';
import { noFacts } from '../../core/owned.ts';
import {
  checkpointKeyOf,
  noTaskState,
  type Task,
  type TaskRef,
  type TaskState,
  type TaskStatus,
  taskKeyOf,
  taskStatusOf,
  writeTask,
} from '../../core/task.ts';
import { readTask, readTaskState } from '../../core/task-record.ts';
import type { DefinitionPlace } from '../../ports/store/definitions.ts';
import type { Store } from '../../ports/store/store.ts';
import { makeJobsById } from '../jobs-by-id.ts';
import { readOrSetAside } from '../readable.ts';
import { removeLeftovers } from '../task-leftovers.ts';
import { type KeptDefinition, type KeptDefinitions, makeKeptDefinitions } from './kept-definitions.ts';

/** A task as it stands. */
export interface TaskRecord {
  readonly ref: TaskRef;
  readonly task: Task;
  readonly state: TaskState;
  readonly status: TaskStatus;
  readonly definition: Definition;
  /** Its newest; `null`: it has none, or none any more. Without payload and output. */
  readonly job: Job | null;
  /** What its newest owner said its next one may go on from, as JSON text; `null`: nothing, or nobody asked. */
  readonly checkpoint: string | null;
}

export interface KeptTasks extends Pick<KeptDefinitions<Task>, 'othersFirst'> {
  /** Without its job. */
  get(ref: TaskRef): Promise<TaskRecord | null>;
  shown(ref: TaskRef): Promise<TaskRecord | null>;
  list(
    domain: string | null,
    worker: string | null,
    from: DefinitionPlace | null,
    limit: number,
  ): Promise<{ readonly found: readonly TaskRecord[]; readonly next: DefinitionPlace | null }>;
  /** One that has just been made. */
  fresh(ref: TaskRef, task: Task, version: number): TaskRecord;
  /** Takes it away, with all that it kept. Answers whether there was one. */
  clear(ref: TaskRef): Promise<boolean>;
}

export function makeKeptTasks(store: Store): KeptTasks {
  const { definitions } = store;
  const kept = makeKeptDefinitions(store, 'task', readTask);
  const jobsOf = makeJobsById(store);

  function recordOf({ ref, body, definition }: KeptDefinition<Task>, job: Job | null = null, checkpoint: string | null = null): TaskRecord {
    const state = readTaskState(definition);
    return { ref, task: body, state, status: taskStatusOf(body, state, job), definition, job, checkpoint };
  }

  /** `null` also for one that nobody can read, which is set aside. */
  async function checkpointIn([definition]: readonly Definition[]): Promise<string | null> {
    if (definition === undefined) return null;
    const told = await readOrSetAside(store, definition, readCheckpoint);
    return told.kind === 'read' ? told.body : null;
  }

  async function withJobs(found: readonly KeptDefinition<Task>[]): Promise<readonly TaskRecord[]> {
    const jobs = await jobsOf(found.flatMap(({ definition: { owned } }) => owned.newest?.id ?? []));
    return found.map((each) => recordOf(each, jobs.get(each.definition.owned.newest?.id ?? '') ?? null));
  }

  return {
    othersFirst: kept.othersFirst,
    async get(ref) {
      const found = await kept.get(ref);
      return found === null ? null : recordOf(found);
    },
    async shown(ref) {
      const found = await kept.get(ref);
      if (found === null) return null;
      const newest = found.definition.owned.newest?.id;
      const [job, checkpoints] = await Promise.all([
        newest === undefined ? null : store.jobs.get(newest),
        definitions.list({ by: 'keys', keys: [checkpointKeyOf(ref)] }),
      ]);
      return recordOf(found, job, await checkpointIn(checkpoints.definitions));
    },
    async list(domain, worker, from, limit) {
      const { found, next } = await kept.list(domain, from, limit, worker);
      return { found: await withJobs(found), next };
    },
    fresh(ref, task, version) {
      const owned = { ...noFacts, live: 0, ended: null };
      const definition: Definition = {
        ...{ ...taskKeyOf(ref), group: task.job.worker, body: writeTask(task), dueOnEnd: true, version, state: '', owned },
        ...{ due: task.createdAt, firedAt: null, changedAt: task.createdAt, window: null },
      };
      return { ref, task, state: noTaskState, status: 'queued', definition, job: null, checkpoint: null };
    },
    async clear(ref) {
      const isGone = await kept.remove(ref);
      await removeLeftovers(definitions, ref);
      return isGone;
    },
  };
}
