/** What the OpenAPI document says of each route of batches. */
import { Type } from 'typebox';
import { BatchListQuery, BatchParams, BatchQuery } from './batch-schemas.ts';
import { answers, body, change, toldPushes } from './openapi.ts';
import { NoQuery } from './schemas.ts';

const tags = ['batches'];
const one = { 200: { description: 'The batch.', schema: Type.Ref('Batch') } };
const none = ['not_found', 'unreadable'] as const;
const refusedJobs = ['unknown_worker', 'message_missing', 'message_invalid', ...toldPushes] as const;
const common = { tags, params: BatchParams, querystring: BatchQuery };

export const list = {
  operationId: 'listBatches',
  summary: 'List batches',
  description: 'Those that can be read; `GET /v1/unreadable` lists the others. An ended batch is kept as long as ended jobs are.',
  tags,
  querystring: BatchListQuery,
  response: answers({ 200: { description: 'A page of batches.', schema: Type.Ref('BatchList') } }, ['invalid_cursor']),
};

export const get = {
  operationId: 'getBatch',
  summary: 'Get a batch',
  description: 'Its jobs are those that the filter `owner:"batch/<domain>/<id>"` finds.',
  ...common,
  response: answers(one, none),
};

export const add = {
  operationId: 'addBatch',
  summary: 'Push jobs as a batch',
  description:
    'When all of them have ended, a job is pushed for that. Sent again with the same id and the same content it is the same batch, and what was cut short is completed; other content is refused. A batch that is cut short and not completed within an hour is given up: its jobs go on.',
  tags,
  querystring: NoQuery,
  body: Type.Ref('BatchAdd'),
  response: answers(
    {
      201: { description: 'The batch, kept with all its jobs. `Location` is its address.', schema: Type.Ref('BatchAdded') },
      200: { description: 'The same batch was there already.', schema: Type.Ref('BatchAdded') },
    },
    ['conflict', ...refusedJobs, ...body, ...change],
  ),
};

export const push = {
  operationId: 'pushToBatch',
  summary: 'Add jobs to a batch',
  description: 'While it is open, or while any job of it runs, which may add them: it ends after them. One that has ended takes none.',
  ...common,
  body: Type.Ref('BatchPush'),
  response: answers({ 200: { description: 'The batch, with its new jobs.', schema: Type.Ref('BatchAdded') } }, [
    ...none,
    'conflict',
    'key_reused',
    ...refusedJobs,
    ...body,
    ...change,
  ]),
};

export const seal = {
  operationId: 'sealBatch',
  summary: 'Seal a batch: it has all its jobs, and ends with the last of them',
  ...common,
  response: answers(one, [...none, 'conflict', ...change]),
};

export const cancel = {
  operationId: 'cancelBatch',
  summary: 'Cancel the jobs of a batch',
  description: 'It is sealed; its jobs that wait end, those that run are told to stop. Then it ends as any other.',
  ...common,
  response: answers(one, [...none, 'conflict', ...change]),
};

export const remove = {
  operationId: 'deleteBatch',
  summary: 'Delete a batch',
  description: 'Its jobs stay and go on, and nothing is pushed for it any more. Also what is left of one that nobody can read.',
  ...common,
  response: answers({ 204: { description: 'It is gone.' } }, ['not_found', 'conflict', ...change]),
};
