/** Batches as the library asks for them. */
import { type BatchEnd, batchEnds, batchKeyOf, type Callbacks, mapCallbacks, type BatchRef as Ref } from '../core/batch.ts';
import type { NewJob } from '../core/job.ts';
import { triggerJobOf } from '../core/trigger-target.ts';
import { checkCallbacks } from '../engine/api/batches.ts';
import type { BatchRecord } from '../engine/api/kept-batches.ts';
import type { Engine } from '../engine/engine.ts';
import { type AskedJob, keyedJobs, withDigest } from '../faces/http/keyed-batch.ts';
import { type Batch, batchView } from './batch.ts';
import {
  aBatch,
  type BatchCallbacks,
  type BatchCancelOptions,
  type BatchJob,
  type BatchJobOptions,
  type BatchListOptions,
  type BatchPushOptions,
  type BatchRef,
  batchCallbackOptions,
  batchCancelOptions,
  batchJobOptions,
  batchJobs,
  batchListOptions,
  batchPushOptions,
  madeJob,
  type NewBatchOptions,
  newBatchOptions,
} from './batch-options.ts';
import type { WorkerDefinition } from './definition.ts';
import { checked, readAs } from './option.ts';
import type { Named, Pusher } from './pusher.ts';
import type { Ask } from './unreadable.ts';
import type { MessageAndOptions } from './worker.ts';

export interface BatchPage {
  /** In the order of domains and ids. */
  readonly batches: readonly Batch[];
  /** The `from` of the next page; `null`: this is the last one. */
  readonly next: { readonly domain: string; readonly id: string } | null;
}

/** A batch, with the jobs that a call has added to it. */
export interface AddedBatch extends Batch {
  /** Their ids, in the order of the jobs; those that were kept before, too. What the `beforeHook` of its worker skips has none. */
  readonly jobs: readonly string[];
}

/** Makes a job for a batch, or for its end: as `push` takes it, and not pushed yet. */
export interface MakeBatchJob {
  <Input>(worker: WorkerDefinition<Input, unknown, unknown>, message: NoInfer<Input>, options?: BatchJobOptions): BatchJob;
  /** The same for a worker that needs no message. */
  <Input>(worker: WorkerDefinition<Input, unknown, unknown>, ...given: MessageAndOptions<NoInfer<Input>, BatchJobOptions>): BatchJob;
  /** The same by the name of a worker, which this node need not know. */
  (worker: string, message?: unknown, options?: BatchJobOptions): BatchJob;
}

/** Jobs that belong together, and what is pushed when all of them have ended. All that is asked of one batch answers `null` when there is none. */
export interface Batches {
  /** Makes a job for `jobs` or `on`: as `push` takes it, and not pushed yet. */
  readonly job: MakeBatchJob;
  /**
   * Answers when all of its jobs are kept. Messages are checked as in a push; one that is wrong refuses all. Throws as `push`, and
   * `conflict` when its id is taken by another batch.
   */
  add(batch: NewBatchOptions): Promise<AddedBatch>;
  /** As it stands. */
  get(batch: BatchRef): Promise<Batch | null>;
  /** One page of them. */
  list(options?: BatchListOptions): Promise<BatchPage>;
  /**
   * Further jobs, while it is open, or while one of its own jobs, which adds them, runs: it ends after them. Throws as `add`, and
   * `conflict` when it has ended.
   */
  push(batch: BatchRef, jobs: readonly BatchJob[], options?: BatchPushOptions): Promise<AddedBatch | null>;
  /** It has all its jobs, and ends with the last of them. Throws `conflict` while its jobs are being pushed. */
  seal(batch: BatchRef): Promise<Batch | null>;
  /**
   * It is sealed; its jobs that wait end, those that run are told to stop. Then it ends as any other. Throws the reason of an aborted
   * `signal`.
   */
  cancel(batch: BatchRef, options?: BatchCancelOptions): Promise<Batch | null>;
  /** Its jobs go on, and nothing is pushed for it any more. Answers whether there was one. */
  delete(batch: BatchRef): Promise<boolean>;
}

interface BatchesParts {
  readonly ask: Ask;
  readonly pusher: Pusher;
}

