/** Tasks as they go in and come out under `/v1`. */
import { type Static, Type } from 'typebox';
import { formatDuration } from '../../../core/duration.ts';
import { reservedWorkers } from '../../../core/elsewhere.ts';
import { mailLimits } from '../../../core/mail.ts';
import { taskLimits, usualMaxDetached, usualRestart } from '../../../core/new-task.ts';
import { desiredStates, restartWords, seedStatuses, taskEnds, taskStatuses } from '../../../core/task.ts';
import { Count, closed, Duration, Id, Name, OrNull, Time } from './fields.ts';
import { progressFields } from './log-schemas.ts';
import { NodeParams } from './node-schemas.ts';
import { orderFields, recordFields, type Usual } from './schemas.ts';
import { TriggerId, tenant } from './trigger-schemas.ts';

const plain: Usual = () => ({});
const { queue, priority, name, comment } = orderFields(plain);
const usual = (millis: number): string => `\`${formatDuration(millis)}\` if it is not given.`;

const on = Type.Enum([...restartWords], {
  description:
    'After what it is started again: after nothing; when it crashed, which is what its function throws; also when it returned. `failure` if it is not given.',
});

const Restart = Type.Object(
  {
    on: Type.Optional(on),
    backoff: Type.Optional(
      Duration(`Before the first start after a crash; twice as long before each further one, ±10 %. ${usual(usualRestart.backoff)}`, '1s'),
    ),
    maxBackoff: Type.Optional(
      Duration(`The wait never grows beyond this. ${usual(usualRestart.maxBackoff)}`, '1m', {}, { 'x-not-below': 'backoff' }),
    ),
    crashes: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: taskLimits.crashes,
        description: `So many crashes in a row end it. ${usualRestart.crashes} if it is not given.`,
        examples: [usualRestart.crashes],
      }),
    ),
    healthyAfter: Type.Optional(
      Duration(`A crash that comes later after its start is the first of a row. ${usual(usualRestart.healthyAfter)}`, '1m'),
    ),
  },
  { ...closed, description: 'What comes after a crash. A node that dies is none: the task goes on at another one.' },
);

/** How it runs. What is not named is as usual, or as it was. */
const howFields = {
  message: Type.Optional(
    Type.Unknown({ description: 'What its function is given: any JSON value, kept exactly. At most `payload_limit` bytes.' }),
  ),
  options: Type.Optional(Type.Object({ queue, priority, name, comment }, { ...closed, description: 'What its jobs have, as in a push.' })),
  restart: Type.Optional(Restart),
  pause: Type.Optional(
    OrNull(
      Duration(
        'With it the function is called again and again, so long after it has returned; null: once, unless it is restarted `always`.',
        '10s',
      ),
    ),
  ),
  stalledAfter: Type.Optional(
    OrNull(
      Duration('When it has told nothing for so long it goes on elsewhere; null: it need not tell any.', '5m', {
        least: taskLimits.stalledAfter,
      }),
    ),
  ),
  cleanEnd: Type.Optional(
    Type.Boolean({ description: 'It goes when it has ended, unless it crashed; else it is kept until somebody collects it.' }),
  ),
  stateOptional: Type.Optional(
    Type.Boolean({
      description: 'It goes on while the store is away for all linked nodes, for `maxDetached` at most; else it stops then.',
    }),
  ),
  maxDetached: Type.Optional(Duration(`So long. It makes the task \`stateOptional\`. ${usual(usualMaxDetached)}`, '1h')),
};
/** What is not detached has no bound for it. */
const detachable = { not: { required: ['stateOptional', 'maxDetached'], properties: { stateOptional: { const: false } } } };

export const TaskId = Type.String({ ...TriggerId, examples: ['tail-1'] });

export const TaskStart = Type.Object(
  {
    worker: Name('The function that nodes keep running. Not `http`: what is sent to web apps is a job, or a trigger.', 'tail', {
      not: { enum: [...reservedWorkers] },
    }),
    id: Type.Optional(TaskId),
    domain: tenant,
    ...howFields,
  },
  { $id: 'TaskStart', ...closed, ...detachable },
);
export type TaskStart = Static<typeof TaskStart>;

export const TaskRestart = Type.Object(howFields, {
  $id: 'TaskRestart',
  ...closed,
  ...detachable,
  default: {},
  description: 'What is not named stays as it is.',
});
export type TaskRestart = Static<typeof TaskRestart>;

const { node } = NodeParams.properties;
export const TaskMove = Type.Object(
  {
    to: Type.Optional({ ...node, description: 'A node, by its name or incarnation, at which it goes on.' }),
    from: Type.Optional({ ...node, description: 'A node at which it does not go on.' }),
  },
  { $id: 'TaskMove', ...closed, oneOf: [{ required: ['to'] }, { required: ['from'] }], description: 'One of the two.' },
);
export type TaskMove = Static<typeof TaskMove>;

export const TaskTell = Type.Object(
  {
    name: Name('What its function hears it under.', 'reload'),
    data: Type.Optional(Type.Unknown({ description: `Any JSON value, kept exactly. At most ${mailLimits.data} characters.` })),
  },
  { $id: 'TaskTell', ...closed },
);
export type TaskTell = Static<typeof TaskTell>;

const controlId = Type.String({ description: 'Its id.' });
export const ControlTold = Type.Object({ id: controlId }, { $id: 'ControlTold', ...closed });

