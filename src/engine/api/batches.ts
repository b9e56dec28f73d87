/** What may be asked of batches. */
import { aboutOf } from '../../core/about.ts';
import {
  type Batch,
  type BatchEnd,
  type BatchRef,
  batchIn,
  batchLimits,
  type Callbacks,
  countsOf,
  isOfBatchMadeAt,
} from '../../core/batch.ts';
import { HatstandError } from '../../core/errors.ts';
import type { JobId } from '../../core/id.ts';
import type { Job } from '../../core/job.ts';
import { sizeOfNewJob } from '../../core/new-job.ts';
import type { DefinitionPlace } from '../../ports/store/definitions.ts';
import { type AddToBatch, makeBatchAdding } from './batch-adding.ts';
import { type BatchMakingParts, type MakeBatch, makeBatchMaking } from './batch-making.ts';
import { stillMade } from './batch-refusals.ts';
import { type BatchRecord, type KeptBatchesParts, makeKeptBatches } from './kept-batches.ts';

/** One of the jobs that were pushed for its end. */
export interface PushedCallback {
  readonly on: BatchEnd;
  readonly job: JobId;
  readonly state: Job['state'];
}

export interface BatchPage {
  readonly batches: readonly BatchRecord[];
  /** Where the next page begins; `null`: this is the last. */
  readonly next: DefinitionPlace | null;
}

/** Those about one batch answer `null`, or `false`, when there is none. They throw `unreadable` for one that nobody can read. */
export interface Batches {
  /** An id that no batch has, and that nobody guesses. */
  newId(): string;
  /**
   * Answers when all its jobs are kept. What was cut short is completed when it is asked for again, under the same id and with the same
   * content: no job is pushed twice. Throws `conflict` when its id is taken by another one, and what a push throws.
   */
  add: MakeBatch;
  get(ref: BatchRef): Promise<BatchRecord | null>;
  /** What was pushed for its end, as far as it is there still: not what an earlier batch of the same id has pushed. */
  callbacks(batch: Pick<BatchRecord, 'ref' | 'batch'>): Promise<readonly PushedCallback[]>;
  /** In the order of domains and ids, without those that nobody can read. `domain` `null`: all. */
  list(domain: string | null, from: DefinitionPlace | null, limit: number): Promise<BatchPage>;
  /**
   * Further jobs of a batch that has not ended. While it is open, or while a job of it that adds them runs, it ends after them. Throws
   * `conflict` when it has ended, or is sealed and none of its jobs runs, `too_large` when it has all the jobs that it may have, and what a push throws.
   * Their idempotency keys count within the batch.
   */
  push: AddToBatch;
  /** It has all its jobs, but for what they add. Sealing it again changes nothing. Throws `conflict` while it is being made. */
  seal(ref: BatchRef): Promise<BatchRecord | null>;
  /**
   * It is sealed; its jobs that wait end, those that run are told to stop. Then it ends as any other. Answers how many there were. Throws the
   * signal's reason once it aborts: what is canceled by then is canceled, and it can be asked for again.
   */
  cancel(ref: BatchRef, signal?: AbortSignal): Promise<{ readonly record: BatchRecord; readonly canceled: number } | null>;
  /** Its jobs stay and go on, and nothing is pushed for it any more. Also what is left of one that nobody can read. */
  remove(ref: BatchRef): Promise<boolean>;
}

export type BatchesParts = KeptBatchesParts & Pick<BatchMakingParts, 'now' | 'secret'>;

export function makeBatches({ store, jobs, now, secret, wakeFirer }: BatchesParts): Batches {
  const kept = makeKeptBatches({ store, jobs, wakeFirer });

  const seal = (ref: BatchRef, alsoMaking: boolean): Promise<BatchRecord | null> =>
    kept.become(ref, ({ batch, state, definition }) => {
      if (batch.phase === 'sealed' || state.endedAt !== null) return null;
      if (batch.phase === 'making' && !alsoMaking) throw stillMade(ref);
      return { phase: 'sealed', total: countsOf(definition).total };
    });

  async function cancel(ref: BatchRef, signal?: AbortSignal): ReturnType<Batches['cancel']> {
    signal?.throwIfAborted();
    const sealed = await seal(ref, true);
    if (sealed === null) return null;
    let canceled = 0;
    for await (const live of kept.walk(ref, ['scheduled', 'queued', 'running'])) {
      const changed = await Promise.all(live.map(({ id }) => jobs.cancel(id)));
      canceled += changed.filter(({ kind }) => kind === 'changed').length;
      signal?.throwIfAborted();
    }
    return { record: (await kept.get(ref)) ?? sealed, canceled };
  }

  return {
    newId: () => `b${secret()}`,
    add: makeBatchMaking({ definitions: store.definitions, kept, now, secret }),
    get: kept.get,
    async callbacks({ ref, batch }) {
      // Earlier batches of its id may have pushed any number.
      const newest = await kept.callbacks(ref);
      return newest.flatMap((job) => callbackIn(job, batch)).toReversed();
    },
    async list(domain, from, limit) {
      const { found, next } = await kept.list(domain, from, limit);
      return { batches: found.map(kept.recordOf), next };
    },
    push: makeBatchAdding(kept),
    seal: (ref) => seal(ref, false),
    cancel,
    remove: kept.remove,
  };
}

function callbackIn(job: Job, { createdAt }: Batch): readonly PushedCallback[] {
  const about = aboutOf(job);
  const told = batchIn(about);
  return told === null || !isOfBatchMadeAt(about, createdAt) ? [] : [{ on: told.on, job: job.id, state: job.state }];
}

/** Throws `too_large` for callbacks that no batch may have. */
export function checkCallbacks(on: Callbacks): Callbacks {
  const characters = Object.values(on).reduce((sum, job) => sum + sizeOfNewJob({ ...job, about: null }), 0);
  if (characters <= batchLimits.callbacks) return on;
  const message = `The jobs for the end of a batch may have ${batchLimits.callbacks} characters in all, these have ${characters}.`;
  throw new HatstandError('too_large', message, { field: 'on', limit: batchLimits.callbacks });
}
