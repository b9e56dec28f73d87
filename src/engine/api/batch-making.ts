/** How batches are made: under an id that is new, or on with what somebody began to make of the same. */
import { type Batch, type BatchRef, batchJobKey, batchLimits, type Callbacks, countsOf } from '../../core/batch.ts';
import { HatstandError } from '../../core/errors.ts';
import type { JobId } from '../../core/id.ts';
import type { NewJob } from '../../core/job.ts';
import type { Store } from '../../ports/store/store.ts';
import { checkCount, taken, tooLate } from './batch-refusals.ts';
import { type AddedJobs, type BatchRecord, type KeptBatches, openGroup } from './kept-batches.ts';
import { mostTries } from './kept-definitions.ts';

export interface NewBatch {
  /** In their order; `null`: one that is not kept. None has an idempotency key: that of the batch is its id. */
  readonly jobs: readonly (NewJob | null)[];
  readonly on: Callbacks;
  /** It takes further jobs until it is sealed. */
  readonly isOpen: boolean;
  /** Of all that was asked for, and its id. */
  readonly digest: string;
}

export interface BatchMakingParts {
  readonly definitions: Store['definitions'];
  readonly kept: KeptBatches;
  /** The store's present. */
  now(): number;
  /** A text that nobody guesses. */
  secret(): string;
}

/** What makes a batch (`Batches.add`). */
export type MakeBatch = (ref: BatchRef, asked: NewBatch) => Promise<AddedJobs & { readonly isNew: boolean }>;

export function makeBatchMaking({ definitions, kept, now, secret }: BatchMakingParts): MakeBatch {
  /** With keys, so that what was kept before is not kept again. The digest is that of all: no key can belong to another job. */
  async function pushKeyed(ref: BatchRef, batch: Batch, asked: NewBatch['jobs']): Promise<readonly JobId[]> {
    const keyed = asked.flatMap((job, at) =>
      job === null ? [] : [{ ...job, idempotency: { key: batchJobKey(batch, at), digest: batch.digest } }],
    );
    return (await kept.push(ref, keyed)).map((each) => (each.kind === 'conflict' ? each.id : each.job.id));
  }

  /** One that is new, or that somebody began to make of the same. */
  async function begin(ref: BatchRef, asked: NewBatch): Promise<{ readonly record: BatchRecord; readonly isNew: boolean }> {
    const { digest } = asked;
    const batch: Batch = { phase: 'making', token: secret(), digest, total: 0, on: asked.on, createdAt: now() };
    for (let tries = 0; tries < mostTries; tries++) {
      const version = await kept.put(ref, batch, 0);
      const isNew = version !== null;
      const record = await kept.get(ref);
      if (record === null) continue;
      if (isNew && record.batch.token === batch.token) {
        if (!(await hasEarlierJobs(record, version))) return { record, isNew };
        // What its jobs did would count for this one.
        await kept.remove(ref);
        throw taken(ref, 'There was a batch of this id, and its jobs are still known');
      }
      if (record.batch.digest !== digest) throw taken(ref, 'There is another batch of this id already');
      if (record.state.isGivenUp) throw taken(ref, 'The batch of this id was given up');
      return { record, isNew: false };
    }
    throw kept.othersFirst(ref);
  }

  /**
   * Whether jobs are known of an earlier batch of this id: those of one who makes the same at the same time are no older than it. When that
   * one has changed it meanwhile, only the maker's own reckoning tells when it was made.
   */
  async function hasEarlierJobs({ ref, batch, definition }: BatchRecord, madeAs: number): Promise<boolean> {
    if (countsOf(definition).total === 0) return false;
    const oldest = await kept.oldest(ref, null);
    return oldest === null || oldest.createdAt < (definition.version === madeAs ? definition.changedAt : batch.createdAt);
  }

  /** Those that were made with it, in their order, as far as they are there. */
  async function madeWith(ref: BatchRef, count: number): Promise<readonly JobId[]> {
    const ids: JobId[] = [];
    for await (const jobs of kept.walk(ref, null)) {
      ids.push(...jobs.map(({ id }) => id));
      if (ids.length >= count) break;
    }
    return ids.slice(0, count);
  }

  /** Throws when there are too many for a new one: nothing of it is written then. */
  async function checkOpenOnes(ref: BatchRef): Promise<void> {
    const asked = { kind: 'batch', domain: ref.domain, group: openGroup, limit: batchLimits.open } as const;
    if ((await definitions.count(asked)) < batchLimits.open || (await kept.get(ref)) !== null) return;
    throw new HatstandError('conflict', `A domain may have ${batchLimits.open} open batches. Seal some, or delete them.`, {
      limit: batchLimits.open,
    });
  }

  return async (ref, asked) => {
    checkCount(asked.jobs.length, 0);
    const count = asked.jobs.filter((job) => job !== null).length;
    if (asked.isOpen) await checkOpenOnes(ref);
    const { record, isNew } = await begin(ref, asked);
    // Its jobs are all kept; the keys by which that was known are kept no longer than a day.
    if (record.batch.phase !== 'making') return { record, ids: await madeWith(ref, count), isNew };
    const ids = await pushKeyed(ref, record.batch, asked.jobs);
    const phase = asked.isOpen ? 'open' : 'sealed';
    const made = await kept.become(
      ref,
      ({ batch, state, definition }) => {
        if (batch.phase === 'making') return { phase, total: count };
        // Somebody canceled it meanwhile: what was kept behind that belongs to it all the same.
        const isShort = batch.phase === 'sealed' && state.endedAt === null && batch.total < count;
        return isShort ? { total: countsOf(definition).total } : null;
      },
      record.batch.token,
    );
    if (made === null) throw taken(ref, 'Somebody deleted the batch while its jobs were pushed');
    if (made.state.isGivenUp) throw taken(ref, 'The batch of this id was given up while its jobs were pushed');
    if (made.state.endedAt !== null && made.batch.total < count) throw tooLate(ref);
    return { record: made, ids, isNew };
  };
}
