/** What may be asked of batches. */
import { aboutOf } from '../../core/about.ts';
import {
  asOfBatch,
  type Batch,
  type BatchEnd,
  type BatchRef,
  type BatchState,
  batchIn,
  batchJobKey,
  batchKeyOf,
  batchLimits,
  type Callbacks,
  callbackOwnerOf,
  countsOf,
  isOfBatchMadeAt,
  writeBatch,
} from '../../core/batch.ts';
import { readBatch, readBatchState } from '../../core/batch-record.ts';
import { type Definition, ownerOf } from '../../core/definition.ts';
import { HatstandError } from '../../core/errors.ts';
import type { Filter } from '../../core/filter.ts';
import type { JobId } from '../../core/id.ts';
import type { Job, NewJob } from '../../core/job.ts';
import { sizeOfNewJob } from '../../core/new-job.ts';
import type { DefinitionPlace, DefinitionPut } from '../../ports/store/definitions.ts';
import type { JobPage } from '../../ports/store/jobs.ts';
import type { Store } from '../../ports/store/store.ts';
import type { Jobs } from './jobs.ts';
import { type KeptDefinition, makeKeptDefinitions, mostTries } from './kept-definitions.ts';
import type { PushedJob, ShowJob } from './push.ts';

/** A batch as it stands. */
export interface BatchRecord {
  readonly ref: BatchRef;
  readonly batch: Batch;
  readonly state: BatchState;
  /** How its jobs stand now. */
  readonly definition: Definition;
}

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

export interface NewBatch {
  /** In their order; `null`: one that is not kept. None has an idempotency key: that of the batch is its id. */
  readonly jobs: readonly (NewJob | null)[];
  readonly on: Callbacks;
  /** It takes further jobs until it is sealed. */
  readonly isOpen: boolean;
  /** Of all that was asked for, and its id. */
  readonly digest: string;
}

/** What an answer about many jobs tells of them. */
export interface AddedJobs {
  readonly record: BatchRecord;
  readonly ids: readonly JobId[];
}

