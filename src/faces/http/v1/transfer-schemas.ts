/** The lines of an export. Times are Unix milliseconds and durations milliseconds: it is for machines, and loses nothing. */
import { type Static, Type } from 'typebox';
import { mostAwaited, onFailures } from '../../../core/after.ts';
import { failureCauses } from '../../../core/cause.ts';
import { definitionKinds, definitionLimits } from '../../../core/definition.ts';
import { errorTable } from '../../../core/errors.ts';
import { endStates, jobStates } from '../../../core/job.ts';
import { latestTime } from '../../../core/time.ts';
import { type UniqueScope, uniqueScopePattern } from '../../../core/unique.ts';
import { Count, closed, Id, OrNull } from './fields.ts';

/** Of the lines; raised when an older server could not read them. */
export const exportFormat = 3;

const Text = Type.String();
const Decimal = Id('A number as text.');
const Millis = Type.Integer({ minimum: 0, maximum: latestTime });
const Positive = Type.Integer({ minimum: 1, maximum: 1_000_000_000 });
const Natural = Type.Integer({ minimum: 0, maximum: 1_000_000_000 });

const Result = Type.Object(
  {
    statusCode: OrNull(Type.Integer()),
    output: Text,
    outputCut: Type.Boolean(),
    error: Text,
    cause: Type.Optional(OrNull(Type.Enum([...failureCauses]))),
    stack: Type.Optional(Text),
  },
  closed,
);
export type ExportedResult = Static<typeof Result>;

const JobRecord = Type.Object(
  {
    id: Decimal,
    state: Type.Enum([...jobStates]),
    reason: Text,
    domain: Text,
    queue: Text,
    worker: Text,
    name: Text,
    comment: Text,
    manual: Type.Boolean(),
    priority: Type.Integer(),
    payload: OrNull(Type.String({ description: 'JSON text.' })),
    url: Text,
    headers: OrNull(Type.Record(Type.String(), Type.String())),
    options: Type.Object(
      {
        timeout: OrNull(Type.Number()),
        totalTimeout: Type.Optional(Type.Number()),
        retry: Type.Object({ attempts: Type.Integer(), backoff: Type.Number(), maxBackoff: Type.Number() }, closed),
        onLost: Type.Enum(['retry', 'fail', 'always']),
        rules: Type.Enum(['hq', 'v1']),
        startBefore: Type.Optional(Type.Union([Type.Object({ delay: Millis }, closed), Type.Object({ at: Millis }, closed)])),
        after: Type.Optional(
          Type.Object({ jobs: Type.Array(Decimal, { minItems: 1, maxItems: mostAwaited }), onFailure: Type.Enum([...onFailures]) }, closed),
        ),
        unique: Type.Optional(
          Type.Object(
            {
              scope: Type.Unsafe<UniqueScope>({ type: 'string', pattern: uniqueScopePattern.source }),
              until: Type.Union([Type.Enum(['started', 'ended']), Millis]),
            },
            closed,
          ),
        ),
      },
      closed,
    ),
    createdAt: Millis,
    dueAt: Millis,
    startedAt: OrNull(Millis),
    endedAt: OrNull(Millis),
    run: Positive,
    attempt: Natural,
    lost: Natural,
    fence: Decimal,
    holder: Text,
    result: Result,
    owner: Type.Optional(Text),
    limit: Type.Optional(Text),
    about: Type.Optional(OrNull(Text)),
  },
  closed,
);

const AttemptRecord = Type.Object(
  {
    run: Positive,
    attempt: Natural,
    fence: Decimal,
    holder: Text,
    startedAt: Millis,
    endedAt: OrNull(Millis),
    end: Type.Enum(['succeeded', 'failed', 'canceled', 'returned', 'lost']),
    result: Result,
  },
  closed,
);

export const ExportQuery = Type.Object(
  {
    secrets: Type.Optional(
      Type.Enum(['shown', 'hidden'], { default: 'shown', description: 'Of headers and addresses: for an import, or for people to read.' }),
    ),
  },
  closed,
);
export type ExportQuery = Static<typeof ExportQuery>;

