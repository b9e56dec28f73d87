/** What goes in and comes out under `/v1`: checked on the way in, and told in the OpenAPI document. */
import { type Static, Type } from 'typebox';
import { errorTable } from '../../../core/errors.ts';
import { jobStates } from '../../../core/job.ts';
import { jobLimits } from '../../../core/new-job.ts';

export const closed = { additionalProperties: false } as const;

export const Duration = (description: string, example: string) =>
  Type.String({ description, pattern: '^(\\d+(\\.\\d+)?(ms|s|m|h|d))+$', maxLength: 64, examples: [example] });
export const Time = (description: string) => Type.String({ description, format: 'date-time', examples: ['2026-01-31T12:00:00.000Z'] });
export const OrNull = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const Name = (description: string, example: string) =>
  Type.String({ description, pattern: '^[A-Za-z0-9._-]{1,128}$', examples: [example] });
export const Count = (description?: string) => Type.Integer(description === undefined ? { minimum: 0 } : { minimum: 0, description });

const retryFields = {
  attempts: Type.Optional(
    Type.Integer({ minimum: 1, maximum: jobLimits.attempts, description: 'Tries in all; 1: the first failure is final.', examples: [3] }),
  ),
  backoff: Type.Optional(Duration('The wait after the first failure; it doubles with each further one, ±10 %.', '1s')),
  maxBackoff: Type.Optional(Duration('The wait never grows beyond this.', '1h')),
};

/** What a job is made of, whether pushed or changed in a copy. */
const jobFields = {
  url: Type.Optional(
    Type.String({
      maxLength: jobLimits.url,
      description: 'Where the payload is POSTed: http or https; `user:password@` becomes basic authorization. Required for HTTP jobs.',
      examples: ['http://127.0.0.1:8080/mail'],
    }),
  ),
  worker: Type.Optional(
    Name('Who runs it: `http` (default) or the name of a registered function, which takes no url, headers or rules.', 'http'),
  ),
  queue: Type.Optional(Name('The line it waits in; `default` when not given.', 'mail')),
  domain: Type.Optional(
    Type.String({ description: 'The tenant; empty when not given.', pattern: '^[A-Za-z0-9._-]{0,128}$', examples: ['acme'] }),
  ),
  name: Type.Optional(Type.String({ maxLength: jobLimits.name, description: 'For people and filters.', examples: ['welcome mail'] })),
  comment: Type.Optional(Type.String({ maxLength: jobLimits.comment, description: 'For people.' })),
  payload: Type.Optional(Type.Unknown({ description: 'Any JSON value; it reaches the worker byte for byte as it came here.' })),
  headers: Type.Optional(
    Type.Record(Type.String(), Type.String(), {
      description: 'Added to the request. Those that Hatstand or the connection sets are refused.',
      examples: [{ 'X-Tenant': 'acme' }],
    }),
  ),
  manual: Type.Optional(Type.Boolean({ description: 'Asked for by a person: two of such jobs start for every one of the others.' })),
  priority: Type.Optional(
    Type.Integer({ minimum: -jobLimits.priority, maximum: jobLimits.priority, description: 'Within its lane the higher one goes first.' }),
  ),
  timeout: Type.Optional(
    OrNull(Duration('The longest one attempt may take; null: no limit. `30s` for HTTP jobs, `10s` for functions.', '30s')),
  ),
  retry: Type.Optional(
    Type.Object(retryFields, { ...closed, description: 'How often it is tried: 3 times for HTTP jobs, once for functions.' }),
  ),
  onLost: Type.Optional(
    Type.Enum(['retry', 'fail'], { description: 'When its holder is lost: run it again, or fail it, for work that must not repeat.' }),
  ),
  rules: Type.Optional(
    Type.Enum(['v1', 'hq'], {
      description: '`v1`: any 2xx succeeds, no redirects. `hq`: exactly 200 succeeds, redirects are followed, one attempt, no timeout.',
    }),
  ),
};

export const Push = Type.Object(
  {
    ...jobFields,
    delay: Type.Optional(Duration('Not before this long from now.', '10s')),
    at: Type.Optional(
      Type.String({
        description: 'Not before this time, as ISO 8601 with an offset.',
        format: 'date-time',
        pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d(:\\d\\d(\\.\\d{1,9})?)?(Z|[+-]\\d\\d:\\d\\d)$',
        examples: ['2026-01-31T12:00:00Z'],
      }),
    ),
    idempotencyKey: Type.Optional(
      Type.String({
        pattern: `^[\\x20-\\x7e]{1,${jobLimits.idempotencyKey}}$`,
        description: 'Pushing the same job again with the same key gives the job that is there; another job is refused.',
        examples: ['order-4711'],
      }),
    ),
  },
  { $id: 'Push', ...closed, examples: [{ url: 'http://127.0.0.1:8080/mail', name: 'welcome mail', payload: { to: 'ada@example.org' } }] },
);
export type Push = Static<typeof Push>;

