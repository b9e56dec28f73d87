/** Queues and the numbers of a server, as they go in and come out under `/v1`. */
import { type Static, Type } from 'typebox';
import { jobStates } from '../../../core/job.ts';
import { queueLimits } from '../../../core/queue.ts';
import { Count, closed, Duration, Name, OrNull } from './fields.ts';

const StateCounts = Type.Object(Object.fromEntries(jobStates.map((state) => [state, Count()])), { $id: 'StateCounts', ...closed });
const rate = Type.Object(
  {
    max: Type.Integer({ minimum: 1, maximum: queueLimits.most, description: 'So many attempts.', examples: [100] }),
    per: Duration('On average in such a time, and at most `max` at once.', '1s', { least: 1, longest: queueLimits.longestPer }),
  },
  closed,
);
export const QueueChange = Type.Object(
  {
    paused: Type.Optional(Type.Boolean({ description: 'No job of it starts; running ones finish.' })),
    closed: Type.Optional(Type.Boolean({ description: 'It takes no new jobs and no restarts; those that it has go on.' })),
    concurrency: Type.Optional(
      OrNull(
        Type.Integer({
          minimum: 1,
          maximum: queueLimits.most,
          description: 'Running jobs at once; null: no limit of its own.',
          examples: [10],
        }),
      ),
    ),
    rate: Type.Optional(OrNull(rate)),
  },
  { $id: 'QueueChange', ...closed },
);
export type QueueChange = Static<typeof QueueChange>;

export const Queue = Type.Object(
  {
    name: Type.String(),
    paused: Type.Boolean(),
    closed: Type.Boolean(),
    concurrency: OrNull(Type.Integer()),
    rate: OrNull(rate),
    jobs: Type.Ref('StateCounts'),
    unserved: Count('Of those that wait: jobs that no live node serves.'),
    oldestWaiting: OrNull(Duration('How long its oldest ready job has been waiting; null when none waits.', '2s')),
  },
  { $id: 'Queue', ...closed },
);
export const QueueList = Type.Object(
  {
    queues: Type.Array(Type.Ref('Queue'), { description: 'By name.' }),
    next: OrNull(Type.String({ description: 'The cursor of the next page; null: this is the last.' })),
  },
  { $id: 'QueueList', ...closed },
);

export const QueueListQuery = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 50, description: 'Queues on a page.' })),
    cursor: Type.Optional(
      Type.String({ title: 'the `next` of an earlier page', description: '`next` of the page before.', pattern: '^[A-Za-z0-9_-]{1,192}$' }),
    ),
  },
  closed,
);
export type QueueListQuery = Static<typeof QueueListQuery>;

const Line = Type.Object({ queue: Type.String(), worker: Type.String(), jobs: Type.Ref('StateCounts') }, closed);

export const Stats = Type.Object(
  {
    jobs: Type.Ref('StateCounts'),
    lines: Type.Array(Line, { description: 'The same by queue and worker.' }),
    total: Count('All records.'),
    running: Count('Attempts that run in this process.'),
    unserved: Count('Waiting jobs that no live node serves.'),
    unreadable: Count('Records that nobody can read, which were set aside: `GET /v1/unreadable`.'),
    queues: Count('Queues that jobs are counted in.'),
    durability: Type.String({ description: 'What a kept job survives, in one word.', examples: ['sqlite-full'] }),
    survives: Type.String({ description: 'The same as a sentence.' }),
    version: Type.String(),
    commit: Type.String(),
  },
  { $id: 'Stats', ...closed },
);

export const QueueParams = Type.Object({ name: Name('The queue’s name.', 'mail') });
export type QueueParams = Static<typeof QueueParams>;

export const queueSchemas = [StateCounts, QueueChange, Queue, QueueList, Stats];
