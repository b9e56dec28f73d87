/** How batches that have been made get further jobs. */
import { type Batch, type BatchRef, countsOf } from '../../core/batch.ts';
import { HatstandError } from '../../core/errors.ts';
import type { JobId } from '../../core/id.ts';
import type { NewJob } from '../../core/job.ts';
import { checkCount, conflict, tooLate } from './batch-refusals.ts';
import type { AddedJobs, BatchRecord, KeptBatches } from './kept-batches.ts';

/** What adds jobs (`Batches.push`). */
export type AddToBatch = (ref: BatchRef, asked: readonly NewJob[]) => Promise<AddedJobs | null>;

export function makeBatchAdding(kept: KeptBatches): AddToBatch {
  async function pushMore(ref: BatchRef, asked: readonly NewJob[]): Promise<readonly JobId[]> {
    return (await kept.push(ref, asked)).map((each) => {
      if (each.kind !== 'conflict') return each.job.id;
      throw new HatstandError('key_reused', `The idempotency key belongs to other jobs, such as ${each.id}. Use a new key for new jobs.`, {
        job: each.id,
      });
    });
  }

  /** What is sealed takes jobs from those of it that run alone. Who asks is not known; so it is while any of them runs. */
  async function refuseSealed({ ref, batch }: BatchRecord): Promise<void> {
    if (batch.phase !== 'sealed') return;
    if ((await kept.oldest(ref, ['running', 'stopping'])) !== null) return;
    throw conflict(
      ref,
      `The batch ${JSON.stringify(ref.id)} is sealed, and none of its jobs runs that could add others. Make it open to add more.`,
    );
  }

  return async (ref, asked) => {
    const record = await kept.get(ref);
    if (record === null) return null;
    refuseEnded(record);
    await refuseSealed(record);
    checkCount(asked.length, countsOf(record.definition).total);
    const ids = await pushMore(
      ref,
      asked.map((job) => ofBatch(record.batch, job)),
    );
    // What was decided before these jobs were there is not carried out under another version: from here on it ends after them.
    const after = await kept.become(ref, ({ batch, state, definition }) =>
      batch.phase === 'sealed' && state.endedAt === null ? { total: countsOf(definition).total } : null,
    );
    if (after === null || after.batch.token !== record.batch.token) throw tooLate(ref);
    if (after.state.endedAt !== null) throw tooLate(ref);
    return { record: after, ids };
  };
}

/** Keys of jobs that are added count within the batch. */
const ofBatch = ({ token }: Batch, job: NewJob): NewJob =>
  job.idempotency === null ? job : { ...job, idempotency: { ...job.idempotency, key: `batch/${token}/${job.idempotency.key}` } };

function refuseEnded({ ref, state }: BatchRecord): void {
  if (state.endedAt === null) return;
  throw conflict(ref, `The batch ${JSON.stringify(ref.id)} has ended and takes no more jobs. Make another one.`);
}
