/** Tasks under `/v1`. */
import type { DesiredState, Restart, seedStatuses, TaskEnd, TaskStatus } from '../../core/task.ts';
import { type Connection, query, segment } from './connection.ts';
import type { JobFields } from './job.ts';

/** What may be said of how a task runs; what is left out is as usual, or stays as it is. Durations are texts such as `30s`. */
export interface TaskFields {
  /** What its function is given: any JSON value. */
  readonly message?: unknown;
  /** What its jobs have, as in a push. */
  readonly options?: Pick<JobFields, 'queue' | 'priority' | 'name' | 'comment'>;
  /** What comes after a crash. */
  readonly restart?: Partial<TaskRestartPolicy>;
  readonly pause?: string | null;
  readonly stalledAfter?: string | null;
  readonly cleanEnd?: boolean;
  readonly stateOptional?: boolean;
  readonly maxDetached?: string;
}

export interface NewTask extends TaskFields {
  readonly worker: string;
  /** One that nobody guesses when it is not given. */
  readonly id?: string;
  readonly domain?: string;
}

export interface TaskRestartPolicy {
  readonly on: Restart['on'];
  readonly backoff: string;
  readonly maxBackoff: string;
  /** So many in a row end it. */
  readonly crashes: number;
  readonly healthyAfter: string;
}

export interface TaskCrash {
  readonly at: string;
  readonly job: string;
  readonly error: string;
}

/** A task without its result, checkpoint and progress. */
export interface TaskSummary {
  readonly id: string;
  readonly domain: string;
  readonly worker: string;
  /** What should be. */
  readonly desired: DesiredState;
  /** What is. */
  readonly status: TaskStatus;
  /** The same in the words of distributed-task. */
  readonly seedStatus: (typeof seedStatuses)[number];
  /** It waits, and no live node serves its worker. */
  readonly unserved: boolean;
  readonly message: unknown;
  readonly restart: TaskRestartPolicy;
  readonly pause: string | null;
  readonly stalledAfter: string | null;
  readonly cleanEnd: boolean;
  readonly stateOptional: boolean;
  readonly maxDetached: string | null;
  readonly queue: string;
  readonly priority: number;
  readonly name: string;
  readonly comment: string;
  /** Its newest; `null`: there is none. */
  readonly job: string | null;
  readonly holder: string;
  readonly startedAt: string | null;
  /** In a row. */
  readonly crashes: number;
  readonly newestCrashes: readonly TaskCrash[];
  readonly createdAt: string;
  readonly endedAt: string | null;
  readonly end: TaskEnd | null;
  readonly version: number;
}

export interface Task extends TaskSummary {
  /** What its function returned, or said at its end; `null`: nothing, or too much to be kept whole. */
  readonly result: unknown;
  /** What its newest checkpoint has kept; `null`: nothing. */
  readonly checkpoint: unknown;
  readonly progress: unknown;
  readonly progressAt: string | null;
}

export interface TaskPage {
  readonly tasks: readonly TaskSummary[];
  /** The next page's cursor; `null`: this is the last. */
  readonly next: string | null;
}

/** A control message that was not handled yet. */
export interface WaitingControl {
  readonly id: string;
  readonly name: string;
  readonly data: unknown;
  readonly at: string;
}

interface ControlPage {
  readonly controls: readonly WaitingControl[];
  readonly next: number | null;
}

/** `domain`: its tenant. Text is sent as it is, so that a message keeps its bytes. */
export interface Tasks {
  start(task: NewTask | string): Promise<Task>;
  get(id: string, domain?: string): Promise<Task>;
  list(asked?: {
    readonly domain?: string | undefined;
    readonly worker?: string | undefined;
    readonly limit?: number;
    readonly cursor?: string | undefined;
  }): Promise<TaskPage>;
  restart(id: string, change?: TaskFields | string, domain?: string): Promise<Task>;
  enable(id: string, domain?: string): Promise<Task>;
  disable(id: string, domain?: string): Promise<Task>;
  stop(id: string, domain?: string): Promise<Task>;
  /** To a node, or away from one. */
  move(id: string, place: { readonly to: string } | { readonly from: string }, domain?: string): Promise<Task>;
  /** Takes away one that has ended, and answers it as it was. */
  collect(id: string, domain?: string): Promise<Task>;
  delete(id: string, domain?: string): Promise<void>;
  /** `data`: JSON text. Answers the id of the message. */
  tell(id: string, name: string, data?: string, domain?: string): Promise<{ readonly id: string }>;
  /** What it was told and has not handled, in its order. */
  controls(id: string, domain?: string): Promise<readonly WaitingControl[]>;
}

export function makeTasks(connection: Connection): Tasks {
  const all = '/v1/tasks';
  const one = (id: string, domain = '', verb = ''): string => `${all}/${segment(id)}${verb}${query(domain === '' ? {} : { domain })}`;
  const textOf = (value: object | string): string => (typeof value === 'string' ? value : JSON.stringify(value));
  const post = <T>(path: string, body: object | string): Promise<T> => connection.json({ method: 'POST', path, body: textOf(body) });
  const become =
    (verb: string) =>
    (id: string, domain?: string): Promise<Task> =>
      connection.json({ method: 'POST', path: one(id, domain, `/${verb}`) });
  return {
    start: (task) => post(all, task),
    get: (id, domain) => connection.json({ method: 'GET', path: one(id, domain) }),
    list: (asked = {}) => connection.json({ method: 'GET', path: `${all}${query({ ...asked })}` }),
    restart: (id, change = {}, domain) => post(one(id, domain, '/restart'), change),
    enable: become('enable'),
    disable: become('disable'),
    stop: become('stop'),
    move: (id, place, domain) => post(one(id, domain, '/move'), place),
    collect: become('collect'),
    async delete(id, domain) {
      await connection.text({ method: 'DELETE', path: one(id, domain) });
    },
    tell(id, name, data, domain) {
      const named = JSON.stringify({ name });
      return post(one(id, domain, '/controls'), data === undefined ? named : `${named.slice(0, -1)},"data":${data}}`);
    },
    async controls(id, domain) {
      const controls: WaitingControl[] = [];
      for (let after: number | undefined; ; ) {
        const path = `${all}/${segment(id)}/controls${query({ domain, after })}`;
        const page = await connection.json<ControlPage>({ method: 'GET', path });
        controls.push(...page.controls);
        if (page.next === null) return controls;
        after = page.next;
      }
    },
  };
}
