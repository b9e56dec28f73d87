/**
 * Batches: jobs that belong together, and jobs that are pushed once all of them have ended. A batch is a definition; its jobs have it as
 * their owner, so the store counts them, and tells when the last one that lives has ended. What somebody declared is the body of the
 * definition, what has become of it is its state; both are JSON text, which stores never read. Times are Unix milliseconds of the
 * store's clock.
 */
import { type About, aboutOf, aboutText } from './about.ts';
import { type Definition, type DefinitionKey, keyOfOwner, ownerOf } from './definition.ts';
import type { NewJob } from './job.ts';
import { type EndCounts, noEnds } from './owned.ts';
import { hiddenHeader, isHiddenUrl, shownHeaders, shownUrl } from './secret.ts';
import type { TriggerJob } from './trigger.ts';
import { notUnique } from './unique.ts';

/** When a job is pushed for the whole batch: all have ended, however; all have succeeded; one or more have failed. */
export const batchEnds = ['ended', 'succeeded', 'failed'] as const;
export type BatchEnd = (typeof batchEnds)[number];

/** What such a job is: all but when it begins, and what it is about. Without a payload it gets the counts. */
export type Callback = TriggerJob;
export type Callbacks = Readonly<Partial<Record<BatchEnd, Callback>>>;

/** Of one batch, unless it says otherwise. */
export const batchLimits = {
  jobs: 1_000_000,
  /** Characters of all callbacks. */
  callbacks: 1024 * 1024,
  /** Batches of one domain that are open at once. */
  open: 1_000,
} as const;

/**
 * `making`: whoever made it is pushing its jobs; `open`: it takes jobs until somebody seals it; `sealed`: what it has got is all, but for
 * what its own jobs add.
 */
export const batchPhases = ['making', 'open', 'sealed'] as const;
export type BatchPhase = (typeof batchPhases)[number];

/** What somebody declared. */
export interface Batch {
  readonly phase: BatchPhase;
  /** Never used by another one, also of the same id: the idempotency keys of its jobs are made of it. */
  readonly token: string;
  /** Of all that it was made of, by which it is told from another one of the same id. */
  readonly digest: string;
  /** Jobs that it had when it was sealed, at least; before, 0. */
  readonly total: number;
  readonly on: Callbacks;
  readonly createdAt: number;
}

/** How many jobs a batch had, and how they ended. */
export interface BatchCounts extends EndCounts {
  readonly total: number;
}

/** What has become of it. */
export interface BatchState {
  /** When it ended, or was given up; `null`: it has not. */
  readonly endedAt: number | null;
  /** Nobody sealed it in time, so nothing is pushed for it. */
  readonly isGivenUp: boolean;
  /** Of its end. */
  readonly counts: BatchCounts;
  /** Since when fewer jobs than it had are there, and none of them lives; `null`: that is not so. */
  readonly missingSince: number | null;
}

export const noState: BatchState = { endedAt: null, isGivenUp: false, counts: { total: 0, ...noEnds }, missingSince: null };

export const batchStatuses = [...batchPhases, 'ended', 'given-up'] as const;
export type BatchStatus = (typeof batchStatuses)[number];

export const batchStatusOf = ({ phase }: Batch, { endedAt, isGivenUp }: BatchState): BatchStatus =>
  isGivenUp ? 'given-up' : endedAt === null ? phase : 'ended';

/** Whose it is, and what its address names it by. */
export interface BatchRef {
  readonly domain: string;
  readonly id: string;
}

export const batchKeyOf = ({ domain, id }: BatchRef): DefinitionKey => ({ kind: 'batch', domain, key: id });

/** Its callbacks carry this as their `owner`. No definition has it, so their ends concern nobody. */
export const callbackOwnerOf = ({ domain, id }: BatchRef): string => `${callbackOwners}${domain}/${id}`;
const callbackOwners = 'callback/';

/** What makes the `at`-th of its jobs one, however often it is pushed. */
export const batchJobKey = ({ token }: Pick<Batch, 'token'>, at: number): string => `batch/${token}/${at}`;

export const writeBatch = (batch: Batch): string => JSON.stringify(batch);
export const writeBatchState = (state: BatchState): string => JSON.stringify(state);

