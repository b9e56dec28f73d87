/** What the OpenAPI document says of the job routes, and what their addresses may hold. */
import { Type } from 'typebox';
import { AttemptsQuery } from './attempt-schemas.ts';
import { LinesQuery } from './log-schemas.ts';
import { answers, body, change, pushes } from './openapi.ts';
import { IdParams, ListQuery, NoQuery, WaitQuery } from './schemas.ts';

const tags = ['jobs'];
const job = (description: string) => ({ description, schema: Type.Ref('Job') });

export const list = {
  operationId: 'listJobs',
  summary: 'List jobs',
  description: 'Pages of jobs without payload and output. A page may be short, even empty, while `next` is not null: go on with it.',
  tags,
  querystring: ListQuery,
  response: answers({ 200: { description: 'A page of jobs.', schema: Type.Ref('JobList') } }, ['invalid_filter', 'invalid_cursor']),
};

export const get = {
  operationId: 'getJob',
  summary: 'Get a job with its attempts',
  tags,
  params: IdParams,
  querystring: NoQuery,
  response: answers({ 200: { description: 'The job.', schema: Type.Ref('JobWithHistory') } }, ['not_found', 'unreadable']),
};

export const attempts = {
  operationId: 'listAttempts',
  summary: 'List the attempts of a job',
  description:
    'Pages, newest first. A page may be short while `next` is not null: go on with it. The newest 100 earlier attempts are kept.',
  tags,
  params: IdParams,
  querystring: AttemptsQuery,
  response: answers({ 200: { description: 'A page of attempts.', schema: Type.Ref('AttemptPage') } }, [
    'not_found',
    'unreadable',
    'invalid_cursor',
  ]),
};

export const lines = {
  operationId: 'listLines',
  summary: 'List the log of a job',
  description:
    'What its attempts have told, oldest first; `fence` says which attempt. Follow a log by asking again with `next` as `after`. Lines go with their job, and are in no export.',
  tags,
  params: IdParams,
  querystring: LinesQuery,
  response: answers({ 200: { description: 'A page of lines.', schema: Type.Ref('LogPage') } }, ['not_found', 'unreadable']),
};

export const wait = {
  operationId: 'waitForJob',
  summary: 'Wait for the end of a job',
  description: 'Answers as soon as the job has ended, or with the job as it stands when the time is up.',
  tags,
  params: IdParams,
  querystring: WaitQuery,
  response: answers({ 200: job('The job, ended or not.') }, ['not_found', 'unreadable']),
};

export const cancel = {
  operationId: 'cancelJob',
  summary: 'Cancel a job',
  description: 'Final at once for a job that waits; one that runs is told to stop and is `stopping` until its holder answers.',
  tags,
  params: IdParams,
  querystring: NoQuery,
  response: answers({ 200: job('The job as it now is.') }, ['not_found', 'unreadable', 'conflict', ...change]),
};

export const restart = {
  operationId: 'restartJob',
  summary: 'Run a job again',
  description: 'Without a body, a new run of the same record, its history kept. With `copy` or any changed field, a new job like it.',
  tags,
  params: IdParams,
  querystring: NoQuery,
  body: { content: { 'application/json': { schema: Type.Ref('Restart') } } },
  response: answers({ 200: job('The job, queued again.'), 201: job('The copy. `Location` is its address.') }, [
    'not_found',
    'unreadable',
    'conflict',
    ...pushes,
    ...body,
    ...change,
  ]),
};

export const remove = {
  operationId: 'deleteJob',
  summary: 'Delete a job that has ended, with its history',
  description: 'Also a record that nobody can read, which was set aside.',
  tags,
  params: IdParams,
  querystring: NoQuery,
  response: answers({ 204: { description: 'It is gone.' } }, ['not_found', 'unreadable', 'conflict', ...change]),
};
