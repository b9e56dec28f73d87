/** The history of a trigger as it comes out under `/v1`. */
import { type Static, Type } from 'typebox';
import { jobStates } from '../../../core/job.ts';
import { mostDecisions } from '../../../engine/api/trigger-history.ts';
import { Count, closed, Id, OrNull, Time } from './fields.ts';
import { tenant } from './trigger-schemas.ts';

const step = {
  entry: Count('Of its entry in the journal: greater with each step.'),
  at: Time('When it was decided.'),
};
const version = Count('Of the trigger.');

const decidedJob = Type.Object({ id: Id('Its id.'), state: Type.Enum([...jobStates]) }, closed);

export const TriggerDecided = Type.Object(
  {
    kind: Type.Literal('decided', { description: 'Somebody looked at it since it was due: it fired, or did not.' }),
    ...step,
    version,
    tick: Time('When it was due.'),
    why: Type.String({ description: 'Which ticks it fired for, which it left out and why, when it fires next.' }),
    overlap: Type.Boolean({ description: 'Earlier jobs were in the way: none was pushed.' }),
    jobs: Type.Array(decidedJob, { description: 'The jobs that it pushed and that are there still, oldest first.' }),
  },
  { $id: 'TriggerDecided', ...closed },
);

export const TriggerPushed = Type.Object(
  {
    kind: Type.Literal('pushed', { description: 'Nobody waited for its time: an event, a call or a person had it push.' }),
    ...step,
    why: Type.String({ description: 'Such as `event io.files CREATED 7`, `called`, `launched`, `backfill of 2026-01-01T03:00:00Z`.' }),
    jobs: Type.Array(decidedJob, { description: 'The job. It is left out with this line once the job is gone.' }),
  },
  { $id: 'TriggerPushed', ...closed },
);

export const TriggerChanged = Type.Object(
  {
    kind: Type.Literal('changed', { description: 'Somebody made, changed or removed it.' }),
    ...step,
    version,
    why: Type.String({ description: 'What was done, such as `made`, `paused`, `changed: arguments`, `deleted`; empty: nobody knows.' }),
  },
  { $id: 'TriggerChanged', ...closed },
);

export const TriggerHistory = Type.Object(
  {
    decisions: Type.Array(Type.Union([Type.Ref('TriggerDecided'), Type.Ref('TriggerPushed'), Type.Ref('TriggerChanged')]), {
      description: 'Newest first.',
    }),
    next: OrNull(Count('`before` of the next page, also when this one has none; null: older ones are not known.')),
    since: OrNull(Time('How far the journal goes back: what was decided before is not known any more.')),
  },
  { $id: 'TriggerHistory', ...closed },
);

export const historySchemas = [TriggerDecided, TriggerPushed, TriggerChanged, TriggerHistory];

export const HistoryQuery = Type.Object(
  {
    domain: Type.Optional({ ...tenant, description: 'Its tenant.' }),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: mostDecisions, default: 50, description: 'Decisions on a page.' })),
    before: Type.Optional(Type.Integer({ minimum: 1, maximum: 999_999_999_999_999, description: '`next` of the page before.' })),
  },
  closed,
);

export type HistoryQuery = Static<typeof HistoryQuery>;
