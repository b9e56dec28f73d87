/** What the OpenAPI document says of each route of triggers. */
import { Type } from 'typebox';
import { answers, body, change, pushes } from './openapi.ts';
import { NoQuery } from './schemas.ts';
import { TriggerBackfill, TriggerListQuery, TriggerNextQuery, TriggerParams, TriggerQuery } from './trigger-schemas.ts';

const tags = ['triggers'];
const one = { 200: { description: 'The trigger.', schema: Type.Ref('Trigger') } };
const none = ['not_found', 'unreadable'] as const;
const malformed = ['malformed_trigger', 'unknown_trigger'] as const;
const common = { tags, params: TriggerParams, querystring: TriggerQuery };

export const list = {
  operationId: 'listTriggers',
  summary: 'List triggers',
  description: 'Those that can be read; `GET /v1/unreadable` lists the others.',
  tags,
  querystring: TriggerListQuery,
  response: answers({ 200: { description: 'A page of triggers.', schema: Type.Ref('TriggerList') } }, ['invalid_cursor']),
};

export const get = { operationId: 'getTrigger', summary: 'Get a trigger', ...common, response: answers(one, none) };

export const changed = {
  operationId: 'changeTrigger',
  summary: 'Change a trigger',
  description: 'Changes what is named. With other arguments, another time zone or another daylight it counts anew from now on.',
  ...common,
  body: Type.Ref('TriggerChange'),
  response: answers(one, [...none, 'malformed_trigger', 'conflict', ...body, ...change]),
};

export const remove = {
  operationId: 'deleteTrigger',
  summary: 'Delete a trigger',
  description: 'Its jobs stay. What it has gathered and not pushed yet goes, and so does what is left of one that nobody can read.',
  ...common,
  response: answers({ 204: { description: 'It is gone.' } }, ['not_found', 'conflict', ...change]),
};

export const pause = {
  operationId: 'pauseTrigger',
  summary: 'Pause a trigger: it pushes nothing, what it has pushed goes on',
  ...common,
  body: Type.Ref('TriggerPause'),
  response: answers(one, [...none, 'conflict', ...body, ...change]),
};

export const resume = {
  operationId: 'resumeTrigger',
  summary: 'Resume a trigger that is paused or bad',
  description: 'Ticks of the meantime do not run.',
  ...common,
  response: answers(one, [...none, 'conflict', ...change]),
};

export const skip = {
  operationId: 'skipTrigger',
  summary: 'Leave out the next ticks of a trigger',
  ...common,
  body: Type.Ref('TriggerSkip'),
  response: answers(one, [...none, 'conflict', ...body, ...change]),
};

export const next = {
  operationId: 'nextOfTrigger',
  summary: 'Tell when a trigger fires next',
  tags,
  params: TriggerParams,
  querystring: TriggerNextQuery,
  response: answers({ 200: { description: 'Its next runs.', schema: Type.Ref('TriggerPreview') } }, none),
};

export const backfill = {
  operationId: 'backfillTrigger',
  summary: 'Push a job for each tick of a span of the past',
  description:
    'At most 1,000 jobs, of 64 MiB of characters in all: with more it is refused (`too_large`), and told how far the span fits. What was pushed for these ticks when they were due does not count; a span that is filled again, within a day or while its jobs live, pushes none of its jobs again. A `startBefore` that is a time does not count for them.',
  ...common,
  body: TriggerBackfill,
  response: answers({ 200: { description: 'The jobs, oldest tick first.', schema: Type.Ref('TriggerBackfilled') } }, [
    ...none,
    'key_reused',
    ...pushes,
    ...body,
    ...change,
  ]),
};

export const launch = {
  operationId: 'launchTrigger',
  summary: 'Push a job of a trigger now',
  description:
    'As asked for by a person (`manual`), also while it is paused, whatever its overlap says, and also when a time that is its `startBefore` has passed. A job of the type `@client` runs already: whoever launched it holds its attempt, reports it, and settles it, by the `proof`. It is not tried again; when it is not heard of any more, it fails as lost.',
  ...common,
  body: Type.Ref('TriggerLaunch'),
  response: answers({ 201: { description: 'The job.', schema: Type.Ref('LaunchedJob') } }, [
    ...none,
    'conflict',
    ...pushes,
    ...body,
    ...change,
  ]),
};

export const add = {
  operationId: 'addTrigger',
  summary: 'Add a trigger',
  description:
    'Its jobs are HTTP jobs, POSTed to `url`, or those of a `worker`. A worker that nobody serves yet is no fault: its jobs wait.',
  tags,
  querystring: NoQuery,
  body: Type.Ref('TriggerAdd'),
  response: answers({ 201: { description: 'The trigger, kept. `Location` is its address.', schema: Type.Ref('Trigger') } }, [
    ...malformed,
    'conflict',
    'store_full',
    ...body,
    ...change,
  ]),
};

export const preview = {
  operationId: 'previewTrigger',
  summary: 'Tell when a trigger would fire',
  description: 'Of types that fire by the clock. Nothing is kept.',
  tags,
  querystring: NoQuery,
  body: Type.Ref('TriggerPreviewAsked'),
  response: answers({ 200: { description: 'Its next runs.', schema: Type.Ref('TriggerPreview') } }, [...malformed, ...body]),
};
