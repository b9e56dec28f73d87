import { until } from '../../../test/support/until.ts';
import type { BatchRef } from '../../core/batch.ts';
import { type Job, noResult } from '../../core/job.ts';
import { triggerJobOf } from '../../core/trigger-target.ts';
import type { Executor } from '../../ports/executor.ts';
import type { Store } from '../../ports/store/store.ts';
import { ask } from '../engine.suite.ts';
import type { Engine } from '../engine.ts';
import type { NewBatch } from './batch-making.ts';
import type { Batches, PushedCallback } from './batches.ts';

export const ref: BatchRef = { domain: 'acme', id: 'b' };
export const callback = (name: string) => triggerJobOf({ ...ask(), name });
export const on = { ended: callback('ended'), succeeded: callback('succeeded'), failed: callback('failed') };
export const named = (...names: string[]) => names.map((name) => ({ ...ask(), name }));

/** Fails the jobs of this name. */
export const failing = (failed: string): Executor => ({
  run: async ({ name }) =>
    name === failed ? { kind: 'failed', result: { ...noResult, error: 'broken' } } : { kind: 'succeeded', result: noResult },
  close: () => Promise.resolve(),
});

/** What tells them apart is their jobs. */
export const add = (engine: Engine, of: BatchRef, asked: Omit<NewBatch, 'digest'>) =>
  engine.batches.add(of, { ...asked, digest: Array.isArray(asked.jobs) ? JSON.stringify(asked.jobs) : '' });

export async function pushedBy(batches: Batches, of = ref): Promise<readonly PushedCallback[]> {
  const record = await batches.get(of);
  return record === null ? [] : batches.callbacks(record);
}

export async function callbacksOf(batches: Batches, count: number, of = ref) {
  await until('the callbacks', async () => (await pushedBy(batches, of)).length === count);
  return (await pushedBy(batches, of)).map((each) => each.on);
}

export const allJobs = async (store: Store): Promise<readonly Job[]> =>
  (await store.jobs.list({ filter: [], match: null, order: 'oldest', from: null, limit: 10_000, brief: false, lookAt: null })).jobs;