/** How its jobs stand now, those that live among the total. */
export function countsOf({ owned }: Pick<Definition, 'owned'>): BatchCounts {
  const { succeeded, failed, canceled } = owned.ended ?? noEnds;
  return { total: owned.live + succeeded + failed + canceled, succeeded, failed, canceled };
}

/** Which of its callbacks are for this end. A batch without jobs has succeeded. */
export function isFor(end: BatchEnd, { total, succeeded, failed }: BatchCounts): boolean {
  switch (end) {
    case 'ended':
      return true;
    case 'succeeded':
      return succeeded === total;
    case 'failed':
      return failed > 0;
  }
}

/** What a job of a batch is told of it; a callback also of how it ended. */
export type BatchTold = { readonly id: string } | ({ readonly id: string; readonly on: BatchEnd } & BatchCounts);

/** What a job says of the batch for whose end it was pushed; `null`: it was pushed for none. */
export function batchIn({ batch }: About): Extract<BatchTold, { on: BatchEnd }> | null {
  if (typeof batch !== 'object' || batch === null || !('id' in batch) || !('on' in batch)) return null;
  const on = batchEnds.find((end) => end === batch.on);
  if (typeof batch.id !== 'string' || on === undefined) return null;
  const count = (field: keyof BatchCounts): number => {
    const value = (batch as Partial<BatchCounts>)[field];
    return typeof value === 'number' ? value : 0;
  };
  const counts = { succeeded: count('succeeded'), failed: count('failed'), canceled: count('canceled') };
  return { id: batch.id, on, total: count('total'), ...counts };
}

/** What a job is told of its batch; `undefined`: it has to do with none. */
export function batchOf(job: Pick<NewJob, 'owner' | 'about'>): BatchTold | undefined {
  const owner = keyOfOwner(job.owner);
  if (owner?.kind === 'batch') return { id: owner.key };
  return job.owner.startsWith(callbackOwners) ? (batchIn(aboutOf(job)) ?? undefined) : undefined;
}

/** Whether what a job says is of the batch that was made then: another one of the same id was made at another time. */
export function isOfBatchMadeAt({ batch }: About, createdAt: number): boolean {
  const madeAt = typeof batch === 'object' && batch !== null && 'madeAt' in batch ? batch.madeAt : createdAt;
  return madeAt === createdAt;
}

/** The job that is pushed for this end. */
export function callbackOf(
  ref: BatchRef,
  on: BatchEnd,
  callback: Callback,
  { counts, createdAt }: { readonly counts: BatchCounts; readonly createdAt: number },
): NewJob {
  const { total, succeeded, failed, canceled } = counts;
  const told = { id: ref.id, on, total, succeeded, failed, canceled };
  const about: About = { batch: { ...told, madeAt: createdAt } };
  return {
    ...callback,
    payload: callback.payload ?? JSON.stringify(told),
    ...{ domain: ref.domain, manual: false, start: null, owner: callbackOwnerOf(ref), about: aboutText(about), idempotency: null },
    options: notUnique(callback.options),
  };
}

/** A job as it belongs to the batch. It is there whatever other jobs there are, also where its worker says otherwise: the batch waits for it. */
export const asOfBatch = (ref: BatchRef, job: NewJob): NewJob => ({
  ...{ ...job, domain: ref.domain, owner: ownerOf(batchKeyOf(ref)) },
  options: notUnique(job.options),
});

/** For people: without what is secret in it. */
export const shownBatch = (batch: Batch): Batch => ({ ...batch, on: mapCallbacks(batch.on, shownCallback) });

const shownCallback = (job: Callback): Callback => ({
  ...job,
  url: shownUrl(job.url),
  headers: job.headers === null ? null : shownHeaders(job.headers),
});

/** Stars stand for something in it, or are it. */
export const isStarredBatch = ({ on }: Batch): boolean =>
  Object.values(on).some((job) => isHiddenUrl(job.url) || hiddenHeader(job.headers ?? {}) !== null);

export function mapCallbacks<From, To>(
  on: Readonly<Partial<Record<BatchEnd, From>>>,
  map: (from: From, end: BatchEnd) => To,
): Partial<Record<BatchEnd, To>> {
  const mapped: Partial<Record<BatchEnd, To>> = {};
  for (const end of batchEnds) {
    const from = on[end];
    if (from !== undefined) mapped[end] = map(from, end);
  }
  return mapped;
}
