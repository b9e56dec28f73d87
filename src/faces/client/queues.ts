/** Queues under `/v1`. */
import type { StateCounts } from '../../core/queue.ts';
import { type Connection, query, segment } from './connection.ts';

export interface Rate {
  readonly max: number;
  /** Such as `1s`. */
  readonly per: string;
}

export interface Queue {
  readonly name: string;
  readonly paused: boolean;
  /** It takes no new jobs and no restarts; those that it has go on. */
  readonly closed: boolean;
  /** Running jobs at once; `null`: no limit of its own. */
  readonly concurrency: number | null;
  readonly rate: Rate | null;
  readonly jobs: StateCounts;
  /** Of those that wait: jobs that no live node serves. */
  readonly unserved: number;
  /** How long its oldest ready job has been waiting. */
  readonly oldestWaiting: string | null;
}

export interface QueueLimits {
  readonly concurrency?: number | null;
  readonly rate?: Rate | null;
}

export interface QueuePage {
  /** By name. */
  readonly queues: readonly Queue[];
  /** The next page's cursor; `null`: this is the last. */
  readonly next: string | null;
}

export interface Queues {
  /** All of them, by name, asked for page by page. */
  list(): Promise<readonly Queue[]>;
  /** A page of at most `limit` queues: 50 by default, 500 at most. */
  page(asked?: { readonly limit?: number; readonly cursor?: string | undefined }): Promise<QueuePage>;
  get(name: string): Promise<Queue>;
  /** No job of it starts any more; running ones finish. */
  pause(name: string): Promise<void>;
  resume(name: string): Promise<void>;
  /** It takes no new jobs any more, and no restarts; those that it has go on. */
  close(name: string): Promise<void>;
  open(name: string): Promise<void>;
  limit(name: string, limits: QueueLimits): Promise<void>;
}

const mostOnPage = 500;

export function makeQueues(connection: Connection): Queues {
  const one = (name: string): string => `/v1/queues/${segment(name)}`;
  const page: Queues['page'] = (asked = {}) => connection.json({ method: 'GET', path: `/v1/queues${query({ ...asked })}` });
  const order = async (name: string, verb: string): Promise<void> => {
    await connection.text({ method: 'POST', path: `${one(name)}/${verb}` });
  };
  return {
    page,
    async list() {
      const all: Queue[] = [];
      let cursor: string | undefined;
      do {
        const { queues, next } = await page({ limit: mostOnPage, cursor });
        all.push(...queues);
        cursor = next ?? undefined;
      } while (cursor !== undefined);
      return all;
    },
    get: (name) => connection.json({ method: 'GET', path: one(name) }),
    pause: (name) => order(name, 'pause'),
    resume: (name) => order(name, 'resume'),
    close: (name) => order(name, 'close'),
    open: (name) => order(name, 'open'),
    async limit(name, limits) {
      await connection.text({ method: 'PATCH', path: one(name), body: JSON.stringify(limits) });
    },
  };
}
