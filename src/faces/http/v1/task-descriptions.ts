/** What the OpenAPI document says of each route of tasks. */
import { Type } from 'typebox';
import { answers, body, change } from './openapi.ts';
import { NoQuery } from './schemas.ts';
import { ControlsQuery, TaskListQuery, TaskParams, TaskQuery } from './task-schemas.ts';

const tags = ['tasks'];
const one = { 200: { description: 'The task.', schema: Type.Ref('Task') } };
const none = ['not_found', 'unreadable'] as const;
const refusedMessages = ['unknown_worker', 'message_missing', 'message_invalid'] as const;
const common = { tags, params: TaskParams, querystring: TaskQuery };

export const list = {
  operationId: 'listTasks',
  summary: 'List tasks',
  description:
    'Those that can be read; `GET /v1/unreadable` lists the others. A page may have fewer than its limit when their messages are long.',
  tags,
  querystring: TaskListQuery,
  response: answers({ 200: { description: 'A page of tasks.', schema: Type.Ref('TaskList') } }, ['invalid_cursor']),
};

export const start = {
  operationId: 'startTask',
  summary: 'Start a task',
  description:
    'A function that nodes keep running until it ends, on one of them at a time. A worker that nobody serves yet is no fault: the task waits, and says `unserved`.',
  tags,
  querystring: NoQuery,
  body: Type.Ref('TaskStart'),
  response: answers({ 201: { description: 'The task, kept. `Location` is its address.', schema: Type.Ref('Task') } }, [
    'conflict',
    'store_full',
    ...refusedMessages,
    ...body,
    ...change,
  ]),
};

export const get = {
  operationId: 'getTask',
  summary: 'Get a task',
  description: 'Its jobs are those that the filter `owner:"task/<domain>/<id>"` finds, the newest first.',
  ...common,
  response: answers(one, none),
};

export const remove = {
  operationId: 'deleteTask',
  summary: 'Delete a task',
  description:
    'With all that it kept; its jobs stay. One that runs is told to return, and goes when it has. Also what is left of one that nobody can read.',
  ...common,
  response: answers({ 204: { description: 'It is gone, or is going.' } }, ['not_found', 'conflict', ...change]),
};

export const restart = {
  operationId: 'restartTask',
  summary: 'Restart a task',
  description:
    'It begins anew, also after its end, from its newest checkpoint; one that runs is told to return before. What is named changes.',
  ...common,
  body: Type.Ref('TaskRestart'),
  response: answers(one, [...none, 'conflict', 'store_full', ...refusedMessages, ...body, ...change]),
};

const verbs = {
  enable: ['Enable a task: it runs', 'One that was disabled, or has ended, begins anew, from its newest checkpoint.'],
  disable: ['Disable a task: it is told to return, and does not run until it is enabled', 'Its checkpoint and its control messages stay.'],
  stop: ['Stop a task: it is told to return, and has ended then', 'It is kept until somebody collects it, unless it has `cleanEnd`.'],
  collect: [
    'Take a task away that has ended',
    'It is answered as it was, with its result; what it kept goes with it. One that has not ended is a `conflict`.',
  ],
} as const;

export const verb = (name: keyof typeof verbs) => ({
  operationId: `${name}Task`,
  summary: verbs[name][0],
  description: verbs[name][1],
  ...common,
  response: answers(one, [...none, 'conflict', ...change]),
});

export const move = {
  operationId: 'moveTask',
  summary: 'Move a task to a node, or away from one',
  description:
    'It is told to return, and goes on there from its newest checkpoint. A `conflict` when no live node that serves its worker is there. Where it runs later, when that node dies, this does not say.',
  ...common,
  body: Type.Ref('TaskMove'),
  response: answers(one, [...none, 'conflict', ...body, ...change]),
};

export const tell = {
  operationId: 'tellTask',
  summary: 'Tell a task something',
  description:
    'Whoever runs it hears it, now or later, in the order in which it came; a message goes once its handler has answered. Beyond 1,000 that wait for one task: `overloaded`.',
  ...common,
  body: Type.Ref('TaskTell'),
  response: answers({ 202: { description: 'It is kept.', schema: Type.Ref('ControlTold') } }, [
    'not_found',
    'unreadable',
    ...body,
    ...change,
  ]),
};

export const controls = {
  operationId: 'controlsOfTask',
  summary: 'Tell what a task was told and has not handled yet',
  description: 'A page may have fewer than its limit when they are long.',
  tags,
  params: TaskParams,
  querystring: ControlsQuery,
  response: answers({ 200: { description: 'Its control messages that wait.', schema: Type.Ref('WaitingControls') } }, none),
};
