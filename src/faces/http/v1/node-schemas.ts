/** Nodes and the store's upkeep, as they go in and come out under `/v1`. */
import { type Static, Type } from 'typebox';
import { nodeConditions } from '../../../core/node.ts';
import { longestUnreadableId } from '../../../core/unreadable.ts';
import { workerNodeStates } from '../../../core/worker-list.ts';
import { Count, closed, Duration, OrNull, Time } from './fields.ts';

const queues = Type.Union([Type.Literal('any'), Type.Array(Type.String())], { description: 'Whose jobs it takes.' });

export const Node = Type.Object(
  {
    incarnation: Type.String({ description: 'New at every start; tells nodes of one name apart.' }),
    name: Type.String(),
    version: Type.String(),
    address: Type.String({ description: 'Where its HTTP is reached; empty when it serves none.' }),
    serverId: Count('Part of the ids of the jobs pushed through it.'),
    state: Type.Enum(['live', 'left', 'buried'], { description: 'Live until it leaves or is taken for dead.' }),
    mode: Type.Enum(['active', 'draining'], { description: 'A draining node starts no job and keeps what runs.' }),
    condition: Type.Enum([...nodeConditions], {
      description:
        'State, mode and health in one word. A late node is live and its lease has expired: it is taken for dead unless it renews it soon. A critical one is active, but its machine is over a threshold: it claims nothing and gives its tasks away until it has recovered.',
    }),
    linked: OrNull(
      Type.Boolean({ description: 'The node that answers has a link to it, and hears at once when it dies; null: it is that one.' }),
    ),
    running: Count('Attempts that ran when it was last heard from.'),
    slots: Count('Attempts that it runs at once.'),
    cpu: OrNull(
      Count(
        'Load of its machine: processes that run or wait to run, in percent of its processors, on the average of a minute; null: not told.',
      ),
    ),
    memory: OrNull(Count('Memory in use on its machine, or of what its container may use, in percent; null: not told.')),
    serves: OrNull(
      Type.Array(
        Type.Object(
          {
            worker: Type.String(),
            queues,
            concurrency: Type.Optional(Count('Attempts at once; 0: it is off on this node.')),
          },
          closed,
        ),
        { description: 'Its workers; null when there are too many to tell. One that is gone serves none.' },
      ),
    ),
    startedAt: Time('When it joined.'),
    heardAgo: Duration('How long ago it was last heard from.', '1s200ms'),
    leaseLeft: Duration('How long until its lease expires; `0s` when it has, and for one that is gone.', '4s800ms'),
  },
  { $id: 'Node', ...closed },
);
export const NodeList = Type.Object({ nodes: Type.Array(Type.Ref('Node')) }, { $id: 'NodeList', ...closed });

const WorkerNode = Type.Object(
  {
    node: Type.String({ description: 'Its name.' }),
    incarnation: Type.String(),
    state: Type.Enum([...workerNodeStates], {
      description: '`off`: the worker is known there and runs no job; the others are as of the node.',
    }),
    concurrency: OrNull(Count('Attempts at once; null: the node does not tell.')),
    queues,
  },
  closed,
);

export const WorkerSummary = Type.Object(
  {
    name: Type.String(),
    active: Type.Boolean({ description: 'A node starts jobs of it now.' }),
    concurrency: Count('Attempts at once on all nodes that start jobs of it.'),
    waiting: Count('Its jobs that wait.'),
    running: Count('Its jobs that run.'),
    nodes: Type.Array(WorkerNode, { description: 'The live nodes that know it; none: its jobs wait until one does.' }),
  },
  { $id: 'Worker', ...closed },
);

export const WorkerList = Type.Object(
  {
    workers: Type.Array(Type.Ref('Worker'), {
      description: 'By name: those that a live node knows, and those for which jobs wait or run.',
    }),
    untold: Type.Array(Type.String(), {
      description: 'Incarnations of nodes that know more workers than they tell: any may be among them.',
    }),
  },
  { $id: 'WorkerList', ...closed },
);

export const ForgottenNode = Type.Object(
  { incarnation: Type.String(), attempts: Count('Attempts that were taken back.') },
  { $id: 'ForgottenNode', ...closed },
);
export const ForgottenNodeList = Type.Object({ nodes: Type.Array(Type.Ref('ForgottenNode')) }, { $id: 'ForgottenNodeList', ...closed });

export const NodeParams = Type.Object({
  node: Type.String({
    description: 'A name, or an incarnation.',
    minLength: 1,
    maxLength: 512,
    examples: ['web-1'],
  }),
});
export type NodeParams = Static<typeof NodeParams>;

export const ExamineQuery = Type.Object(
  {
    cursor: Type.Optional(
      Type.String({ title: 'the `next` of an earlier part', maxLength: 256, description: '`next` of the part before.' }),
    ),
  },
  closed,
);
export type ExamineQuery = Static<typeof ExamineQuery>;

export const Examined = Type.Object(
  {
    checked: Count('Records and entries of indexes that were looked at.'),
    repaired: Type.Record(Type.String(), Count(), { description: 'What was found wrong and put right, by kind.' }),
    warnings: Type.Array(Type.String(), {
      description: 'What somebody should see to; told by the first part; what cannot be read, by the last.',
    }),
    next: OrNull(Type.String({ description: 'The cursor of the next part; null: this was the last.' })),
  },
  { $id: 'Examined', ...closed },
);

const UnreadableId = (description: string) =>
  Type.String({
    title: 'the id of a job, or a kind and a name such as `queue:mail`',
    minLength: 1,
    maxLength: longestUnreadableId,
    examples: ['942130478012362752'],
    description,
  });
export const UnreadableParams = Type.Object({ id: UnreadableId('Its id, as the list has it.') });
export type UnreadableParams = Static<typeof UnreadableParams>;

const unreadable = {
  id: UnreadableId('The id of a job, or what it was and under what it lay.'),
  at: Time('When it was set aside.'),
  reason: Type.String({ description: 'What is wrong with it.' }),
};
export const UnreadableList = Type.Object(
  {
    total: Count('Of all.'),
    records: Type.Array(Type.Object(unreadable, closed)),
    next: OrNull(Type.String({ description: '`from` of the next page; null: this was the last.' })),
  },
  { $id: 'UnreadableList', ...closed },
);
export const Unreadable = Type.Object(
  { ...unreadable, raw: Type.String({ description: 'All that was kept of it. What is no text stands in it as hexadecimal digits.' }) },
  { $id: 'Unreadable', ...closed },
);
export const UnreadableQuery = Type.Object(
  {
    from: Type.Optional(UnreadableId('The first record of the page.')),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000, default: 100 })),
  },
  closed,
);
export type UnreadableQuery = Static<typeof UnreadableQuery>;

export const nodeSchemas = [
  Node,
  NodeList,
  WorkerSummary,
  WorkerList,
  ForgottenNode,
  ForgottenNodeList,
  Examined,
  UnreadableList,
  Unreadable,
];