export function makeBatches({ ask, pusher }: BatchesParts): Batches {
  async function view({ batches }: Engine, record: BatchRecord | null): Promise<Batch | null> {
    if (record === null) return null;
    return batchView(record, record.state.endedAt === null ? [] : await batches.callbacks(record));
  }

  const shown = (call: (engine: Engine) => Promise<BatchRecord | null>): Promise<Batch | null> =>
    ask(async (engine) => view(engine, await call(engine)));

  async function jobsOf(asked: readonly BatchJob[], whose: string): Promise<readonly AskedJob[]> {
    const jobs: AskedJob[] = [];
    for (const [at, { worker, message, options }] of asked.entries()) {
      const given = checked(options, batchJobOptions, whose, `jobs[${at}].`);
      jobs.push(await pusher.jobFor(worker, message, given, [`jobs[${at}]`, whose]));
    }
    return jobs;
  }

  /** One without a message gets how the batch ended, so that is what its worker must take. */
  async function callbacksOf(asked: BatchCallbacks, whose: string): Promise<Callbacks> {
    const on: Partial<Record<BatchEnd, NewJob>> = {};
    for (const end of batchEnds) {
      const callback = asked[end];
      if (callback === undefined) continue;
      const { worker, message, options } = callback;
      const told = message === undefined ? { id: 'a', on: end, total: 1, succeeded: 1, failed: 0, canceled: 0 } : message;
      const given = checked(options, batchCallbackOptions, whose, `on.${end}.`);
      const job = await pusher.callbackFor(worker, told, given, [`on.${end}`, whose]);
      on[end] = message === undefined ? { ...job, payload: null } : job;
    }
    return checkCallbacks(mapCallbacks(on, triggerJobOf));
  }

  async function added(engine: Engine, record: BatchRecord, jobs: readonly string[]): Promise<AddedBatch> {
    const batch = await view(engine, record);
    if (batch === null) throw new Error('the batch was just there');
    return { ...batch, jobs };
  }

  return {
    job: (worker: Named, message?: unknown, options?: BatchJobOptions) => madeJob({ worker, message, options }),
    async add(batch) {
      const whose = 'batches.add';
      const { id, domain = '', jobs = [], on = {}, open = false } = checked(batch, newBatchOptions, whose);
      const asked = { jobs: await jobsOf(jobs, whose), on: await callbacksOf(on, whose), isOpen: open };
      return ask(async (engine) => {
        const ref = { domain, id: id ?? engine.batches.newId() };
        const { record, ids } = await engine.batches.add(ref, withDigest(ref, asked));
        return added(engine, record, ids);
      });
    },
    get: (batch) => shown(({ batches }) => batches.get(refOf(batch, 'batches.get'))),
    async list(options) {
      const { domain = null, limit = 50, from } = checked(options, batchListOptions, 'batches.list');
      return ask(async (engine) => {
        const page = await engine.batches.list(domain, from === undefined ? null : batchKeyOf(from), limit);
        const batches = await Promise.all(page.batches.map((record) => view(engine, record)));
        const { next } = page;
        return {
          batches: batches.filter((each) => each !== null),
          next: next === null ? null : { domain: next.domain, id: next.key },
        };
      });
    },
    async push(batch, jobs, options) {
      const whose = 'batches.push';
      const ref = refOf(batch, whose);
      const { idempotencyKey = null } = checked(options, batchPushOptions, whose);
      const asked = await jobsOf(readAs(batchJobs, jobs, 'jobs', whose), whose);
      return ask(async (engine) => {
        const pushed = await engine.batches.push(ref, keyedJobs(asked, idempotencyKey));
        return pushed === null ? null : added(engine, pushed.record, pushed.ids);
      });
    },
    async seal(batch) {
      const ref = refOf(batch, 'batches.seal');
      return shown(({ batches }) => batches.seal(ref));
    },
    async cancel(batch, options) {
      const ref = refOf(batch, 'batches.cancel');
      const { signal } = checked(options, batchCancelOptions, 'batches.cancel');
      return shown(async ({ batches }) => (await batches.cancel(ref, signal))?.record ?? null);
    },
    async delete(batch) {
      const ref = refOf(batch, 'batches.delete');
      return ask(({ batches }) => batches.remove(ref));
    },
  };
}

const refOf = (batch: BatchRef, whose: string): Ref => readAs(aBatch, batch, 'batch', whose);