/** Those about one batch answer `null`, or `false`, when there is none. They throw `unreadable` for one that nobody can read. */
export interface Batches {
  /** An id that no batch has, and that nobody guesses. */
  newId(): string;
  /**
   * Answers when all its jobs are kept. What was cut short is completed when it is asked for again, under the same id and with the same
   * content: no job is pushed twice. Throws `conflict` when its id is taken by another one, and what a push throws.
   */
  add(ref: BatchRef, asked: NewBatch): Promise<AddedJobs & { readonly isNew: boolean }>;
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
  push(ref: BatchRef, jobs: readonly NewJob[]): Promise<AddedJobs | null>;
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

export interface BatchesParts {
  readonly store: Store;
  readonly jobs: Jobs;
  /** The store's present. */
  now(): number;
  /** A text that nobody guesses. */
  secret(): string;
  /** Something may be due sooner. */
  wakeFirer(): void;
}

/** Jobs that are canceled one after the other, between two looks. */
const canceledAtOnce = 250;
const openGroup = 'open';

export function makeBatches({ store, jobs, now, secret, wakeFirer }: BatchesParts): Batches {
  const { definitions } = store;

  const kept = makeKeptDefinitions(store, 'batch', readBatch);
  const recordOf = ({ ref, body, definition }: KeptDefinition<Batch>): BatchRecord => ({
    ...{ ref, batch: body, definition },
    state: readBatchState(definition),
  });

  async function get(ref: BatchRef): Promise<BatchRecord | null> {
    const found = await kept.get(ref);
    return found === null ? null : recordOf(found);
  }

  /** Whether its `if` held. */
  async function put(ref: BatchRef, batch: Batch, version: number): Promise<boolean> {
    const answer = await definitions.put([{ ...putOf(ref, batch), if: version }]);
    wakeFirer();
    return answer.kind === 'put';
  }

  /** Throws what refuses the first one that is refused, as a queue that is closed, and says how many are kept. */
  async function pushOf(
    ref: BatchRef,
    asked: readonly NewJob[],
  ): Promise<readonly Exclude<PushedJob<Known>, { readonly kind: 'refused' }>[]> {
    const pushed = await jobs.pushAs(
      asked.map((job) => asOfBatch(ref, job)),
      asId,
    );
    const taken = pushed.filter((each) => each.kind !== 'refused');
    const refused = pushed.find((each) => each.kind === 'refused');
    if (refused !== undefined) throw refusedOf(refused.error, taken.length, pushed.length);
    return taken;
  }

  /** With keys, so that what was kept before is not kept again. The digest is that of all: no key can belong to another job. */
  async function pushKeyed(ref: BatchRef, batch: Batch, asked: NewBatch['jobs']): Promise<readonly JobId[]> {
    const keyed = asked.flatMap((job, at) =>
      job === null ? [] : [{ ...job, idempotency: { key: batchJobKey(batch, at), digest: batch.digest } }],
    );
    return (await pushOf(ref, keyed)).map((each) => (each.kind === 'conflict' ? each.id : each.job.id));
  }

  async function pushMore(ref: BatchRef, asked: readonly NewJob[]): Promise<readonly JobId[]> {
    return (await pushOf(ref, asked)).map((each) => {
      if (each.kind !== 'conflict') return each.job.id;
      throw new HatstandError('key_reused', `The idempotency key belongs to other jobs, such as ${each.id}. Use a new key for new jobs.`, {
        job: each.id,
      });
    });
  }

  /** One that is new, or that somebody began to make of the same. */
  async function begin(ref: BatchRef, asked: NewBatch): Promise<{ readonly record: BatchRecord; readonly isNew: boolean }> {
    const { digest } = asked;
    const batch: Batch = { phase: 'making', token: secret(), digest, total: 0, on: asked.on, createdAt: now() };
    for (let tries = 0; tries < mostTries; tries++) {
      const isNew = await put(ref, batch, 0);
      const record = await get(ref);
      if (record === null) continue;
      if (isNew && record.batch.token === batch.token) {
        if (!(await hasEarlierJobs(record))) return { record, isNew };
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

  /** Whether jobs are known of an earlier batch of this id: those of one who makes the same at the same time are no older than it. */
  async function hasEarlierJobs({ ref, definition }: BatchRecord): Promise<boolean> {
    if (countsOf(definition).total === 0) return false;
    const { jobs: oldest } = await store.jobs.list({ ...ownedBy(ownerOf(batchKeyOf(ref)), null), limit: 1 });
    return oldest.every(({ createdAt }) => createdAt < definition.changedAt);
  }

  /** Those that were made with it, in their order, as far as they are there. */
  async function madeWith(ref: BatchRef, count: number): Promise<readonly JobId[]> {
    const ids: JobId[] = [];
    let from: JobId | null = null;
    do {
      const page: JobPage = await store.jobs.list({ ...ownedBy(ownerOf(batchKeyOf(ref)), null), from });
      ids.push(...page.jobs.map(({ id }) => id));
      from = page.next;
    } while (from !== null && ids.length < count);
    return ids.slice(0, count);
  }

  async function add(ref: BatchRef, asked: NewBatch): ReturnType<Batches['add']> {
    checkCount(asked.jobs.length, 0);
    const count = asked.jobs.filter((job) => job !== null).length;
    if (asked.isOpen) await checkOpenOnes(ref);
    const { record, isNew } = await begin(ref, asked);
    // Its jobs are all kept; the keys by which that was known are kept no longer than a day.
    if (record.batch.phase !== 'making') return { record, ids: await madeWith(ref, count), isNew };
    const ids = await pushKeyed(ref, record.batch, asked.jobs);
    const phase = asked.isOpen ? 'open' : 'sealed';
    const made = await become(
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
  }

  /** Changes it, unless `change` answers `null`. Answers `null` when it is not there; `token`: when it is another one. */
  async function become(
    ref: BatchRef,
    change: (record: BatchRecord) => Partial<Batch> | null,
    token: string | null = null,
  ): Promise<BatchRecord | null> {
    for (let tries = 0; tries < mostTries; tries++) {
      const record = await get(ref);
      if (record === null || (token !== null && record.batch.token !== token)) return null;
      const changed = change(record);
      if (changed === null) return record;
      const batch = { ...record.batch, ...changed };
      if (await put(ref, batch, record.definition.version)) return (await get(ref)) ?? { ...record, batch };
    }
    throw kept.othersFirst(ref);
  }

  /** Throws when there are too many for a new one: nothing of it is written then. */
  async function checkOpenOnes(ref: BatchRef): Promise<void> {
    const asked = { kind: 'batch', domain: ref.domain, group: openGroup, limit: batchLimits.open } as const;
    if ((await definitions.count(asked)) < batchLimits.open || (await get(ref)) !== null) return;
    throw new HatstandError('conflict', `A domain may have ${batchLimits.open} open batches. Seal some, or delete them.`, {
      limit: batchLimits.open,
    });
  }

  /** What is sealed takes jobs from those of it that run alone. Who asks is not known; so it is while any of them runs. */
  async function refuseSealed({ ref, batch }: BatchRecord): Promise<void> {
    if (batch.phase !== 'sealed') return;
    const { jobs: running } = await store.jobs.list({ ...ownedBy(ownerOf(batchKeyOf(ref)), ['running', 'stopping']), limit: 1 });
    if (running.length > 0) return;
    throw conflict(
      ref,
      `The batch ${JSON.stringify(ref.id)} is sealed, and none of its jobs runs that could add others. Make it open to add more.`,
    );
  }

  async function push(ref: BatchRef, asked: readonly NewJob[]): ReturnType<Batches['push']> {
    const record = await get(ref);
    if (record === null) return null;
    refuseEnded(record);
    await refuseSealed(record);
    checkCount(asked.length, countsOf(record.definition).total);
    const ids = await pushMore(
      ref,
      asked.map((job) => ofBatch(record.batch, job)),
    );
    // What was decided before these jobs were there is not carried out under another version: from here on it ends after them.
    const after = await become(ref, ({ batch, state, definition }) =>
      batch.phase === 'sealed' && state.endedAt === null ? { total: countsOf(definition).total } : null,
    );
    if (after === null || after.batch.token !== record.batch.token) throw tooLate(ref);
    if (after.state.endedAt !== null) throw tooLate(ref);
    return { record: after, ids };
  }

  const seal = (ref: BatchRef, alsoMaking: boolean): Promise<BatchRecord | null> =>
    become(ref, ({ batch, state, definition }) => {
      if (batch.phase === 'sealed' || state.endedAt !== null) return null;
      if (batch.phase === 'making' && !alsoMaking) throw stillMade(ref);
      return { phase: 'sealed', total: countsOf(definition).total };
    });

  async function cancel(ref: BatchRef, signal?: AbortSignal): ReturnType<Batches['cancel']> {
    signal?.throwIfAborted();
    const sealed = await seal(ref, true);
    if (sealed === null) return null;
    let canceled = 0;
    let from: JobId | null = null;
    do {
      const page: JobPage = await store.jobs.list({ ...ownedBy(ownerOf(batchKeyOf(ref)), ['scheduled', 'queued', 'running']), from });
      const changed = await Promise.all(page.jobs.map(({ id }) => jobs.cancel(id)));
      canceled += changed.filter(({ kind }) => kind === 'changed').length;
      from = page.next;
      signal?.throwIfAborted();
    } while (from !== null);
    return { record: (await get(ref)) ?? sealed, canceled };
  }

  return {
    newId: () => `b${secret()}`,
    add,
    get,
    async callbacks({ ref, batch }) {
      // Earlier batches of its id may have pushed any number.
      const { jobs: newest } = await store.jobs.list({ ...ownedBy(callbackOwnerOf(ref), null), order: 'newest' });
      return newest.flatMap((job) => callbackIn(job, batch)).toReversed();
    },
    async list(domain, from, limit) {
      const { found, next } = await kept.list(domain, from, limit);
      return { batches: found.map(recordOf), next };
    },
    push,
    seal: (ref) => seal(ref, false),
    cancel,
    remove: kept.remove,
  };
}

type Known = Pick<Job, 'id' | 'name' | 'state'>;

const asId: ShowJob<Known> = {
  pushed: ({ name }, id) => ({ id, name, state: 'queued' }),
  replayed: ({ id, name, state }) => ({ id, name, state }),
};

const putOf = (ref: BatchRef, batch: Batch): Omit<DefinitionPut, 'if'> => ({
  ...batchKeyOf(ref),
  group: batch.phase === 'open' ? openGroup : '',
  body: writeBatch(batch),
  state: null,
  due: 'now',
  dueOnEnd: true,
});

/** Keys of jobs that are added count within the batch. */
const ofBatch = ({ token }: Batch, job: NewJob): NewJob =>
  job.idempotency === null ? job : { ...job, idempotency: { ...job.idempotency, key: `batch/${token}/${job.idempotency.key}` } };

const ownedBy = (owner: string, states: readonly Job['state'][] | null) => ({
  filter: [
    { field: 'owner', not: false, any: [{ text: owner, prefix: false }] },
    ...(states === null ? [] : [{ field: 'state', not: false, any: states } as const]),
  ] satisfies Filter,
  ...({ match: null, order: 'oldest', from: null, limit: canceledAtOnce, brief: true, lookAt: null } as const),
});

function callbackIn(job: Job, { createdAt }: Batch): readonly PushedCallback[] {
  const about = aboutOf(job);
  const told = batchIn(about);
  return told === null || !isOfBatchMadeAt(about, createdAt) ? [] : [{ on: told.on, job: job.id, state: job.state }];
}

function checkCount(more: number, before: number): void {
  if (before + more <= batchLimits.jobs) return;
  const message = `A batch may have ${batchLimits.jobs} jobs in all; with these it would have ${before + more}.`;
  throw new HatstandError('too_large', message, { field: 'jobs', limit: batchLimits.jobs });
}

/** Throws `too_large` for callbacks that no batch may have. */
export function checkCallbacks(on: Callbacks): Callbacks {
  const characters = Object.values(on).reduce((sum, job) => sum + sizeOfNewJob({ ...job, about: null }), 0);
  if (characters <= batchLimits.callbacks) return on;
  const message = `The jobs for the end of a batch may have ${batchLimits.callbacks} characters in all, these have ${characters}.`;
  throw new HatstandError('too_large', message, { field: 'on', limit: batchLimits.callbacks });
}

function refuseEnded({ ref, state }: BatchRecord): void {
  if (state.endedAt === null) return;
  throw conflict(ref, `The batch ${JSON.stringify(ref.id)} has ended and takes no more jobs. Make another one.`);
}

const conflict = (ref: BatchRef, message: string): HatstandError => new HatstandError('conflict', message, { batch: ref.id });
const taken = (ref: BatchRef, why: string): HatstandError => conflict(ref, `${why}: ${JSON.stringify(ref.id)}. Choose another id.`);
const stillMade = (ref: BatchRef): HatstandError =>
  conflict(ref, `The jobs of the batch ${JSON.stringify(ref.id)} are still being pushed; it is sealed when they are.`);
const tooLate = (ref: BatchRef): HatstandError =>
  conflict(
    ref,
    `The batch ${JSON.stringify(ref.id)} ended while these jobs were pushed: they run, but it has not waited for them. Seal a batch behind its last push.`,
  );
/** Jobs of a batch that is made have keys of their own; those that are added have what their pusher gives them. */
function refusedOf({ code, message, details }: HatstandError, kept: number, total: number): HatstandError {
  const told = `${kept} of the ${total} jobs are kept. Making the batch again does not keep them again, nor does adding jobs under the same idempotency keys.`;
  return new HatstandError(code, `${message} ${told}`, { ...details, kept, refused: total - kept });
}
