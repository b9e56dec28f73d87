/** What the OpenAPI document says of each route of attempts that run elsewhere. */
import { Type } from 'typebox';
import { answers, body, change } from './openapi.ts';
import { IdParams, NoQuery } from './schemas.ts';

const tags = ['attempts'];
const one = { tags, params: IdParams, querystring: NoQuery };

export const claim = {
  operationId: 'claimJobs',
  summary: 'Claim jobs of workers that run elsewhere, and wait for them',
  description:
    'Begins attempts, and gives each with a proof of it. Without any job it waits, and answers with none when the time is over; it is then asked again with a new operation. An answer that was lost is asked for again with the same operation, at any node. A client that leaves gets nothing, and what was claimed for it goes back. Of the attempts that came, each must be reported within `attemptTtl`, again and again, until it is settled; one that is not heard of is taken back, and its job runs elsewhere.',
  tags,
  querystring: NoQuery,
  body: Type.Ref('Claim'),
  response: answers({ 200: { description: 'What has begun.', schema: Type.Ref('Claimed') } }, ['unknown_worker', ...body, ...change]),
};

export const report = {
  operationId: 'reportAttempt',
  summary: 'Tell of an attempt that runs elsewhere',
  description:
    'Each report moves the deadline of the attempt on; all else in it may be left out. Its answer says whether to go on. `attempt_lost` means that the attempt is held no more: its job may run elsewhere already, and nothing of the report is kept. `forbidden`: the proof is not that of this attempt.',
  ...one,
  body: Type.Ref('AttemptReport'),
  response: answers({ 200: { description: 'It is kept.', schema: Type.Ref('AttemptReported') } }, [
    'attempt_lost',
    'unknown_worker',
    'message_missing',
    'message_invalid',
    'store_full',
    'awaited_missing',
    ...body,
    ...change,
  ]),
};

export const settle = {
  operationId: 'settleAttempt',
  summary: 'End an attempt that runs elsewhere',
  description:
    'With its result, or to hand it back. It may be repeated when the answer was lost, and is kept once. `attempt_lost` means that the attempt was not held any more, and nothing of it is kept.',
  ...one,
  body: Type.Ref('AttemptSettle'),
  response: answers({ 200: { description: 'It is kept.', schema: Type.Ref('AttemptSettled') } }, ['attempt_lost', ...body, ...change]),
};

export const task = {
  operationId: 'askTaskOfAttempt',
  summary: 'Keep a checkpoint of an attempt of a task, and hear what the task is told',
  description:
    'For attempts of tasks that run elsewhere. All that is named is kept first, under the fence of the attempt; then it is told what the holder does not know, at once or within `wait`. The deadline of the attempt is moved on by reports alone. `conflict`: the job belongs to no task, or the attempt is not held any more, and nothing of it is kept.',
  ...one,
  body: Type.Ref('AttemptTask'),
  response: answers({ 200: { description: 'What there is.', schema: Type.Ref('AttemptTaskHeard') } }, ['conflict', ...body, ...change]),
};
