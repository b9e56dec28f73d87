/** Batches as they go in and come out under `/v1`. */
import { type Static, Type } from 'typebox';
import { batchEnds, batchLimits, batchStatuses } from '../../../core/batch.ts';
import { jobStates } from '../../../core/job.ts';
import { Count, closed, Id, OrNull, Time } from './fields.ts';
import { maxValues } from './many.ts';
import { IdempotencyKey, ofFunction, ofHttp, orderFields, pushFields, runFields, targetFields, type Usual } from './schemas.ts';
import { TriggerId, tenant } from './trigger-schemas.ts';

const plain: Usual = () => ({});
// Who finds a unique job there pushes none of its own, and a batch waits for its own.
const { domain: _domain, idempotencyKey: _key, unique: _unique, ...jobFields } = pushFields;
const { domain: _ofBatch, manual: _manual, ...order } = orderFields(plain);

/** All but what its batch says for it. */
export const BatchJob = Type.Object(jobFields, {
  $id: 'BatchJob',
  ...closed,
  oneOf: [ofHttp, ofFunction],
  not: { required: ['delay', 'at'] },
  description: 'As in a push. Its domain is that of the batch, and it has no idempotency key of its own.',
});
export type BatchJob = Static<typeof BatchJob>;

export const BatchCallback = Type.Object(
  { ...targetFields(plain), ...order, ...runFields(plain) },
  {
    $id: 'BatchCallback',
    ...closed,
    oneOf: [ofHttp, ofFunction],
    description:
      'A job that is pushed once. Without a payload it gets how the batch ended: `{"id", "on", "total", "succeeded", "failed", "canceled"}`.',
  },
);
export type BatchCallback = Static<typeof BatchCallback>;

const On = Type.Object(
  {
    ended: Type.Optional({ ...Type.Ref('BatchCallback'), description: 'When all of its jobs have ended, however.' }),
    succeeded: Type.Optional({ ...Type.Ref('BatchCallback'), description: 'When all of them have ended and succeeded.' }),
    failed: Type.Optional({ ...Type.Ref('BatchCallback'), description: 'When all of them have ended and one or more have failed.' }),
  },
  { ...closed, description: `What is pushed when it has ended. At most ${batchLimits.callbacks} characters in all.` },
);

const jobs = Type.Array(Type.Ref('BatchJob'), {
  maxItems: maxValues,
  description: 'Its jobs, kept in this order. One that is wrong refuses all.',
});

export const BatchId = Type.String({ ...TriggerId, examples: ['newsletter-42'] });
const open = Type.Optional(
  Type.Boolean({ default: false, description: 'It takes further jobs until it is sealed; at the latest a week behind its newest job.' }),
);

export const BatchAdd = Type.Object(
  { id: Type.Optional(BatchId), domain: tenant, open, jobs: Type.Optional(jobs), on: Type.Optional(On) },
  { $id: 'BatchAdd', ...closed },
);

/** What is read of it before its jobs and callbacks, which may be long, are read each for itself. */
export const BatchHead = Type.Object(
  { id: Type.Optional(BatchId), domain: tenant, open, jobs: Type.Optional(Type.Unknown()), on: Type.Optional(Type.Unknown()) },
  closed,
);

const idempotencyKey = Type.Optional({
  ...IdempotencyKey,
  description:
    'With it the same jobs are added once, however often they are sent: for a day, and until they have ended. A batch that has ended answers `conflict` all the same.',
});

export const BatchPush = Type.Object({ jobs, idempotencyKey }, { $id: 'BatchPush', ...closed });
export const BatchPushHead = Type.Object({ jobs: Type.Unknown(), idempotencyKey }, closed);

export const Batch = Type.Object(
  {
    id: Type.String(),
    domain: Type.String(),
    status: Type.Enum([...batchStatuses], {
      description:
        '`making`: its jobs are being pushed; `open`: it takes further jobs; `sealed`: it ends with the last of its jobs; `ended`; `given-up`: nobody sealed it in time, so nothing is pushed for it.',
    }),
    total: Count('Its jobs, those that were deleted meanwhile, too.'),
    live: Count('Its jobs that have not ended now.'),
    succeeded: Count('Its jobs that have succeeded; once it has ended: that had, when it ended.'),
    failed: Count('The same of those that failed.'),
    canceled: Count('The same of those that were canceled.'),
    on: Type.Object(
      {
        ended: Type.Optional(Type.Ref('BatchTarget')),
        succeeded: Type.Optional(Type.Ref('BatchTarget')),
        failed: Type.Optional(Type.Ref('BatchTarget')),
      },
      { ...closed, description: 'What is pushed when it has ended.' },
    ),
    callbacks: Type.Array(Type.Object({ on: Type.Enum([...batchEnds]), job: Id('Its id.'), state: Type.Enum([...jobStates]) }, closed), {
      description: 'What was pushed for its end, as far as it is there still.',
    }),
    createdAt: Time('When it was made.'),
    endedAt: OrNull(Time('When it ended; null: it has not.')),
    version: Count('Greater with every change.'),
  },
  { $id: 'Batch', ...closed },
);

export const BatchTarget = Type.Object(
  { worker: Type.String(), url: Type.String(), queue: Type.String(), name: Type.String() },
  { $id: 'BatchTarget', ...closed },
);

export const BatchAdded = Type.Object(
  {
    ...Batch.properties,
    jobs: Type.Array(Id('A job.'), { description: 'Those that were sent, in their order; those that were kept before, too.' }),
    unserved: Type.Array(Type.String(), { description: 'Workers of theirs that no live node serves: these jobs wait until one does.' }),
  },
  { $id: 'BatchAdded', ...closed },
);

export const BatchList = Type.Object(
  {
    batches: Type.Array(Type.Ref('Batch'), { description: 'By domain and id.' }),
    next: OrNull(Type.String({ description: 'The cursor of the next page; null: this is the last.' })),
  },
  { $id: 'BatchList', ...closed },
);

export const BatchListQuery = Type.Object(
  {
    domain: Type.Optional({ ...tenant, description: 'Of this tenant alone.' }),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 50, description: 'Batches on a page.' })),
    cursor: Type.Optional(
      Type.String({ title: 'the `next` of an earlier page', description: '`next` of the page before.', pattern: '^[A-Za-z0-9_-]{1,512}$' }),
    ),
  },
  closed,
);
export type BatchListQuery = Static<typeof BatchListQuery>;

export const BatchParams = Type.Object({ id: BatchId });
export type BatchParams = Static<typeof BatchParams>;
export const BatchQuery = Type.Object({ domain: Type.Optional({ ...tenant, description: 'Its tenant.' }) }, closed);
export type BatchQuery = Static<typeof BatchQuery>;

export const batchSchemas = [BatchJob, BatchCallback, BatchAdd, BatchPush, BatchTarget, Batch, BatchAdded, BatchList];
