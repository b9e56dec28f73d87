/** Batches as they are kept: found, changed one step at a time, and their jobs pushed and looked at. */
import { asOfBatch, type Batch, type BatchRef, type BatchState, batchKeyOf, callbackOwnerOf, writeBatch } from '../../core/batch.ts';
import { readBatch, readBatchState } from '../../core/batch-record.ts';
import { type Definition, ownerOf } from '../../core/definition.ts';
import type { Filter } from '../../core/filter.ts';
import type { JobId } from '../../core/id.ts';
import type { Job, NewJob } from '../../core/job.ts';
import type { DefinitionPut } from '../../ports/store/definitions.ts';
import type { JobPage } from '../../ports/store/jobs.ts';
import type { Store } from '../../ports/store/store.ts';
import { refusedOf } from './batch-refusals.ts';
import type { Jobs } from './jobs.ts';
import { type KeptDefinition, type KeptDefinitions, makeKeptDefinitions, mostTries } from './kept-definitions.ts';
import type { PushedJob, ShowJob } from './push.ts';

/** A batch as it stands. */
export interface BatchRecord {
  readonly ref: BatchRef;
  readonly batch: Batch;
  readonly state: BatchState;
  /** How its jobs stand now. */
  readonly definition: Definition;
}

/** What an answer about many jobs tells of them. */
export interface AddedJobs {
  readonly record: BatchRecord;
  readonly ids: readonly JobId[];
}

export interface KeptBatches extends Pick<KeptDefinitions<Batch>, 'list' | 'remove' | 'othersFirst'> {
  get(ref: BatchRef): Promise<BatchRecord | null>;
  recordOf(kept: KeptDefinition<Batch>): BatchRecord;
  /** Answers its new version; `null`: it was of another one. */
  put(ref: BatchRef, batch: Batch, version: number): Promise<number | null>;
  /** Changes it, unless `change` answers `null`. Answers `null` when it is not there; `token`: when it is another one. */
  become(ref: BatchRef, change: (record: BatchRecord) => Partial<Batch> | null, token?: string | null): Promise<BatchRecord | null>;
  /** Throws what refuses the first one that is refused, as a queue that is closed, and says how many are kept. */
  push(ref: BatchRef, asked: readonly NewJob[]): Promise<readonly TakenJob[]>;
  /** Its jobs in these states, some at once, from the oldest on and without what may be long; `null`: in any state. */
  walk(ref: BatchRef, states: readonly Job['state'][] | null): AsyncGenerator<readonly Job[], void>;
  /** The oldest of its jobs in these states; `null`: in any. Answers `null` when there is none. */
  oldest(ref: BatchRef, states: readonly Job['state'][] | null): Promise<Job | null>;
  /** The newest of the jobs that were pushed for its end, and for those of earlier batches of its id. */
  callbacks(ref: BatchRef): Promise<readonly Job[]>;
}

type Known = Pick<Job, 'id' | 'name' | 'state'>;
/** A job that is kept, by this push or an earlier one. */
export type TakenJob = Exclude<PushedJob<Known>, { readonly kind: 'refused' }>;

export interface KeptBatchesParts {
  readonly store: Store;
  readonly jobs: Jobs;
  /** Something may be due sooner. */
  wakeFirer(): void;
}

/** Of those that take further jobs. */
export const openGroup = 'open';
/** Jobs that are looked at in one step. */
const atOnce = 250;

export function makeKeptBatches({ store, jobs, wakeFirer }: KeptBatchesParts): KeptBatches {
  const kept = makeKeptDefinitions(store, 'batch', readBatch);
  const recordOf: KeptBatches['recordOf'] = ({ ref, body, definition }) => ({
    ...{ ref, batch: body, definition },
    state: readBatchState(definition),
  });

  async function get(ref: BatchRef): Promise<BatchRecord | null> {
    const found = await kept.get(ref);
    return found === null ? null : recordOf(found);
  }

  async function put(ref: BatchRef, batch: Batch, version: number): Promise<number | null> {
    const answer = await store.definitions.put([{ ...putOf(ref, batch), if: version }]);
    wakeFirer();
    return answer.kind === 'put' ? (answer.versions[0] ?? null) : null;
  }

  return {
    list: kept.list,
    remove: kept.remove,
    othersFirst: kept.othersFirst,
    get,
    recordOf,
    put,
    async become(ref, change, token = null) {
      for (let tries = 0; tries < mostTries; tries++) {
        const record = await get(ref);
        if (record === null || (token !== null && record.batch.token !== token)) return null;
        const changed = change(record);
        if (changed === null) return record;
        const batch = { ...record.batch, ...changed };
        if ((await put(ref, batch, record.definition.version)) !== null) return (await get(ref)) ?? { ...record, batch };
      }
      throw kept.othersFirst(ref);
    },
    async push(ref, asked) {
      const pushed = await jobs.pushAs(
        asked.map((job) => asOfBatch(ref, job)),
        asKnown,
      );
      const taken = pushed.filter((each) => each.kind !== 'refused');
      const refused = pushed.find((each) => each.kind === 'refused');
      if (refused !== undefined) throw refusedOf(refused.error, taken.length, pushed.length);
      return taken;
    },
    async *walk(ref, states) {
      let from: JobId | null = null;
      do {
        const page: JobPage = await store.jobs.list({ ...ownedBy(ownerOf(batchKeyOf(ref)), states), from });
        yield page.jobs;
        from = page.next;
      } while (from !== null);
    },
    async oldest(ref, states) {
      const { jobs: found } = await store.jobs.list({ ...ownedBy(ownerOf(batchKeyOf(ref)), states), limit: 1 });
      return found[0] ?? null;
    },
    async callbacks(ref) {
      return (await store.jobs.list({ ...ownedBy(callbackOwnerOf(ref), null), order: 'newest' })).jobs;
    },
  };
}

const asKnown: ShowJob<Known> = {
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

const ownedBy = (owner: string, states: readonly Job['state'][] | null) => ({
  filter: [
    { field: 'owner', not: false, any: [{ text: owner, prefix: false }] },
    ...(states === null ? [] : [{ field: 'state', not: false, any: states } as const]),
  ] satisfies Filter,
  ...({ match: null, order: 'oldest', from: null, limit: atOnce, brief: true, lookAt: null } as const),
});