export const Restart = Type.Object(
  { copy: Type.Optional(Type.Boolean({ description: 'A new job like this one; any other field implies it.' })), ...jobFields },
  { $id: 'Restart', ...closed },
);
export type Restart = Static<typeof Restart>;

const State = Type.Enum([...jobStates]);
const result = {
  statusCode: OrNull(Type.Integer({ description: 'The HTTP status; null when there was none.' })),
  error: Type.String({ description: 'Why it failed; empty when it did not.' }),
};
const output = {
  output: Type.String({ description: 'What the worker answered.' }),
  outputCut: Type.Boolean({ description: 'The output was longer and is kept up to its cap.' }),
};

const recordFields = {
  id: Type.String({ pattern: '^\\d{1,19}$', examples: ['942130478012362752'] }),
  state: State,
  reason: Type.String({ description: 'Why it is in this state, when that is not plain: `lost`, `skipped`, `stopped`.' }),
  worker: Type.String(),
  queue: Type.String(),
  domain: Type.String(),
  name: Type.String(),
  comment: Type.String(),
  url: Type.String(),
  headers: Type.Record(Type.String(), Type.String()),
  priority: Type.Integer(),
  manual: Type.Boolean(),
  rules: Type.Enum(['v1', 'hq']),
  run: Type.Integer({ minimum: 1, description: 'Each restart adds one.' }),
  attempt: Count('Attempts of this run so far.'),
  attempts: Type.Integer({ minimum: 1, description: 'Attempts that it may take.' }),
  lost: Count('How often its holder was lost in this run.'),
  timeout: OrNull(Duration('The longest one attempt may take; null: no limit.', '30s')),
  retry: Type.Object({ attempts: Type.Integer(), backoff: Type.String(), maxBackoff: Type.String() }, closed),
  onLost: Type.Enum(['retry', 'fail']),
  createdAt: Time('When it was pushed.'),
  dueAt: Time('Not run before this.'),
  startedAt: OrNull(Time('When the newest attempt began.')),
  endedAt: OrNull(Time('When it ended.')),
  ...result,
  fence: Type.String({ description: 'The number that proves its newest attempt; `0` before the first.' }),
  holder: Type.String({ description: 'Who runs it, or ran it last; empty while it waits.' }),
};
const payload = { payload: Type.Unknown({ description: 'The JSON that was pushed, exactly; null when there was none.' }) };

export const JobSummary = Type.Object(recordFields, { $id: 'JobSummary', ...closed, description: 'A job without payload and output.' });
export const Job = Type.Object({ ...recordFields, ...output, ...payload }, { $id: 'Job', ...closed });

const Attempt = Type.Object(
  {
    run: Type.Integer({ minimum: 1 }),
    attempt: Count(),
    fence: Type.String(),
    holder: Type.String(),
    startedAt: Time('When it began.'),
    endedAt: OrNull(Time('When it ended.')),
    end: Type.Enum(['running', 'succeeded', 'failed', 'canceled', 'returned', 'lost']),
    ...result,
    ...output,
  },
  closed,
);
/** Attempts on one page. */
export const mostAttempts = 100;
const pageOfAttempts = 'newest first: as many as have about a megabyte of outputs and errors.';
const outputOfAttempts = 'Of earlier attempts the beginning of the output is kept (`history_output_limit`), and `outputCut` is true.';
const nextAttempts = OrNull(Type.String({ description: 'The cursor of the page of `attempts` behind these; null: there are no more.' }));
export const JobWithHistory = Type.Object(
  {
    ...recordFields,
    ...output,
    ...payload,
    history: Type.Array(Attempt, {
      description: `The newest ${mostAttempts} attempts, ${pageOfAttempts} ${outputOfAttempts}`,
      maxItems: mostAttempts,
    }),
    historyNext: nextAttempts,
  },
  { $id: 'JobWithHistory', ...closed },
);
export const AttemptPage = Type.Object(
  { attempts: Type.Array(Attempt, { description: `A page, ${pageOfAttempts} ${outputOfAttempts}` }), next: nextAttempts },
  { $id: 'AttemptPage', ...closed },
);

export const Problem = Type.Object(
  {
    type: Type.String({ description: 'A URN for the code.' }),
    title: Type.String(),
    status: Type.Integer(),
    code: Type.Enum(Object.keys(errorTable), { description: 'Stable; for machines.' }),
    detail: Type.String({ description: 'What was expected, what came, what to do.' }),
    instance: Type.Optional(Type.String()),
    field: Type.Optional(Type.String({ description: 'The field at fault.' })),
  },
  { $id: 'Problem', description: 'RFC 9457. Further members are facts of this error, such as `limit`, `position` or `state`.' },
);

