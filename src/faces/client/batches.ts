/** Batches under `/v1`. */
import type { BatchEnd, BatchStatus } from '../../core/batch.ts';
import type { JobState } from '../../core/job.ts';
import { type Connection, query, segment } from './connection.ts';
import type { JobFields, Push } from './job.ts';

/** A job of a batch: its domain is that of the batch, and its idempotency key would be the id of the batch. */
export type BatchJob = Omit<Push, 'domain' | 'idempotencyKey'>;

/** A job that is pushed when the batch has ended. Without a payload it gets how that was. */
export type BatchCallback = Omit<JobFields, 'domain' | 'manual'>;

export interface NewBatch {
  /** Sent again with the same content it is the same batch. One that nobody guesses when it is not given. */
  readonly id?: string;
  readonly domain?: string;
  /** It takes further jobs until it is sealed. Default: `false`. */
  readonly open?: boolean;
  /** At most 10,000 in one request. */
  readonly jobs?: readonly BatchJob[];
  /** When all of its jobs have ended; when all have succeeded; when one or more have failed. */
  readonly on?: Readonly<Partial<Record<BatchEnd, BatchCallback>>>;
}

export interface BatchTarget {
  readonly worker: string;
  readonly url: string;
  readonly queue: string;
  readonly name: string;
}

export interface Batch {
  readonly id: string;
  readonly domain: string;
  readonly status: BatchStatus;
  readonly total: number;
  /** Its jobs that have not ended now. */
  readonly live: number;
  /** How many of its jobs have ended so; once it has ended: had, when it ended. */
  readonly succeeded: number;
  readonly failed: number;
  readonly canceled: number;
  readonly on: Readonly<Partial<Record<BatchEnd, BatchTarget>>>;
  /** What was pushed for its end, as far as it is there still. */
  readonly callbacks: readonly { readonly on: BatchEnd; readonly job: string; readonly state: JobState }[];
  readonly createdAt: string;
  readonly endedAt: string | null;
  readonly version: number;
}

export interface AddedBatch extends Batch {
  /** The ids of the jobs that were sent, in their order. */
  readonly jobs: readonly string[];
  /** Workers of theirs that no live node serves: these jobs wait until one does. */
  readonly unserved: readonly string[];
}

export interface BatchPage {
  readonly batches: readonly Batch[];
  /** The next page's cursor; `null`: this is the last. */
  readonly next: string | null;
}

/** `domain`: its tenant. Text is sent as it is, so that payloads keep their bytes. */
export interface Batches {
  add(batch: NewBatch | string): Promise<AddedBatch>;
  get(id: string, domain?: string): Promise<Batch>;
  list(asked?: { readonly domain?: string | undefined; readonly limit?: number; readonly cursor?: string | undefined }): Promise<BatchPage>;
  /** Further jobs, while it is open or one of its jobs that adds them runs. `{jobs, idempotencyKey?}`: with the key they are added once. */
  push(
    id: string,
    jobs: { readonly jobs: readonly BatchJob[]; readonly idempotencyKey?: string } | string,
    domain?: string,
  ): Promise<AddedBatch>;
  seal(id: string, domain?: string): Promise<Batch>;
  cancel(id: string, domain?: string): Promise<Batch>;
  delete(id: string, domain?: string): Promise<void>;
}

export function makeBatches(connection: Connection): Batches {
  const all = '/v1/batches';
  const one = (id: string, domain = '', verb = ''): string => `${all}/${segment(id)}${verb}${query(domain === '' ? {} : { domain })}`;
  const textOf = (value: object | string): string => (typeof value === 'string' ? value : JSON.stringify(value));
  return {
    add: (batch) => connection.json({ method: 'POST', path: all, body: textOf(batch) }),
    get: (id, domain) => connection.json({ method: 'GET', path: one(id, domain) }),
    list: (asked = {}) => connection.json({ method: 'GET', path: `${all}${query({ ...asked })}` }),
    push: (id, jobs, domain) => connection.json({ method: 'POST', path: one(id, domain, '/jobs'), body: textOf(jobs) }),
    seal: (id, domain) => connection.json({ method: 'POST', path: one(id, domain, '/seal') }),
    cancel: (id, domain) => connection.json({ method: 'POST', path: one(id, domain, '/cancel') }),
    async delete(id, domain) {
      await connection.text({ method: 'DELETE', path: one(id, domain) });
    },
  };
}