/** The first line. What it says of secrets is for people: each job tells its own. */
export const ExportHead = Type.Object(
  { kind: Type.Literal('hatstand'), format: Type.Integer(), version: Text, secrets: Type.Optional(Type.Enum(['shown', 'hidden'])) },
  closed,
);

export const ExportedQueue = Type.Object(
  {
    kind: Type.Literal('queue'),
    name: Text,
    paused: Type.Boolean(),
    closed: Type.Optional(Type.Boolean()),
    concurrency: OrNull(Type.Integer()),
    rate: OrNull(Type.Object({ max: Type.Integer(), per: Type.Number() }, closed)),
  },
  closed,
);

export const ExportedLimit = Type.Object(
  {
    kind: Type.Literal('limit'),
    name: Text,
    concurrency: OrNull(Type.Integer()),
    rate: OrNull(Type.Object({ max: Type.Integer(), per: Type.Number() }, closed)),
    pausedUntil: OrNull(Millis),
  },
  closed,
);

const OwnedRecord = OrNull(Type.Object({ id: Decimal, at: Millis, end: OrNull(Type.Enum([...endStates])), error: Text }, closed));

const Ends = Type.Object({ succeeded: Natural, failed: Natural, canceled: Natural }, closed);

const DefinitionRecord = Type.Object(
  {
    kind: Type.Enum([...definitionKinds]),
    domain: Text,
    key: Text,
    version: Positive,
    group: Text,
    body: OrNull(Type.String({ description: 'JSON text.' })),
    state: Text,
    due: OrNull(Millis),
    firedAt: OrNull(Millis),
    dueOnEnd: Type.Boolean(),
    changedAt: Millis,
    window: OrNull(Type.Object({ openedAt: Millis, closesAt: OrNull(Millis), count: Natural, dropped: Natural }, closed)),
    owned: Type.Object(
      {
        ...{ newest: OwnedRecord, succeeded: OwnedRecord, failed: OwnedRecord, manual: OwnedRecord, live: Natural },
        ended: Type.Optional(OrNull(Ends)),
        gone: Type.Optional(Ends),
      },
      closed,
    ),
  },
  closed,
);

const secrets = Type.Optional(Type.Enum(['shown', 'hidden'], { description: 'Where `***` stands in the place of a secret: what it is.' }));

export const ExportedDefinition = Type.Object(
  {
    kind: Type.Literal('definition'),
    secrets,
    definition: DefinitionRecord,
    parts: Type.Array(Text, { maxItems: definitionLimits.windowParts }),
  },
  closed,
);

export const ExportedJob = Type.Object(
  {
    kind: Type.Literal('job'),
    secrets,
    job: JobRecord,
    attempts: Type.Array(AttemptRecord, { maxItems: 1_000 }),
  },
  closed,
);

export type ExportedJob = Static<typeof ExportedJob>;

/** The last line: an export without it was cut off. */
export const ExportEnd = Type.Object(
  { kind: Type.Literal('end'), queues: Count(), limits: Type.Optional(Count()), definitions: Type.Optional(Count()), jobs: Count() },
  closed,
);

export const Imported = Type.Object(
  {
    restored: Count('Jobs that were taken in.'),
    existed: Count('Jobs that were here already; they stay as they are.'),
    queues: Count('Queues that now have the settings of their lines.'),
    limits: Count('Limits that are now as their lines have them.'),
    limitsKept: Count('Limits that are others here; they stay as they are.'),
    definitions: Count('Definitions that were taken in.'),
    definitionsKept: Count('Definitions that were here already; they stay as they are.'),
    queuesKept: Count('Queues that have settings of their own here, other than those of their lines; they stay as they are.'),
    queuesKeptNames: Type.Array(Type.String(), { description: 'The first 100 of them.' }),
    failed: Count('Lines that were refused; the others were taken in.'),
    faults: Type.Array(
      Type.Object({ line: Count('From 1, blank ones counted.'), code: Type.Enum(Object.keys(errorTable)), detail: Type.String() }, closed),
      { description: 'The first 100 refused lines.' },
    ),
  },
  { $id: 'Imported', ...closed },
);
export type Imported = Static<typeof Imported>;
