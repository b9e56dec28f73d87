/** A batch as the library shows it: times are Unix milliseconds of the store's clock. */
import { type BatchEnd, type BatchStatus, batchEnds, batchStatusOf, countsOf } from '../core/batch.ts';
import type { JobState } from '../core/job.ts';
import type { PushedCallback } from '../engine/api/batches.ts';
import type { BatchRecord } from '../engine/api/kept-batches.ts';

/** A job that was pushed for the end of a batch. */
export interface BatchCallback {
  /** For which end. */
  readonly on: BatchEnd;
  /** Its id. */
  readonly job: string;
  readonly state: JobState;
}

/** As it was when it was asked for. */
export interface Batch {
  readonly id: string;
  readonly domain: string;
  /**
   * `making`: its jobs are being pushed; `open`: it takes further jobs; `sealed`: it ends with the last of its jobs; `ended`;
   * `given-up`: nobody sealed it in time, so nothing is pushed for it.
   */
  readonly status: BatchStatus;
  /** Its jobs, those that were deleted meanwhile, too. */
  readonly total: number;
  /** Its jobs that have not ended now. */
  readonly live: number;
  /** How many of its jobs have succeeded; once it has ended: had, when it ended. */
  readonly succeeded: number;
  /** The same of those that failed. */
  readonly failed: number;
  /** The same of those that were canceled. */
  readonly canceled: number;
  /** For which ends a job is pushed. */
  readonly on: readonly BatchEnd[];
  /** What was pushed for its end, as far as it is there still. */
  readonly callbacks: readonly BatchCallback[];
  readonly createdAt: number;
  /** `null`: it has not ended. */
  readonly endedAt: number | null;
  /** Greater with every change. */
  readonly version: number;
}

export function batchView({ ref, batch, state, definition }: BatchRecord, callbacks: readonly PushedCallback[]): Batch {
  const { total, succeeded, failed, canceled } = state.endedAt === null ? countsOf(definition) : state.counts;
  return {
    ...{ id: ref.id, domain: ref.domain, status: batchStatusOf(batch, state) },
    ...{ total, live: definition.owned.live, succeeded, failed, canceled },
    on: batchEnds.filter((end) => batch.on[end] !== undefined),
    callbacks,
    ...{ createdAt: batch.createdAt, endedAt: state.endedAt, version: definition.version },
  };
}