export const WaitingControl = Type.Object(
  {
    id: controlId,
    name: Type.String(),
    data: Type.Unknown({ description: 'Exactly as it came; null when there was none.' }),
    at: Time('When it was told.'),
  },
  { $id: 'WaitingControl', ...closed },
);
export const WaitingControls = Type.Object(
  {
    controls: Type.Array(Type.Ref('WaitingControl'), { description: 'In the order in which they came.' }),
    next: OrNull(Count('`after` of the next page; null: this is the last.')),
  },
  { $id: 'WaitingControls', ...closed },
);

const Crash = Type.Object(
  { at: Time('When.'), job: Id('Of its attempt.'), error: Type.String({ description: 'The beginning of what its function threw.' }) },
  closed,
);

const lengthOrNull = (description: string) => OrNull(Duration(description, '30s'));

const summaryFields = {
  id: Type.String(),
  domain: Type.String(),
  worker: recordFields.worker,
  desired: Type.Enum([...desiredStates], {
    description:
      'What should be: it runs; it does not, until somebody enables it; it has ended, since somebody wants that; it goes, once its function has returned.',
  }),
  status: Type.Enum([...taskStatuses], {
    description:
      'What is: `queued`: a node is to take it; `restarting`: it crashed, and begins again after its backoff; `running`; `stopping`: its function was told to return; `stopped`: it is disabled; `ended`; `crashed`: so often that it has ended.',
  }),
  seedStatus: Type.Enum([...seedStatuses], { description: 'The same in the words of distributed-task.' }),
  unserved: Type.Boolean({ description: 'It waits, and no live node serves its worker in its queue.' }),
  message: Type.Unknown({ description: 'What its function is given, exactly; null when there is none.' }),
  restart: Type.Object(
    { on: Type.Enum([...restartWords]), backoff: Type.String(), maxBackoff: Type.String(), crashes: Count(), healthyAfter: Type.String() },
    { ...closed, description: 'What comes after a crash.' },
  ),
  pause: lengthOrNull('Between two passes; null: it has one.'),
  stalledAfter: lengthOrNull('One that tells nothing for so long runs elsewhere; null: it need not tell any.'),
  cleanEnd: Type.Boolean({ description: 'It goes when it has ended, unless it crashed.' }),
  stateOptional: Type.Boolean({ description: 'It goes on while the store is away.' }),
  maxDetached: lengthOrNull('For so long; null: it stops then.'),
  queue: recordFields.queue,
  priority: recordFields.priority,
  name: recordFields.name,
  comment: recordFields.comment,
  job: OrNull(Id('Its newest job, which has its log and its attempts; null: there is none.')),
  holder: Type.String({ description: 'Who runs it, or ran it last; empty: nobody.' }),
  startedAt: OrNull(Time('When its newest attempt began.')),
  crashes: Count('In a row.'),
  newestCrashes: Type.Array(Crash, { description: 'The newest of them, oldest first.' }),
  createdAt: Time('When it was made.'),
  endedAt: OrNull(Time('When it ended; null: it has not.')),
  end: OrNull(
    Type.Enum([...taskEnds], {
      description:
        'How it ended: it returned, or said so; it crashed too often; somebody wanted it, or canceled its job. Null: it has not.',
    }),
  ),
  version: Count('Greater with every change.'),
};

export const TaskSummary = Type.Object(summaryFields, {
  $id: 'TaskSummary',
  ...closed,
  description: 'A task without its result, checkpoint and progress.',
});

export const Task = Type.Object(
  {
    ...summaryFields,
    result: Type.Unknown({
      description: 'What its function returned, or said at its end; null: nothing, or too much to be kept whole, or its job is gone.',
    }),
    checkpoint: Type.Unknown({ description: 'What its newest checkpoint has kept, from which it goes on; null: nothing.' }),
    ...progressFields,
  },
  { $id: 'Task', ...closed },
);

export const TaskList = Type.Object(
  {
    tasks: Type.Array(Type.Ref('TaskSummary'), { description: 'By domain and id.' }),
    next: OrNull(Type.String({ description: 'The cursor of the next page; null: this is the last.' })),
  },
  { $id: 'TaskList', ...closed },
);

export const TaskListQuery = Type.Object(
  {
    domain: Type.Optional({ ...tenant, description: 'Of this tenant alone.' }),
    worker: Type.Optional(Name('Of this worker alone.', 'tail')),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 50, description: 'Tasks on a page.' })),
    cursor: Type.Optional(
      Type.String({ title: 'the `next` of an earlier page', description: '`next` of the page before.', pattern: '^[A-Za-z0-9_-]{1,512}$' }),
    ),
  },
  closed,
);
export type TaskListQuery = Static<typeof TaskListQuery>;

export const TaskParams = Type.Object({ id: TaskId });
export type TaskParams = Static<typeof TaskParams>;
export const TaskQuery = Type.Object({ domain: Type.Optional({ ...tenant, description: 'Its tenant.' }) }, closed);
export type TaskQuery = Static<typeof TaskQuery>;

export const ControlsQuery = Type.Object(
  {
    domain: Type.Optional({ ...tenant, description: 'Its tenant.' }),
    limit: Type.Optional(
      Type.Integer({ minimum: 1, maximum: mailLimits.waiting, default: 100, description: 'Control messages on a page.' }),
    ),
    after: Type.Optional(Type.Integer({ minimum: 1, maximum: 999_999_999_999_999, description: '`next` of the page before.' })),
  },
  closed,
);
export type ControlsQuery = Static<typeof ControlsQuery>;

export const taskSchemas = [
  TaskStart,
  TaskRestart,
  TaskMove,
  TaskTell,
  ControlTold,
  WaitingControl,
  WaitingControls,
  TaskSummary,
  Task,
  TaskList,
];
