/** A batch as JSON. */
import { batchStatusOf, countsOf, mapCallbacks } from '../../../core/batch.ts';
import type { JobId } from '../../../core/id.ts';
import { shownUrl } from '../../../core/secret.ts';
import type { PushedCallback } from '../../../engine/api/batches.ts';
import type { BatchRecord } from '../../../engine/api/kept-batches.ts';

const isoTime = (millis: number): string => new Date(millis).toISOString();

/** The schema `Batch`. */
export function batchJson({ ref, batch, state, definition }: BatchRecord, callbacks: readonly PushedCallback[]): object {
  const { total, succeeded, failed, canceled } = state.endedAt === null ? countsOf({ ...definition }) : state.counts;
  return {
    ...{ id: ref.id, domain: ref.domain, status: batchStatusOf(batch, state) },
    ...{ total, live: definition.owned.live, succeeded, failed, canceled },
    on: mapCallbacks(batch.on, ({ worker, url, queue, name }) => ({ worker, url: shownUrl(url), queue, name })),
    callbacks,
    createdAt: isoTime(batch.createdAt),
    endedAt: state.endedAt === null ? null : isoTime(state.endedAt),
    version: definition.version,
  };
}

export interface SentJobs {
  readonly ids: readonly JobId[];
  /** Workers of theirs that no live node serves. */
  readonly unserved: readonly string[];
}

/** The schema `BatchAdded`. */
export const addedJson = (record: BatchRecord, { ids, unserved }: SentJobs, callbacks: readonly PushedCallback[]): object => ({
  ...batchJson(record, callbacks),
  ...{ jobs: ids, unserved },
});
