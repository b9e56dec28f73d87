/** HQ's API at the server's root; it works with HQ's own server too. */
import { type Connection, query, segment } from './connection.ts';

export interface HqPush {
  readonly url: string;
  readonly name?: string;
  readonly comment?: string;
  readonly payload?: unknown;
  readonly headers?: Readonly<Record<string, string>> | null;
  /** Whole seconds; 0: no limit. */
  readonly timeout?: number;
}

export interface HqJob {
  readonly id: string;
  readonly name: string;
  readonly comment: string;
  readonly url: string;
  readonly payload: unknown;
  readonly headers: Readonly<Record<string, string>> | null;
  readonly timeout: number;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly failure: boolean;
  readonly success: boolean;
  readonly canceled: boolean;
  readonly running: boolean;
  readonly waiting: boolean;
  readonly statusCode: number | null;
  readonly err: string;
  readonly output: string;
  readonly status: string;
}

export interface HqListQuery {
  /** A regular expression (RE2) on the name. */
  readonly name?: string | undefined;
  /** One on name, comment, url or status. */
  readonly term?: string | undefined;
  readonly status?: string | undefined;
  readonly begin?: string | undefined;
  readonly limit?: number | undefined;
  readonly reverse?: boolean | undefined;
}

export interface HqList {
  readonly jobs: readonly HqJob[];
  readonly hasNext: boolean;
  readonly next?: string;
  readonly count: number;
}

export interface HqStats {
  readonly queues: number;
  readonly dispatchers: number;
  readonly maxWorkers: number;
  readonly queueUsage: number;
  readonly numWaitingJobs: number;
  readonly numRunningJobs: number;
  readonly numWorkers: number;
  readonly numJobs: number;
}

export interface Hq {
  /** Text is sent as it is, so that the payload keeps its bytes. */
  push(job: HqPush | string): Promise<HqJob>;
  list(asked?: HqListQuery): Promise<HqList>;
  info(id: string): Promise<HqJob>;
  /** The job or statistics as JSON text, in which numbers keep all their digits. */
  infoText(id: string): Promise<string>;
  statsText(): Promise<string>;
  stats(): Promise<HqStats>;
  delete(id: string): Promise<void>;
  stop(id: string): Promise<void>;
  restart(id: string, copy?: boolean): Promise<HqJob>;
  version(): Promise<{ readonly version: string; readonly commitHash: string }>;
}

export function makeHq(connection: Connection): Hq {
  const one = (id: string): string => `/job/${segment(id)}`;
  return {
    push: (job) => connection.json({ method: 'POST', path: '/job', body: typeof job === 'string' ? job : JSON.stringify(job) }),
    list: (asked = {}) => connection.json({ method: 'GET', path: `/job${query({ ...asked })}` }),
    info: (id) => connection.json({ method: 'GET', path: one(id) }),
    infoText: (id) => connection.text({ method: 'GET', path: one(id) }),
    statsText: () => connection.text({ method: 'GET', path: '/stats' }),
    stats: () => connection.json({ method: 'GET', path: '/stats' }),
    async delete(id) {
      await connection.text({ method: 'DELETE', path: one(id) });
    },
    async stop(id) {
      await connection.text({ method: 'POST', path: `${one(id)}/stop` });
    },
    restart: (id, copy = false) => connection.json({ method: 'POST', path: `${one(id)}/restart`, body: JSON.stringify({ copy }) }),
    version: () => connection.json({ method: 'GET', path: '/' }),
  };
}