const PushedElement = Type.Union([
  Type.Object({ id: Type.String(), state: State, kind: Type.Enum(['pushed', 'replayed']) }, closed),
  Type.Object({ error: Type.Ref('Problem') }, closed),
]);
export const PushedMany = Type.Object(
  {
    jobs: Type.Array(PushedElement, { description: 'One for each value sent, in order.' }),
    pushed: Count('How many are kept now, replayed ones included.'),
    failed: Count('How many were refused.'),
  },
  { $id: 'PushedMany', ...closed },
);

export const JobList = Type.Object(
  {
    jobs: Type.Array(Type.Ref('JobSummary')),
    next: OrNull(Type.String({ description: 'The cursor of the next page; null: this is the last.' })),
  },
  { $id: 'JobList', ...closed },
);

const StateCounts = Type.Object(Object.fromEntries(jobStates.map((state) => [state, Count()])), { $id: 'StateCounts', ...closed });
const rate = Type.Object(
  { max: Type.Integer({ minimum: 1, maximum: 1_000_000 }), per: Duration('On average in such a time, and at most `max` at once.', '1s') },
  closed,
);
const concurrency = Type.Integer({ minimum: 1, maximum: 1_000_000 });

export const QueueChange = Type.Object(
  {
    paused: Type.Optional(Type.Boolean({ description: 'No job of it starts; running ones finish.' })),
    concurrency: Type.Optional(OrNull(Type.Integer({ ...concurrency, description: 'Running jobs at once; null: no limit of its own.' }))),
    rate: Type.Optional(OrNull(rate)),
  },
  { $id: 'QueueChange', ...closed, examples: [{ concurrency: 10, rate: { max: 100, per: '1s' } }] },
);
export type QueueChange = Static<typeof QueueChange>;

export const Queue = Type.Object(
  {
    name: Type.String(),
    paused: Type.Boolean(),
    concurrency: OrNull(Type.Integer()),
    rate: OrNull(rate),
    jobs: Type.Ref('StateCounts'),
    oldestWaiting: OrNull(Duration('How long its oldest ready job has been waiting; null when none waits.', '2s')),
  },
  { $id: 'Queue', ...closed },
);
export const QueueList = Type.Object({ queues: Type.Array(Type.Ref('Queue')) }, { $id: 'QueueList', ...closed });

export const Stats = Type.Object(
  {
    jobs: Type.Ref('StateCounts'),
    total: Count('All records.'),
    running: Count('Attempts that run in this process.'),
    queues: Count('Queues that jobs are counted in.'),
    durability: Type.String({ description: 'What a kept job survives, in one word.', examples: ['sqlite-full'] }),
    survives: Type.String({ description: 'The same as a sentence.' }),
    version: Type.String(),
    commit: Type.String(),
  },
  { $id: 'Stats', ...closed },
);

/** The schemas that have a name in the OpenAPI document. */
export const namedSchemas = [
  Push,
  Restart,
  Job,
  JobSummary,
  JobWithHistory,
  AttemptPage,
  Problem,
  PushedMany,
  JobList,
  StateCounts,
  QueueChange,
  Queue,
  QueueList,
  Stats,
];

export const ListQuery = Type.Object(
  {
    q: Type.Optional(
      Type.String({
        description: 'A filter: `state:failed,canceled queue:mail name:send* created:>2h`. A space is AND, a comma OR, a leading `-` NOT.',
        examples: ['state:failed queue:mail'],
      }),
    ),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 50, description: 'Jobs on a page.' })),
    cursor: Type.Optional(Type.String({ maxLength: 64, description: '`next` of the page before.' })),
    order: Type.Optional(Type.Enum(['newest', 'oldest'], { default: 'newest', description: 'By the time of the push.' })),
  },
  closed,
);
export type ListQuery = Static<typeof ListQuery>;

export const AttemptsQuery = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: mostAttempts, default: 20, description: 'Attempts on a page.' })),
    cursor: Type.Optional(Type.String({ maxLength: 64, description: '`next` of the page before, or `historyNext` of the job.' })),
  },
  closed,
);
export type AttemptsQuery = Static<typeof AttemptsQuery>;

export const WaitQuery = Type.Object({ timeout: Type.Optional(Duration('At most `5m`.', '30s')) }, closed);
export type WaitQuery = Static<typeof WaitQuery>;

export const NoQuery = Type.Object({}, closed);
export const IdParams = Type.Object({ id: Type.String({ description: 'The job’s id.' }) });
export type IdParams = Static<typeof IdParams>;
export const QueueParams = Type.Object({ name: Type.String({ description: 'The queue’s name.' }) });
export type QueueParams = Static<typeof QueueParams>;
