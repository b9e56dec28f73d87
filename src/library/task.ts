/** A task as the library shows it: times are Unix milliseconds of the store's clock. */
import type { DesiredState, Restart, TaskEnd, TaskStatus } from '../core/task.ts';
import type { TaskRecord } from '../engine/api/kept-tasks.ts';
import { resultOf } from './job.ts';

/** One crash of a task. */
export interface TaskCrash {
  readonly at: number;
  /** Of its attempt. */
  readonly job: string;
  readonly error: string;
}

/** As it was when it was asked for. */
export interface Task<Message = unknown> {
  readonly id: string;
  readonly domain: string;
  readonly worker: string;
  /** What should be: it runs; it does not, until somebody enables it; it has ended, since somebody wants that; it is going. */
  readonly desired: DesiredState;
  /**
   * What is: `queued`: a node is to take it; `restarting`: it crashed, and begins again after its backoff; `running`; `stopping`: its
   * function was told to return; `stopped`: it is disabled; `ended`; `crashed`: so often that it has ended.
   */
  readonly status: TaskStatus;
  readonly message: Message;
  readonly restart: Restart;
  /** `null`: it has one pass. */
  readonly pause: number | null;
  readonly stalledAfter: number | null;
  readonly cleanEnd: boolean;
  readonly stateOptional: boolean;
  /** `null`: it stops while the store is away. */
  readonly maxDetached: number | null;
  /** Its newest job, which has its log, its progress and its attempts; `null`: there is none. */
  readonly job: string | null;
  /** Who runs it, or ran it last; `""`: nobody. */
  readonly holder: string;
  /** When its newest attempt began; `null`: it waits for its next one. */
  readonly startedAt: number | null;
  /** In a row. */
  readonly crashes: number;
  /** The newest of them. */
  readonly newestCrashes: readonly TaskCrash[];
  /** `null`: it has not ended. */
  readonly endedAt: number | null;
  /** How it ended; `null`: it has not. */
  readonly end: TaskEnd | null;
  /** What its function, or `end`, has given, as it comes back from JSON; `undefined`: nothing, or too much to be kept whole, or nobody asked. */
  readonly result: unknown;
  /** What the newest checkpoint has kept; `undefined`: nothing, or nobody asked. */
  readonly checkpoint: unknown;
  readonly createdAt: number;
  /** Greater with every change. */
  readonly version: number;
}

export function taskView<Message>({ ref, task, state, status, definition, job, checkpoint }: TaskRecord): Task<Message> {
  const { desired, restart, pause, stalledAfter, cleanEnd, maxDetached, createdAt } = task;
  const { worker, payload } = task.job;
  const ended = status === 'ended' || status === 'crashed' ? state.ended : null;
  const result = ended?.how === 'succeeded' && job !== null ? resultOf<unknown>(job.result) : undefined;
  return {
    ...{ id: ref.id, domain: ref.domain, worker, desired, status },
    message: (payload === null ? undefined : JSON.parse(payload)) as Message,
    ...{ restart, pause, stalledAfter, cleanEnd, stateOptional: maxDetached !== null, maxDetached },
    ...{ job: job?.id ?? null, holder: job?.holder ?? '', startedAt: job?.startedAt ?? null },
    ...{ crashes: state.crashes, newestCrashes: state.newestCrashes },
    ...{ endedAt: ended?.at ?? null, end: ended?.how ?? null },
    result,
    checkpoint: checkpoint === null ? undefined : JSON.parse(checkpoint),
    ...{ createdAt, version: definition.version },
  };
}
